"""From the bytes of a CSV to its rows, each with its line and its text as it stood."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from catalog.stated import Flaw
from catalog.text import fold
from loaders.agencies.rules import ListRule
from loaders.errors import LoaderError
from loaders.record import Problem
from loaders.waypost_file.parse import decoded, refusal
from loaders.waypost_file.rules import Rule

__all__ = ["COLUMNS", "MAX_CSV_BYTES", "Row", "read_row", "read_rows", "split"]

COLUMNS = ("section", "order", "text", "agency", "abbreviation", "note")
"""The header. ``section`` is the list, ``order`` the number in it, ``text`` how the list words the entry."""
MAX_CSV_BYTES = 4 * 1024 * 1024
"""Size of a CSV that is read; two lists of a state have 4 KB."""
MAX_CELL = 2_000
"""Characters of one cell; a longer one is no name and no note."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row. It stands in the order of ``COLUMNS``, or has a ``problem``."""

    place: str
    raw: str
    cells: tuple[str, ...] = ()
    """Without white space around them; as many as there are columns."""
    problem: Problem | None = None


def read_rows(content: bytes, name: str) -> list[Row]:
    """The rows below the header; lines without any text are none.

    Raises LoaderError, naming the line, where the bytes are no UTF-8, the quotes do not pair, or the header is another:
    then no row can be trusted.
    """
    if len(content) > MAX_CSV_BYTES:
        message = f"it has {len(content)} bytes, over {MAX_CSV_BYTES}"
        raise refusal(Flaw((), Rule.SIZE, message, "split it by section"), name, 1)
    found = split(decoded(content, name), name)
    header = next((cells for _, cells, _ in found), COLUMNS[:0])
    if tuple(map(fold, header)) != COLUMNS:
        message = f"the header is '{','.join(header)[:120]}'"
        raise refusal(Flaw((), ListRule.HEADER, message, f"write {','.join(COLUMNS)}"), name, 1)
    return [_row(f"{name}:{line}", cells, raw) for line, cells, raw in found]


def read_row(raw: object, place: str) -> Row:
    """One row by itself, as someone mended it."""
    if not isinstance(raw, str):
        problem = Problem(Rule.TYPE, "", f"{raw!r:.60} is no text", "write the row as one text")
        return Row(place, str(raw), problem=problem)
    try:
        rows = list(split(raw, place))
    except LoaderError as error:
        return Row(place, raw, problem=Problem(error.rule, "", str(error), "close each quote that is opened"))
    if len(rows) != 1:
        return Row(place, raw, problem=Problem(ListRule.ROWS, "", f"there are {len(rows)} rows", "write one row"))
    return _row(place, rows[0][1], raw)


def split(text: str, name: str) -> Iterator[tuple[int, list[str], str]]:
    """Line, cells and text of each row that has any.

    Raises LoaderError, naming the line on which the row begins, where quotes do not pair.
    """
    lines = list(io.StringIO(text, newline=""))
    reader = csv.reader(lines, strict=True)
    first = 0
    try:
        for cells in reader:
            raw = "".join(lines[first : reader.line_num]).rstrip("\r\n")
            if any(cell.strip() for cell in cells):
                yield first + 1, cells, raw
            first = reader.line_num
    except csv.Error as error:
        message = f"the row that begins here cannot be read ({error})"
        raise refusal(Flaw((), ListRule.CSV, message, "pair its quotes"), name, first + 1) from error


def _row(place: str, cells: list[str], raw: str) -> Row:
    return Row(place, raw, tuple(cell.strip() for cell in cells), _problem(cells))


def _problem(cells: list[str]) -> Problem | None:
    if len(cells) != len(COLUMNS):
        message = f"it has {len(cells)} cells, and there are {len(COLUMNS)} columns"
        return Problem(ListRule.RAGGED, "", message, "put a text with a comma in quotes, and leave no cell out")
    for column, cell in zip(COLUMNS, cells, strict=True):
        if "\0" in cell:
            return Problem(Rule.ENCODING, column, "the text holds U+0000", "remove it")
        if len(cell) > MAX_CELL:
            return Problem(Rule.SIZE, column, f"the text has {len(cell)} characters", f"keep it under {MAX_CELL}")
    return None
