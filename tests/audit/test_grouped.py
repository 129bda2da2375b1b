"""What is filtered and counted by groups is what a look at every flow finds."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from graphql_schema.core.verdicts import flow_verdicts, pathway_summary, verdict_of
from lineage.audit.day import DayAudit
from lineage.audit.words import Reason, VerdictKind, Why
from tests.audit.adapted import adapted
from tests.audit.oracle.worlds import make_scenario


@pytest.mark.parametrize("seed", range(15))
def test_the_summary_counts_every_live_flow(seed: int) -> None:
    scenario = make_scenario(seed)
    day = DayAudit(adapted(scenario.world), scenario.day)
    found = pathway_summary(day, {"first": 100, "after": None, "crossing": False})
    counted = {(pair.provider, pair.recipient): pair.counts for pair in found.edges}
    expected: dict[tuple[str | None, str | None], Counter[VerdictKind]] = {}
    for flow in day.live.values():
        expected.setdefault(day.audit.ends(flow), Counter())[day.audit.verdict(flow).kind] += 1
    assert {ends: counts.flows for ends, counts in counted.items()} == {e: c.total() for e, c in expected.items()}
    assert {ends: counts.uncovered for ends, counts in counted.items()} == {
        ends: kinds[VerdictKind.UNCOVERED] for ends, kinds in expected.items()
    }
    assert found.counts.flows == len(day.live)


@pytest.mark.parametrize("seed", range(15))
def test_a_filter_keeps_what_passes_it(seed: int) -> None:
    scenario = make_scenario(seed)
    day = DayAudit(adapted(scenario.world), scenario.day)
    rng = random.Random(seed)
    for _ in range(5):
        args: dict[str, Any] = {"first": 100, "after": None, "unpermitted": False}
        if rng.random() < 0.5:
            args["verdicts"] = rng.sample(list(VerdictKind), 2)
        if rng.random() < 0.3:
            args["reasons"] = rng.sample(list(Reason), 8)
        if rng.random() < 0.3:
            args["why"] = rng.sample(list(Why), 3)
        page = flow_verdicts(day, args)
        expected = [flow for flow in day.live if _passes(day, flow, args)]
        assert [row.row.flow for row in page.edges] == expected
        assert page.total == len(expected)
        if len(expected) > 1:
            rest = flow_verdicts(day, {**args, "after": flow_verdicts(day, {**args, "first": 1}).end_cursor})
            assert [row.row.flow for row in rest.edges] == expected[1:]


def _passes(day: DayAudit, flow: str, args: dict[str, Any]) -> bool:
    found = verdict_of(day, flow, {})
    assert found is not None
    row = found.row
    return (
        ("verdicts" not in args or row.verdict in args["verdicts"])
        and ("reasons" not in args or not set(row.reasons).isdisjoint(args["reasons"]))
        and ("why" not in args or not set(row.why).isdisjoint(args["why"]))
    )
