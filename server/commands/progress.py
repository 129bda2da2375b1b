"""How far long work has come: a bar where somebody watches, else a line now and then."""

import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

from server.commands.outcome import say

__all__ = ["SECONDS_BETWEEN_LINES", "progress"]

SECONDS_BETWEEN_LINES = 5.0


@contextmanager
def progress(what: str, expected: int | None, units: str) -> Generator[Callable[[int], None]]:
    """Who is told how many were read: a bar where somebody watches, else a line now and then."""
    if not sys.stderr.isatty():
        yield _lines(expected, units)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns: list[Any] = [TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=expected)
        yield lambda read: bar.update(task, completed=read)


def _lines(expected: int | None, units: str) -> Callable[[int], None]:
    last = time.monotonic()

    def told(read: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say(f"{read} of {expected} {units} read" if expected else f"{read} {units} read")

    return told
