"""What must hold between the answers of the oracle in every random world."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.audit.oracle.agreements import above, below
from tests.audit.oracle.lapse import lapse, lineage_of, used
from tests.audit.oracle.leaks import leaks, smallest_cut
from tests.audit.oracle.pathways import may_share, pathway
from tests.audit.oracle.verdicts import Kind, verdict
from tests.audit.oracle.worlds import Scenario, make_scenario

SCENARIOS = [pytest.param(seed, marks=[] if seed < 40 else pytest.mark.long) for seed in range(300)]


@pytest.fixture
def scenario(seed: int) -> Scenario:
    return make_scenario(seed)


@pytest.mark.parametrize("seed", SCENARIOS)
def test_the_answers_agree(scenario: Scenario) -> None:
    world, day = scenario.world, scenario.day
    lineage = lineage_of(world, day)
    view = lineage.view
    agreements = {one.id: one for one in view.world.agreements}

    for flow in world.flows:
        found = verdict(lineage, flow)
        if found.kind is Kind.COVERED:
            kept = {*found.by, *(one.id for id_ in found.by for one in above(view, agreements[id_]))}
            fewer = replace(world, agreements=tuple(one for one in world.agreements if one.id in kept))
            assert verdict(lineage_of(fewer, day), flow).by == found.by
            assert lineage.live(view.joined(flow)) <= (set(found.by) <= used(lineage))

    lapsing = {id_: set(lapse(world, id_, day).flows) for id_ in agreements}
    for id_, one in agreements.items():
        assert all(lapsing[id_] >= lapsing[child] for child in below(view, one)), "F1: lapse(E, D) contains lapse(A, D)"

    cut = smallest_cut(lineage).flows
    rest = replace(world, flows=tuple(flow for flow in world.flows if flow.id not in cut))
    assert leaks(lineage_of(rest, day)) == []
    assert bool(leaks(lineage)) == bool(cut)

    for dataset in world.datasets[:2]:
        if may_share(lineage, dataset.id, (), "agency:a", "purpose:audit").allowed:
            assert pathway(lineage, dataset.id, "agency:a", "purpose:audit").missing == 0
