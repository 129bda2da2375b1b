"""What is worked out of leaks is bounded: the worst grades first, and what was not looked at is told (domain 9; 9.2 F5)."""

from __future__ import annotations

from datetime import date

from msgspec import structs

from catalog.model.enums_data import Classification
from lineage.audit.cut import MOST_FLOWS, Cut, smallest_cut
from lineage.audit.facts import Dataset, Determination, Facts, Flow
from lineage.audit.leaks import Leak, Leaks
from lineage.audit.words import Grade
from tests.audit.adapted import adapted
from tests.audit.answers import audit_of
from tests.audit.oracle.worlds import make_scenario

DAY = date(2024, 1, 1)
WORLDS = range(200)


def leaks_of(seed: int) -> Leaks:
    scenario = make_scenario(seed)
    return Leaks(audit_of(adapted(scenario.world), scenario.day).classes)


def test_leaks_from_or_into_one_dataset_are_those_among_all() -> None:
    asked = 0
    for seed in WORLDS:
        leaks = leaks_of(seed)
        whole = leaks.found().leaks
        for each in {one.protected for one in whole}:
            assert leaks.found(protected=each).leaks == tuple(one for one in whole if one.protected == each)
        for each in {one.open for one in whole}:
            assert leaks.found(open_=each).leaks == tuple(one for one in whole if one.open == each)
            asked += 1
    assert asked > 20


def test_where_there_are_too_many_the_worst_are_told() -> None:
    cut = 0
    for seed in WORLDS:
        leaks = leaks_of(seed)
        whole = leaks.found()
        for most in range(len(whole.leaks) + 1):
            found = leaks.found(most=most)
            assert len(found.leaks) == most
            assert set(found.leaks) <= set(whole.leaks)
            left_out = set(whole.leaks) - set(found.leaks)
            assert max(map(_rank, found.leaks), default=0) <= min(map(_rank, left_out), default=2)
            # Every open dataset into which something is left out is told of.
            assert len({one.open for one in left_out}) <= found.unfinished <= len(leaks.open)
            cut += bool(left_out)
        assert whole.unfinished == 0
    assert cut > 20


def _rank(leak: Leak) -> int:
    return list(Grade).index(leak.grade)


def ladder(flows: int) -> Facts:
    """So many protected datasets, each with a flow into an open one of its own."""
    protected, open_ = ([f"{word}{number:05}" for number in range(flows)] for word in ("p", "o"))
    return Facts(
        datasets=tuple(Dataset(each) for each in (*protected, *open_)),
        determinations=(
            *(Determination(each, None, frozenset((Classification.PERSONAL,)), None) for each in protected),
            *(Determination(each, None, frozenset((Classification.OPEN,)), None) for each in open_),
        ),
        flows=tuple(
            Flow(f"f{one[1:]}", one, other, first_seen=DAY) for one, other in zip(protected, open_, strict=True)
        ),
    )


def test_a_cut_is_looked_for_among_so_many_flows() -> None:
    facts = ladder(MOST_FLOWS)
    every = Leaks(audit_of(facts, DAY).classes)
    assert smallest_cut(every) == Cut(tuple(sorted(flow.id for flow in facts.flows)), upper_bound=False)
    more = Leaks(audit_of(ladder(MOST_FLOWS + 1), DAY).classes)
    assert smallest_cut(more) is None
    assert smallest_cut(more, protected="p00007") == Cut(("f00007",), upper_bound=False)
    assert smallest_cut(more, open_="o00008") == Cut(("f00008",), upper_bound=False)


def test_without_the_flows_of_a_cut_of_one_dataset_nothing_of_it_leaks() -> None:
    asked = 0
    for seed in WORLDS:
        scenario = make_scenario(seed)
        facts = adapted(scenario.world)
        leaks = Leaks(audit_of(facts, scenario.day).classes)
        for each in {one.protected for one in leaks.found().leaks}:
            cut = smallest_cut(leaks, protected=each)
            assert cut is not None
            left = tuple(flow for flow in facts.flows if flow.id not in cut.flows)
            rest = Leaks(audit_of(structs.replace(facts, flows=left), scenario.day).classes)
            assert not rest.found(protected=each).leaks
            asked += 1
    assert asked > 20
