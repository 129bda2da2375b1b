"""Reading the fields of a stranger's JSON record: what is there, of the type expected, or a problem that names it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any, cast

import msgspec

from loaders.prose import never_closed, plain_text, without_tags
from loaders.record import Problem

__all__ = ["MAX_ITEMS", "MAX_TEXT", "Fields", "RefusedRecord", "Rule"]

MAX_TEXT = 1_000_000
"""Characters of one text that are kept; a longer one is no metadata."""
MAX_ITEMS = 5_000
"""Items of one list that are kept; more is no metadata, and would not fit a batch."""

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:$|[T ])", re.ASCII)
_COMMA = re.compile(r",")
_COMMA_BEFORE_URL = re.compile(r",(?=\s*https?://)", re.IGNORECASE)
_UNSEEN = frozenset(("Cc", "Cf", "Zl", "Zp"))
"""Categories of characters that nobody sees: controls, zero-width marks, separators of lines."""
_UNSEEN_BLANKS = " \t\r\n\xa0\xad\u200b\u200c\u200d\u2060\ufeff"


class Rule(StrEnum):
    """The rules that keep one record of a stranger's JSON out."""

    ENCODING = "encoding"
    """Text that is none: bytes that are not UTF-8, U+0000, half a character."""
    JSON = "json"
    NUMBER = "number"
    """A number that no computer keeps as it is."""
    DEPTH = "depth"
    SIZE = "size"
    DUPLICATE_KEY = "duplicate-key"
    TYPE = "type"
    REQUIRED = "required"
    IDENTIFIER = "identifier"
    DUPLICATE_IDENTIFIER = "duplicate-identifier"
    DATE = "date"
    """What is written like a day and is none."""
    HTML = "html"
    LOOP = "loop"
    """An organization that is a part of itself."""


class RefusedRecord(Exception):
    """A record that is kept out. Never leaves the loader."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Fields:
    """One JSON object, read by name. A value of another type than expected raises RefusedRecord."""

    def __init__(self, content: Any, path: str = "$") -> None:
        if not isinstance(content, dict):
            raise _refusal(Rule.TYPE, path, f"{_shown(content)} is no object", "make it an object")
        self._content = cast("Mapping[str, Any]", content)
        self._path = path

    @property
    def content(self) -> Mapping[str, Any]:
        """The object as it came."""
        return self._content

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._content.get(name) is not None

    def text(self, name: str) -> str | None:
        """A text without white space around it; None where it is missing, null or blank.

        A whole number is written out. One with a fraction is no text: ``1.10`` would come out as ``1.1``.
        """
        value = self._content.get(name)
        if value is None:
            return None
        if not (isinstance(value, str) and _is_fit(value)):
            value = self._checked(name, value)
        return value.strip() or None

    def prose(self, name: str) -> str | None:
        """A text for people, without HTML; None where it is missing or blank."""
        found = self.text(name)
        if not found:
            return None
        if opened := never_closed(found):
            message = f"'{opened}' is never closed, and what follows it would be lost"
            raise self.refusal(Rule.HTML, name, message, "close it, or write the text without HTML")
        plain = plain_text(found)
        if not plain and without_tags(found):
            raise self.refusal(Rule.HTML, name, "nothing is left of it without its HTML", "write it as plain text")
        return plain or None

    def required_prose(self, name: str) -> str:
        """A text for people that must be there, and of which something is left without HTML."""
        self.required(name)
        found = self.prose(name)
        if found is None or not found.strip(_UNSEEN_BLANKS):
            raise self.refusal(Rule.HTML, name, "it is HTML without any text", "write it as plain text")
        return found

    def text_or_json(self, name: str) -> str | None:
        """A text; an object or a list (a GeoJSON place, say) as its JSON text."""
        value = self._content.get(name)
        if not isinstance(value, dict | list):
            return self.text(name)
        text = msgspec.json.encode(value).decode()
        self._check_length(name, text)
        return text

    def required(self, name: str) -> str:
        """A text that must be there, with something in it that can be seen."""
        found = self.text(name)
        if found is None or not found.strip(_UNSEEN_BLANKS):
            raise self.refusal(Rule.REQUIRED, name, "it is missing or blank", "state it")
        return found

    def identifier(self, name: str) -> str:
        """A text that must be there and that a person can see whole, so that no two look alike."""
        found = self.required(name)
        if not found.isprintable() and any(unicodedata.category(character) in _UNSEEN for character in found):
            message = f"{_shown(found)} holds characters that nobody sees"
            raise self.refusal(Rule.IDENTIFIER, name, message, "take them out")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, blank ones left out; one text stands for a list of its comma-separated parts.

        A URL may hold commas: where there is one, only a comma before another parts them.
        """
        value = self._content.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            text = self.text(name) or ""
            comma = _COMMA_BEFORE_URL if "://" in text else _COMMA
            return tuple(part.strip() for part in comma.split(text) if part.strip())
        listed = self._list(name, value)
        if _are_fit(listed):
            return tuple(filter(None, map(str.strip, listed)))
        items = {f"{name}[{i}]": item for i, item in enumerate(listed)}
        found = Fields(items, self._path)
        return tuple(text for text in map(found.text, items) if text)

    def objects(self, name: str) -> list[Fields]:
        """A list of objects; one object stands for a list of itself."""
        value = self._content.get(name)
        if value is None:
            return []
        items: list[Any] = [value] if isinstance(value, dict) else self._list(name, value)
        return [Fields(item, f"{self._path}.{name}[{i}]") for i, item in enumerate(items)]

    def members(self, name: str) -> dict[str, Fields]:
        """The objects of an object, by their keys; none where it is missing."""
        found = self.object(name)
        if found is None:
            return {}
        if len(found.content) > MAX_ITEMS:
            message = f"it has {len(found.content)} members"
            raise self.refusal(Rule.SIZE, name, message, f"keep to {MAX_ITEMS} at most")
        path = f"{self._path}.{name}"
        return {key: Fields(value, f"{path}[{key[:60]!r}]") for key, value in found.content.items()}

    def object(self, name: str) -> Fields | None:
        """An object, or None where it is missing."""
        return Fields(self._content[name], f"{self._path}.{name}") if self.has(name) else None

    def day(self, name: str) -> date | None:
        """The day that a date or time begins with; None where the text is none (kept as text beside it).

        What is written like a day and is none, such as 2019-02-30, raises RefusedRecord.
        """
        text = self.text(name) or ""
        found = _DAY.match(text)
        if found is None:
            return None
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            message = f"{_shown(text)} is no day of any year"
            raise self.refusal(Rule.DATE, name, message, "write a day that there is, such as 2022-03-31") from None

    def refusal(self, rule: StrEnum, name: str, message: str, remedy: str) -> RefusedRecord:
        """That the record is kept out for this field."""
        return _refusal(rule, f"{self._path}.{name}", message, remedy)

    def _checked(self, name: str, value: Any) -> str:
        """The value as a text; raises what is wrong with it."""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self.refusal(Rule.TYPE, name, f"{_shown(value)} is no text", "write it as one text")
        self._check_length(name, value)
        if "\0" in value:
            raise self.refusal(Rule.ENCODING, name, "the text holds U+0000", "remove it")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self.refusal(Rule.ENCODING, name, "the text holds a lone surrogate", "write it in UTF-8") from None
        return value

    def _list(self, name: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self.refusal(Rule.TYPE, name, f"{_shown(value)} is no list", "write it as a list")
        items = cast("list[Any]", value)
        if len(items) > MAX_ITEMS:
            raise self.refusal(Rule.SIZE, name, f"the list has {len(items)} items", f"keep to {MAX_ITEMS} at most")
        return items

    def _check_length(self, name: str, text: str) -> None:
        if len(text) > MAX_TEXT:
            message = f"the text has {len(text)} characters"
            raise self.refusal(Rule.SIZE, name, message, f"keep to {MAX_TEXT} at most")


def _is_fit(text: str) -> bool:
    """Whether nothing is wrong with a text, as far as that is said at once: of most texts it is."""
    return text.isascii() and "\0" not in text and len(text) <= MAX_TEXT


def _are_fit(items: list[Any]) -> bool:
    """Whether these are all texts, with which nothing is wrong."""
    try:
        return _is_fit("".join(items))
    except TypeError:
        return False


def _refusal(rule: StrEnum, path: str, message: str, remedy: str) -> RefusedRecord:
    return RefusedRecord(Problem(rule, path, message, remedy))


def _shown(value: Any) -> str:
    return f"{value!r:.60}"
