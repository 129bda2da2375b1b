"""What is one edge away from some nodes as one Cypher statement (``Store.near``)."""

from __future__ import annotations

from functools import lru_cache

from catalog.stores.near import RNear

__all__ = ["compile_near"]


@lru_cache(maxsize=256)
def compile_near(shape: tuple[RNear, ...]) -> str:
    """The statement: a list of [type, tail, head]. Edges that were retracted have another type."""
    branches = " UNION ".join(map(_branch, shape))
    return (
        f"CALL () {{ {branches} }} WITH type, tail, head ORDER BY type, tail, head LIMIT $first "
        "RETURN collect([type, tail, head]) AS found"
    )


def _branch(of: RNear) -> str:
    types = "|".join(of.types)
    pattern = f"(n)-[e:{types}]->(o)" if of.tail is None else f"(n)<-[e:{types}]-(o:{of.tail})"
    tail, head = ("n", "o") if of.tail is None else ("o", "n")
    return (
        f"UNWIND ${of.label} AS urn MATCH (n:{of.label} {{urn: urn}}) MATCH {pattern} "
        f"RETURN type(e) AS type, {tail}.urn AS tail, {head}.urn AS head"
    )
