"""A hop from a frontier as one Cypher statement (``Store.expand``)."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from catalog.stores.neo4j.compile import arrow, full, on_day, predicate
from catalog.stores.port import Expand, Expansion, Hop
from catalog.stores.query import RExpand, RHop, RLeg, same_of
from catalog.stores.resolve import RStep

__all__ = ["compile_expand", "read_expansion"]


@lru_cache(maxsize=256)
def compile_expand(shape: RExpand) -> str:
    """The statement of one hop from a frontier of URNs and opaque ids: a list of (start, end, pairs), or of (start, ends).

    Where it is asked which nodes are one, a list of two: that, and the steps between those.
    """
    steps = " ".join(_steps(shape))
    start, end = _id(shape, "n"), _id(shape, "x")
    if shape.is_plain:
        # What a node was found by need not be read of it.
        found_by = start if shape.end.placeholders else "f"
        # To look for what comes twice would take an eighth of the time.
        distinct = "" if shape.is_single else "DISTINCT "
        hops = (
            f"WITH {distinct}{found_by} AS a, {end} AS b ORDER BY a, b LIMIT $first "
            "WITH a, collect(b) AS ends ORDER BY a RETURN [a, ends]"
        )
    else:
        hops = (
            f"WITH n, x, max(CASE WHEN {_passes(shape)} THEN 1 ELSE 0 END) AS w WITH {start} AS a, {end} AS b, w "
            "WITH a, b, sum(w) AS p ORDER BY a, b LIMIT $first RETURN [a, b, p]"
        )
    found = f"COLLECT {{ {_start(shape)} {steps} {hops} }} AS hops"
    return (
        f"RETURN {found}"
        if shape.same is None
        else f"WITH {found} {_one(shape, shape.same)} RETURN [hops, same] AS found"
    )


def read_expansion(query: Expand, shape: RExpand, found: list[Any]) -> Expansion:
    """What the answer of the statement says."""
    hops: list[Any]
    same: list[Any]
    hops, same = (found, []) if query.same is None else found
    # Plain ones come by their starts, which halves what is sent.
    read = [Hop(start, end) for start, ends in hops for end in ends] if shape.is_plain else list(map(Hop._make, hops))
    return Expansion(read[: query.limit], len(read) > query.limit, *same_of(query, same))


def _one(shape: RExpand, same: RStep) -> str:
    """What finds the steps of no length between the nodes that are one with an end of ``hops``, as a list ``same``."""
    ends = "[hop IN hops | hop[1]]" if shape.is_plain else "[[hop IN hops | hop[1]]]"
    met = f"{'[$frontier] + ' if shape.begins else ''}{ends}"
    passes = "1"
    if shape.where is not None:
        passes = f"CASE WHEN {full('x', shape.end.needs)} AND {predicate(shape.where, 'x')} THEN 1 ELSE 0 END"
    # Written so that the walk is pruned to what it has not met; a quantified pattern, or this within an expression, would
    # list every trail.
    all_names = (
        f"MATCH p = (n)-[rs:{same.type}*0..]-(y) WHERE all(r IN rs WHERE {_joins(shape, same, 'r')}) "
        f"AND all(m IN nodes(p) WHERE {_seen(shape.end, 'm')} AND {_stands(shape, 'm')}) WITH DISTINCT y LIMIT $most"
    )
    steps = (
        f"MATCH (y)-[e:{same.type}]-(x) "
        f"WHERE x <> y AND {_joins(shape, same, 'e')} AND {_seen(shape.end, 'x')} AND {_stands(shape, 'x')}"
    )
    ids = f"{_id(shape, 'y')} AS a, {_id(shape, 'x')} AS b, {passes} AS w"
    # A graph in which nothing is said to be one is not asked of each node.
    return (
        f"WITH hops, CASE WHEN EXISTS {{ MATCH ()-[:{same.type}]->() }} THEN {met} ELSE [] END AS met "
        f"CALL (met) {{ {_start(shape, 'met', 'UNWIND met AS some UNWIND some AS f')} WITH DISTINCT n {all_names} {steps} "
        f"WITH DISTINCT {ids} ORDER BY a, b LIMIT $first RETURN collect([a, b, w]) AS same }}"
    )


def _joins(shape: RExpand, same: RStep, edge: str) -> str:
    """Whether a statement makes its ends one: it is neither proposed nor denied, and nobody denies it."""
    on = [] if shape.ever else [on_day(edge)]
    denied = " AND ".join(["d.status = 'DENIED'", *([] if shape.ever else [on_day("d")])])
    between = f"WITH startNode({edge}) AS d0, endNode({edge}) AS d1 MATCH (d0)-[d:{same.type}]-(d1) WHERE {denied}"
    stated = f"coalesce({edge}.status, 'STATED') = 'STATED'"
    return " AND ".join([stated, *on, f"NOT EXISTS {{ {between} RETURN d }}"])


def _start(shape: RExpand, known: str = "", ids: str = "UNWIND $frontier AS f") -> str:
    """What matches the nodes with these ids as ``n``; they are made of what is ``known``."""
    whole = full("n", shape.end.needs)
    own = f"{ids} MATCH (n:{shape.label} {{urn: f}})"
    starts: list[str] = []
    if shape.by is not None:
        group = _group(shape, shape.by, "n")
        by = shape.by.step
        left, right = ("<-", "-") if by.forward else ("-", "->")
        starts.append(
            f"{ids} MATCH (g:{by.label} {{urn: f}}){left}[:{by.type}]{right}(n:{shape.label}) "
            f"WHERE {whole} AND {_stands(shape, 'n')} AND f = {group} RETURN DISTINCT n"
        )
        starts.append(f"{own} WHERE {whole} AND {_stands(shape, 'n')} AND {group} IS NULL RETURN n")
    elif shape.end.placeholders:
        starts.append(f"{own} WHERE {whole} RETURN n")
    if shape.end.placeholders:
        veiled = f"{ids} MATCH (n:{shape.label} {{opaque: f}})"
        starts.append(f"{veiled} WHERE NOT ({whole}) RETURN n")
    return f"CALL ({known}) {{ {' UNION '.join(starts)} }}" if starts else own


def _steps(shape: RExpand) -> list[str]:
    """The matches from ``n`` to ``x``. One for each step, since within one Cypher walks no edge twice, and a hop may."""
    found: list[str] = []
    at = "n"
    for number, leg in enumerate(shape.legs):
        edge, end = f"e{number}", "x" if leg is shape.end else f"m{number}"
        conditions = [_seen(leg, end), *([] if shape.ever else [on_day(edge), on_day(end)])]
        if number == 0:
            conditions += [_seen(shape.end, "n"), _stands(shape, "n")]
        found.append(f"MATCH {arrow(leg.step, at, edge, end)} WHERE {' AND '.join(conditions)}")
        at = end
    return found


def _seen(leg: RLeg, node: str) -> str:
    """Whether the reader sees a node as a step asks."""
    return full(node, leg.needs, "seen" if leg.placeholders else "full")


def _id(shape: RExpand, node: str) -> str:
    """What the reader knows a node by."""
    own = f"{node}.urn"
    whole = own if shape.by is None else f"coalesce({_group(shape, shape.by, node)}, {own})"
    if not shape.end.placeholders:
        return whole
    return f"CASE WHEN {full(node, shape.end.needs)} THEN {whole} ELSE {node}.opaque END"


def _group(shape: RExpand, by: RHop, node: str) -> str:
    """The URN of what a node that is seen whole is put together by; null where there is none."""
    edge, end = f"{node}ge", f"{node}gx"
    conditions = [full(end, by.needs), *([] if shape.ever else [on_day(edge), on_day(end)])]
    match = f"MATCH {arrow(by.step, node, edge, end)} WHERE {' AND '.join(conditions)}"
    return f"COLLECT {{ {match} RETURN {end}.urn ORDER BY {end}.urn LIMIT 1 }}[0]"


def _passes(shape: RExpand) -> str:
    """Whether a pair of ``n`` and ``x`` counts."""
    found: list[str] = []
    if shape.where is not None:
        ends = ("x",) if shape.by is None else ("n", "x")
        found += [f"{full(end, shape.end.needs)} AND {predicate(shape.where, end)}" for end in ends]
    if shape.via is not None:
        found.append(f"{full('m0', shape.legs[0].needs)} AND {predicate(shape.via, 'm0')}")
    return " AND ".join(found) or "true"


def _stands(shape: RExpand, node: str) -> str:
    """Whether a node holds on the day, where that is asked."""
    return "true" if shape.ever else on_day(node)
