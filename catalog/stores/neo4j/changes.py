"""What changed, for those who mirror the graph, and taking over what another store says changed."""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from catalog.errors import MigrationError
from catalog.model.declare import Kind
from catalog.stores.feed import FeedCursor, feed_page
from catalog.stores.layout import EDGE_SYSTEM, NODE_SYSTEM, Tables
from catalog.stores.neo4j.images import FORGET
from catalog.stores.neo4j.session import Bolt, Transaction
from catalog.stores.neo4j.write import LOCK, by_ends, edges_between
from catalog.stores.port import Change, ChangePage

__all__ = ["compile_edges", "compile_places", "read_changes", "replay", "settled"]

_Between = tuple[str, str, str]
"""A type of edges, and the labels of their tails and heads."""


async def read_changes(bolt: Bolt, tables: Tables, since: str, limit: int) -> ChangePage:
    """A page of the feed, in three statements: what is settled, what comes next, and the edges of that.

    Neo4j reads what is committed, not a snapshot: a commit between two scans, or half applied, would be seen in part and
    the cursor would pass the rest. So nothing is answered beyond the last revision known to be wholly there: the one that
    the writers' lock showed when no writer held it.
    """
    cursor = FeedCursor.decode(since)
    params = cursor.params(limit)
    top, types = await settled(bolt)
    if cursor.revision > top:
        return ChangePage([], since, has_next=False)
    journal = _journal(tables)
    params["journal"] = sorted(journal)
    statement = compile_places(tables, tuple(sorted(set(types) - journal)))
    places: dict[str, list[Any]] = dict(await bolt.read(statement, params))
    nodes, snapshots = places.pop("(node)", []), places.pop("(snapshot)", [])
    after = ((revision, id_, type_) for type_, rows in places.items() for revision, id_ in rows)
    next_edges = heapq.nsmallest(limit + 1, after)
    take = Counter(type_ for _, _, type_ in next_edges)
    edges = await _these_edges(bolt, take, params) if take else []
    whole = [[row for row in rows if _is_whole(row)] for rows in (nodes, snapshots, edges)]
    missed = sum(map(len, whole)) < len(nodes) + len(snapshots) + len(edges)
    found = [*_nodes(whole[0], tables), *_snapshots(whole[1], tables), *_edges(whole[2], tables)]
    return feed_page([(at, change) for at, change in found if change.revision <= top], since, limit, more=missed)


async def _these_edges(bolt: Bolt, take: Counter[str], params: Mapping[str, Any]) -> list[Any]:
    """So many edges of each type. Where one lacks an end that may have gone in this moment: if it is missing, it is so again."""
    edges: list[Any] = []
    for _ in range(2):
        answer = await bolt.read(compile_edges(tuple(sorted(take))), {**params, "take": take})
        edges = [row for rows in answer for row in rows]
        if not any(None in row for row in edges):
            break
    return edges


def _is_whole(row: Sequence[Any]) -> bool:
    """Whether what a row tells of stood still while it was read: if not, it comes again, of a later revision."""
    return row[-1] is not None and row[-1].get("revision") == row[0]


async def settled(bolt: Bolt) -> tuple[int, list[str]]:
    """The last revision that is wholly there, and the types of edges there are. Waits for a writer at work, if any.

    That is more than the revision that is read: a commit becomes visible record by record, and in no order.
    """
    revision, top, types = await bolt.read(_STATE, {})
    if revision is None:
        raise MigrationError("the database is not set up: run 'waypost migrate'")
    if revision != top:
        top, types = await bolt.write(lambda tx: tx.value(_SETTLE, {}))
    return top, types


@lru_cache(maxsize=64)
def _places(label_filter: str, types: tuple[str, ...]) -> str:
    nodes = (
        "MATCH (n:Resource) WHERE n.revision >= $revision AND n.urn IS NOT NULL "
        f"AND NOT (n.revision = $revision AND n.urn <= $node){label_filter} "
        "WITH n ORDER BY n.revision, n.urn LIMIT $limit "
        "RETURN '(node)' AS of, "
        "collect([n.revision, [l IN labels(n) WHERE l <> 'Resource'][0], properties(n)]) AS rows"
    )
    snapshots = (
        "MATCH (n:WaypostSnapshot) WHERE n.revision >= $revision AND n.key IS NOT NULL "
        "AND NOT (n.revision = $revision AND n.key <= $snapshot) "
        "WITH n ORDER BY n.revision, n.key LIMIT $limit "
        "RETURN '(snapshot)' AS of, collect([n.revision, n.snapshot_of, properties(n)]) AS rows"
    )
    edges = [
        f"{_after(type_)} WITH r ORDER BY r.revision, r.id LIMIT $limit "
        f"RETURN '{type_}' AS of, collect([r.revision, r.id]) AS rows"
        for type_ in types
    ]
    # Branches of a union, since a list made beside others rides along in every row of those after it.
    branches = " UNION ALL ".join([nodes, snapshots, *edges])
    return f"CALL () {{ {branches} }} RETURN collect([of, rows]) AS found"


def _journal(tables: Tables) -> set[str]:
    """The types of edges that only the journal has."""
    kinds = tables.model.kinds
    return {t for t, found in tables.model.relations.items() if all(kinds[r.tail].journal for r in found)}


def _after(type_: str) -> str:
    besides = " AND NOT r.was IN $journal" if type_ == "WAS" else ""
    return (
        f"MATCH ()-[r:{type_}]->() WHERE r.revision >= $revision AND r.id IS NOT NULL "
        f"AND NOT (r.revision = $revision AND r.id <= $edge){besides}"
    )


def compile_places(tables: Tables, types: tuple[str, ...]) -> str:
    """The statement for nodes and snapshots after a cursor, and the places of edges of these types, all in order.

    Edges are first only placed: an index of one type answers that without touching the edge, and of all types together
    only ``limit`` are wanted. Each type costs the planner some 50 ms once, so only types in use are asked about.
    """
    journal = [f"n:{label}" for label, kind in tables.model.kinds.items() if kind.journal]
    return _places(f" AND NOT ({' OR '.join(journal)})" if journal else "", types)


@lru_cache(maxsize=256)
def compile_edges(types: tuple[str, ...]) -> str:
    """The statement for the first ``$take.<type>`` edges of each type after a cursor."""
    branches = [
        f"{_after(type_)} WITH r ORDER BY r.revision, r.id LIMIT $take.{type_} "
        "RETURN collect([r.revision, coalesce(r.was, type(r)), startNode(r).urn, endNode(r).urn, properties(r)]) AS rows"
        for type_ in types
    ]
    return "CALL () { " + " UNION ALL ".join(branches) + " } RETURN collect(rows) AS found"


def _nodes(found: Sequence[Any], tables: Tables) -> Iterator[tuple[FeedCursor, Change]]:
    for revision, label, stored in found:
        row = _node_row(tables.model.kinds[label], stored)
        yield FeedCursor(revision, 0, row["urn"]), Change(revision, "node", label, row)


def _snapshots(found: Sequence[Any], tables: Tables) -> Iterator[tuple[FeedCursor, Change]]:
    for revision, label, stored in found:
        row = {name: stored[name] for name in ("urn", "recorded_at", "retracted_at", "revision")}
        content = _node_row(tables.model.kinds[label], stored)
        row["content"] = {k: v for k, v in content.items() if k not in ("revision", "retracted_at")}
        yield FeedCursor(revision, 1, stored["key"]), Change(revision, "snapshot", label, row)


def _edges(found: Sequence[Any], tables: Tables) -> Iterator[tuple[FeedCursor, Change]]:
    for revision, type_, tail, head, stored in found:
        names = [*EDGE_SYSTEM, *(p.name for p in tables.model.relations[type_][0].props)]
        row = {"tail": tail, "head": head, **{name: stored.get(name) for name in names}}
        yield FeedCursor(revision, 2, row["id"]), Change(revision, "edge", type_, row)


def _node_row(kind: Kind, stored: dict[str, Any]) -> dict[str, Any]:
    names = [*NODE_SYSTEM, *(p.name for p in kind.properties)]
    return {name: stored.get(name) for name in names}


async def replay(tx: Transaction, changes: Sequence[Change], tables: Tables) -> int:
    """Upsert changes: nodes by urn, snapshots by key, edges by id. What is here of a later revision stays.

    An edge may come before its ends, if they changed again after it. Such an end is made with its urn alone, which no
    read sees, until its own change comes.
    """
    _, first_new, key_as_hex = await tx.value(LOCK, {})
    opaque_key = bytes.fromhex(key_as_hex)
    nodes: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    snapshots: list[dict[str, Any]] = []
    edges: dict[str, dict[int, dict[str, Any]]] = defaultdict(dict)
    for change in sorted(changes, key=lambda c: c.revision):
        row = change.row
        if change.what == "node":
            nodes[change.type][row["urn"]] = row
        elif change.what == "snapshot":
            key = f"{row['urn']}|{row['revision']}"
            kept = {k: v for k, v in row.items() if k != "content"}
            snapshots.append({**row["content"], **kept, "snapshot_of": change.type, "key": key})
        else:
            edges[change.type][row["id"]] = row
    for label, found in nodes.items():
        layout = tables.by_label[label]
        rows = [{**row, **layout.derive(urn, row, opaque_key)} for urn, row in found.items()]
        await tx.run(_NODES.replace(":Kind", f":{label}"), {"rows": rows})
    await tx.run(_SNAPSHOTS, {"rows": snapshots})
    between = {
        (type_, *ends): rows
        for type_, by_id in edges.items()
        for ends, rows in by_ends(by_id.values(), tables, "tail", "head").items()
    }
    await _make_ends(tx, between)
    for each, rows in between.items():
        await _replay_edges(tx, each, rows, first_new)
    last = max((c.revision for c in changes), default=0)
    next_edge = max((id_ for by_id in edges.values() for id_ in by_id), default=0) + 1
    types = sorted({*edges, "WAS"} if edges else ())
    await tx.run(FORGET, {})
    return await tx.value(_ADVANCE, {"revision": last, "next_edge": next_edge, "types": types})


async def _make_ends(tx: Transaction, between: Mapping[_Between, Sequence[dict[str, Any]]]) -> None:
    """Make the ends of these edges that are not here yet, with their URNs alone."""
    of_label: dict[str, set[str]] = defaultdict(set)
    for (_, tail, head), rows in between.items():
        of_label[tail].update(row["tail"] for row in rows)
        of_label[head].update(row["head"] for row in rows)
    for label, urns in of_label.items():
        await tx.run(f"UNWIND $urns AS u MERGE (n:{label} {{urn: u}})", {"urns": sorted(urns)})


async def _replay_edges(tx: Transaction, between: _Between, rows: list[dict[str, Any]], first_new: int) -> None:
    """Make edges of a type between nodes of two kinds; those of a number that was never given here replace none."""
    type_, tail, head = between
    ends = f"UNWIND $rows AS row MATCH (a:{tail} {{urn: row.tail}}) MATCH (b:{head} {{urn: row.head}})"
    known = f"MATCH (a)-[r:{type_}|WAS]->(b) WHERE r.id = row.id"
    older = [{name: row[name] for name in ("tail", "head", "id", "revision")} for row in rows if row["id"] < first_new]
    if older:
        older_ones = f"{edges_between(f'{type_}|WAS')} WITH row, r WHERE r.id = row.id AND r.revision <= row.revision"
        await tx.run(f"{ends} {older_ones} DELETE r", {"rows": older})
    found: dict[tuple[bool, bool], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        was = row["retracted_at"] != "~"
        made = {"tail": row["tail"], "head": row["head"], "id": row["id"], "props": _stored(row, type_, was)}
        found[was, row["id"] >= first_new].append(made)
    for (was, is_new), made in found.items():
        unless = "" if is_new else f"WITH a, b, row WHERE NOT EXISTS {{ {known} }} "
        create = f"CREATE (a)-[w:{'WAS' if was else type_}]->(b) SET w = row.props"
        await tx.run(f"{ends} {unless}{create}", {"rows": made})


def _stored(row: dict[str, Any], type_: str, was: bool) -> dict[str, Any]:
    kept = {k: v for k, v in row.items() if k not in ("tail", "head")}
    return {**kept, "was": type_} if was else kept


_NODES = """
UNWIND $rows AS row
MERGE (n:Kind {urn: row.urn})
WITH n, row WHERE n.revision IS NULL OR n.revision <= row.revision
SET n:Resource, n = row
"""
_SNAPSHOTS = "UNWIND $rows AS row MERGE (n:WaypostSnapshot {revision: row.revision, key: row.key}) SET n = row"
_STATE = "OPTIONAL MATCH (m:WaypostMeta {id: 1}) RETURN [m.revision, m.settled, m.types]"
_SETTLE = """
MATCH (m:WaypostMeta {id: 1})
SET m.lock = randomUUID()
WITH m
SET m.settled = m.revision
RETURN [m.settled, m.types]
"""
_ADVANCE = """
MATCH (m:WaypostMeta {id: 1})
SET m.revision = CASE WHEN m.revision < $revision THEN $revision ELSE m.revision END,
    m.next_edge = CASE WHEN m.next_edge < $next_edge THEN $next_edge ELSE m.next_edge END,
    m.types = m.types + [t IN $types WHERE NOT t IN m.types]
RETURN m.revision
"""
