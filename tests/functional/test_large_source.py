"""A large source is read by a process of its own: what it says is the same, and it leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from catalog.batch import EdgeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset
from catalog.stores.layout import Tables
from catalog.stores.sqlite.store import SqliteStore
from catalog.urn import key
from loaders.batches import MANY, read
from loaders.dcat_us.loader import DcatUsLoader
from loaders.errors import LoaderError
from loaders.pipeline import load
from loaders.record import Record
from tests.support.compare import GraphContent, content_of
from tests.support.patience import PATIENCE

SOME = 200
"""Datasets more than make a source large."""


def dataset(number: int, **more: Any) -> dict[str, Any]:
    publisher = {"name": f"Agency {number % 7}", "subOrganizationOf": {"name": "State"}}
    forms = [{"format": form, "downloadURL": f"https://x.example/{number}"} for form in ("csv", "pdf")]
    title = f"Dataset {number} été" if number % 5 == 0 else f"Dataset {number}"
    return {"identifier": f"d{number}", "title": title, "publisher": publisher, "distribution": forms, **more}


def written(tmp_path: Path, description: str = "") -> Path:
    """A large catalog with some that the loader keeps out."""
    datasets = [dataset(number, description=description) for number in range(MANY + SOME)]
    datasets[3] = {"identifier": "d3"}
    datasets[-2] = dataset(1)
    path = tmp_path / "large.json"
    path.write_text(json.dumps({"dataset": datasets}), encoding="utf-8")
    return path


class Faulty(DcatUsLoader):
    """A loader that errs: of two datasets, what it says is none of what a store keeps."""

    def records(self) -> Iterator[Record]:
        """Dataset 10 is held by nobody who is known, and the title of dataset 20 is no text."""
        for index, record in enumerate(super().records()):
            if index == 10:
                nowhere = key("agency", "nowhere")
                record.edges.append(EdgeStatement(Dataset.held_by, record.nodes[0].entity.urn, nowhere))
            elif index == 20:
                stated = record.nodes[0].entity
                assert isinstance(stated, Dataset)
                record.nodes[0] = structs.replace(record.nodes[0], entity=replace(stated, title="a\0b"))
            yield record


def loaded(runner: asyncio.Runner, loader: DcatUsLoader, tmp_path: Path, name: str) -> tuple[GraphContent, Any, Any]:
    async def work() -> tuple[GraphContent, Any, Any]:
        store = SqliteStore.open(tmp_path / name, Tables(MODEL), opaque_key=bytes(16))
        try:
            await store.migrate()
            first = await load(loader, store)
            again = await load(loader, store)
            page = await store.changes("", 10_000)
            changes = list(page.changes)
            while page.has_next:
                page = await store.changes(page.cursor, 10_000)
                changes += page.changes
            return content_of(changes, MODEL), first, again
        finally:
            await store.close()

    return runner.run(work())


def test_what_another_process_reads_is_what_this_one_would(tmp_path: Path, runner: asyncio.Runner) -> None:
    path = str(written(tmp_path))
    here = Faulty.open(path, as_of=date(2021, 1, 1))
    # Of a source of which nobody knows how large it is.
    here.expected = None
    graph, first, again = loaded(runner, Faulty.open(path, as_of=date(2021, 1, 1)), tmp_path, "there.db")
    graph_here, first_here, again_here = loaded(runner, here, tmp_path, "here.db")

    assert graph == graph_here
    assert (first.read, first.written, len(first.quarantined)) == (MANY + SOME, MANY + SOME - 4, 4)
    assert (again.written, again.unchanged, again.changed) == (0, first.written, False)
    refused = [(each.place, each.problem.rule, each.raw) for each in first.quarantined if each.problem.path == ""]
    assert refused == [
        ("large.json: dataset[10]", "INVALID_BATCH", dataset(10, description="")),
        ("large.json: dataset[20]", "INVALID_RECORD", dataset(20, description="")),
    ]
    for one, other in ((first, first_here), (again, again_here)):
        assert one.quarantined == other.quarantined
        assert (one.created, one.read, one.written) == (other.created, other.read, other.written)


def test_what_is_wrong_with_the_source_is_said_as_ever(tmp_path: Path, runner: asyncio.Runner) -> None:
    path = written(tmp_path, "What it holds. " * 250)
    loader = DcatUsLoader.open(str(path))
    os.utime(path, (0, 0))

    async def read_all() -> None:
        async with read(loader) as found:
            async for _ in found:
                pass

    with pytest.raises(LoaderError, match="was changed while it was read: load it again") as caught:
        runner.run(read_all())
    assert caught.value.rule == "unreadable"
    assert_no_children()


def test_a_process_that_ends_early_is_no_end_of_the_source(tmp_path: Path, runner: asyncio.Runner) -> None:
    loader = DcatUsLoader.open(str(written(tmp_path)))

    async def read_some() -> None:
        async with read(loader) as found:
            await anext(found)
            for child in children():
                os.kill(child, signal.SIGKILL)
            async for _ in found:
                pass

    with pytest.raises(LoaderError, match=r"large\.json: the process that read it ended before its last record"):
        runner.run(read_some())


def test_nobody_reads_on_when_the_load_is_over(tmp_path: Path, runner: asyncio.Runner) -> None:
    loader = DcatUsLoader.open(str(written(tmp_path)))

    async def read_one() -> list[Record]:
        async with read(loader) as found:
            return await anext(found)

    assert runner.run(read_one())[0].identifier == "d0"
    assert_no_children()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_load_that_is_ended_ends_its_reader(tmp_path: Path, end: signal.Signals) -> None:
    """By Ctrl-C, which a terminal sends to both; and by a kill, of which the reader is not told."""
    path = written(tmp_path)
    store = tmp_path / "g.db"
    command = [str(Path(sys.executable).with_name("waypost")), "load", "dcat-us", str(path)]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        env={**os.environ, "WAYPOST_STORE": f"sqlite:{store}"},
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
        preexec_fn=_hear_interrupts,  # noqa: PLW1509 - nothing else runs in this process
    )
    wait_until(lambda: len(members(process.pid)) > 1)
    (os.killpg if end is signal.SIGINT else os.kill)(process.pid, end)
    _, said = process.communicate(timeout=PATIENCE)

    assert process.returncode != 0
    assert "Traceback" not in said
    wait_until(lambda: not members(process.pid))


def _hear_interrupts() -> None:
    """As a terminal starts a program: what a shell runs in the background ignores them, and so do its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_until(true: Any) -> None:
    give_up = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < give_up
        time.sleep(0.01)


def members(group: int) -> list[int]:
    """The processes of a group that still run."""
    return [pid for pid, state, _, found in processes() if found == group and state != "Z"]


def children() -> list[int]:
    """The processes that this one started and that still run."""
    return [pid for pid, state, parent, _ in processes() if parent == os.getpid() and state != "Z"]


def assert_no_children() -> None:
    assert children() == []


def processes() -> list[tuple[int, str, int, int]]:
    """Number, state, parent and group of each process of this machine, without the one that lists them."""
    command = ["ps", "-eo", "pid=,stat=,ppid=,pgid=,comm="]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    rows = [line.split(maxsplit=4) for line in answer.stdout.splitlines()]
    return [(int(pid), stat[0], int(parent), int(group)) for pid, stat, parent, group, name in rows if name != "ps"]
