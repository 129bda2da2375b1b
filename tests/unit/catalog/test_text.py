"""What both stores sort and match: the same however a text is taken apart."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from catalog.text import MAX_TOKEN, fold, tokens

SPACED = st.lists(
    st.text(max_size=6) | st.sampled_from(["a_b", "Roads", "\u00a8", "\u2026", "\ufb01", "x" * 70]), max_size=6
)


def plainly(text: str) -> list[str]:
    """As it is defined: the words of what is left when all of it is folded, in one alphabet."""
    words = re.findall(r"[^\W_]+", fold(text))
    return ["".join(c if c.isascii() else f"u{ord(c):x}u" for c in word)[:MAX_TOKEN] for word in words]


@given(SPACED.map(" ".join) | st.text())
@example("Caf\u00e9 caf\u00e9 cafe\u0301 STRASSE stra\u00dfe x_y \u00bd")
@example("\u0301a \u0301b")
def test_words_are_those_of_the_folded_text(text: str) -> None:
    assert tokens(text) == plainly(text)


@given(SPACED, st.sampled_from([" ", "\n", "\t", "\u00a0", "\u2003", "\x1f"]))
def test_words_do_not_depend_on_what_stands_around_them(pieces: list[str], space: str) -> None:
    assert tokens(space.join(pieces)) == [word for piece in pieces for word in tokens(piece)]
