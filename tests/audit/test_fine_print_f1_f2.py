"""Domain 9.2 F1 and F2, lapses, single points and pairs; each item by its id, answered by the oracle."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.audit.oracle.facts import (
    AgreementKind,
    Classification,
    ColumnRef,
    CoverageTerm,
    Dataset,
    DisclosureReview,
    Flow,
    Holding,
    PartyRole,
    Process,
    Redisclosure,
    RunState,
    World,
)
from tests.audit.oracle.lapse import Lapse, Pair, lapse, pairs, single_points
from tests.audit.small import (
    BASE,
    DAY,
    REVIEWED,
    SIGNED,
    added,
    after,
    before,
    determined,
    on,
    party,
    run,
    third,
    with_agreement,
    with_flow,
)

PUBLIC = Classification.PUBLIC
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
    last = added(with_agreement(effective_to=before()), agreements=(replace(SECOND, effective_to=DAY),))
    assert (flows_lapsing(last), flows_lapsing(last, "B")) == ((), ("f",))
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


def test_f1_stopped_steps_are_included() -> None:
    """f feeds t, and t feeds u through a reviewed, declassifying process."""
    review = DisclosureReview("aggregate", None, "rule", approved=True, on=before(500))
    world = added(third(process="aggregate"), processes=(replace(REVIEWED, agency="R"),), reviews=(review,))
    assert lapse(world, "A", DAY).cut_off == ("t", "u")


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
    back = (party("P", PartyRole.RECIPIENT), party("R", PartyRole.PROVIDER))
    assert pairs(on(with_agreement(parties=back))) == [Pair(("P", "R"), ("A",))]
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
