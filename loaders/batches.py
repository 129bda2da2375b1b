"""The records of a source in batches, made ready for a write; those of a large one by a process beside this one.

To read a record and to make its stored form takes nearly as long as to write it, and needs to know nothing of the graph. So of a
large source that is done by another process, which is two batches ahead: it waits while nobody takes what it has.
"""

from __future__ import annotations

import asyncio
import copyreg
import gc
import io
import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections import ChainMap
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from dataclasses import fields
from functools import partial
from operator import attrgetter
from typing import IO, Any, cast

import msgspec
from msgspec.structs import replace

from catalog.batch import EdgeStatement, NodeStatement, Prepared
from catalog.errors import InvalidRecord
from catalog.model import MODEL
from catalog.model.declare import Relation
from catalog.stores.layout import Tables
from loaders.beside import answers, command, environment, receive, send
from loaders.errors import LoaderError
from loaders.fetch import Content
from loaders.record import Loader, Record

__all__ = ["BATCH_STATEMENTS", "MANY", "batches", "few_collections", "main", "packed", "read"]

BATCH_STATEMENTS = 8_000
"""Statements that are gathered before they are written: large enough to be quick, small enough to interrupt."""

LARGEST_BATCH = 30_000
"""The most that are gathered, of a large source: the more at once, the fewer times is a page of an index written."""
_SHARE = 4
"""A batch of a large source may be this part of what came before it."""

MANY = 5_000
"""Records of which a process of their own is worth its start."""

_TABLES = Tables(MODEL)
_VALUES = attrgetter(*(each.name for each in fields(Record)))
_RELATIONS = {(each.tail, each.name): each for found in MODEL.relations.values() for each in found}


def batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Records in lists of about BATCH_STATEMENTS statements, and of up to LARGEST_BATCH after many."""
    held: list[Record] = []
    size = before = 0
    for record in records:
        held.append(record)
        size += len(record.nodes) + len(record.edges) + len(record.restates)
        if size >= min(LARGEST_BATCH, max(BATCH_STATEMENTS, before // _SHARE)):
            yield held
            before += size
            held, size = [], 0
    if held:
        yield held


@contextmanager
def few_collections() -> Generator[None]:
    """Look for cycles of garbage now and then only: what a batch states lives until it is written, and has none.

    Looked for as often as usual, it made a first load of 20,000 datasets take 1.3 times as much of the processor, and one
    that changes nothing 1.5 times.
    """
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)


@asynccontextmanager
async def read(loader: Loader) -> AsyncGenerator[AsyncGenerator[list[Record]]]:
    """The records of a source in batches, in its order, also those that have a problem. Raises LoaderError.

    Where there are ``MANY``, another process begins to read them now; it is gone when the context is left.
    """
    if not loader.local or (loader.expected or 0) < MANY:
        yield _here(loader)
        return
    try:
        process = _start(loader)
    except OSError as error:
        message = (
            f"{loader.location}: no process can be started to read it ({error.strerror}): make room, and load it again"
        )
        raise LoaderError("unreadable", message) from error
    with process, ThreadPoolExecutor(1) as receiver:
        try:
            yield _there(process, receiver, loader.location)
        finally:
            process.kill()


async def _here(loader: Loader) -> AsyncGenerator[list[Record]]:
    for batch in batches(loader.records()):
        yield batch


async def _there(
    process: subprocess.Popen[bytes], receiver: ThreadPoolExecutor, location: str
) -> AsyncGenerator[list[Record]]:
    output = cast("IO[bytes]", process.stdout)
    following = receiver.submit(_receive, output)
    while True:
        try:
            found = await asyncio.wrap_future(following)
            # The next one is received, and read, while this one is written: of that much is waiting for the disk.
            following = receiver.submit(_receive, output)
        except (EOFError, pickle.UnpicklingError) as error:
            message = f"{location}: the process that read it ended before its last record: load it again"
            raise LoaderError("unreadable", message) from error
        if isinstance(found, LoaderError):
            raise found
        if not found:
            return
        yield found


def _receive(output: IO[bytes]) -> list[Record] | LoaderError:
    return pickle.loads(receive(output))  # noqa: S301 - it is ours, and runs this very code


def _start(loader: Loader) -> subprocess.Popen[bytes]:
    """A process that reads the records of this loader."""
    with tempfile.TemporaryFile() as given:
        pickler = _Pickler(given)
        pickler.dump(loader)
        given.seek(0)
        # An interrupt from the keyboard is for this process alone, which ends the other.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
        try:
            return subprocess.Popen(
                command("loaders.batches"),
                env=environment(),
                stdin=given,
                stdout=subprocess.PIPE,
                pass_fds=pickler.descriptors,
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def main() -> None:
    """What the other process does: takes a loader from its input, and answers with the batches of its records."""
    answer = answers()
    with few_collections():
        loader: Loader = pickle.load(sys.stdin.buffer)  # noqa: S301 - as above
        try:
            for found in _answers(loader):
                send(answer, packed(found))
        except BrokenPipeError:
            # Whoever asked is gone.
            os._exit(1)


def _answers(loader: Loader) -> Iterator[list[Record] | LoaderError]:
    """The batches, and an empty one after the last; or why there are no more."""
    try:
        for batch in batches(loader.records()):
            _prepare(batch)
            yield batch
        yield []
    except LoaderError as error:
        yield error


def packed(found: list[Record] | LoaderError) -> memoryview:
    """What this process answers, as it travels to the other."""
    written = io.BytesIO()
    _Pickler(written).dump(found)
    return written.getbuffer()


class _Pickler(pickle.Pickler):
    """Writes what travels between the two processes in the fewest words: relations, say, by their names."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        descriptors: list[int] = []
        own: dict[type, Callable[[Any], Any]] = {
            # It must not know of this pickler, which knows all that it wrote: they would be kept, a batch as one circle.
            Content: partial(_content, descriptors),
            Relation: lambda each: (_relation, (each.tail, each.name)),
            NodeStatement: lambda each: (NodeStatement, (each.entity, each.audience, each.valid_from, each.valid_to)),
            EdgeStatement: _edge,
            Prepared: lambda each: (Prepared, (each.urn, each.label, each.stored, each.derived, each.digest)),
            Record: _record,
        }
        self.descriptors = descriptors
        """Those that the other process must be given to read it."""
        self.dispatch_table = ChainMap(own, copyreg.dispatch_table)


def _content(descriptors: list[int], content: Content) -> tuple[Any, ...]:
    shared = content.share()
    descriptors.append(shared.descriptor)
    return Content.of, (shared,)


def _relation(tail: str, name: str) -> Relation:
    return _RELATIONS[tail, name]


def _edge(each: EdgeStatement) -> tuple[Any, ...]:
    ends = (each.relation, each.tail, each.head)
    if each.valid_from is None and each.valid_to is None and not each.props:
        return EdgeStatement, ends
    return EdgeStatement, (*ends, each.valid_from, each.valid_to, each.props)


def _record(each: Record) -> tuple[Any, ...]:
    # Few that can be read are refused by the store: the words of the others are never taken apart again.
    raw = each.raw if each.problem else msgspec.Raw(msgspec.json.encode(each.raw))
    place, _, *said = _VALUES(each)
    return Record, (place, raw, *said)


def _prepare(batch: list[Record]) -> None:
    """Give the nodes of these records their stored form, once where many records state one alike.

    A node that has none stays as it is, and is refused by the plan.
    """
    made: dict[str, tuple[NodeStatement, NodeStatement]] = {}
    for record in batch:
        for number, node in enumerate(record.nodes):
            stated, ready = made.get(node.entity.urn, (None, node))
            if stated != node:
                ready = _prepared(node)
                made[node.entity.urn] = node, ready
            record.nodes[number] = ready


def _prepared(node: NodeStatement) -> NodeStatement:
    entity = node.entity
    if isinstance(entity, Prepared):
        return node
    try:
        return replace(node, entity=_TABLES.by_label[type(entity).__name__].prepared(entity))
    except InvalidRecord:
        return node
