"""One row of a register as what it tells (domain 3.4, 8.4): nothing of the graph, and nothing of other rows."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from catalog.model.enums import Classification
from catalog.model.people import Agency
from catalog.model.sharing import Law, Purpose
from catalog.text import fold, one_line
from catalog.urn import key
from loaders.fields import RefusedRecord
from loaders.record import Problem
from loaders.registers.mapping import AGREEMENT_DAYS, RegisterMapping
from loaders.registers.names import segment
from loaders.registers.rows import Row
from loaders.registers.rules import RegisterRule
from loaders.waypost_file.rules import Rule

__all__ = ["MAX_NUMBER_BYTES", "Data", "Entry", "Paper", "is_short", "parse_row", "release_of"]

MAX_NUMBER_BYTES = 300
"""Bytes of what a register calls a release or an agreement, which becomes a part of keys; 27 is the most that was seen."""

_T = TypeVar("_T")
_VERSION = re.compile(r"\d+(?:\.\d+)*", re.ASCII)
_ORDERED = (("first_seen", "last_seen"), ("requested_on", "executed_on"), ("effective_from", "effective_to"))
"""Days of which the second is never before the first."""


@dataclass(frozen=True, slots=True)
class Data:
    """What moves: a body of data of an agency, in the form in which it is given out."""

    provider: Agency
    title: str
    form: str | None
    """The word of the register for its class, such as identifiable; None where it tells none."""
    classes: tuple[Classification, ...]
    """What that word means; none where there is no word."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a row tells of its agreement itself. Of two rows of one agreement it is the same."""

    number: str
    version: str | None
    title: str | None
    days: tuple[date | None, ...]
    """In the order of ``AGREEMENT_DAYS``."""

    @property
    def reference(self) -> tuple[str, ...]:
        """Which agreement it is: number, and version where it has one."""
        return (self.number,) if self.version is None else (self.number, self.version)

    def __str__(self) -> str:
        days = (f"{name} {day}" for name, day in zip(AGREEMENT_DAYS, self.days, strict=True) if day is not None)
        return ", ".join((" version ".join(self.reference), *filter(None, [self.title]), *days))


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that breaks no rule by itself."""

    row: Row
    release: str | None
    """What the register calls the release; None where it lists agreements only."""
    data: Data
    recipient: Agency
    laws: tuple[Law, ...]
    purpose: Purpose | None
    paper: Paper | None
    description: str | None
    schedule: str | None
    first_seen: date | None
    last_seen: date | None


def parse_row(row: Row, mapping: RegisterMapping) -> Entry:
    """What a row tells. Raises RefusedRecord, naming the column, where it breaks a rule."""
    if row.problem is not None:
        raise RefusedRecord(row.problem)
    return _Reader(row, mapping).entry()


def release_of(row: Row, mapping: RegisterMapping) -> str | None:
    """What the register calls the release of a row, also of one that breaks a rule; None where that is not to be told."""
    return _Reader(row, mapping).line("release")


def is_short(number: str) -> bool:
    """Whether what a register calls a release or an agreement is short enough for a key."""
    return len(number.encode()) <= MAX_NUMBER_BYTES


class _Reader:
    """Reads the cells of one row by what the mapping says of its columns."""

    def __init__(self, row: Row, mapping: RegisterMapping) -> None:
        self.row = row
        self.mapping = mapping

    def entry(self) -> Entry:
        release = self.number("release", needed=True) if "release" in self.mapping.columns else None
        days = {name: self.day(name) for pair in _ORDERED for name in pair}
        for first, last in _ORDERED:
            self._check_order(first, days[first], last, days[last])
        agreement_days = tuple(days[name] for name in AGREEMENT_DAYS)
        return Entry(
            row=self.row,
            release=release,
            data=self.data(),
            recipient=self.agency("recipient"),
            laws=self.meaning("basis", self.mapping.bases, RegisterRule.UNKNOWN_BASIS, ()),
            purpose=self.meaning("purpose", self.mapping.purposes, RegisterRule.UNKNOWN_PURPOSE, None),
            paper=self.paper(agreement_days, needed=release is None),
            description=self.text("description"),
            schedule=self.line("schedule"),
            first_seen=days["first_seen"],
            last_seen=days["last_seen"],
        )

    def text(self, column: str) -> str | None:
        """The cell of a column, without white space around it; None where it is blank, or not mapped."""
        found = (self.row.cells.get(header, "").strip() for header in self.mapping.columns.get(column, ()))
        return next(filter(None, found), None)

    def line(self, column: str) -> str | None:
        """The same in one line: what is no prose is broken by its table only."""
        return " ".join((self.text(column) or "").split()) or None

    def required(self, column: str) -> str:
        found = self.line(column)
        if found is None:
            raise self.refusal(Rule.REQUIRED, column, "it is blank", "state it")
        return found

    def number(self, column: str, *, needed: bool) -> str | None:
        """What the register calls a release or an agreement."""
        found = self.required(column) if needed else self.line(column)
        if found is not None and not is_short(found):
            message = f"it has {len(found)} characters"
            raise self.refusal(Rule.SIZE, column, message, f"keep it under {MAX_NUMBER_BYTES} bytes")
        return found

    def data(self) -> Data:
        mapping = self.mapping
        provider = self.agency("provider") if mapping.provider is None else mapping.agencies[mapping.provider]
        form = self.line("class")
        classes = self.meaning("class", mapping.classes, RegisterRule.UNKNOWN_CLASS, ())
        return Data(provider, self.required("dataset"), form, classes)

    def agency(self, column: str) -> Agency:
        """The agency that is named: one of the mapping, or one that only this register knows."""
        name = self.required(column)
        known = self.mapping.names.get(fold(name), segment(name))
        if known in self.mapping.agencies:
            return self.mapping.agencies[known]
        return Agency(urn=key("agency", self.mapping.prefix, known), name=name)

    def paper(self, days: tuple[date | None, ...], *, needed: bool) -> Paper | None:
        reference = self.number("agreement", needed=needed)
        if reference is None:
            return None
        number, version = reference, None
        if self.mapping.version_after is not None:
            before, _, after = reference.rpartition(self.mapping.version_after)
            if before and _VERSION.fullmatch(after):
                number, version = before, after
        return Paper(number, version, self.line("title"), days)

    def meaning(self, column: str, words: Mapping[str, _T], rule: str, nothing: _T) -> _T:
        """What the word of a column means; ``nothing`` where it is blank."""
        word = self.line(column)
        if word is None:
            return nothing
        if fold(word) in words:
            return words[fold(word)]
        near = difflib.get_close_matches(fold(word), list(words), n=1)
        remedy = f"did the register mean '{near[0][:80]}'? " if near else ""
        message = f"{self.mapping.name} does not say what '{one_line(word[:120])}' means"
        raise self.refusal(rule, column, message, f"{remedy}mend the word, or add it to the mapping")

    def day(self, column: str) -> date | None:
        text = self.text(column)
        if text is None:
            return None
        try:
            return self.mapping.days.read(text)
        except ValueError:
            message = f"'{one_line(text[:60])}' is no day"
            remedy = "write it as 2022-03-31, or say in the mapping how it is written or that it stands for none"
            raise self.refusal(RegisterRule.DAY, column, message, remedy) from None

    def _check_order(self, first: str, begin: date | None, last: str, end: date | None) -> None:
        if begin is not None and end is not None and end < begin:
            message = f"it says {end}, and '{first}' says {begin}, which is later"
            raise self.refusal(RegisterRule.BACKWARDS, last, message, "mend the one that is wrong, or leave it out")

    def refusal(self, rule: str, column: str, message: str, remedy: str) -> RefusedRecord:
        """That the row is kept out for a column, which is named as the register does."""
        headers = self.mapping.columns.get(column, ())
        called = next((header for header in self.row.raw if fold(header) in headers), column)
        return RefusedRecord(Problem(rule, one_line(called), message, remedy))
