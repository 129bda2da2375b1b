"""The engine gives the answers of the oracle, which was written apart from it, on random worlds.

On 10,000 worlds in the usual run: the answers of the oracle are recorded, and it is asked of the first hundred and of every hundredth.
It is asked of all 10,000 in the long run; ``--long --worlds 0:100000`` runs 100,000, or any slice of them.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.audit.answers import given, given_rarely
from tests.audit.oracle.worlds import make_scenario
from tests.audit.recorded import RARELY, WORLDS, digest, expected_of, maker, read

CHUNK = 50
USUAL = 2 * CHUNK
RECORDED = 250
"""Worlds of a test of what is recorded."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each chunk of the worlds that were asked for."""
    if "seeds" not in metafunc.fixturenames:
        return
    first, _, last = str(metafunc.config.getoption("--worlds")).partition(":")
    chunks = [range(start, min(start + CHUNK, int(last))) for start in range(int(first), int(last), CHUNK)]
    metafunc.parametrize(
        "seeds",
        [pytest.param(chunk, marks=[pytest.mark.long] if chunk.start >= USUAL else []) for chunk in chunks],
        ids=lambda chunk: str(chunk.start),
    )


def _given(seed: int) -> dict[str, Any]:
    scenario = make_scenario(seed)
    found = given(scenario.world, scenario.day)
    return found | given_rarely(scenario.world, scenario.day) if seed % RARELY == 0 else found


def test_the_engine_answers_as_the_oracle(seeds: range) -> None:
    for seed in seeds:
        wanted, found = expected_of(seed), _given(seed)
        for part, answer in wanted.items():
            assert found[part] == answer, f"world {seed}: {part}"


@pytest.mark.parametrize("first", range(0, WORLDS, RECORDED))
def test_the_engine_answers_what_the_oracle_did(first: int) -> None:
    """What differs in a world, ``pytest --long --worlds N:N+1`` on this file says of world N."""
    digests = read().digests
    assert [seed for seed in range(first, first + RECORDED) if digest(_given(seed)) != digests[seed]] == []


def test_what_is_recorded_is_of_this_oracle() -> None:
    record = read()
    assert record.maker == maker(), "the oracle is another: record what it says (python -m tests.audit.recorded)"
    assert len(record.digests) == WORLDS


@pytest.mark.parametrize("first", [0, 1])
def test_what_is_recorded_is_what_the_oracle_says(first: int) -> None:
    """Of some, the last among them."""
    digests = read().digests
    seeds = range(99 + 100 * first, WORLDS, 200)
    assert [seed for seed in seeds if digest(expected_of(seed)) != digests[seed]] == []


ANSWERS: dict[str, Any] = {"a": {("x", None): {"P", "Q"}, ("y", "c"): set()}, "b": [("f", 1, True)], "c": "None"}


OTHERS: list[dict[str, Any]] = [
    {**ANSWERS, "a": {("x", None): {"P"}, ("y", "c"): set()}},
    {**ANSWERS, "a": {("x", "None"): {"P", "Q"}, ("y", "c"): set()}},
    {**ANSWERS, "a": {("x", None): {"P", "Q"}}},
    {**ANSWERS, "b": [("f", 1, False)]},
    {**ANSWERS, "b": [("f", 1, True)] * 2},
    {**ANSWERS, "b": [("f", (1, True))]},
    {**ANSWERS, "c": None},
]


@pytest.mark.parametrize("other", OTHERS)
def test_answers_that_differ_have_other_digests(other: dict[str, Any]) -> None:
    assert other != ANSWERS
    assert digest(other) != digest(ANSWERS)


def test_answers_that_are_equal_have_one_digest() -> None:
    same = {"c": "None", "b": [("f", 1, True)], "a": {("y", "c"): frozenset[str](), ("x", None): {"Q", "P"}}}
    assert same == ANSWERS
    assert digest(same) == digest(ANSWERS)
