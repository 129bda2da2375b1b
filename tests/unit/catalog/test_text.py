"""What both stores sort and match: the same however a text is taken apart."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from catalog.text import MAX_SLUG, MAX_TOKEN, fold, slug, tokens

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


@given(SPACED.map(" ".join) | st.text())
@example("  St. Mary's & Sons\u2122 (UK) ")
def test_a_slug_is_plain_and_its_own_slug(text: str) -> None:
    made = slug(text)
    assert re.fullmatch(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*-?)?", made)
    assert len(made) <= MAX_SLUG
    assert slug(text.upper()) == slug(text.upper().lower())
    assert slug(made) == made.rstrip("-")


def test_a_slug_keeps_letters_and_digits() -> None:
    assert slug("  St. Mary's & Sons (UK), 2nd ") == "st-mary-s-sons-uk-2nd"
    assert slug("\u00c9cole") == "ecole"
    assert slug("\u5927\u5b66 -- !") == ""
