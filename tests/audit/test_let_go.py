"""An audit that nobody speaks of any more is gone at once, and does not wait for the collector, which seldom comes."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from lineage.audit.day import DayAudit
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
