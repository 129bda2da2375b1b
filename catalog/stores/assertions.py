"""What several sources say of the same two ends of a relationship, and the edges that follow (design 2; ADR 13).

An edge is what one source says. Of a relationship that keeps one assertion for all, what others say for the same time is
kept beneath the edge, as ``claims``: so what one source takes back uncovers what the others said, and a load that says the
same again changes nothing. A word is what one source says, for a span of days. Which of them stand follows from the words
alone. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from catalog.stores.state import EdgeState
from catalog.values import ALWAYS, NEVER

__all__ = ["Word", "arrange", "drop", "end", "say", "text_of", "words_of"]


class Word(msgspec.Struct, frozen=True, gc=False):
    """What one source says of two ends, on the days ``[valid_from, valid_to)``, in stored form."""

    source: str
    valid_from: str
    valid_to: str
    props: Mapping[str, Any]

    def overlaps(self, other: Word) -> bool:
        """Whether both speak of one day."""
        return self.valid_from < other.valid_to and other.valid_from < self.valid_to


def words_of(edges: Iterable[EdgeState]) -> list[Word]:
    """The words of edges about the same two ends, those beneath them included."""
    above: list[Word] = []
    beneath: list[Word] = []
    for edge in edges:
        above.append(Word(edge.source, edge.valid_from, edge.valid_to, edge.props))
        if edge.claims is not None:
            beneath += (Word(*row) for row in msgspec.json.decode(edge.claims))
    return above + beneath


def text_of(words: Iterable[Word]) -> str | None:
    """The stored form of what is beneath an edge; None of nothing."""
    rows = [(word.source, word.valid_from, word.valid_to, word.props) for word in words]
    return msgspec.json.encode(rows).decode() if rows else None


def say(words: list[Word], word: Word) -> list[Word]:
    """The words once a source has said one more, which replaces its own for the same days."""
    return [*(each for each in words if each.source != word.source or not each.overlaps(word)), word]


def end(words: list[Word], word: Word, day: str) -> list[Word]:
    """The words once a source has stated one of its own no more since this day."""
    rest = [each for each in words if each != word]
    return rest if word.valid_from >= day else [*rest, replace(word, valid_to=day)]


def drop(words: list[Word], source: str) -> list[Word]:
    """The words without those of a source."""
    return [word for word in words if word.source != source]


def arrange(words: Sequence[Word]) -> list[tuple[Word, list[Word]]]:
    """The words that stand, each with those beneath it: a word waits beneath the first that stands for a day of its own.

    What goes on stands before what has ended, then what begins on the earliest known day, then what ends last. So no order
    of saying makes another graph, and what one source takes back leaves what the others would have made without it.
    """
    standing: list[tuple[Word, list[Word]]] = []
    # Of most ends there is one word, which needs no place.
    for word in sorted(words, key=_place) if len(words) > 1 else words:
        beneath = next((waiting for above, waiting in standing if above.overlaps(word)), None)
        if beneath is None:
            standing.append((word, []))
        else:
            beneath.append(word)
    return standing


def _place(word: Word) -> tuple[bool, bool, str, bytes, str, bytes]:
    ends = (word.valid_to != NEVER, word.valid_from == ALWAYS, word.valid_from)
    # The later of two ends first: by the complement of its text.
    late = bytes(0xFF - byte for byte in word.valid_to.encode())
    return *ends, late, word.source, msgspec.json.encode(word.props, order="sorted")
