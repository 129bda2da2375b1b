"""The engine gives the answers of the oracle, which was written apart from it, on random worlds."""

from __future__ import annotations

import pytest

from tests.audit.answers import expected, expected_rarely, given, given_rarely
from tests.audit.oracle.worlds import make_scenario

CHUNK = 50


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=[pytest.mark.long] if first >= 4 * CHUNK else []) for first in range(0, 10_000, CHUNK)],
)
def test_the_engine_answers_as_the_oracle(first: int) -> None:
    """200 worlds in the usual run, 10,000 in the long one."""
    for seed in range(first, first + CHUNK):
        scenario = make_scenario(seed)
        wanted, found = expected(scenario.world, scenario.day), given(scenario.world, scenario.day)
        if seed % 10 == 0:
            wanted |= expected_rarely(scenario.world, scenario.day)
            found |= given_rarely(scenario.world, scenario.day)
        for part, answer in wanted.items():
            assert found[part] == answer, f"world {seed}: {part}"
