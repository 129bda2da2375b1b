"""Excerpts: the text itself in parts, each match a word that was looked for, never longer than they may be."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from catalog.highlight import MAX_EXCERPT, MAX_LOOKED_THROUGH, Excerpt, excerpt
from catalog.text import MIN_PREFIX, tokens
from tests.support.value_pools import QUERIES, TITLES

LONG = "The register of schools counts pupils by town. " * 40


def marked(text: str, sought: str) -> str | None:
    """The excerpt with what matches in brackets, and dots where it was cut."""
    found = excerpt(text, tokens(sought))
    return None if found is None else _written(found)


def _written(found: Excerpt) -> str:
    inner = "".join(f"[{part.text}]" if part.match else part.text for part in found.parts)
    return f"{'...' if found.cut_before else ''}{inner}{'...' if found.cut_after else ''}"


@pytest.mark.parametrize(
    ("text", "sought", "expected"),
    [
        ("State data of Connecticut", "data", "State [data] of Connecticut"),
        ("State DATA, data-driven", "data", "State [DATA], [data]-driven"),
        ("State databases", "data", "State [databases]"),
        ("State databases", "data state", "[State] databases"),
        ("State databases", "state da", "[State] databases"),
        ("da Vinci's data", "da", "[da] Vinci's data"),
        ("data", "data", "[data]"),
        ("nothing of it", "data", None),
        ("State data", "", None),
        ("", "data", None),
        ("École normale", "ecole", "[École] normale"),
        ("E\u0301cole normale", "ecole", "[E\u0301cole] normale"),
        ("Straße und STRASSE", "strasse", "[Straße] und [STRASSE]"),
        ("of \ufb01nance", "fin", "of [\ufb01nance]"),
        ("\u4e2d\u6587 data", "\u4e2d\u6587", "[\u4e2d\u6587] data"),
        ("snake_case_data", "case", "snake_[case]_data"),
        ("wait\u2026data\u2014base", "data", "wait\u2026[data]\u2014base"),
        ("x" * 100, "x" * 64, f"[{'x' * 100}]"),
        ("<b>data</b> & data", "data", "<b>[data]</b> & [data]"),
        ("line\nof data\n", "data", "line\nof [data]\n"),
    ],
)
def test_what_matches_is_marked(text: str, sought: str, expected: str | None) -> None:
    assert marked(text, sought) == expected


def test_a_long_text_is_cut_between_words_near_the_first_match() -> None:
    text = "x " * 500 + "this is about the state and its towns: all data that there is, " + "y " * 500
    found = marked(text, "data")
    assert found is not None
    assert found.startswith("...is about the state and its towns: all [data] that there is, y y ")
    assert found.endswith(" y...")


def test_the_stretch_with_the_most_words_is_answered() -> None:
    text = "data " + "x " * 300 + "state " + "x " * 300 + "data of the state " + "x " * 300 + "state data"
    assert "[data] of the [state]" in (marked(text, "state data") or "")


def test_the_end_of_a_text_is_no_cut() -> None:
    found = excerpt(LONG + "the last word", ["last"])
    assert found is not None
    assert (found.cut_before, found.cut_after) == (True, False)
    assert "".join(part.text for part in found.parts).endswith("the last word")


def test_a_text_without_spaces_is_cut_all_the_same() -> None:
    found = excerpt("-" * 500 + "data" + "-" * 500, ["data"])
    assert found is not None
    assert "".join(part.text for part in found.parts) == "-" * 40 + "data" + "-" * (MAX_EXCERPT - 44)


def test_a_word_longer_than_an_excerpt_is_not_marked() -> None:
    assert excerpt("x" * 300 + " data", ["x" * 64]) is None
    assert marked("x" * 300 + " data", "data") == "...[data]"


def test_words_are_looked_for_in_the_beginning_of_a_text() -> None:
    text = "- " * (MAX_LOOKED_THROUGH // 2 - 2)
    assert excerpt(f"{text}data", ["data"]) is not None
    assert excerpt(f"{text}xxdata", ["data"]) is None
    # What stands across the end may be another word.
    assert excerpt(f"{text}database", ["data"]) is None


_TEXTS = st.one_of(
    st.lists(st.sampled_from(TITLES), max_size=12).map(" ".join),
    st.lists(st.sampled_from(["data", "state", "Étude", "of", "the", "\u4e2d", "e\u0301", "\u2014"]), max_size=90).map(
        " ".join
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
)
_SOUGHT = st.one_of(st.sampled_from(QUERIES), _TEXTS.map(lambda text: text[:60]))


@given(text=_TEXTS, sought=_SOUGHT)
@example(text="\u00bd x\u00bdx", sought="x1")
@example(text="a\u00b4data", sought="data")
def test_an_excerpt_is_the_text_and_its_matches_are_words_that_were_looked_for(text: str, sought: str) -> None:
    words = tokens(sought)
    found = excerpt(text, words)
    if found is None:
        return
    joined = "".join(part.text for part in found.parts)
    assert len(joined) <= MAX_EXCERPT
    assert joined in text
    assert found.cut_before or text.startswith(joined)
    assert found.cut_after or text.endswith(joined)
    assert any(part.match for part in found.parts)
    assert all(part.text for part in found.parts)
    last = words[-1]
    for part in found.parts:
        if part.match:
            (word,) = tokens(part.text)
            assert word in words or (len(last) >= MIN_PREFIX and word.startswith(last))


@given(
    words=st.lists(
        st.sampled_from(["data", "State", "Étude", "e\u0301cole", "stra\u00dfe", "\u4e2d\u6587", "x"]),
        min_size=1,
        max_size=40,
    ),
    sought=st.sampled_from(["data", "state", "etude", "ecole", "strasse", "\u4e2d\u6587", "x", "sta", "dat"]),
    between=st.sampled_from([" ", "-", ", ", "\n", "\u2014", "/", "_"]),
)
def test_a_text_that_holds_a_word_has_an_excerpt_with_it(words: list[str], sought: str, between: str) -> None:
    text = between.join(words)
    (word,) = tokens(sought)
    held = [w for w in tokens(text) if w == word or (len(word) >= MIN_PREFIX and w.startswith(word))]
    found = excerpt(text, [word])
    assert (found is not None) == bool(held)
    if found is not None and not (found.cut_before or found.cut_after):
        assert sum(part.match for part in found.parts) == len(held)
