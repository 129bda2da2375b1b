"""A scan: all nodes of a label and all relationships of a type, a statement each.

Nodes go by the database's own ids until all is read: it has these at hand, and reads a URN in twice the time. What heads are is
told by the ids that are known, so that no label of theirs is looked at.

Neo4j reads what is committed, record by record. So what is read begins with a revision that is wholly there, and is read again
where that is not the last afterwards.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, pairwise
from typing import Any, TypeVar

import msgspec

from catalog.errors import StoreTimeout
from catalog.model.declare import Shape
from catalog.stores.neo4j.changes import settled
from catalog.stores.neo4j.compile import full
from catalog.stores.neo4j.session import Bolt
from catalog.stores.port import Scanned
from catalog.stores.resolve import Field
from catalog.stores.scan import (
    RScan,
    RScanned,
    RScannedEdges,
    RScannedJoins,
    RScannedLists,
    RScannedNodes,
    RScannedParts,
    kind_taken,
    taken_before,
)
from catalog.stores.scanning import Scanning, Texts, check_count
from catalog.uncollected import uncollected
from catalog.values import ALWAYS, NEVER

__all__ = ["scan"]

T = TypeVar("T")
Rows = list[Any]
Id = int | str
Columns = list[Sequence[Any]]
Keep = Callable[[Any], Columns]
"""What to keep of a record, told while the next is on its way."""
Take = Callable[[list[Columns]], None]
"""Takes what was kept of all records of a statement."""

_ATTEMPTS = 5
_AT_ONCE = 2
"""Statements that are read at once: while one is unpacked, the database is at the next."""
_PIECE = 2_000
"""Nodes of which a record tells: one of all would be hundreds of megabytes, here and there."""
_OPEN: dict[str, str | None] = {ALWAYS: None, NEVER: None}
_STARTS = (
    "MATCH (a:{label}) WITH a.urn AS urn ORDER BY urn WITH collect(urn) AS urns "
    "RETURN [at IN range($piece, size(urns) - 1, $piece) | urns[at]]"
)
"""The urns with which pieces begin, but for the first."""
_REVISION = "MATCH (m:WaypostMeta {id: 1}) RETURN m.revision"


async def scan(bolt: Bolt, shape: RScan, params: Mapping[str, Any]) -> Scanned:
    """Read what a shape names. Raises StoreTimeout where others write all the time."""
    for _ in range(_ATTEMPTS):
        revision, _ = await settled(bolt)
        with uncollected():
            pieces = {} if shape.known is not None else await _pieces(bolt, shape)
            found = await _scanning(bolt, shape, {**params, **pieces})
        if await bolt.read(_REVISION, {}) == revision:
            return found.answer(revision)
    raise StoreTimeout(f"the graph was written to while it was read, {_ATTEMPTS} times: try again")


async def _scanning(bolt: Bolt, shape: RScan, params: Mapping[str, Any]) -> Scanning:
    """Read every statement, several at a time. An answer is taken as soon as it can be: taken it needs less memory."""
    found, room = Scanning(shape), asyncio.Semaphore(_AT_ONCE)
    taken: dict[str | None, asyncio.Event] = defaultdict(asyncio.Event)
    for each in shape.nothing():
        taken[kind_taken(each)].set()

    async def read(of: RScanned, take: Take, keep: Keep, statement: str) -> None:
        async with room:
            records = await bolt.read_each(statement, params, partial(_keep, of, keep))
        for label in taken_before(of):
            await taken[label].wait()
        take(records)
        taken[kind_taken(of)].set()

    answers = [asyncio.create_task(read(*each)) for each in _statements(shape, found)]
    try:
        await asyncio.gather(*answers)
    finally:
        for answer in answers:
            answer.cancel()
        await asyncio.gather(*answers, return_exceptions=True)
    return found


def _statements(shape: RScan, found: Scanning) -> Iterator[tuple[RScanned, Take, Keep, str]]:
    """Every statement, with what keeps of each record what is taken in the end; what takes longest comes first."""
    ids = _Ids()
    for of in shape.in_order():
        match of:
            case RScannedNodes():
                yield of, partial(_take_nodes, found, of), partial(_keep_nodes, ids, of), _nodes(of)
            case RScannedParts():
                yield of, partial(_take_parts, found, of), partial(_keep_parts, ids, of), _parts(of)
            case RScannedLists():
                yield of, partial(_take_lists, found, ids, of), partial(_keep_lists, ids), _lists_of(of)
            case RScannedJoins():
                yield of, partial(_take_joins, found, of), partial(_keep_ends, ids, 1 + len(of.edges)), _joins(of)
            case RScannedEdges():
                yield of, partial(_take_edges, found, of), partial(_keep_ends, ids, 2), _edges(of)


class _Ids:
    """Ids of the database, without what all begin with, as numbers: there are millions, and most of each is alike."""

    def __init__(self) -> None:
        self._begin = ""

    def short(self, ids: Sequence[str]) -> list[Id]:
        """The ids so. What begins otherwise, or does not end with a number, stays as it is, so that no two become one."""
        if not self._begin and ids:
            self._begin = ids[0][: ids[0].rfind(":") + 1]
        begin = self._begin
        ends = [id_.removeprefix(begin) for id_ in ids]
        return [int(end) if end.isdecimal() and end[0] != "0" else end for end in ends]


def _alike(values: Iterable[T]) -> list[T]:
    """The values; of those that are equal, as many are, one."""
    known: dict[T, T] = {}
    return [known.setdefault(each, each) for each in values]


def _lists(values: Iterable[list[Any] | None]) -> list[tuple[Any, ...] | None]:
    return _alike(None if each is None else tuple(each) for each in values)


def _keep(of: RScanned, keep: Keep, records: list[Columns], record: Any) -> None:
    """Keep one more record, unless what they tell of is too much."""
    records.append(keep(record))
    if isinstance(of, RScannedNodes | RScannedJoins):
        check_count(sum(len(columns[0]) for columns in records), _label(of))


def _sorted(ids: Iterable[Hashable]) -> tuple[Hashable, ...]:
    return tuple(sorted(ids, key=str))


def _keep_nodes(ids: _Ids, of: RScannedNodes, rows: Rows) -> Columns:
    own, urns, since, until, *columns = _columns(rows, 4 + len(of.fields))
    fields = zip(of.fields, columns, strict=True)
    read = [_lists(column) if field.shape is Shape.TEXTS else _alike(column) for field, column in fields]
    return [ids.short(own), urns, _alike(since), _alike(until), *read]


def _keep_parts(ids: _Ids, of: RScannedParts, rows: Rows) -> Columns:
    ordered = list(map(_ordered, rows)) if of.nodes.fields else rows
    tails, keys, *whole, rare = _columns(ordered, 3 + len(of.nodes.fields))
    read = [
        [Texts.of(msgspec.json.encode(some).decode()) for some in column] if field.name == "urn" else _lists(column)
        for field, column in zip(of.nodes.fields, whole, strict=True)
    ]
    short = [[[*ids.short(some[:1]), *some[1:]] for some in each] for each in rare]
    return [ids.short(tails), [tuple(ids.short(some)) for some in keys], *read, short]


def _ordered(row: Sequence[Any]) -> Rows:
    """The row of a tail with its parts in the order of their first field: as they come, hardly two tails have the same names."""
    tail, *columns, rare = row
    order = sorted(range(len(columns[0])), key=columns[1].__getitem__)
    return [tail, *([column[place] for place in order] for column in columns), rare]


def _keep_lists(ids: _Ids, rows: Rows) -> Columns:
    tails, heads = _columns(rows, 2)
    # They wait for what they lead to, and a text is a quarter of the same in pieces.
    return [ids.short(tails), [" ".join(map(str, ids.short(some))) for some in heads]]


def _keep_ends(ids: _Ids, ends: int, columns: Columns) -> Columns:
    return [*map(ids.short, columns[:ends]), *columns[ends:]]


def _take_nodes(found: Scanning, of: RScannedNodes, records: list[Columns]) -> None:
    found.nodes(of, _joined(records, 4 + len(of.fields)))


def _take_parts(found: Scanning, of: RScannedParts, records: list[Columns]) -> None:
    found.parts(of, _joined(records, 3 + len(of.nodes.fields)))


def _take_lists(found: Scanning, ids: _Ids, of: RScannedLists, records: list[Columns]) -> None:
    """A list of all parts of a tail is the very tuple of these, whatever its order: most flows carry whole datasets."""
    tails, texts = _joined(records, 2)
    parts = {_sorted(keys): keys for keys in found.keys[of.label]}
    heads = (_sorted(ids.short(text.split())) for text in texts)
    found.lists(of, [tails, [parts.get(keys, keys) for keys in heads]])


def _take_joins(found: Scanning, of: RScannedJoins, records: list[Columns]) -> None:
    count, fields = len(of.edges), of.nodes.fields
    columns = _joined(records, 1 + 2 * count + bool(fields))
    ends = [_days(column) for column in columns[1 + count : 1 + 2 * count]]
    found.joins(of, [*columns[: 1 + count], *ends, *(_columns(columns[-1], len(fields)) if fields else ())])


def _take_edges(found: Scanning, of: RScannedEdges, records: list[Columns]) -> None:
    tails, heads, since, until, *facts = _joined(records, 4 + bool(of.facts))
    found.edges(of, [tails, heads, _days(since), _days(until), *(_columns(facts[0], len(of.facts)) if facts else ())])


def _joined(records: list[Columns], width: int) -> Columns:
    return [list(chain.from_iterable(columns)) for columns in zip(*records, strict=True)] if records else [()] * width


def _days(stored: Sequence[str]) -> Sequence[str | None]:
    return [_OPEN.get(day, day) for day in stored]


def _columns(rows: Sequence[Any], width: int) -> Columns:
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _nodes(of: RScannedNodes) -> str:
    columns = ["elementId(n)", "n.urn", *_span("n"), *(_value("n", field) for field in of.fields)]
    rest = f"WHERE {_standing(of)} WITH n ORDER BY n.urn RETURN collect([{', '.join(columns)}]) AS found"
    return _in_pieces("n", of.label, of.only, rest)


def _parts(of: RScannedParts) -> str:
    end = "CASE WHEN e.valid_to < n.valid_to THEN e.valid_to ELSE n.valid_to END"
    whole = ["elementId(n)", *(_value("n", field) for field in of.nodes.fields)]
    rare = [_value("n", field) for field in of.rare]
    values = ", ".join(["elementId(n)", f"nullIf({end}, '{NEVER}')", *rare])
    some = " OR ".join([f"{each}.valid_to <> '{NEVER}'" for each in "en"] + [f"{each} IS NOT NULL" for each in rare])
    columns = [*whole, f"CASE WHEN {some} THEN [{values}] END"]
    collected = ", ".join(f"collect({column}) AS c{at}" for at, column in enumerate(columns))
    row = ["elementId(t)", *(f"c{at}" for at in range(len(columns)))]
    rest = (
        f"MATCH (t)-[e:{of.type}]->(n:{of.nodes.label}) WHERE {_standing(of.nodes)} "
        f"WITH t, {collected} RETURN collect([{', '.join(row)}]) AS found"
    )
    return _in_pieces("t", of.tail, of.only, rest)


def _joins(of: RScannedJoins) -> str:
    """Answers columns, as ``_edges`` does."""
    patterns = [f"(n)-[e{at}:{edge.type}]->(h{at})" for at, edge in enumerate(of.edges)]
    heads = [f"elementId(h{at})" for at in range(len(patterns))]
    columns = ["elementId(n)", *heads, *(f"e{at}.valid_to" for at in range(len(patterns)))]
    columns += [f"[{', '.join(_value('n', field) for field in of.nodes.fields)}]"] * bool(of.nodes.fields)
    rest = (
        f"WHERE {_standing(of.nodes)} MATCH {', '.join(patterns)} WITH * ORDER BY n.urn "
        f"RETURN [{', '.join(f'collect({column})' for column in columns)}] AS found"
    )
    return _in_pieces("n", of.nodes.label, of.nodes.only, rest)


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
    return _in_pieces("t", of.tail, of.only, f"MATCH (t)-[e:{of.type}]->(h) RETURN [{collected}] AS found")


def _lists_of(of: RScannedLists) -> str:
    rest = f"MATCH (t)-[:{of.type}]->(h) WITH t, collect(elementId(h)) AS heads RETURN collect([elementId(t), heads]) AS found"
    return _in_pieces("t", of.tail, of.only, rest)


def _in_pieces(alias: str, label: str, only: str | None, rest: str) -> str:
    """What is found of nodes of a label, a piece after the other (``_pieces``); ``rest`` follows a match of these."""
    if only is not None:
        return f"UNWIND ${only} AS urn MATCH ({alias}:{label} {{urn: urn}}) {rest}"
    return (
        f"UNWIND $pieces_{label} AS piece CALL (piece) {{ MATCH ({alias}:{label}) "
        f"WHERE piece[0] <= {alias}.urn AND {alias}.urn < piece[1] WITH {alias} {rest} }} RETURN found"
    )


async def _pieces(bolt: Bolt, shape: RScan) -> dict[str, list[list[str]]]:
    """The pieces in which kinds are read, as parameters: the urn with which each begins, and the next."""
    labels = sorted({_label(of) for of in shape.in_order()})
    counts = await bolt.read(f"RETURN [{', '.join(f'COUNT {{ (:{label}) }}' for label in labels)}]", {})
    found: dict[str, list[list[str]]] = {}
    for label, count in zip(labels, counts, strict=True):
        starts: list[str] = []
        if count > _PIECE:
            starts = await bolt.read(_STARTS.format(label=label), {"piece": _PIECE})
        found[f"pieces_{label}"] = [[*each] for each in pairwise(["", *starts, NEVER])]
    return found


def _label(of: RScanned) -> str:
    match of:
        case RScannedNodes():
            return of.label
        case RScannedJoins():
            return of.nodes.label
        case _:
            return of.tail


def _standing(of: RScannedNodes) -> str:
    return f"n.retracted_at = '~' AND {full('n', of.needs)}"


def _span(alias: str) -> tuple[str, str]:
    return f"nullIf({alias}.valid_from, '{ALWAYS}')", f"nullIf({alias}.valid_to, '{NEVER}')"


def _value(alias: str, field: Field) -> str:
    return "null" if field.hidden else f"{alias}.{field.name}"
