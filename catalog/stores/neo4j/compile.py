"""A resolved selection as one Cypher statement that answers one record (``design.md`` section 3, ADR 4).

Text comes from the shape, which holds names of the declared model and of parameters only. Why it is written as it is:
``reference/neo4j.md`` section 5, measured. A composite index serves an ordered page only where each of its properties
has a predicate, so the keyset is written without OR and with ``IS NOT NULL``; a collected record of positional lists
costs the driver a fraction of rows or maps.
"""

from __future__ import annotations

from functools import lru_cache

from catalog.model.declare import Shape
from catalog.selection import Op
from catalog.stores.resolve import RAll, RAny, RCompare, RHas, RNeed, RNot, RNull, RPredicate, RRelated, RSelect, RStep

__all__ = ["arrow", "compile_all", "compile_select", "conditions", "full", "on_day", "predicate"]

_OPERATORS = {
    Op.EQ: "=",
    Op.NE: "<>",
    Op.LT: "<",
    Op.LE: "<=",
    Op.GT: ">",
    Op.GE: ">=",
    Op.IN: "IN",
    Op.STARTS_WITH: "STARTS WITH",
}


@lru_cache(maxsize=2048)
def compile_select(shape: RSelect) -> str:
    """The statement of a shape. It answers one record with one value: the page as ``resolve`` describes it."""
    return f"RETURN {_page(shape)} AS page"


@lru_cache(maxsize=512)
def compile_all(shapes: tuple[RSelect, ...]) -> str:
    """The statement of several shapes. It answers one record with one value: the list of their pages."""
    return f"RETURN [{', '.join(map(_page, shapes))}] AS pages"


def _page(shape: RSelect) -> str:
    total = "null"
    if shape.total:
        total = f"COUNT {{ MATCH (n:{shape.label}) WHERE {' AND '.join(conditions(shape, 'n', 'n'))} }}"
    row = _row(shape, "n", ("n.urn", f"n.{shape.order}", "0"), ())
    return f"[COLLECT {{ {_root_match(shape)} RETURN {row} }}, {total}]"


def on_day(name: str) -> str:
    """Whether a node or an edge holds on the day asked about."""
    return f"{name}.valid_from <= $day AND $day < {name}.valid_to"


def full(name: str, needs: tuple[RNeed, ...], seen: str = "full", props: str = "") -> str:
    """Whether the reader sees a node whole (or, with ``seen``, at least as a placeholder).

    ``props`` names what holds its properties, where that is a projection and not the node itself.
    """
    parts = [f"{props or name}.audience IN ${seen}"]
    for need in needs:
        head = f"{name}h"
        labels = "|".join(need.labels)
        visible = f"{head}.audience IN $full"
        if need.veiled:
            visible += f" OR (({head}:{'|'.join(need.veiled)}) AND {head}.audience IN $seen)"
        parts.append(f"EXISTS {{ MATCH ({name})-[:{need.type}]->({head}:{labels}) WHERE {visible} }}")
    return " AND ".join(parts)


def arrow(step: RStep, start: str, edge: str, end: str) -> str:
    """The pattern of one step."""
    left, right = ("-", "->") if step.forward else ("<-", "-")
    label = "" if step.certain else f":{step.label}"
    return f"({start}){left}[{edge}:{step.type}]{right}({end}{label})"


def predicate(part: RPredicate, name: str) -> str:
    """A predicate about the node of this name. Null counts as false where it stands; ``RNot`` sees to its inside."""
    match part:
        case RCompare(column, Op.CONTAINS, param, _):
            return f"${param} IN {name}.{column}"
        case RCompare(column, Op.WITHIN, param, _):
            rest = f"substring({name}.{column}, size(${param}))"
            return f"({name}.{column} STARTS WITH ${param} AND NOT {rest} CONTAINS ':')"
        case RCompare(column, op, param, _):
            return f"{name}.{column} {_OPERATORS[op]} ${param}"
        case RNull(column, _):
            return f"{name}.{column} IS NULL"
        case RHas(step, needs, where, veiled):
            edge, end = f"{name}e", f"{name}x"
            conditions = [on_day(edge), on_day(end), full(end, needs, "seen" if veiled else "full")]
            if where is not None:
                conditions.append(predicate(where, end))
            return f"EXISTS {{ MATCH {arrow(step, name, edge, end)} WHERE {' AND '.join(conditions)} }}"
        case RAll(parts):
            return (
                "(" + " AND ".join(predicate(p, name) for p in parts) + ")" if parts else f"{name}.audience IS NOT NULL"
            )
        case RAny(parts):
            # No literal truth value: the planner would fold it, and then refuse the index hint for want of a use.
            return "(" + " OR ".join(predicate(p, name) for p in parts) + ")" if parts else f"{name}.audience IS NULL"
        case RNot(inner):
            return f"NOT coalesce({predicate(inner, name)}, false)"


def conditions(shape: RSelect, name: str, props: str) -> list[str]:
    """What a root node must meet to be counted."""
    found = [full(name, shape.needs, props=props)]
    if not shape.retracted:
        found.insert(0, f"{props}.retracted_at = '~'")
    if not shape.ever:
        found.append(on_day(props))
    if shape.where is not None:
        found.append(predicate(shape.where, name))
    return found


def _root_match(shape: RSelect) -> str:
    """The ordered match of root nodes, up to and including its LIMIT."""
    order, direction = shape.order, " DESC" if shape.descending else ""
    properties = [order] if order == "urn" else [order, "urn"]
    lookup = shape.where is not None and _looks_up_urn(shape.where)
    hint = "urn" if lookup else ", ".join(properties)
    keyset = [f"n.{p} IS NOT NULL" for p in properties]
    if shape.after is not None:
        key, urn, _ = shape.after
        beyond, behind = ("<=", ">=") if shape.descending else (">=", "<=")
        if order == "urn":
            keyset = [f"n.urn {beyond[0]} ${urn}"]
        else:
            passed = f"(n.{order} = ${key} AND n.urn {behind} ${urn})"
            keyset = [f"n.{order} {beyond} ${key}", "n.urn IS NOT NULL", f"NOT {passed}"]
    if lookup and shape.where is not None:
        keyset.append(predicate(shape.where, "n"))
    by = ", ".join(f"n.{p}{direction}" for p in properties)
    # The order's own properties come from the index; in the projection they would be read from the node again.
    wanted = _wanted(shape, "retracted_at") - set(properties)
    # One index on revisions serves all kinds.
    found, kind = (
        (f":{shape.label}&Resource", "Resource") if hint == "revision, urn" else (f":{shape.label}", shape.label)
    )
    return (
        f"MATCH (n{found}) USING INDEX n:{kind}({hint}) WHERE {' AND '.join(keyset)} "
        f"WITH n, {_projected('n', wanted)} AS nm WHERE {' AND '.join(conditions(shape, 'n', 'nm'))} "
        f"WITH n, nm ORDER BY {by} {_limit(shape)}"
    )


def _wanted(shape: RSelect, *besides: str) -> set[str]:
    """The properties that rows of a level are chosen by, and those answered that are not long.

    A projection reads them in one pass over the stored node, which costs a third of reading each by itself. Long ones are
    read from the node after the page is cut.
    """
    days = () if shape.ever else ("valid_from", "valid_to")
    short = (f.name for f in shape.fields if not (f.hidden or f.long))
    return {"audience", *days, *short, *besides}


def _projected(name: str, properties: set[str]) -> str:
    return f"{name} {{{', '.join(f'.{p}' for p in sorted(properties))}}}"


def _looks_up_urn(where: RPredicate) -> bool:
    """Whether the filter names the nodes, so that their key is the better way in than the order."""
    if isinstance(where, RAll):
        return any(_looks_up_urn(part) for part in where.parts)
    return isinstance(where, RCompare) and where.column == "urn" and where.op in (Op.EQ, Op.IN, Op.WITHIN)


def _row(shape: RSelect, name: str, lead: tuple[str, str, str], edge: tuple[str, ...]) -> str:
    """A row as a list; ``lead`` is its urn, order key and edge id. Short fields come from the projection ``<name>m``."""
    fields = ["null" if f.hidden else f"{name}{'' if f.long else 'm'}.{f.name}" for f in shape.fields]
    below = [_below(related, name, f"{name}{i}") for i, related in enumerate(shape.related)]
    return "[" + ", ".join([lead[0], *fields, *_place(shape, *lead[1:]), *edge, *below]) + "]"


def _place(shape: RSelect, key: str, edge_id: str) -> list[str]:
    return [key, edge_id] if shape.cursor else []


def _below(related: RRelated, start: str, name: str) -> str:
    """The page of related nodes: rows in order, then their count."""
    shape, edge = related.select, f"{name}r"
    match = f"MATCH {arrow(related.step, start, edge, name)}"
    total = "null"
    if shape.total:
        counted = _conditions_below(shape, name, name, edge, "full")
        total = f"COUNT {{ {match} WHERE {' AND '.join(counted)} }}"
    seen = "seen" if shape.placeholders else "full"
    besides = ("urn", shape.order, "opaque") if shape.placeholders else ("urn", shape.order)
    days = () if shape.ever else ("valid_from", "valid_to")
    id_ = ("id",) if _tells_edges(related) else ()
    facts = {*id_, *days, *(f.name for f in related.edge)}
    carried = f"{name}, {_projected(edge, facts)} AS {edge}m, {_projected(name, _wanted(shape, *besides))} AS {name}m"
    where = _conditions_below(shape, name, f"{name}m", f"{edge}m", seen)
    answered = tuple(f"{edge}m.{f.name}" for f in related.edge)
    body = (_veiled if shape.placeholders else _plain)(related, name, f"{edge}m", answered)
    return f"[COLLECT {{ {match} WITH {carried} WHERE {' AND '.join(where)} {body} }}, {total}]"


def _conditions_below(shape: RSelect, name: str, props: str, edge: str, seen: str) -> list[str]:
    """What a related node must meet; ``props`` and ``edge`` name what holds its properties and those of its edge."""
    found = [full(name, shape.needs, seen, props)]
    if not shape.ever:
        found += [on_day(edge), on_day(props)]
    if shape.where is not None:
        found.append(predicate(shape.where, name))
    return found


def _tells_edges(related: RRelated) -> bool:
    """Whether rows are ordered by their edge as well, which is a property more to read."""
    return related.select.cursor or related.select.after is not None or not related.single


def _plain(related: RRelated, name: str, edge: str, facts: tuple[str, ...]) -> str:
    shape = related.select
    key, urn = f"{name}m.{shape.order}", f"{name}m.urn"
    carried = f"{name}, {edge}, {name}m"
    after = _after(shape, key, urn, f"{edge}.id")
    keep = f"WITH {carried} WHERE {after} " if after else ""
    by = _by(related, [key] if shape.order == "urn" else [key, urn], f"{edge}.id")
    row = _row(shape, name, (urn, key, f"{edge}.id"), facts)
    return f"{keep}WITH {carried} ORDER BY {by} {_limit(shape)} RETURN {row}"


def _veiled(related: RRelated, name: str, edge: str, facts: tuple[str, ...]) -> str:
    """Rows of which some are placeholders: ordered by what the reader may see of them."""
    shape = related.select
    props, whole, key, urn = f"{name}m", f"{name}f", f"{name}k", f"{name}u"
    seen = f"CASE WHEN {whole} THEN {props}.urn ELSE {props}.opaque END AS {urn}"
    keyed = f"CASE WHEN {whole} THEN {props}.{shape.order} ELSE {_missing(shape)} END AS {key}"
    if shape.order == "urn":
        keyed = f"CASE WHEN {whole} THEN {props}.urn ELSE {props}.opaque END AS {key}"
    after = _after(shape, key, urn, f"{edge}.id")
    carried = f"{name}, {edge}, {props}, {whole}, {key}, {urn}"
    by = _by(related, [key, urn], f"{edge}.id")
    row = _row(shape, name, (urn, key, f"{edge}.id"), facts)
    placeholder = "[" + ", ".join(["null", f"{props}.opaque", *_place(shape, key, f"{edge}.id"), *facts]) + "]"
    return (
        f"WITH {name}, {edge}, {props}, ({full(name, shape.needs, props=props)}) AS {whole} "
        f"WITH {name}, {edge}, {props}, {whole}, {keyed}, {seen} "
        + (f"WITH {carried} WHERE {after} " if after else "")
        + f"WITH {carried} ORDER BY {by} {_limit(shape)} "
        f"RETURN CASE WHEN {whole} THEN {row} ELSE {placeholder} END"
    )


def _limit(shape: RSelect) -> str:
    return f"LIMIT ${shape.first}" if shape.skip is None else f"SKIP ${shape.skip} LIMIT ${shape.first}"


def _after(shape: RSelect, key: str, urn: str, edge: str) -> str:
    if shape.after is None:
        return ""
    than = "<" if shape.descending else ">"
    at_key, at_urn, at_edge = shape.after
    return (
        f"({key} {than} ${at_key} OR ({key} = ${at_key} AND "
        f"({urn} {than} ${at_urn} OR ({urn} = ${at_urn} AND {edge} {than} ${at_edge}))))"
    )


def _by(related: RRelated, keys: list[str], edge: str) -> str:
    direction = " DESC" if related.select.descending else ""
    return ", ".join(f"{key}{direction}" for key in [*keys, *([edge] if _tells_edges(related) else [])])


def _missing(shape: RSelect) -> str:
    """The order key of what has no value (``catalog.values.order_key``), as a literal."""
    if shape.order_shape in (Shape.INTEGER, Shape.BOOLEAN):
        return "9223372036854775807"
    return "1.7976931348623157e308" if shape.order_shape is Shape.REAL else r"'\uFFFF'"
