"""Domain 9.2 F3 to F6, pathways, mayShare, cuts, calendar; each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from catalog.findings import Severity
from lineage.audit.day import DayAudit
from lineage.audit.report import report, severity_of
from tests.audit.adapted import adapted
from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.facts import (
    Amendment,
    Classification,
    Column,
    ColumnRef,
    CoverageTerm,
    Dataset,
    Determination,
    DisclosureReview,
    Flow,
    NewEnd,
    PartyRole,
    Redisclosure,
    Stage,
    StageEvent,
    Unit,
    World,
)
from tests.audit.oracle.lapse import calendar, unused, used
from tests.audit.oracle.leaks import Cut, smallest_cut
from tests.audit.oracle.pathways import Pathway, may_share, pathway
from tests.audit.oracle.steps import Grade
from tests.audit.oracle.verdicts import Kind, Why
from tests.audit.small import (
    BASE,
    DAY,
    FRAME,
    REVIEWED,
    SIGNED,
    added,
    after,
    before,
    column_flow,
    determined,
    on,
    party,
    third,
    with_agreement,
    with_flow,
)

OPEN, PERSONAL, PUBLIC = Classification.OPEN, Classification.PERSONAL, Classification.PUBLIC
SECOND = replace(BASE.agreements[0], id="B")


# F3, F4


def test_f3_data_that_the_agency_holds_need_no_step() -> None:
    assert pathway(on(BASE), "s", "P", "research") == Pathway(0, (), direct=False)
    bureau = added(units=(Unit("bureau", "P"),))
    assert pathway(on(bureau), "s", "bureau", "research") == Pathway(0, (), direct=False)


def test_f3_the_fewest_missing_then_the_fewest_steps_then_urns() -> None:
    assert pathway(on(BASE), "s", "R", "research") == Pathway(0, ("f",), direct=False)
    earlier = Flow("e", "s", "t", purpose="sales", first_seen=SIGNED)
    assert pathway(on(added(flows=(earlier,))), "s", "R", "research").flows == ("e",)
    assert pathway(on(BASE), "s", "R", "sales") == Pathway(1, ("f",), direct=False)
    assert pathway(on(third()), "s", "T", "research") == Pathway(1, (), direct=True)


def test_f3_a_longer_covered_path_comes_before_a_missing_agreement() -> None:
    everyone = (party("P", PartyRole.PROVIDER), party("R", PartyRole.HUB), party("T", PartyRole.OPERATOR))
    through = replace(
        SECOND,
        parties=(*everyone, party("T", PartyRole.RECIPIENT)),
        terms=(CoverageTerm("B/1", datasets=("t",)),),
        redisclosure=Redisclosure(all=True),
    )
    world = added(third(), agreements=(through,))
    assert pathway(on(world), "s", "T", "research") == Pathway(0, ("f", "g"), direct=False)
    assert pathway(on(world), "s", "T", "sales") == Pathway(1, (), direct=True)


def test_f3_only_live_flows_that_have_happened_are_steps() -> None:
    for gone in ({"first_seen": None}, {"last_seen": before()}, {"first_seen": after()}):
        assert pathway(on(replace(BASE, flows=(replace(BASE.flows[0], **gone),))), "s", "R", "sales").direct


def test_f3_an_unknown_step_lacks_one() -> None:
    assert pathway(on(replace(BASE, determinations=())), "s", "R", "research").missing == 1


def test_f4_may_share_is_the_verdict_of_such_a_flow() -> None:
    assert may_share(on(BASE), "s", (), "R", "research").allowed
    assert may_share(on(BASE), "t", (), "T", "research").verdict.kind is Kind.UNCOVERED
    assert may_share(on(BASE), "u", (), "R", None).verdict.kind is Kind.NOT_NEEDED
    refused = may_share(on(BASE), "s", ("x", "unheard-of"), "T", "research")
    assert (refused.allowed, refused.verdict.reasons) == (False, (Reason.RECIPIENT_NOT_PERMITTED,))


def test_f4_unknown_is_not_allowed_and_says_what_must_be_decided() -> None:
    found = may_share(on(replace(BASE, determinations=())), "s", ("x",), "R", "research")
    assert (found.allowed, found.verdict.why) == (False, (Why.CLASS_UNDETERMINED,))


def test_f4_missing_lists_every_clause_that_fails() -> None:
    world = with_agreement(
        effective_to=before(),
        parties=(party("P", PartyRole.PROVIDER),),
        terms=(CoverageTerm("A/1", datasets=("s",), columns=(ColumnRef("s", "x"),)),),
        rests_on=(),
    )
    (tried,) = may_share(on(world), "s", (), "R", "sales").verdict.parts[0].tried
    assert [(one.clause, one.code) for one in tried.failures] == [
        (1, Reason.EXPIRED),
        (2, Reason.RECIPIENT_NOT_PERMITTED),
        (3, Reason.COLUMN_OUT_OF_SCOPE),
        (4, Reason.PURPOSE_NOT_PERMITTED),
        (5, Reason.NO_LEGAL_BASIS),
    ]


# F5


def leaking(*edges: str, protected: str = "a", opened: str = "z") -> World:
    """Flows "ab" from a to b, without columns, each flow named by its edge."""
    names = sorted({name for edge in edges for name in edge})
    said: list[Determination] = []
    for name in names:
        classes = [PERSONAL] if name in protected else []
        classes += [OPEN] if name in opened else []
        said.append(determined(name, *(classes or [PUBLIC])))
    return World(
        datasets=tuple(Dataset(name) for name in names),
        determinations=tuple(said),
        flows=tuple(Flow(edge, edge[0], edge[1], first_seen=SIGNED) for edge in edges),
    )


@pytest.mark.parametrize(
    ("world", "flows"),
    [
        (leaking("bz"), ()),
        (leaking("ab", "bz"), ("ab",)),
        (leaking("ab", "ac", "bd", "cd", "dz"), ("dz",)),
        (leaking("ab", "bz", "ac", "cz"), ("ab", "ac")),
        (leaking("ab", "cb", "bz", "by", protected="ac", opened="yz"), ("ab", "cb")),
        (leaking("ab", "ba", "bz", "zb"), ("ab",)),
        (leaking("ay", "yz", protected="ay", opened="yz"), ("ay", "yz")),
    ],
)
def test_f5_the_smallest_cut(world: World, flows: tuple[str, ...]) -> None:
    assert smallest_cut(on(world)) == Cut(flows, upper_bound=False)


def test_f5_the_grades_may_be_chosen_and_known_columns_make_it_an_upper_bound() -> None:
    world = leaking("az", "ab", "bz")
    by_column = replace(
        world,
        columns=(Column("a", "x"), Column("z", "x")),
        flows=(replace(world.flows[0], column_flows=(column_flow("a.x", "z.x"),)), *world.flows[1:]),
    )
    assert smallest_cut(on(by_column)) == Cut(("ab", "az"), upper_bound=True)
    assert smallest_cut(on(by_column), [Grade.SEVERE]) == Cut(("az",), upper_bound=True)
    assert smallest_cut(on(by_column), [Grade.POSSIBLE]) == Cut(("ab",), upper_bound=False)
    assert smallest_cut(on(by_column), [Grade.MINOR]) == Cut((), upper_bound=False)


def test_f5_the_grade_of_a_path_is_that_of_its_weakest_step_and_stopped_steps_are_on_none() -> None:
    world = leaking("ab", "bz")
    mixed = replace(
        world,
        columns=(Column("a", "x"), Column("b", "x")),
        flows=(replace(world.flows[0], column_flows=(column_flow("a.x", "b.x"),)), world.flows[1]),
    )
    assert smallest_cut(on(mixed), [Grade.SEVERE]).flows == ()
    assert smallest_cut(on(mixed), [Grade.POSSIBLE]).flows == ("ab",)
    review = DisclosureReview("aggregate", None, "rule", approved=True, on=before(500))
    stopped = replace(world, flows=(replace(world.flows[0], process="aggregate"), world.flows[1]))
    assert smallest_cut(on(added(stopped, processes=(REVIEWED,), reviews=(review,)))).flows == ()


# F6


def test_f6_an_agreement_is_used_where_it_covers_a_live_flow_that_needs_cover() -> None:
    assert (used(on(BASE)), unused(on(BASE))) == ({"A"}, set())
    assert unused(on(with_flow(last_seen=before()))) == {"A"}
    assert unused(on(FRAME)) == {"A"}, "an agreement without terms is a frame"
    public = replace(BASE, determinations=(determined("s", PUBLIC), *BASE.determinations[1:]))
    assert unused(on(public)) == {"A"}


def test_f6_the_calendar_lists_last_days_with_their_lapse() -> None:
    term = CoverageTerm("A/1", datasets=("s",), to=after(2))
    world = with_agreement(effective_to=after(9), terms=(term,), amendments=(Amendment(DAY, NewEnd(after(4))),))
    found = calendar(world, DAY, after(9))
    assert [(one.day, one.agreement, one.term, one.lapse.flows) for one in found] == [
        (after(2), "A", "A/1", ("f",)),
        (after(4), "A", None, ()),
    ]
    assert calendar(world, after(3), after(3)) == []


_STOPPED = {
    "terminated": {"events": (StageEvent(Stage.TERMINATED, after(3)),)},
    "expired": {"events": (StageEvent(Stage.EXPIRED, after(3)),)},
    "terminated before its end": {"effective_to": after(50), "events": (StageEvent(Stage.TERMINATED, after(3)),)},
    "shortened after its new end": {"amendments": (Amendment(after(3), NewEnd(after())),)},
    "its term ended by an amendment": {"amendments": (Amendment(after(3), end_terms=("A/1",)),)},
}


@pytest.mark.parametrize("changes", _STOPPED.values(), ids=_STOPPED)
def test_f6_the_day_before_an_event_or_amendment_ends_it_is_a_last_day(changes: dict[str, Any]) -> None:
    """From the beginning of its day an event has effect, an amendment as well (9.2 D3, D5)."""
    world = with_agreement(**changes)
    found = calendar(world, DAY, after(20))
    ends_term = changes.get("amendments", (Amendment(DAY),))[0].end_terms
    assert [(one.day, one.term, one.lapse.flows) for one in found] == [(after(2), *(ends_term or [None]), ("f",))]
    told = report(DayAudit(adapted(world), DAY)).lapses
    assert [(one.day, one.term, one.flows) for one in told][:1] == [(after(2), *(ends_term or [None]), ["f"])]
    assert severity_of(told[0]) is Severity.WARNING


def test_f6_what_never_was_in_force_has_no_last_day_by_an_event() -> None:
    unsigned = party("P", PartyRole.PROVIDER, None), party("R", PartyRole.RECIPIENT, None)
    refused = with_agreement(executed_on=None, parties=unsigned, events=(StageEvent(Stage.REJECTED, after(3)),))
    assert calendar(refused, DAY, after(20)) == []
    assert report(DayAudit(adapted(refused), DAY)).lapses == []


def test_f6_a_proposed_agreement_without_signatures_is_unsigned() -> None:
    proposed = replace(SECOND, executed_on=None, parties=tuple(replace(row, signed_on=None) for row in SECOND.parties))
    world = replace(BASE, agreements=(proposed,))
    assert may_share(on(world), "s", (), "R", "research").verdict.reasons == (Reason.UNSIGNED,)
