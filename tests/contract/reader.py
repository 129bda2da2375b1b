"""A process that reads a SQLite file over and over until its input ends, and then says what it saw.

``python -m tests.contract.reader FILE COUNT`` prints "ready" after its first read, and at the end one JSON list: of each
read the names of the agencies, without repetition. COUNT is how many agencies a whole answer has.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from pathlib import Path

from catalog.selection import Select
from catalog.stores.sqlite.store import SqliteStore
from tests.support.small_model import SMALL
from tests.support.statements import ask


async def read(file: Path, count: int, stop: threading.Event) -> list[list[str]]:
    """What each read answered, where it differs from the one before."""
    store = SqliteStore.open(file, SMALL)
    seen: list[list[str]] = []
    ready = False
    select = ask(Select("TAgency", ("name",), first=count, total=True))
    try:
        while True:
            page = await store.select(select)
            names = [f"{len(page.rows)} of {page.total}", *sorted({row["name"] for row in page.rows})]
            if names not in seen[-1:]:
                seen.append(names)
            if not ready:
                print("ready", flush=True)  # noqa: T201 - whoever started it waits for that
                ready = True
            await asyncio.sleep(0.005)  # leaves the machine to the writer
            if stop.is_set():
                return seen
    finally:
        await store.close()


def main() -> None:
    """Read until standard input ends."""
    stop = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), stop.set()), daemon=True).start()
    print(json.dumps(asyncio.run(read(Path(sys.argv[1]), int(sys.argv[2]), stop))))  # noqa: T201 - its answer


if __name__ == "__main__":
    main()
