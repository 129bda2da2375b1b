"""A dataset as the text that it came as: told apart from the others, read, and named where it cannot be read.

One dataset that is no JSON must not keep the others out, so a catalog that is broken somewhere is taken apart by its
brackets and quotes alone.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from typing import Any, cast

import msgspec

from loaders.fields import RefusedRecord, Rule
from loaders.record import Problem

__all__ = ["MAX_BYTES", "MAX_DEPTH", "read", "shown", "split", "stated_names"]

MAX_BYTES = 5_000_000
"""Size of one dataset that is kept; the largest that was seen in a real catalog has 310,449 bytes."""
MAX_DEPTH = 50
"""Levels of lists and objects in one another; a dataset with a GeoJSON place has ten."""

_MARK = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],"]', re.DOTALL)
_WHITE = b" \t\r\n"
_CLOSES = {b"}": b"{", b"]": b"["}
_PLAIN_KEY = re.compile(r"[\w@:-]{1,60}", re.ASCII)
_NAME = re.compile(rb'"identifier"\s*:\s*("[^"\\]*+(?:\\.[^"\\]*+)*+"|-?\d+)', re.DOTALL)


def split(content: bytes) -> list[bytes]:
    """The text of each dataset of a catalog that is no JSON as a whole.

    Empty where that would be a guess: brackets and quotes do not pair, or the fault lies outside the datasets.
    """
    datasets: list[bytes] = []
    open_: list[bytes] = []
    key, begin, start = b"", 0, 0
    for found in _MARK.finditer(content):
        mark, inside = found[0], begin > 0 and len(open_) == 2  # noqa: PLR2004 - the catalog and its list
        if mark in (b"{", b"["):
            open_.append(mark)
            if open_ == [b"{", b"["] and key == b'"dataset"':
                begin = start = found.end()
        elif mark in _CLOSES:
            if not open_ or open_.pop() != _CLOSES[mark]:
                return []
            if inside:
                datasets.append(content[start : found.start()].strip(_WHITE))
                return datasets if _is_json(content[:begin] + content[found.start() :]) else []
        elif mark == b"," and inside:
            datasets.append(content[start : found.start()].strip(_WHITE))
            start = found.end()
        elif mark == b'"':
            return []
        elif len(open_) == 1 and mark != b",":
            key = mark
    return []


def read(text: bytes) -> Any:
    """The value of a dataset's text. Raises RefusedRecord where it has none, or more than one."""
    if len(text) > MAX_BYTES:
        raise _refusal(Rule.SIZE, f"it has {len(text)} bytes", f"keep to {MAX_BYTES} at most")
    try:
        value = msgspec.json.decode(text)
    except UnicodeDecodeError:
        raise _not_utf_8(text) from None
    except RecursionError:
        raise _too_deep() from None
    except msgspec.ValidationError:
        raise _refusal(Rule.NUMBER, "a number in it is out of range", "write it as a text, or shorter") from None
    except msgspec.DecodeError as error:
        raise _no_json(text, str(error)) from None
    if text.count(b"[") + text.count(b"{") > MAX_DEPTH and _is_too_deep(value):
        raise _too_deep()
    # A key that stands twice hides what the first one says; quotes that are left over tell of it cheaply.
    if text.count(b'"') + text.count(b"\\u0022") != msgspec.json.encode(value).count(b'"'):
        _check_keys(text)
    return value


def shown(text: bytes) -> str:
    """The text for people: a byte that is not UTF-8 as an escape that no JSON has, so that it is not taken as mended."""
    return text.decode(errors="backslashreplace")


def stated_names(text: bytes) -> set[str]:
    """What a text calls an identifier, of the dataset or of a part of it, as far as that can be told without reading it."""
    found: set[str] = set()
    for value in _NAME.findall(text):
        with suppress(msgspec.DecodeError, UnicodeDecodeError):
            found.add(str(msgspec.json.decode(value)).strip())
    return found - {""}


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True


def _is_too_deep(value: Any) -> bool:
    """Whether lists and objects lie too deep in one another; without recursion, which would end before."""
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        inner: list[Any] = []
        for each in level:
            inner += cast("dict[str, Any]", each).values() if isinstance(each, dict) else each
        level = [each for each in inner if isinstance(each, dict | list)]
    return bool(level)


def _check_keys(text: bytes) -> None:
    """Raise RefusedRecord, naming the key, where one stands twice in an object."""
    repeated: list[str | None] = []
    json.loads(text.decode(), object_pairs_hook=lambda pairs: repeated.append(_repeated(pairs)))
    found = next((key for key in reversed(repeated) if key is not None), None)
    if found is not None:
        # The outermost object comes last. Elsewhere the way to it is not known.
        step = f".{found}" if _PLAIN_KEY.fullmatch(found) else f"[{found[:60]!r}]"
        path = f"${step}" if found == repeated[-1] else f"$..{step.removeprefix('.')}"
        message = f"{found[:60]!r} stands twice in one object, and the one would hide the other"
        raise RefusedRecord(Problem(Rule.DUPLICATE_KEY, path, message, "keep one of the two"))


def _repeated(pairs: list[tuple[str, Any]]) -> str | None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            return key
        seen.add(key)
    return None


def _not_utf_8(text: bytes) -> RefusedRecord:
    what = "it is not UTF-8"
    try:
        text.decode()
    except UnicodeDecodeError as error:
        what = f"its byte {error.start} (0x{text[error.start]:02X}) is not UTF-8"
    return _refusal(Rule.ENCODING, what, "write it in UTF-8")


def _no_json(text: bytes, error: str) -> RefusedRecord:
    try:
        json.dumps(json.loads(text), ensure_ascii=False).encode()
    except UnicodeDecodeError:
        return _not_utf_8(text)
    except UnicodeEncodeError:
        return _refusal(Rule.ENCODING, "an escape in it is half a character", "write both halves of it, or neither")
    except (ValueError, RecursionError):
        pass  # what msgspec says of it is the more exact
    what = error.removeprefix("JSON is malformed: ")
    return _refusal(Rule.JSON, f"it is no JSON ({what})", "mend it there")


def _too_deep() -> RefusedRecord:
    return _refusal(Rule.DEPTH, f"lists and objects lie more than {MAX_DEPTH} deep in one another", "flatten them")


def _refusal(rule: Rule, message: str, remedy: str) -> RefusedRecord:
    return RefusedRecord(Problem(rule, "$", message, remedy))
