"""Text as both stores compare it: folded sort keys and search tokens (``reference/neo4j.md`` section 3, ADR 5).

Stores sort and match only what these functions made, never the text as given, so that an index, a sort and two
databases all agree.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from itertools import groupby

__all__ = ["LAST", "MAX_SORT_KEY", "MAX_TOKEN", "MIN_PREFIX", "fold", "may_begin", "slug", "sort_key"]
__all__ += ["MAX_SLUG", "one_line", "tokens"]

MAX_SORT_KEY = 160
"""Characters of a sort key that are kept. What is equal up to there is told apart by URN."""

MAX_TOKEN = 64
"""Characters of a search token that count: below the 255 at which a Lucene tokenizer would cut a word in two."""

MIN_PREFIX = 3
"""Letters that the last word of a search must have to stand for the beginning of a longer one."""

MAX_SLUG = 120
"""Characters of a slug that are kept."""

LAST = "\uffff"
"""The sort key of what is missing: after every other."""

_APART = {code: chr(code).lower() if chr(code).isalnum() else " " for code in range(128)}
"""Plain characters in lower case, and spaces for those that stand in no word."""
_NOT_IN_SLUG = re.compile(r"[^a-z0-9]+")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """The text without case and accents, in one spelling, white space collapsed."""
    if text.isascii():
        return " ".join(text.lower().split())
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    marks = dict.fromkeys(ord(c) for c in set(decomposed) if unicodedata.combining(c))
    bare = decomposed.translate(marks) if marks else decomposed
    return " ".join(unicodedata.normalize("NFKC", bare).casefold().split())


def one_line(text: str) -> str:
    """A text that others wrote as a message may show it: what breaks a line or cannot be seen as an escape."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def slug(text: str) -> str:
    """The text as a segment of a key: folded, plain letters and digits, hyphens between them; empty where it has none."""
    return _NOT_IN_SLUG.sub("-", fold(text)).strip("-")[:MAX_SLUG]


def sort_key(text: str | None) -> str:
    """The key that lists are ordered by: folded, at most MAX_SORT_KEY characters, LAST where there is no text.

    Characters beyond the basic plane are spelled out, since one database orders by code point and the other by UTF-16
    code unit, and the two differ there. U+0000 is dropped: SQLite ends a text at it.
    """
    if text is None:
        return LAST
    folded = fold(text)[:MAX_SORT_KEY]
    if folded.isascii() and "\0" not in folded:
        return folded
    return "".join(_spelled(c) for c in folded if c != "\0")


def tokens(text: str) -> list[str]:
    """The words of a text, folded, in order, each of ``a-z0-9`` only.

    What is outside that alphabet is spelled as its code point, so that two tokenizers cannot disagree about it.
    """
    if text.isascii():
        found = text.translate(_APART).split()
    else:
        # No space is ever folded into a word, so what stands between spaces is folded by itself where that is needed.
        found: list[str] = []
        for plain, pieces in groupby(text.split(), str.isascii):
            joined = " ".join(pieces)
            found += joined.translate(_APART).split() if plain else map(_ascii, _WORD.findall(fold(joined)))
    if found and max(map(len, found)) > MAX_TOKEN:
        found = [word[:MAX_TOKEN] for word in found]
    return found


def may_begin(words: Sequence[str]) -> bool:
    """Whether the last of the words that are looked for may be the beginning of one."""
    return bool(words) and len(words[-1]) >= MIN_PREFIX


def _spelled(character: str) -> str:
    point = ord(character)
    # U+FFFD begins what is spelled, and so is spelled itself: else it would be the beginning of every such character.
    if 0xD800 <= point <= 0xDFFF or point >= 0xFFFD:  # noqa: PLR2004 - planes of Unicode
        return f"\ufffd{point:06x}"
    return character


def _ascii(word: str) -> str:
    return word if word.isascii() else "".join(c if c.isascii() else f"u{ord(c):x}u" for c in word)
