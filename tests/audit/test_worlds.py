"""The random worlds hold every verdict, every reason and every unknown often enough to tell two implementations apart."""

from __future__ import annotations

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.distribution import distribution
from tests.audit.oracle.verdicts import Kind, Why
from tests.audit.oracle.worlds import make_scenario


@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.long)])
def test_every_verdict_and_reason_occurs_often(count: int) -> None:
    """Each verdict in 5 of 100 flows, each code a hundred times in 10,000 worlds."""
    found = distribution(range(count))
    shown = "\n".join(found.lines())
    assert all(found.share(kind) >= 5 for kind in Kind), shown
    assert all(found.reasons[reason] >= count / 100 for reason in Reason), shown
    assert all(found.why[why] >= count / 100 for why in Why), shown


def test_the_same_seed_makes_the_same_world() -> None:
    assert make_scenario(7) == make_scenario(7)
    assert make_scenario(7) != make_scenario(8)
