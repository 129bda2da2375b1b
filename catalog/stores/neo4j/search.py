"""Full text and counts as one Cypher statement each (ADR 5). Only whole words of ``a-z0-9`` reach Lucene."""

from __future__ import annotations

from functools import lru_cache

from catalog.model.declare import Shape
from catalog.stores.neo4j.compile import arrow, full, on_day, predicate
from catalog.stores.query import RAggregate, RGroup, RSearch
from catalog.stores.resolve import RNeed, RPredicate

__all__ = ["compile_aggregate", "compile_search", "lucene"]


def lucene(words: list[str], *, prefix: bool) -> str:
    """The query of words that must all be there; the last one may be the beginning of a word."""
    ends = [*words[:-1], words[-1] + "*" if prefix else words[-1]]
    return " ".join(f"+{word}" for word in ends)


@lru_cache(maxsize=512)
def compile_search(shape: RSearch) -> str:
    """The statement of a search. Parameters besides the shape's own: ``lucene``."""
    where = _stands(shape.where, shape.needs)
    if shape.words:
        start = f"CALL db.index.fulltext.queryNodes('search_{shape.label}', $lucene) YIELD node AS n"
    else:
        start = f"MATCH (n:{shape.label})"
    after = ""
    if shape.after:
        later = f"n.{shape.title_sort} > $key OR (n.{shape.title_sort} = $key AND n.urn > $after)"
        after = f"WHERE tier > $tier OR (tier = $tier AND ({later})) "
    rows = (
        f"CALL (hits) {{ UNWIND hits AS n WITH n, {_tier(shape)} AS tier {after}"
        f"WITH n, tier ORDER BY tier, n.{shape.title_sort}, n.urn LIMIT $first "
        f"RETURN collect([n.urn, tier, n.{shape.title_sort}]) AS rows }}"
    )
    facets = " ".join(
        f"CALL (hits) {{ UNWIND hits AS n {_counts(group)} AS f{i} }}" for i, group in enumerate(shape.facets)
    )
    names = ", ".join(f"f{i}" for i in range(len(shape.facets)))
    return (
        f"CALL () {{ {start} WHERE {where} RETURN collect(n) AS hits }} {rows} {facets} "
        f"RETURN [size(hits), rows, [{names}]] AS found"
    )


@lru_cache(maxsize=512)
def compile_aggregate(shape: RAggregate) -> str:
    """The statement of a count."""
    return f"MATCH (n:{shape.label}) WHERE {_stands(shape.where, shape.needs)} {_counts(shape.group)} AS found"


def _stands(where: RPredicate | None, needs: tuple[RNeed, ...]) -> str:
    parts = ["n.retracted_at = '~'", on_day("n"), full("n", needs)]
    if where is not None:
        parts.append(predicate(where, "n"))
    return " AND ".join(parts)


def _counts(group: RGroup) -> str:
    """From nodes ``n`` to the collected pairs of value and count, or with the name of what the value is the URN of."""
    matches, end = _hops(group)
    value = f"{end}.{group.column}"
    if group.namespace:
        value = f"left({value}, size({value}) - size(last(split({value}, ':'))))"
    counted = "WITH v, count(*) AS c RETURN collect([v, c])"
    if group.presence:
        there = f"EXISTS {{ {matches} AND {value} IS NOT NULL }}" if group.hops else f"{value} IS NOT NULL"
        return f"WITH {there} AS v {counted}"
    if group.title is not None:
        found = f"collect([{end}.urn, c, {end}.{group.title}])"
        return f"{matches} WITH DISTINCT n, {end} WITH {end}, count(*) AS c RETURN {found}"
    if group.shape is Shape.TEXTS:
        return f"{matches} UNWIND {value} AS v WITH DISTINCT n, v {counted}"
    once = "DISTINCT n, " if group.hops else ""
    return f"{matches} WITH {once}{value} AS v WHERE v IS NOT NULL {counted}"


def _hops(group: RGroup) -> tuple[str, str]:
    """The matches along a path from nodes ``n``, and the name of the nodes at its end.

    A match for each hop, since within one Cypher walks no edge twice, and a path may lead back. The last thing of all is
    a condition.
    """
    matches: list[str] = []
    start = "n"
    for number, hop in enumerate(group.hops):
        edge, end = f"e{number}", f"x{number}"
        conditions = f"{on_day(edge)} AND {on_day(end)} AND {full(end, hop.needs)}"
        matches.append(f"MATCH {arrow(hop.step, start, edge, end)} WHERE {conditions}")
        start = end
    return " ".join(matches), start


def _tier(shape: RSearch) -> str:
    if not shape.words:
        return "3"
    title = "(' ' + n.search_title + ' ')"
    phrase = "reduce(s = '', w IN $words | s + ' ' + w)"
    close = "''" if shape.prefix else "' '"
    last = "size($words) - 1"
    every = (
        f"all(i IN range(0, {last}) WHERE {title} CONTAINS "
        f"(' ' + $words[i] + CASE WHEN i = {last} THEN {close} ELSE ' ' END))"
    )
    return (
        f"CASE WHEN {title} = {phrase} + ' ' THEN 0 WHEN {title} STARTS WITH {phrase} + {close} THEN 1 "
        f"WHEN {every} THEN 2 ELSE 3 END"
    )
