"""From the bytes of a register to its rows, each as the cells under its headers."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from catalog.stated import Flaw
from catalog.text import fold, one_line
from loaders.agencies.rows import split
from loaders.agencies.rules import ListRule
from loaders.record import Problem
from loaders.registers.mapping import RegisterMapping
from loaders.waypost_file.parse import decoded, refusal
from loaders.waypost_file.rules import Rule

__all__ = ["MAX_CELL", "MAX_CSV_BYTES", "Row", "read_row", "read_rows"]

MAX_CSV_BYTES = 32 * 1024 * 1024
"""Size of a register that is read; it is held whole, since what its rows say of one agreement belongs together."""
MAX_CELL = 20_000
"""Characters of one cell; the longest purpose that was seen in a real register has 1,569."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells by header, as they stood, or a ``problem``."""

    place: str
    raw: Any
    """What is kept of it: the cells by header; of a row that does not fit the header, and so has none, its text."""
    cells: Mapping[str, str] = field(default_factory=dict[str, str])
    """Cells by folded header."""
    problem: Problem | None = None


def read_rows(content: bytes, name: str, mapping: RegisterMapping) -> list[Row]:
    """The rows below the header; lines without any text are none.

    Raises LoaderError, naming the line, where the file is too large or no UTF-8, where its quotes do not pair, or where a
    column of the mapping is not there: then no row can be trusted.
    """
    if len(content) > MAX_CSV_BYTES:
        message = f"it has {len(content)} bytes, over {MAX_CSV_BYTES}"
        raise refusal(Flaw((), Rule.SIZE, message, "split it by year"), name, 1)
    found = split(decoded(content, name), name)
    _, first, _ = next(found, (1, list[str](), ""))
    headers = [header.strip() or f"column {number}" for number, header in enumerate(first, 1)]
    _check_headers(headers, name, mapping)
    return [_row(f"{name}:{line}", headers, cells, raw) for line, cells, raw in found]


def read_row(raw: object, place: str) -> Row:
    """One row by itself, as someone mended it."""
    if isinstance(raw, str):
        problem = Problem(
            ListRule.RAGGED, "", "it is the text of a row", "write it as an object: each header: its cell"
        )
        return Row(place, raw, problem=problem)
    content = cast("dict[str, object]", raw) if isinstance(raw, dict) else {}
    if not content or not all(isinstance(cell, str) for cell in content.values()):
        problem = Problem(Rule.TYPE, "", f"{raw!r:.60} is no object of texts", "write each header: its cell, as a text")
        return Row(place, raw, problem=problem)
    return _checked(place, cast("dict[str, str]", content))


def _check_headers(headers: list[str], name: str, mapping: RegisterMapping) -> None:
    folded = list(map(fold, headers))
    for column, wanted in mapping.columns.items():
        there = [header for header in wanted if header in folded]
        if len(there) == 1 and folded.count(there[0]) == 1:
            continue
        near = difflib.get_close_matches(wanted[0], folded, n=1)
        if there:
            message = f"'{there[0][:80]}' and others could be the column '{column}'"
        else:
            message = f"no column is called '{wanted[0][:80]}', which is to be the column '{column}'"
        remedy = f"did you mean '{near[0][:80]}'? " if near and not there else ""
        flaw = Flaw((), ListRule.HEADER, message, f"{remedy}mend 'columns' in {mapping.name}")
        raise refusal(flaw, name, 1)


def _row(place: str, headers: list[str], cells: list[str], raw: str) -> Row:
    if len(cells) != len(headers):
        message = f"it has {len(cells)} cells, and there are {len(headers)} columns"
        remedy = "put a text with a comma in quotes, and leave no cell out"
        return Row(place, raw, problem=Problem(ListRule.RAGGED, "", message, remedy))
    return _checked(place, dict(zip(headers, cells, strict=True)))


def _checked(place: str, content: dict[str, str]) -> Row:
    for header, cell in content.items():
        if "\0" in cell:
            return Row(
                place, content, problem=Problem(Rule.ENCODING, one_line(header), "the text holds U+0000", "remove it")
            )
        try:
            cell.encode()
        except UnicodeEncodeError:
            problem = Problem(Rule.ENCODING, one_line(header), "the text holds a lone surrogate", "write it in UTF-8")
            return Row(place, content, problem=problem)
        if len(cell) > MAX_CELL:
            message = f"the text has {len(cell)} characters"
            return Row(
                place, content, problem=Problem(Rule.SIZE, one_line(header), message, f"keep it under {MAX_CELL}")
            )
    return Row(place, content, {fold(header): cell for header, cell in content.items()})
