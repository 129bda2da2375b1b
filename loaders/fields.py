"""Reading the fields of a stranger's JSON record: what is there, of the type expected, or a problem that names it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

import msgspec

from loaders.prose import plain_text
from loaders.record import Problem

__all__ = ["Fields", "RefusedRecord"]

MAX_TEXT = 1_000_000
"""Characters of one text that are kept; a longer one is no metadata."""

_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:$|[T ])")


class RefusedRecord(Exception):
    """A record that is kept out. Never leaves the loader."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class Fields:
    """One JSON object, read by name. A value of another type than expected raises RefusedRecord."""

    def __init__(self, content: Any, path: str = "$") -> None:
        if not isinstance(content, dict):
            raise _refusal("type", path, f"{_shown(content)} is no object", "make it an object")
        self._content = cast("Mapping[str, Any]", content)
        self._path = path

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._content.get(name) is not None

    def text(self, name: str) -> str | None:
        """A text without white space around it; None where it is missing, null or blank. Numbers are written out."""
        value = self._content.get(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            raise self._refuse("type", name, f"{_shown(value)} is no text", "write it as one text")
        if len(value) > MAX_TEXT:
            raise self._refuse("size", name, f"the text has {len(value)} characters", f"keep it under {MAX_TEXT}")
        if "\0" in value:
            raise self._refuse("encoding", name, "the text holds U+0000", "remove it")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise self._refuse("encoding", name, "the text holds a lone surrogate", "write it in UTF-8") from None
        return value.strip() or None

    def prose(self, name: str) -> str | None:
        """A text for people, without HTML; None where nothing is left of it."""
        found = self.text(name)
        return plain_text(found) or None if found else None

    def text_or_json(self, name: str) -> str | None:
        """A text; an object or a list (a GeoJSON place, say) as its JSON text."""
        value = self._content.get(name)
        return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else self.text(name)

    def required(self, name: str) -> str:
        """A text that must be there."""
        found = self.text(name)
        if found is None:
            raise self._refuse("required", name, "it is missing or blank", "state it")
        return found

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts, blank ones left out; one text stands for a list of its comma-separated parts."""
        value = self._content.get(name)
        if value is None:
            return ()
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        items = self._list(name, value)
        found = (Fields({"item": item}, f"{self._path}.{name}[{i}]").text("item") for i, item in enumerate(items))
        return tuple(text for text in found if text)

    def objects(self, name: str) -> list[Fields]:
        """A list of objects; one object stands for a list of itself."""
        value = self._content.get(name)
        if value is None:
            return []
        items: list[Any] = [value] if isinstance(value, dict) else self._list(name, value)
        return [Fields(item, f"{self._path}.{name}[{i}]") for i, item in enumerate(items)]

    def object(self, name: str) -> Fields | None:
        """An object, or None where it is missing."""
        return Fields(self._content[name], f"{self._path}.{name}") if self.has(name) else None

    def day(self, name: str) -> date | None:
        """The day that a date or time begins with; None where the text is none (kept as text beside it)."""
        found = _DAY.match(self.text(name) or "")
        if found is None:
            return None
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            return None

    def _list(self, name: str, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise self._refuse("type", name, f"{_shown(value)} is no list", "write it as a list")
        return cast("list[Any]", value)

    def _refuse(self, rule: str, name: str, message: str, remedy: str) -> RefusedRecord:
        return _refusal(rule, f"{self._path}.{name}", message, remedy)


def _refusal(rule: str, path: str, message: str, remedy: str) -> RefusedRecord:
    return RefusedRecord(Problem(rule, path, message, remedy))


def _shown(value: Any) -> str:
    return f"{value!r:.60}"
