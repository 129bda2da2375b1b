"""A hop from a frontier as one Cypher statement (``Store.expand``)."""

from __future__ import annotations

from functools import lru_cache

from catalog.stores.neo4j.compile import arrow, full, on_day, predicate
from catalog.stores.query import RExpand, RHop, RLeg

__all__ = ["compile_expand"]


@lru_cache(maxsize=256)
def compile_expand(shape: RExpand) -> str:
    """The statement of one hop from a frontier of URNs and opaque ids: a list of (start, end, pairs)."""
    steps = " ".join(_steps(shape))
    ids = f"{_id(shape, 'n')} AS a, {_id(shape, 'x')} AS b"
    if shape.by is None and shape.where is None and shape.via is None:
        hops = f"WITH DISTINCT {ids} ORDER BY a, b LIMIT $first RETURN [a, b, 1]"
    else:
        hops = (
            f"WITH n, x, max(CASE WHEN {_passes(shape)} THEN 1 ELSE 0 END) AS w WITH {ids}, w "
            "WITH a, b, sum(w) AS p ORDER BY a, b LIMIT $first RETURN [a, b, p]"
        )
    return f"RETURN COLLECT {{ {_start(shape)} {steps} {hops} }} AS hops"


def _start(shape: RExpand) -> str:
    """What matches the nodes of the frontier as ``n``."""
    whole = full("n", shape.end.needs)
    own = f"UNWIND $frontier AS f MATCH (n:{shape.label} {{urn: f}})"
    starts: list[str] = []
    if shape.by is not None:
        group = _group(shape, shape.by, "n")
        by = shape.by.step
        left, right = ("<-", "-") if by.forward else ("-", "->")
        starts.append(
            f"UNWIND $frontier AS f MATCH (g:{by.label} {{urn: f}}){left}[:{by.type}]{right}(n:{shape.label}) "
            f"WHERE {whole} AND {_stands(shape, 'n')} AND f = {group} RETURN DISTINCT n"
        )
        starts.append(f"{own} WHERE {whole} AND {_stands(shape, 'n')} AND {group} IS NULL RETURN n")
    elif shape.end.placeholders:
        starts.append(f"{own} WHERE {whole} RETURN n")
    if shape.end.placeholders:
        veiled = f"UNWIND $frontier AS f MATCH (n:{shape.label} {{opaque: f}})"
        starts.append(f"{veiled} WHERE NOT ({whole}) RETURN n")
    return f"CALL () {{ {' UNION '.join(starts)} }}" if starts else own


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
