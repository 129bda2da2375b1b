"""A dataset and its columns, derived from its registers. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

import msgspec

from catalog.batch import NodeStatement, RetractEdge
from catalog.model.data import Column, Dataset, System
from catalog.model.enums import AssertionStatus
from catalog.urn import Urn, key, parse
from lineage.openlineage.bounds import listed_columns
from lineage.openlineage.facets import Field, is_deleted, items_of, object_of, owners, read_fields, system_of, text_of
from lineage.openlineage.flows import day_of
from lineage.openlineage.names import column_urn, thing_of
from lineage.openlineage.record import Feed
from lineage.openlineage.registers import Registers, Span
from lineage.openlineage.statements import Follows

__all__ = ["derive_dataset", "derive_feeds", "facet_of"]

_SYMLINK = "symlinks facet of OpenLineage"
_NONE: Mapping[str, Span] = {}


def facet_of(registers: Registers, name: str) -> Mapping[str, Any]:
    """The latest facet of this name; empty where there is none, or none any more."""
    register = registers.latest.get(name)
    if register is None:
        return {}
    found = object_of(msgspec.json.decode(register.value))
    return {} if is_deleted(found) else found


def derive_dataset(urn: Urn, registers: Registers, out: Follows) -> None:
    """State a dataset, its columns, the system it is kept in, and its other names."""
    spans = registers.spans
    name = parse(urn).segments[-1]
    dataset = Dataset(
        urn=urn,
        identifier=name,
        title=name,
        description=text_of(facet_of(registers, "documentation").get("description")),
        contact_name=owners(facet_of(registers, "ownership")),
    )
    dropped, seen = (spans.get(what, _NONE).get("", ("", ""))[1] for what in ("dropped", "seen"))
    out.node(NodeStatement(dataset, valid_to=date.fromisoformat(day_of(dropped)) if dropped > seen else None))
    _columns(urn, registers, out)
    current = system_of(facet_of(registers, "dataSource"))
    for system, span in spans.get("systems", _NONE).items():
        head = key("system", "openlineage", system)
        out.node(NodeStatement(System(urn=head, name=system)))
        out.edge(Dataset.stored_in, urn, head, day_of(span[0]), "" if system == current else day_of(span[1]))
    others = set(_symlinks(registers))
    props = {"status": AssertionStatus.STATED, "evidence": _SYMLINK, "rule": "symlinks-facet"}
    for other, span in spans.get("symlinks", _NONE).items():
        last = "" if other in others else day_of(span[1])
        out.edge(Dataset.same_as, urn, Urn(other), day_of(span[0]), last, props=props)


def derive_feeds(urn: Urn, feeds: Mapping[str, Feed], sources: set[str], out: Follows) -> None:
    """State what feeds a dataset, of these sources: one edge each, which names a flow that goes on where there is one."""
    found: dict[str, list[tuple[str, Feed]]] = {source: [] for source in sorted(sources)}
    for name, feed in feeds.items():
        source, _, flow = name.partition(" ")
        if source in found:
            found[source].append((flow, feed))
    for source, flows in found.items():
        if not flows:
            out.unlinks.append(RetractEdge(Dataset.downstream, Urn(source), urn))
            continue
        named = min(flows, key=lambda each: (each[1].last != "", each[0]))
        last = "" if named[1].last == "" else max(feed.last for _, feed in flows)
        props = {"flow": named[0], **({"job": named[1].job} if named[1].job else {})}
        out.edge(
            Dataset.downstream, Urn(source), urn, min(feed.first for _, feed in flows), last, props=props, is_all=True
        )


def _columns(dataset: Urn, registers: Registers, out: Follows) -> None:
    """The columns that a schema listed or a step named. One that the latest schema lacks is over, unless a step names it."""
    mentioned = registers.spans.get("mentioned", _NONE)
    listed = listed_columns(registers)
    schema = min((first for first, _ in listed.values()), default=None)
    fields = {field.name: (place, field) for place, field in enumerate(_fields(registers))}
    for name in {**listed, **mentioned}:
        column = column_urn(dataset, name)
        if column is None:
            continue
        place, field = fields.get(name, (None, Field(name, None, None)))
        first = min(span[name][0] for span in (listed, mentioned) if name in span)
        was_there = schema is None or day_of(first) <= day_of(schema)
        node = Column(
            urn=column,
            name=name,
            data_type=field.type,
            definition=field.description,
            position=place,
            first_seen=None if was_there else date.fromisoformat(day_of(first)),
        )
        out.node(NodeStatement(node))
        is_over = place is None and name not in mentioned
        out.edge(Dataset.columns, dataset, column, day_of(first), day_of(listed[name][1]) if is_over else "")


def _fields(registers: Registers) -> tuple[Field, ...]:
    return read_fields(facet_of(registers, "schema")) or ()


def _symlinks(registers: Registers) -> Iterator[Urn]:
    for item in items_of(facet_of(registers, "symlinks").get("identifiers")):
        content = object_of(item)
        yield thing_of("dataset", content["namespace"], content["name"]).urn
