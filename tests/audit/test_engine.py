"""The engine gives the answers of the oracle, which was written apart from it, on random worlds.

200 worlds in the usual run, 10,000 in the long one; ``--long --worlds 0:100000`` runs 100,000, or any slice of them.
"""

from __future__ import annotations

import pytest

from tests.audit.answers import expected, expected_rarely, given, given_rarely
from tests.audit.oracle.worlds import make_scenario

CHUNK = 50
USUAL = 4 * CHUNK


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each chunk of the worlds that were asked for."""
    first, _, last = str(metafunc.config.getoption("--worlds")).partition(":")
    chunks = [range(start, min(start + CHUNK, int(last))) for start in range(int(first), int(last), CHUNK)]
    metafunc.parametrize(
        "seeds",
        [pytest.param(chunk, marks=[pytest.mark.long] if chunk.start >= USUAL else []) for chunk in chunks],
        ids=lambda chunk: str(chunk.start),
    )


def test_the_engine_answers_as_the_oracle(seeds: range) -> None:
    for seed in seeds:
        scenario = make_scenario(seed)
        wanted, found = expected(scenario.world, scenario.day), given(scenario.world, scenario.day)
        if seed % 10 == 0:
            wanted |= expected_rarely(scenario.world, scenario.day)
            found |= given_rarely(scenario.world, scenario.day)
        for part, answer in wanted.items():
            assert found[part] == answer, f"world {seed}: {part}"
