"""A scan: all nodes of a label and all relationships of a type, a statement each; the key of a part is its urn.

Neo4j reads what is committed, record by record. So the revision is looked at before and after, and the whole read again where
it moved in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.errors import StoreTimeout
from catalog.stores.neo4j.compile import full
from catalog.stores.neo4j.session import Bolt
from catalog.stores.port import MAX_SCANNED, Scanned
from catalog.stores.resolve import Field
from catalog.stores.scan import (
    RScan,
    RScannedEdges,
    RScannedJoins,
    RScannedLists,
    RScannedNodes,
    RScannedParts,
    Scanning,
)
from catalog.values import ALWAYS, NEVER

__all__ = ["scan"]

_ATTEMPTS = 5
_OPEN: dict[str, str | None] = {ALWAYS: None, NEVER: None}
_REVISION = "MATCH (m:WaypostMeta {id: 1}) RETURN m.revision"


async def scan(bolt: Bolt, shape: RScan, params: Mapping[str, Any]) -> Scanned:
    """Read what a shape names. Raises StoreTimeout where others write all the time."""
    before = await bolt.read(_REVISION, {})
    for _ in range(_ATTEMPTS):
        found = Scanning()
        for nodes in shape.nodes:
            urns, *columns = _columns(await bolt.read(_nodes(nodes), params), 3 + len(nodes.fields))
            found.nodes(nodes, [urns, urns, *columns])
        for parts in shape.parts:
            found.parts(parts, _parted(parts, await bolt.read(_parts(parts), params)))
        for joins in shape.joins:
            found.joins(joins, _joined_columns(joins, await bolt.read(_joins(joins), params)))
        for edges in shape.edges:
            found.edges(edges, _edge_columns(edges, await bolt.read(_edges(edges), {})))
        for lists in shape.lists:
            tails, heads = _columns(await bolt.read(_lists(lists), {}), 2)
            found.lists(lists, [tails, list(map(tuple, heads))])
        after = await bolt.read(_REVISION, {})
        if after == before:
            return found.answer(after)
        before = after
    raise StoreTimeout(f"the graph was written to while it was read, {_ATTEMPTS} times: try again")


def _columns(rows: list[Sequence[Any]], width: int) -> list[Sequence[Any]]:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _parted(of: RScannedParts, rows: list[Sequence[Any]]) -> list[Sequence[Any]]:
    """Columns of tails, and of what the parts of each hold."""
    tails, keys, *read, rare = _columns(rows, 3 + len(of.nodes.fields))
    return [tails, list(map(tuple, keys)), *(list(map(tuple, column)) for column in read), rare]


def _nodes(of: RScannedNodes) -> str:
    columns = ["n.urn", *_span("n"), *(_value("n", field) for field in of.fields)]
    return (
        f"RETURN COLLECT {{ MATCH (n:{of.label}) WHERE {_standing(of)} WITH n ORDER BY n.urn LIMIT {MAX_SCANNED + 1} "
        f"RETURN [{', '.join(columns)}] }} AS found"
    )


def _parts(of: RScannedParts) -> str:
    end = "CASE WHEN e.valid_to < n.valid_to THEN e.valid_to ELSE n.valid_to END"
    whole = ["n.urn", *(_value("n", field) for field in of.nodes.fields)]
    rare = [_value("n", field) for field in of.rare]
    values = ", ".join(["n.urn", f"nullIf({end}, '{NEVER}')", *rare])
    some = " OR ".join([f"{each}.valid_to <> '{NEVER}'" for each in "en"] + [f"{each} IS NOT NULL" for each in rare])
    columns = [*whole, f"CASE WHEN {some} THEN [{values}] END"]
    collected = ", ".join(f"collect({column}) AS c{at}" for at, column in enumerate(columns))
    return (
        f"RETURN COLLECT {{ MATCH (t:{of.tail})-[e:{of.type}]->(n:{of.nodes.label}) WHERE {_standing(of.nodes)} "
        f"WITH t, {collected} RETURN [t.urn, {', '.join(f'c{at}' for at in range(len(columns)))}] }} AS found"
    )


def _joins(of: RScannedJoins) -> str:
    """Answers columns, as ``_edges`` does."""
    patterns = [f"(n)-[e{at}:{edge.type}]->(h{at}:{'|'.join(edge.heads)})" for at, edge in enumerate(of.edges)]
    columns = [
        "n.urn",
        *(f"h{at}.urn" for at in range(len(patterns))),
        *(f"e{at}.valid_to" for at in range(len(patterns))),
    ]
    columns += [f"[{', '.join(_value('n', field) for field in of.nodes.fields)}]"] * bool(of.nodes.fields)
    return (
        f"MATCH (n:{of.nodes.label}) WHERE {_standing(of.nodes)} MATCH {', '.join(patterns)} "
        f"WITH * ORDER BY n.urn LIMIT {MAX_SCANNED + 1} "
        f"RETURN [{', '.join(f'collect({column})' for column in columns)}] AS found"
    )


def _joined_columns(of: RScannedJoins, found: list[list[Any]]) -> list[Sequence[Any]]:
    count = len(of.edges)
    ends = [[_OPEN.get(day, day) for day in column] for column in found[1 + count : 1 + 2 * count]]
    fields = of.nodes.fields
    return [*found[: 1 + count], *ends, *(_columns(found[-1], len(fields)) if fields else ())]


def _edges(of: RScannedEdges) -> str:
    """Answers columns: of what is never missing. The values of facts, which may be, stand in a list an edge."""
    columns = ["t.urn", "h.urn", "e.valid_from", "e.valid_to", f"[{', '.join(_value('e', fact) for fact in of.facts)}]"]
    collected = ", ".join(f"collect({column})" for column in columns[: 5 if of.facts else 4])
    return f"MATCH (t:{of.tail})-[e:{of.type}]->(h:{'|'.join(of.heads)}) RETURN [{collected}] AS found"


def _edge_columns(of: RScannedEdges, found: list[list[Any]]) -> list[Sequence[Any]]:
    tails, heads, since, until, *facts = found
    span = [_OPEN.get(day, day) for day in since], [_OPEN.get(day, day) for day in until]
    return [tails, heads, *span, *(_columns(facts[0], len(of.facts)) if of.facts else ())]


def _lists(of: RScannedLists) -> str:
    return (
        f"RETURN COLLECT {{ MATCH (t:{of.tail})-[:{of.type}]->(h:{of.label}) "
        f"WITH t, collect(h.urn) AS heads RETURN [t.urn, heads] }} AS found"
    )


def _standing(of: RScannedNodes) -> str:
    return f"n.retracted_at = '~' AND {full('n', of.needs)}"


def _span(alias: str) -> tuple[str, str]:
    return f"nullIf({alias}.valid_from, '{ALWAYS}')", f"nullIf({alias}.valid_to, '{NEVER}')"


def _value(alias: str, field: Field) -> str:
    return "null" if field.hidden else f"{alias}.{field.name}"
