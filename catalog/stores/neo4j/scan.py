"""A scan: all nodes of a label and all relationships of a type, a statement each.

Neo4j reads what is committed, record by record. So the revision is looked at before and after, and the whole read again where
it moved in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.errors import StoreTimeout
from catalog.stores.neo4j.compile import full
from catalog.stores.neo4j.session import Bolt
from catalog.stores.port import MAX_SCANNED, Scanned
from catalog.stores.resolve import Field
from catalog.stores.scan import RScan, RScannedEdges, RScannedNodes, Scanning
from catalog.values import ALWAYS, NEVER

__all__ = ["scan"]

_ATTEMPTS = 5
_REVISION = "MATCH (m:WaypostMeta {id: 1}) RETURN m.revision"


async def scan(bolt: Bolt, shape: RScan, params: Mapping[str, Any]) -> Scanned:
    """Read what a shape names. Raises StoreTimeout where others write all the time."""
    before = await bolt.read(_REVISION, {})
    for _ in range(_ATTEMPTS):
        found = Scanning(shape)
        for nodes in shape.nodes:
            rows = await bolt.read(_nodes(nodes), params)
            found.nodes(nodes, (row[0] for row in rows), rows)
        for edges in shape.edges:
            found.edges(edges, await bolt.read(_edges(edges), {}))
        after = await bolt.read(_REVISION, {})
        if after == before:
            return found.answer(after)
        before = after
    raise StoreTimeout(f"the graph was written to while it was read, {_ATTEMPTS} times: try again")


def _nodes(of: RScannedNodes) -> str:
    columns = ["n.urn", *_span("n"), *(_value("n", field) for field in of.fields)]
    where = f"n.retracted_at = '~' AND {full('n', of.needs)}"
    return (
        f"RETURN COLLECT {{ MATCH (n:{of.label}) WHERE {where} WITH n ORDER BY n.urn LIMIT {MAX_SCANNED + 1} "
        f"RETURN [{', '.join(columns)}] }} AS found"
    )


def _edges(of: RScannedEdges) -> str:
    columns = ["t.urn", "h.urn", *_span("e"), *(_value("e", fact) for fact in of.facts)]
    return (
        f"RETURN COLLECT {{ MATCH (t:{of.tail})-[e:{of.type}]->(h:{'|'.join(of.heads)}) "
        f"RETURN [{', '.join(columns)}] }} AS found"
    )


def _span(alias: str) -> tuple[str, str]:
    return f"nullIf({alias}.valid_from, '{ALWAYS}')", f"nullIf({alias}.valid_to, '{NEVER}')"


def _value(alias: str, field: Field) -> str:
    return "null" if field.hidden else f"{alias}.{field.name}"
