"""Carrying out a write plan on a Neo4j, set-wise, in one transaction that holds the graph's lock."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from catalog.batch import Batch, WriteResult
from catalog.errors import MigrationError
from catalog.stores.layout import Tables
from catalog.stores.neo4j.session import Transaction
from catalog.stores.plan import Changes, plan
from catalog.stores.state import NODE_STATE, EdgeState, Needed, NodeState, State, contested, needed
from catalog.urn import kind_of

__all__ = ["LOCK", "Ends", "by_ends", "edges_between", "write"]

_EDGE_SYSTEM = ("id", "valid_from", "valid_to", "source")

Ends = dict[tuple[str, str], list[Any]]
"""Rows by the labels of their tail and head."""

_Part = tuple[str, dict[str, Any]]
"""A statement that answers a list, and its parameters, of names that no other part of the batch has."""


async def write(tx: Transaction, batch: Batch, tables: Tables) -> WriteResult:
    """Plan and carry out a batch. The lock is taken first, so that what is read stays so until the commit."""
    wanted = needed(batch, tables)
    meta = await tx.value(LOCK, {})
    if meta is None:
        raise MigrationError("the database is not set up: run 'waypost migrate'")
    revision, next_edge, opaque_key = meta
    nodes = await _nodes(tx, wanted)
    edges = await _edges(tx, wanted.among(nodes), tables)
    contents = await _contents(tx, contested(batch, nodes, tables), tables)
    state = State(revision, next_edge, bytes.fromhex(opaque_key), nodes, edges, contents)
    changes = plan(batch, state, tables)
    if not changes.empty:
        await _carry_out(tx, changes, tables)
        types = sorted({*changes.new_edges, *changes.retracted_edges, *(["WAS"] if changes.retracted_edges else [])})
        await tx.run(_ADVANCE, {"revision": changes.revision, "next_edge": changes.next_edge, "types": types})
    return changes.result


def by_ends(rows: Iterable[Any], tables: Tables, tail: Any = 0, head: Any = 1) -> Ends:
    """Rows grouped by the labels of their ends, which the URNs name."""
    found: Ends = defaultdict(list)
    slugs = tables.model.by_slug
    for row in rows:
        found[(slugs[kind_of(row[tail])].label, slugs[kind_of(row[head])].label)].append(row)
    return found


def edges_between(types: str) -> str:
    """What finds the edges between the nodes ``a`` and ``b`` as ``r``, at the cost of the one that has fewer.

    In a subquery, so that both ends are found first. Else the planner goes through all edges of one end, which it supposes to
    have few: 2,500 edges from a node that has 12,500 took it 89 s.
    """
    return f"CALL (a, b) {{ MATCH (a)-[r:{types}]->(b) RETURN r }}"


async def _nodes(tx: Transaction, wanted: Needed) -> dict[str, NodeState]:
    state = ", ".join(f"n.{name}" for name in NODE_STATE)
    found = await _rows(tx, _of_kinds(wanted.nodes, f"collect([n.urn, {state}])"))
    return {urn: NodeState(*rest) for urn, *rest in found}


async def _contents(tx: Transaction, wanted: dict[str, list[str]], tables: Tables) -> dict[str, dict[str, Any]]:
    """The words of these nodes."""
    contents: dict[str, dict[str, Any]] = {}
    for found in await _rows(tx, _of_kinds(wanted, "collect(properties(n))")):
        layout = tables.by_label[tables.model.by_slug[kind_of(found["urn"])].label]
        contents[found["urn"]] = {n: found.get(n) for n in ("closed_reason", *(p.name for p in layout.props))}
    return contents


def _of_kinds(urns: Mapping[str, Sequence[str]], answer: str) -> list[_Part]:
    """What reads these nodes, a part for each kind."""
    return [
        (f"UNWIND ${label} AS u MATCH (n:{label} {{urn: u}}) RETURN {answer} AS rows", {label: urns[label]})
        for label in sorted(urns)
    ]


async def _edges(tx: Transaction, wanted: Needed, tables: Tables) -> list[EdgeState]:
    parts: list[_Part] = []
    answer = "RETURN collect([type(r), startNode(r).urn, endNode(r).urn, properties(r)]) AS rows"
    for type_, pairs in wanted.between.items():
        for (tail, head), rows in sorted(by_ends(pairs, tables).items()):
            name = f"between_{type_}_{tail}_{head}"
            ends = f"UNWIND ${name} AS p MATCH (a:{tail} {{urn: p[0]}}) MATCH (b:{head} {{urn: p[1]}})"
            parts.append((f"{ends} {edges_between(type_)} {answer}", {name: rows}))
    for type_, tails in wanted.from_tails.items():
        for (tail, _), rows in sorted(by_ends([(t, t) for t in tails], tables).items()):
            name = f"from_{type_}_{tail}"
            text = f"UNWIND ${name} AS u MATCH (a:{tail} {{urn: u}})-[r:{type_}]->() {answer}"
            parts.append((text, {name: [urn for urn, _ in rows]}))
    for label, urns in wanted.at_nodes.items():
        name = f"at_{label}"
        parts.append(
            (f"UNWIND ${name} AS u MATCH (a:{label} {{urn: u}})-[r]-() WHERE type(r) <> 'WAS' {answer}", {name: urns})
        )
    return [_edge(edge, tables) for edge in await _rows(tx, parts)]


def _edge(found: Sequence[Any], tables: Tables) -> EdgeState:
    type_, tail, head, stored = found
    declared = tables.model.relations[type_][0].props
    props = {p.name: stored.get(p.name) for p in declared}
    id_, valid_from, valid_to, source = (stored[name] for name in _EDGE_SYSTEM)
    return EdgeState(id_, type_, tail, head, valid_from, valid_to, source, props, stored.get("claims"))


async def _rows(tx: Transaction, parts: list[_Part]) -> list[Any]:
    """What these parts answer, all in one statement where batches of the same parts have come often.

    Almost every batch has parts of its own, and to plan a union that it never saw takes a Neo4j up to seconds,
    which is many round trips. Of the parts themselves there are few, and each is planned once.
    """
    whole = "CALL () { " + " UNION ALL ".join(text for text, _ in parts) + " } RETURN collect(rows)"
    if len(parts) > 1 and tx.often.comes(whole):
        found = await tx.value(whole, {name: value for _, params in parts for name, value in params.items()})
    else:
        found = [await tx.value(text, params) for text, params in parts]
    return [row for rows in found for row in rows]


async def _carry_out(tx: Transaction, changes: Changes, tables: Tables) -> None:
    moment = {"at": changes.at, "revision": changes.revision}
    for label, urns in changes.snapshots.items():
        await tx.run(_SNAPSHOT.replace("$label", f"'{label}'").replace(":Kind", f":{label}"), {"urns": urns, **moment})
    for label, rows in changes.created.items():
        properties, lists = _lists(rows)
        await tx.run(f"UNWIND $rows AS row CREATE (n:{label}:Resource {properties})", {"rows": lists})
    for rows_of, operator in ((changes.replaced, "="), (changes.touched, "+=")):
        for label, rows in rows_of.items():
            statement = f"UNWIND $rows AS row MATCH (n:{label} {{urn: row.urn}}) SET n {operator} row"
            await tx.run(statement, {"rows": rows})
    for type_, rows in changes.retracted_edges.items():
        for (tail, head), ends in by_ends(rows, tables, "tail", "head").items():
            await tx.run(_retract(type_, tail, head), {"rows": ends, **moment})
    for type_, rows in changes.touched_edges.items():
        for (tail, head), ends in by_ends(rows, tables, "tail", "head").items():
            await tx.run(_touch(type_, tail, head), {"rows": ends, **moment})
    for type_, rows in changes.new_edges.items():
        for (tail, head), ends in by_ends(rows, tables, "tail", "head").items():
            properties, lists = _lists(ends, "tail", "head")
            await tx.run(
                f"UNWIND $rows AS row MATCH (a:{tail} {{urn: row[0]}}) MATCH (b:{head} {{urn: row[1]}}) "
                f"CREATE (a)-[r:{type_} {properties}]->(b)",
                {"rows": lists},
            )


def _lists(rows: list[dict[str, Any]], *first: str) -> tuple[str, list[list[Any]]]:
    """The properties of new nodes or edges as a statement names them, and the rows as lists of their values.

    ``first`` of a row are no properties, and stand before them. All rows have the same names: as maps, each would say them.
    """
    names = [*first, *(name for name in rows[0] if name not in first)]
    named = ", ".join(f"{name}: row[{place}]" for place, name in enumerate(names) if name not in first)
    return f"{{{named}}}", list(map(list, map(itemgetter(*names), rows)))


def _edge_of_row(type_: str, tail: str, head: str) -> str:
    return (
        f"UNWIND $rows AS row MATCH (a:{tail} {{urn: row.tail}}) MATCH (b:{head} {{urn: row.head}}) "
        f"{edges_between(type_)} WITH row, a, b, r WHERE r.id = row.id "
    )


def _touch(type_: str, tail: str, head: str) -> str:
    return f"{_edge_of_row(type_, tail, head)}SET r.claims = row.claims, r.revision = $revision"


def _retract(type_: str, tail: str, head: str) -> str:
    return (
        f"{_edge_of_row(type_, tail, head)}"
        "CREATE (a)-[w:WAS]->(b) SET w = properties(r) "
        f"SET w.was = '{type_}', w.retracted_at = $at, w.revision = $revision DELETE r"
    )


LOCK = """
MATCH (m:WaypostMeta {id: 1})
SET m.lock = randomUUID()
WITH m
RETURN [m.revision, m.next_edge, m.opaque_key]
"""
"""Begins what writes: nobody else does until it ends. Nothing is answered where the graph is not set up."""
_ADVANCE = """
MATCH (m:WaypostMeta {id: 1})
SET m.revision = $revision, m.next_edge = $next_edge, m.types = m.types + [t IN $types WHERE NOT t IN m.types]
"""
_SNAPSHOT = """
UNWIND $urns AS u MATCH (n:Kind {urn: u})
CREATE (s:WaypostSnapshot)
SET s = properties(n)
SET s.snapshot_of = $label, s.key = n.urn + '|' + toString($revision), s.revision = $revision,
    s.retracted_at = CASE n.retracted_at WHEN '~' THEN $at ELSE n.retracted_at END
"""
