"""A small case for each of the 17 reasons and each of the 4 unknowns (domain 9, Covered; 9.2 B2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.facts import (
    Classification,
    ColumnRef,
    Condition,
    CoverageTerm,
    Holding,
    PartyRole,
    Redisclosure,
    Stage,
    StageEvent,
    World,
)
from tests.audit.oracle.verdicts import Kind, Why
from tests.audit.small import (
    BASE,
    DAY,
    FRAME,
    added,
    after,
    before,
    frame_changed,
    judged,
    party,
    reasons,
    third,
    why,
    with_agreement,
    with_flow,
)

_TERM = CoverageTerm("A/1", datasets=("s",))

SMALL: dict[Reason, Callable[[], World]] = {
    Reason.NOT_YET: lambda: with_agreement(effective_from=after()),
    Reason.EXPIRED: lambda: with_agreement(effective_to=before()),
    Reason.SUSPENDED: lambda: with_agreement(events=(StageEvent(Stage.SUSPENDED, DAY),)),
    Reason.TERMINATED: lambda: with_agreement(events=(StageEvent(Stage.TERMINATED, DAY),)),
    Reason.UNSIGNED: lambda: with_agreement(
        parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT, None))
    ),
    Reason.PARENT_NOT_ACTIVE: lambda: frame_changed(effective_to=before()),
    Reason.PARTY_MISSING: lambda: with_agreement(
        parties=(party("P", PartyRole.OPERATOR), party("R", PartyRole.RECIPIENT))
    ),
    Reason.RECIPIENT_NOT_PERMITTED: lambda: with_agreement(
        parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.AUTHORIZED_REPRESENTATIVE))
    ),
    Reason.DATASET_OUT_OF_SCOPE: lambda: with_agreement(terms=(CoverageTerm("A/1", datasets=("u",)),)),
    Reason.COLUMN_OUT_OF_SCOPE: lambda: with_agreement(terms=(replace(_TERM, columns=(ColumnRef("s", "x"),)),)),
    Reason.PURPOSE_NOT_PERMITTED: lambda: with_flow(purpose="sales"),
    Reason.PURPOSE_UNKNOWN: lambda: with_flow(purpose=None),
    Reason.NO_LEGAL_BASIS: lambda: with_agreement(rests_on=()),
    Reason.APPROVAL_MISSING: lambda: FRAME,
    Reason.PRECONDITION_UNMET: lambda: with_agreement(preconditions=(Condition("IRB", None),)),
    Reason.NO_AGREEMENT: lambda: replace(BASE, agreements=()),
}
"""Of a direct verdict; REDISCLOSURE_NOT_PERMITTED is of an onward one."""


def test_the_flow_is_covered_before_anything_is_changed() -> None:
    found = judged(BASE)
    assert (found.kind, found.by) == (Kind.COVERED, ("A",))


@pytest.mark.parametrize("code", SMALL)
def test_a_reason(code: Reason) -> None:
    assert reasons(SMALL[code]()) == (code,)


def test_redisclosure_not_permitted() -> None:
    """P's data go on from R to T; T is a party, and A lets R pass nothing on."""
    world = third(
        with_agreement(parties=(*BASE.agreements[0].parties, party("T", PartyRole.RECIPIENT))),
    )
    onward = judged(world, flow="g").parts[1]
    assert (onward.agency, onward.reasons) == ("P", {Reason.REDISCLOSURE_NOT_PERMITTED})
    permitted = with_agreement(world, redisclosure=Redisclosure(datasets=("t",)))
    assert judged(permitted, flow="g").parts[1].reasons == frozenset()


def test_every_reason_has_a_case() -> None:
    assert {*SMALL, Reason.REDISCLOSURE_NOT_PERMITTED} == set(Reason)


@pytest.mark.parametrize(
    ("world", "expected"),
    [
        (replace(BASE, held_by=BASE.held_by[1:]), Why.PROVIDER_UNKNOWN),
        (replace(BASE, held_by=BASE.held_by[:1]), Why.RECIPIENT_UNKNOWN),
        (replace(BASE, determinations=()), Why.CLASS_UNDETERMINED),
        (added(controlled_by=(Holding("s", "P"), Holding("s", "T"))), Why.ORIGIN_UNKNOWN),
    ],
)
def test_an_unknown(world: World, expected: Why) -> None:
    found = judged(world)
    assert (found.kind, why(world)) == (Kind.UNKNOWN, (expected,))


def test_an_unknown_says_all_that_applies_and_who_would_cover() -> None:
    """9.2 B2: witnesses only."""
    world = replace(BASE, held_by=BASE.held_by[:1], determinations=())
    found = judged(world)
    assert found.why == (Why.CLASS_UNDETERMINED, Why.RECIPIENT_UNKNOWN)
    assert (found.by, found.reasons) == ((), ())
    undecided = judged(replace(BASE, determinations=()))
    assert undecided.parts[0].by == {"A"}
    lawless = judged(replace(with_agreement(rests_on=()), determinations=()))
    assert lawless.parts[0].by == {"A"}, "9.2 E6: no known class asks for a legal basis"


def test_a_class_that_is_known_is_not_hidden_by_one_that_is_not() -> None:
    """9.2 A3."""
    world = added(determinations=(replace(BASE.determinations[0], classes=frozenset({Classification.UNDETERMINED})),))
    assert judged(world).kind is Kind.COVERED
