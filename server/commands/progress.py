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
def progress(what: str, expected: int | None, units: str, done: str = "read") -> Generator[Callable[[int], None]]:
    """Who is told how many are ``done``: a bar where somebody watches, else a line now and then."""
    if not sys.stderr.isatty():
        yield _lines(expected, f"{units} {done}")
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns: list[Any] = [TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=expected)
        yield lambda number: bar.update(task, completed=number)


def _lines(expected: int | None, what: str) -> Callable[[int], None]:
    last = time.monotonic()

    def told(number: int) -> None:
        nonlocal last
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            say(f"{number} of {expected} {what}" if expected else f"{number} {what}")

    return told
