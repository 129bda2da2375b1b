"""``GET /column-lineage``: columns and what they depend on, breadth-first, one round trip a level."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from catalog.errors import StoreTimeout
from catalog.selection import Page, Related, Row, Select
from catalog.urn import kind_of
from graphql_schema.core.walk import time_of_walk
from lineage.traverse import MAX_DEPTH, MAX_FIRST, LineageCut
from server.marquez.asking import Asking, find_node
from server.marquez.lists import MAX_NESTED
from server.marquez.names import field_id, field_of
from server.marquez.rows import ids, urns, whole
from server.marquez.shapes import ColumnNode, Columns, Edge, FieldData, InputField, Told

__all__ = ["column_lineage"]

_FLOW = ("derivation", "subtype", "description")
_UP, _DOWN = ("column_flows_in", "from_column"), ("column_flows_out", "to_column")
"""From a column to its flows, and to the column at their other end."""


@dataclass(slots=True)
class _Walk:
    """A walk along columns: what it has found. ``types`` has every column that is shown."""

    types: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    flows: dict[tuple[str, str], Row] = field(default_factory=dict[tuple[str, str], Row])
    """The flow between two columns, (from, to)."""
    met: set[str] = field(default_factory=set[str])
    reasons: set[LineageCut] = field(default_factory=set[LineageCut])

    def take(self, page: Page, way: tuple[str, str]) -> set[str]:
        """Note what columns lead to one way; answers the columns at the other ends."""
        ends: set[str] = set()
        flows_of, end_of = way
        for row in page.rows:
            self.types[row["urn"]] = row["data_type"]
            if row[flows_of].has_next:
                self.reasons.add(LineageCut.EDGES)
            for flow in row[flows_of].rows:
                for end in whole(flow[end_of]):
                    pair = (end, row["urn"]) if way is _UP else (row["urn"], end)
                    self.flows.setdefault(pair, flow)
                    ends.add(end)
        return ends


async def column_lineage(asking: Asking) -> Columns:
    """What a column, the columns of a dataset, or those that a job writes are made of; with ``withDownstream`` into what.

    One round trip for where it begins and one a level, for both ways.
    """
    query = asking.query
    node, depth = query.text("nodeId"), query.number("depth", MAX_DEPTH, 1, MAX_DEPTH)
    ways = (_UP, _DOWN) if query.flag("withDownstream") else (_UP,)
    walk = _Walk()
    frontiers = dict.fromkeys(ways, await _begun(asking, node))
    walk.met.update(*frontiers.values())
    try:
        async with asyncio.timeout_at(time_of_walk(asking.context)):
            await _walked(asking, walk, frontiers, depth)
    except (TimeoutError, StoreTimeout):
        walk.reasons.add(LineageCut.TIME)
    return _shape(walk)


async def _begun(asking: Asking, node: str) -> list[str]:
    """The columns that a node id is about. Raises NotThere. One round trip."""
    columns = urns("columns", "Column", MAX_FIRST)
    written = Related("writes", "writes", Select("Dataset", first=MAX_NESTED, cursor=False, related=(columns,)))
    found = await find_node(asking, node, {"Column": (), "Dataset": (columns,), "Job": (written,)})
    match kind_of(found["urn"]):
        case "column":
            return [found["urn"]]
        case "dataset":
            return whole(found["columns"])
        case _:
            datasets = (row for row in found["writes"].rows if "urn" in row)
            return sorted({urn for row in datasets for urn in whole(row["columns"])})[:MAX_FIRST]


async def _walked(asking: Asking, walk: _Walk, frontiers: dict[tuple[str, str], list[str]], depth: int) -> None:
    """Walk up to so many levels, and one more to see whether there is any."""
    for level in range(depth + 1):
        ways = [way for way, frontier in frontiers.items() if frontier]
        if not ways:
            return
        selects = [_select(way, frontiers[way]) for way in ways]
        pages = await asking.store.select_all(selects, asking.reader, asking.context.today)
        if level == depth:
            if any(row[way[0]].rows for way, page in zip(ways, pages, strict=True) for row in page.rows):
                walk.reasons.add(LineageCut.DEPTH)
            walk.types.update((row["urn"], row["data_type"]) for page in pages for row in page.rows)
            return
        for way, page in zip(ways, pages, strict=True):
            frontiers[way] = _admitted(walk, walk.take(page, way))


def _admitted(walk: _Walk, ends: Iterable[str]) -> list[str]:
    """Those of some columns that have not been met and that there is room for."""
    new = sorted(set(ends) - walk.met)
    room = max(MAX_FIRST - len(walk.met), 0)
    if len(new) > room:
        walk.reasons.add(LineageCut.NODES)
    walk.met.update(new[:room])
    return new[:room]


def _select(way: tuple[str, str], frontier: Sequence[str]) -> Select:
    flows_of, end_of = way
    flow = Select("ColumnFlow", _FLOW, first=MAX_NESTED, cursor=False, related=(urns(end_of, "Column", 1),))
    related = (Related(flows_of, flows_of, flow),)
    return Select("Column", ("data_type",), ids(frontier), first=len(frontier), cursor=False, related=related)


def _shape(walk: _Walk) -> Columns:
    """The answer: every column that flows into another or out of one. Of each edge the origin is the node that has it."""
    into: dict[str, list[str]] = defaultdict(list)
    out_of: dict[str, list[str]] = defaultdict(list)
    shown = [pair for pair in sorted(walk.flows) if walk.met.issuperset(pair)]
    for one, other in shown:
        into[other].append(one)
        out_of[one].append(other)
    nodes = [
        ColumnNode(
            id=field_id(urn),
            data=_data(walk, urn, into[urn]),
            in_edges=[Edge(origin=field_id(urn), destination=field_id(other)) for other in into[urn]],
            out_edges=[Edge(origin=field_id(urn), destination=field_id(other)) for other in out_of[urn]],
        )
        for urn in sorted({urn for pair in shown for urn in pair})
    ]
    omitted = len({urn for pair in walk.flows for urn in pair} - walk.met)
    told = Told(is_complete=not walk.reasons, reasons=sorted(walk.reasons), omitted_nodes=omitted, hidden_nodes=0)
    return Columns(graph=nodes, completeness=told)


def _data(walk: _Walk, urn: str, sources: Sequence[str]) -> FieldData:
    inputs = [_input(source, walk.flows[source, urn]) for source in sources]
    namespace, dataset, name = field_of(urn)
    return FieldData(
        namespace=namespace,
        dataset=dataset,
        field=name,
        field_type=walk.types.get(urn),
        transformation_description=_one({each.transformation_description for each in inputs}),
        transformation_type=_one({each.transformation_type for each in inputs}),
        input_fields=inputs,
    )


def _input(source: str, flow: Row) -> InputField:
    namespace, dataset, name = field_of(source)
    return InputField(
        namespace=namespace,
        dataset=dataset,
        field=name,
        transformation_description=flow["description"],
        transformation_type=flow["subtype"] or flow["derivation"],
    )


def _one(values: set[str | None]) -> str | None:
    """The value that all share; None where they differ."""
    return next(iter(values)) if len(values) == 1 else None
