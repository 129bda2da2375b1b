"""When a node is found by words, and in which tier: the part of the oracle that search is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.model.declare import Kind
from catalog.text import tokens

__all__ = ["tier"]


def tier(words: list[str], kind: Kind, stored: Mapping[str, Any]) -> int | None:
    """The tier in which a node of this kind is found by these words, or None."""
    title = [t for p in kind.properties if p.search == "title" for t in _words(stored[p.name])]
    text = [t for p in kind.properties if p.search == "text" for t in _words(stored[p.name])]
    if not _holds_all(words, title + text):
        return None
    if not words:
        return 3
    if title == words:
        return 0
    opening = title[: len(words)]
    if len(opening) == len(words) and all(map(_matches, words, opening, _may_begin(words))):
        return 1
    return 2 if _holds_all(words, title) else 3


def _words(value: str | list[str] | None) -> list[str]:
    texts = [value] if isinstance(value, str) else value or []
    return [word for text in texts for word in tokens(text)]


def _may_begin(words: list[str]) -> list[bool]:
    """Of each word, whether it may be the beginning of one."""
    return [place == len(words) - 1 and len(word) >= 3 for place, word in enumerate(words)]


def _matches(word: str, held: str, may_begin: bool) -> bool:
    return held == word or (may_begin and held.startswith(word))


def _holds_all(words: list[str], held: list[str]) -> bool:
    return all(
        any(_matches(word, other, begins) for other in held)
        for word, begins in zip(words, _may_begin(words), strict=True)
    )
