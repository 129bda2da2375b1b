"""An audit that nobody speaks of any more is gone at once, and does not wait for the collector, which seldom comes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from lineage.audit import image
from lineage.audit.day import DayAudit
from lineage.audit.gather import Gathered
from lineage.audit.image import Left, packed, unpacked
from tests.audit.adapted import adapted
from tests.audit.oracle.worlds import make_scenario


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("uncollected")
def test_nothing_of_an_audit_keeps_the_rest_of_it() -> None:
    for seed in range(20):
        scenario = make_scenario(seed)
        day = DayAudit(adapted(scenario.world), scenario.day)
        for part in ("verdicts", "cut", "class_findings", "flow_findings", "unpermitted", "unused", "pairs", "ran"):
            getattr(day, part)
        assert day.recorded.basis_gaps is not None
        assert day.whereabouts.of_agency("agency:a") is not None
        after = DayAudit(adapted(scenario.world), scenario.day, earlier=day.left())
        assert after.verdicts == day.verdicts
        ground, audit = day.audit.ground, day.audit
        parts = (audit, ground, ground.classes, ground.origins, audit.about, after.audit, after.audit.ground)
        told = [weakref.ref(part) for part in parts]
        del day, after, audit, ground, parts
        assert [ref() for ref in told if ref() is not None] == []


class _Circle:
    """What only the collector frees."""

    def __init__(self) -> None:
        self.me = self


def test_what_there_was_as_an_image_was_recalled_again_can_be_freed(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image is recalled again with the next question where what changed since could not be read."""
    monkeypatch.setattr(image, "_LARGE", 0)
    scenario = make_scenario(1)
    day = DayAudit(adapted(scenario.world), scenario.day)
    assert day.verdicts is not None
    left = day.found()
    assert left is not None
    content = packed(Left(Gathered(1, day.facts, {}), (left,)))
    assert unpacked(content) is not None
    circle = _Circle()
    told = weakref.ref(circle)
    assert unpacked(content) is not None
    del circle
    gc.collect()
    assert told() is None
