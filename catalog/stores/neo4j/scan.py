"""A scan: all nodes of a label and all relationships of a type, a statement each.

Nodes go by the database's own ids until all is read: it has these at hand, and reads a URN in twice the time. What heads are is
told by the ids that are known, so that no label of theirs is looked at.

Neo4j reads what is committed, record by record. So what is read begins with a revision that is wholly there, and is read again
where that is not the last afterwards.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from catalog.errors import StoreTimeout
from catalog.stores.neo4j.changes import settled
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
)
from catalog.stores.scanning import Scanning
from catalog.uncollected import uncollected
from catalog.values import ALWAYS, NEVER

__all__ = ["scan"]

Rows = list[Any]
Columns = list[Sequence[Any]]
Take = Callable[[Rows], None]

_ATTEMPTS = 5
_AT_ONCE = 2
"""Statements that are read at once: while one is unpacked, the database is at the next."""
_OPEN: dict[str, str | None] = {ALWAYS: None, NEVER: None}
_REVISION = "MATCH (m:WaypostMeta {id: 1}) RETURN m.revision"


async def scan(bolt: Bolt, shape: RScan, params: Mapping[str, Any]) -> Scanned:
    """Read what a shape names. Raises StoreTimeout where others write all the time."""
    for _ in range(_ATTEMPTS):
        revision, _ = await settled(bolt)
        with uncollected():
            found = await _scanning(bolt, shape, params)
        if await bolt.read(_REVISION, {}) == revision:
            return found.answer(revision)
    raise StoreTimeout(f"the graph was written to while it was read, {_ATTEMPTS} times: try again")


async def _scanning(bolt: Bolt, shape: RScan, params: Mapping[str, Any]) -> Scanning:
    """Read every statement, several at a time; their answers are taken in order."""
    found, room = Scanning(shape), asyncio.Semaphore(_AT_ONCE)

    async def read(statement: str) -> Any:
        async with room:
            return await bolt.read(statement, params)

    statements = list(_statements(shape, found))
    answers = deque(asyncio.create_task(read(text)) for _, text in statements)
    try:
        for take, _ in statements:
            take(await answers[0])
            answers.popleft()
    finally:
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)
    return found


def _statements(shape: RScan, found: Scanning) -> Iterator[tuple[Take, str]]:
    """Every statement, with what takes its answer; in an order in which it can be taken."""
    for of in shape.in_order():
        match of:
            case RScannedNodes():
                yield partial(_take_nodes, found, of), _nodes(of)
            case RScannedParts():
                yield partial(_take_parts, found, of), _parts(of)
            case RScannedLists():
                yield partial(_take_lists, found, of), _lists(of)
            case RScannedJoins():
                yield partial(_take_joins, found, of), _joins(of)
            case RScannedEdges():
                yield partial(_take_edges, found, of), _edges(of)


def _take_nodes(found: Scanning, of: RScannedNodes, rows: Rows) -> None:
    found.nodes(of, _columns(rows, 4 + len(of.fields)))


def _take_parts(found: Scanning, of: RScannedParts, rows: Rows) -> None:
    tails, keys, *whole, rare = _columns(rows, 3 + len(of.nodes.fields))
    found.parts(of, [tails, list(map(tuple, keys)), *(list(map(tuple, column)) for column in whole), rare])


def _take_joins(found: Scanning, of: RScannedJoins, columns: Rows) -> None:
    count, fields = len(of.edges), of.nodes.fields
    ends = [_days(column) for column in columns[1 + count : 1 + 2 * count]]
    found.joins(of, [*columns[: 1 + count], *ends, *(_columns(columns[-1], len(fields)) if fields else ())])


def _take_edges(found: Scanning, of: RScannedEdges, columns: Rows) -> None:
    tails, heads, since, until, *facts = columns
    found.edges(of, [tails, heads, _days(since), _days(until), *(_columns(facts[0], len(of.facts)) if facts else ())])


def _take_lists(found: Scanning, of: RScannedLists, rows: Rows) -> None:
    tails, heads = _columns(rows, 2)
    found.lists(of, [tails, list(map(tuple, heads))])


def _days(stored: Sequence[str]) -> Sequence[str | None]:
    return [_OPEN.get(day, day) for day in stored]


def _columns(rows: Rows, width: int) -> Columns:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _nodes(of: RScannedNodes) -> str:
    columns = ["elementId(n)", "n.urn", *_span("n"), *(_value("n", field) for field in of.fields)]
    return (
        f"RETURN COLLECT {{ {_match('n', of.label, of.only)} WHERE {_standing(of)} WITH n ORDER BY n.urn LIMIT {MAX_SCANNED + 1} "
        f"RETURN [{', '.join(columns)}] }} AS found"
    )


def _parts(of: RScannedParts) -> str:
    end = "CASE WHEN e.valid_to < n.valid_to THEN e.valid_to ELSE n.valid_to END"
    whole = ["elementId(n)", *(_value("n", field) for field in of.nodes.fields)]
    rare = [_value("n", field) for field in of.rare]
    values = ", ".join(["elementId(n)", f"nullIf({end}, '{NEVER}')", *rare])
    some = " OR ".join([f"{each}.valid_to <> '{NEVER}'" for each in "en"] + [f"{each} IS NOT NULL" for each in rare])
    columns = [*whole, f"CASE WHEN {some} THEN [{values}] END"]
    collected = ", ".join(f"collect({column}) AS c{at}" for at, column in enumerate(columns))
    return (
        f"RETURN COLLECT {{ {_match('t', of.tail, of.only)}-[e:{of.type}]->(n:{of.nodes.label}) "
        f"WHERE {_standing(of.nodes)} "
        f"WITH t, {collected} RETURN [elementId(t), {', '.join(f'c{at}' for at in range(len(columns)))}] }} AS found"
    )


def _joins(of: RScannedJoins) -> str:
    """Answers columns, as ``_edges`` does."""
    patterns = [f"(n)-[e{at}:{edge.type}]->(h{at})" for at, edge in enumerate(of.edges)]
    heads = [f"elementId(h{at})" for at in range(len(patterns))]
    columns = ["elementId(n)", *heads, *(f"e{at}.valid_to" for at in range(len(patterns)))]
    columns += [f"[{', '.join(_value('n', field) for field in of.nodes.fields)}]"] * bool(of.nodes.fields)
    return (
        f"{_match('n', of.nodes.label, of.nodes.only)} WHERE {_standing(of.nodes)} MATCH {', '.join(patterns)} "
        f"WITH * ORDER BY n.urn LIMIT {MAX_SCANNED + 1} "
        f"RETURN [{', '.join(f'collect({column})' for column in columns)}] AS found"
    )


def _edges(of: RScannedEdges) -> str:
    """Answers columns: of what is never missing. The values of facts, which may be, stand in a list an edge."""
    columns = [
        "elementId(t)",
        "elementId(h)",
        "e.valid_from",
        "e.valid_to",
        f"[{', '.join(_value('e', fact) for fact in of.facts)}]",
    ]
    collected = ", ".join(f"collect({column})" for column in columns[: 5 if of.facts else 4])
    return f"{_match('t', of.tail, of.only)}-[e:{of.type}]->(h) RETURN [{collected}] AS found"


def _lists(of: RScannedLists) -> str:
    return (
        f"RETURN COLLECT {{ {_match('t', of.tail, of.only)}-[:{of.type}]->(h) "
        f"WITH t, collect(elementId(h)) AS heads RETURN [elementId(t), heads] }} AS found"
    )


def _match(alias: str, label: str, only: str | None) -> str:
    """The beginning of a pattern: nodes of a label, or those of them that alone are read."""
    if only is None:
        return f"MATCH ({alias}:{label})"
    return f"UNWIND ${only} AS urn MATCH ({alias}:{label} {{urn: urn}})"


def _standing(of: RScannedNodes) -> str:
    return f"n.retracted_at = '~' AND {full('n', of.needs)}"


def _span(alias: str) -> tuple[str, str]:
    return f"nullIf({alias}.valid_from, '{ALWAYS}')", f"nullIf({alias}.valid_to, '{NEVER}')"


def _value(alias: str, field: Field) -> str:
    return "null" if field.hidden else f"{alias}.{field.name}"
