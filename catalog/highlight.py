"""Where a text holds the words of a search: an excerpt of it in parts, of which some match. Pure; never markup.

A part matches whose one word, folded and spelled as the index has it (``catalog/text.py``), is one of those looked for,
or begins with the last of them where that may be the beginning of one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from catalog.text import MAX_TOKEN, may_begin, tokens

__all__ = ["MAX_EXCERPT", "MAX_LOOKED_THROUGH", "Excerpt", "Part", "excerpt"]

MAX_EXCERPT = 200
"""Characters of an excerpt."""
MAX_LOOKED_THROUGH = 20_000
"""Characters of a text, from its beginning, in which words are looked for."""

_LEAD = 40
"""Characters before the first match, and those by which a cut may move to stand between words."""
_REACH = MAX_EXCERPT - _LEAD
"""Characters from the first match to the end. A longer word is not marked."""

_CANDIDATE = re.compile("[A-Za-z0-9\u0080-\U0010ffff]+")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of an excerpt, as it is written there."""

    text: str
    match: bool


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a text, at most MAX_EXCERPT characters; its parts joined are the text as given."""

    parts: tuple[Part, ...]
    cut_before: bool
    cut_after: bool


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    sought: str
    """Which of the words looked for stands there."""


def excerpt(text: str, words: Sequence[str]) -> Excerpt | None:
    """The stretch of a text that holds the most of the words, of several the first; None where it holds none.

    ``words`` are ``tokens`` of what is looked for. A short text is answered whole.
    """
    found = [span for span in _spans(text, words) if span.end - span.start <= _REACH]
    if not found:
        return None
    start, end = _stretch(text, found)
    parts: list[Part] = []
    at = start
    for span in found:
        if start <= span.start and span.end <= end:
            parts += [Part(text[at : span.start], match=False), Part(text[span.start : span.end], match=True)]
            at = span.end
    parts.append(Part(text[at:end], match=False))
    return Excerpt(tuple(part for part in parts if part.text), start > 0, end < len(text))


def _spans(text: str, words: Sequence[str]) -> Iterator[_Span]:
    """Where words that are looked for stand, in order."""
    exact = frozenset(words)
    beginning = words[-1] if may_begin(words) else None
    for start, end, word in _words(text[:MAX_LOOKED_THROUGH]):
        if end == MAX_LOOKED_THROUGH < len(text):
            return  # perhaps only the beginning of a word
        if word in exact:
            yield _Span(start, end, word)
        elif beginning is not None and word.startswith(beginning):
            yield _Span(start, end, beginning)


def _words(text: str) -> Iterator[tuple[int, int, str]]:
    """The words of a text as the index spells them, and where each stands."""
    for candidate in _CANDIDATE.finditer(text):
        written, start = candidate[0], candidate.start()
        if written.isascii():
            yield start, candidate.end(), written.lower()[:MAX_TOKEN]
            continue
        for first, last in _runs(written):
            spelled = tokens(written[first:last])
            if len(spelled) == 1:
                yield start + first, start + last, spelled[0]


def _runs(written: str) -> Iterator[tuple[int, int]]:
    """The longest stretches of characters that do not end a word."""
    start = 0
    for place, character in enumerate(written):
        if not _joins(character):
            if start < place:
                yield start, place
            start = place + 1
    if start < len(written):
        yield start, len(written)


@lru_cache(maxsize=8192)
def _joins(character: str) -> bool:
    """Whether a character within a word leaves it one word: a letter, a digit, an accent that stands by itself."""
    return len(tokens(f"x{character}x")) == 1


def _stretch(text: str, found: Sequence[_Span]) -> tuple[int, int]:
    """Where to cut: between words, where there is such a place nearby."""
    if len(text) <= MAX_EXCERPT:
        return 0, len(text)
    first = found[_densest(found)]
    start = max(first.start - _LEAD, 0)
    space = _SPACE.search(text, start, first.start) if start else None
    start = space.end() if space else start
    end = min(start + MAX_EXCERPT, len(text))
    if end < len(text):
        spaces = list(_SPACE.finditer(text, max(end - _LEAD, first.end), end))
        end = spaces[-1].start() if spaces else end
    return start, end


def _densest(found: Sequence[_Span]) -> int:
    """The match with which the stretch begins that holds the most different words; of several the first."""
    best = most = ahead = 0
    held: Counter[str] = Counter()
    for place, span in enumerate(found):
        while ahead < len(found) and found[ahead].end - span.start <= _REACH:
            held[found[ahead].sought] += 1
            ahead += 1
        if len(held) > most:
            best, most = place, len(held)
        held[span.sought] -= 1
        if not held[span.sought]:
            del held[span.sought]
    return best
