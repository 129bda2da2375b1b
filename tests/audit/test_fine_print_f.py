"""Domain 9.2 F: lapse, single points, pathways, mayShare, cuts, calendar; each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.facts import (
    AgreementKind,
    Amendment,
    Classification,
    Column,
    ColumnRef,
    CoverageTerm,
    Dataset,
    Determination,
    Flow,
    Holding,
    NewEnd,
    PartyRole,
    Process,
    Redisclosure,
    RunState,
    World,
)
from tests.audit.oracle.lapse import Lapse, Pair, calendar, lapse, pairs, single_points, unused, used
from tests.audit.oracle.leaks import Cut, smallest_cut
from tests.audit.oracle.pathways import Pathway, may_share, pathway
from tests.audit.oracle.steps import Grade
from tests.audit.oracle.verdicts import Kind, Why
from tests.audit.small import (
    BASE,
    DAY,
    SIGNED,
    added,
    after,
    before,
    column_flow,
    determined,
    on,
    party,
    run,
    third,
    with_agreement,
    with_flow,
)

OPEN, PERSONAL, PUBLIC = Classification.OPEN, Classification.PERSONAL, Classification.PUBLIC
SECOND = replace(BASE.agreements[0], id="B")
NOTHING = Lapse((), (), (), (), ())


def flows_lapsing(world: World, agreement: str = "A") -> tuple[str, ...]:
    return lapse(world, agreement, DAY).flows


# F1


def test_f1_a_flow_lapses_where_nothing_else_holds_it() -> None:
    assert flows_lapsing(BASE) == ("f",)
    assert flows_lapsing(added(agreements=(SECOND,))) == ()
    assert flows_lapsing(added(agreements=(replace(SECOND, effective_to=DAY),))) == ("f",)
    assert flows_lapsing(with_agreement(effective_to=before())) == ()
    assert lapse(BASE, "lost", DAY) == NOTHING


def test_f1_what_stands_under_an_agreement_ends_with_it() -> None:
    under = replace(SECOND, under=("A",))
    assert flows_lapsing(added(agreements=(under,))) == ("f",)
    assert flows_lapsing(added(agreements=(under,)), "B") == ()
    alone = added(with_agreement(terms=()), agreements=(under, replace(under, id="C", under=("B",))))
    assert (flows_lapsing(alone), flows_lapsing(alone, "B"), flows_lapsing(alone, "C")) == (("f",), ("f",), ())


def test_f1_only_live_flows_lapse_also_planned_ones() -> None:
    assert flows_lapsing(with_flow(last_seen=before())) == ()
    assert flows_lapsing(with_flow(last_seen=DAY)) == ("f",)
    assert flows_lapsing(with_flow(first_seen=after())) == ()
    assert flows_lapsing(with_flow(first_seen=None)) == ("f",)


def test_f1_what_need_not_be_covered_on_the_next_day_does_not_lapse() -> None:
    public = added(determinations=(determined("s", PUBLIC, on=after()),))
    assert lapse(public, "A", DAY) == NOTHING
    unknown = replace(BASE, held_by=(BASE.held_by[0], Holding("t", "R", None, after())))
    assert lapse(unknown, "A", DAY) == replace(NOTHING, undecided=("f",))
    undecided = replace(
        BASE, determinations=(replace(BASE.determinations[0], valid_to=after()), *BASE.determinations[1:])
    )
    assert (flows_lapsing(undecided), lapse(undecided, "A", DAY).undecided) == ((), ("f",))


def test_f1_what_is_owed_to_an_origin_lapses_too() -> None:
    """B covers g directly, A permits it for P."""
    everyone = (party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT), party("T", PartyRole.RECIPIENT))
    world = third(with_agreement(parties=everyone, redisclosure=Redisclosure(datasets=("t",))))
    direct = replace(
        SECOND,
        parties=(party("R", PartyRole.PROVIDER), party("T", PartyRole.RECIPIENT)),
        terms=(CoverageTerm("B/1", datasets=("t",)),),
    )
    assert flows_lapsing(added(world, agreements=(direct,))) == ("f", "g")
    assert flows_lapsing(added(world, agreements=(direct,)), "B") == ("g",)


def test_f1_downstream_is_cut_off_or_thinned() -> None:
    """f feeds t, which feeds u; v feeds u as well; an ended flow and a planned one feed nothing."""
    world = added(
        third(),
        datasets=(Dataset("v"), Dataset("w")),
        held_by=(Holding("v", "T"), Holding("w", "R")),
        determinations=(determined("v", PUBLIC), determined("w", PUBLIC)),
        flows=(Flow("h", "v", "u", first_seen=SIGNED), Flow("i", "t", "w", first_seen=SIGNED, last_seen=before())),
    )
    found = lapse(world, "A", DAY)
    assert (found.flows, found.cut_off, found.thinned) == (("f",), ("t",), ("u",))
    without = lapse(replace(world, flows=(*world.flows[:2], world.flows[3])), "A", DAY)
    assert (without.cut_off, without.thinned) == (("t", "u"), ())
    planned = replace(world, flows=(*world.flows[:2], replace(world.flows[2], first_seen=None)))
    assert lapse(planned, "A", DAY).cut_off == ("t", "u")


def test_f1_a_second_flow_over_the_same_edge_keeps_it() -> None:
    """It carries PUBLIC columns only, so it needs nothing."""
    world = added(
        determinations=(determined("s", PUBLIC, column="x"),),
        flows=(Flow("2", "s", "t", columns=(ColumnRef("s", "x"),), first_seen=SIGNED),),
    )
    found = lapse(world, "A", DAY)
    assert (found.flows, found.cut_off, found.thinned) == (("f",), (), ())


def test_f1_later_runs_are_listed() -> None:
    runs = (run("copy", before(3)), run("copy", after(3), state=RunState.SCHEDULED), run("other", after(3)))
    world = added(with_flow(process="copy"), processes=(Process("copy"), Process("other")), runs=runs)
    assert lapse(world, "A", DAY).runs == (f"copy/{after(3)}",)


# F2


def test_f2_the_largest_lapse_is_a_single_point_and_ties_are_all_named() -> None:
    assert single_points(BASE, DAY) == ("A",)
    assert single_points(added(agreements=(SECOND,)), DAY) == ()
    other = replace(
        SECOND,
        parties=(party("P", PartyRole.PROVIDER), party("T", PartyRole.RECIPIENT)),
        terms=(CoverageTerm("B/1", datasets=("s",), recipients=("T",)),),
    )
    world = added(agreements=(other,), flows=(Flow("g", "s", "u", purpose="research", first_seen=SIGNED),))
    assert single_points(world, DAY) == ("A", "B")
    more = added(world, flows=(Flow("h", "s", "u", purpose="research", first_seen=SIGNED),))
    assert single_points(more, DAY) == ("B",)


def test_f2_pairs_are_connected_by_active_agreements_with_a_term() -> None:
    assert pairs(on(BASE)) == [Pair(("P", "R"), ("A",))]
    assert pairs(on(added(agreements=(SECOND,)))) == [Pair(("P", "R"), ("A", "B"))]
    for broken in (
        {"effective_to": before()},
        {"terms": ()},
        {"terms": (CoverageTerm("A/1", datasets=("s",), to=before()),)},
        {"parties": (party("P", PartyRole.PROVIDER), party("R", PartyRole.OPERATOR))},
        {"parties": (party("P", PartyRole.RECIPIENT), party("R", PartyRole.RECIPIENT))},
        {
            "kind": AgreementKind.ENTERPRISE_MOU,
            "parties": (party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT, None)),
        },
    ):
        assert pairs(on(changed_agreement(**broken))) == []
    hubs = with_agreement(parties=tuple(party(one, PartyRole.HUB) for one in ("V", "P", "R")))
    assert [pair.agencies for pair in pairs(on(hubs))] == [("P", "R"), ("P", "V"), ("R", "V")]


def changed_agreement(**changes: Any) -> World:
    return replace(BASE, agreements=(replace(BASE.agreements[0], **changes),))


# F3, F4


def test_f3_data_that_the_agency_holds_need_no_step() -> None:
    assert pathway(on(BASE), "s", "P", "research") == Pathway(0, (), direct=False)


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


# F6


def test_f6_an_agreement_is_used_where_it_covers_a_live_flow_that_needs_cover() -> None:
    assert (used(on(BASE)), unused(on(BASE))) == ({"A"}, set())
    assert unused(on(with_flow(last_seen=before()))) == {"A"}
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


def test_f6_a_proposed_agreement_without_signatures_is_unsigned() -> None:
    proposed = replace(SECOND, executed_on=None, parties=tuple(replace(row, signed_on=None) for row in SECOND.parties))
    world = replace(BASE, agreements=(proposed,))
    assert may_share(on(world), "s", (), "R", "research").verdict.reasons == (Reason.UNSIGNED,)
