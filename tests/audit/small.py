"""One flow that one agreement covers, to change a thing at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.classes import Known, Level, level_of
from tests.audit.oracle.crossing import needs
from tests.audit.oracle.facts import (
    Agreement,
    AgreementKind,
    Classification,
    Column,
    ColumnFlow,
    ColumnRef,
    CoverageTerm,
    Dataset,
    Determination,
    DisclosureReview,
    Flow,
    Holding,
    Party,
    PartyRole,
    Process,
    Purpose,
    Run,
    RunState,
    TransformationKind,
    World,
)
from tests.audit.oracle.lapse import lineage_of
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.verdicts import Kind, Verdict, Why, verdict

__all__ = [
    "ALL",
    "BASE",
    "DAY",
    "FRAME",
    "ONLY_X",
    "ONLY_Y",
    "REVIEW",
    "REVIEWED",
    "SIGNED",
    "added",
    "after",
    "before",
    "classed",
    "codes",
    "column_flow",
    "determined",
    "effective",
    "flow_of",
    "frame_changed",
    "judged",
    "kind",
    "need",
    "on",
    "opened",
    "party",
    "reasons",
    "run",
    "terms",
    "third",
    "why",
    "with_agreement",
    "with_flow",
]

DAY = date(2022, 6, 1)
SIGNED = date(2022, 1, 1)


def before(days: int = 1) -> date:
    return DAY - timedelta(days=days)


def after(days: int = 1) -> date:
    return DAY + timedelta(days=days)


def party(agency: str, role: PartyRole, signed_on: date | None = SIGNED) -> Party:
    return Party(agency, role, signed_on)


def determined(
    dataset: str, *classes: Classification, column: str | None = None, on: date | None = SIGNED, to: date | None = None
) -> Determination:
    return Determination(dataset, column, frozenset(classes), on, to)


def run(process: str, on: date, agreement: str | None = None, **more: Any) -> Run:
    return Run(f"{process}/{on}", process, on, more.pop("state", RunState.COMPLETE), agreement=agreement, **more)


def column_flow(from_: str, to: str, *, direct: bool = True, masked: bool = False) -> ColumnFlow:
    """Between columns written as "dataset.column"."""
    return ColumnFlow(ColumnRef(*from_.split(".")), ColumnRef(*to.split(".")), direct, masked)


BASE = World(
    datasets=(Dataset("s"), Dataset("t"), Dataset("u")),
    columns=(Column("s", "x"), Column("s", "y"), Column("t", "x")),
    held_by=(Holding("s", "P"), Holding("t", "R"), Holding("u", "T")),
    determinations=(
        determined("s", Classification.PERSONAL),
        determined("t", Classification.PUBLIC),
        determined("u", Classification.PUBLIC),
    ),
    purposes=(Purpose("any"), Purpose("research", ("any",)), Purpose("sales", ("any",))),
    agreements=(
        Agreement(
            id="A",
            kind=AgreementKind.MOU,
            executed_on=SIGNED,
            effective_from=SIGNED,
            parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT)),
            terms=(CoverageTerm("A/1", datasets=("s",)),),
            permits=("research",),
            rests_on=("law",),
        ),
    ),
    flows=(Flow("f", "s", "t", purpose="research", first_seen=SIGNED),),
)
"""P sends s to R, which keeps it as t; agreement A covers it. T holds u, which nothing feeds."""

FRAME = replace(
    BASE,
    agreements=(
        replace(BASE.agreements[0], under=("E",)),
        Agreement(
            id="E",
            kind=AgreementKind.ENTERPRISE_MOU,
            effective_from=SIGNED,
            parties=(party("P", PartyRole.PROVIDER), party("R", PartyRole.RECIPIENT)),
        ),
    ),
)
"""The same with A under the enterprise agreement E; no request led to A, so the approval is missing."""

REVIEWED = Process("aggregate", "P", declassifies=True, method=TransformationKind.AGGREGATE, suppression_rule="rule")
"""A process that declassifies, run by P."""


def added(world: World = BASE, **more: Any) -> World:
    """The world with these facts besides those it has."""
    return replace(world, **{name: (*getattr(world, name), *facts) for name, facts in more.items()})


def with_agreement(world: World = BASE, **changes: Any) -> World:
    """The world with its first agreement changed."""
    first, *others = world.agreements
    return replace(world, agreements=(replace(first, **changes), *others))


def frame_changed(**changes: Any) -> World:
    """FRAME with its enterprise agreement changed."""
    return replace(FRAME, agreements=(FRAME.agreements[0], replace(FRAME.agreements[1], **changes)))


def with_flow(world: World = BASE, **changes: Any) -> World:
    """The world with its first flow changed."""
    first, *others = world.flows
    return replace(world, flows=(replace(first, **changes), *others))


def third(world: World = BASE, **changes: Any) -> World:
    """The world with a flow g, by which R passes t on to T as u."""
    passed_on = Flow("g", "t", "u", purpose="research", first_seen=SIGNED)
    return added(world, flows=(replace(passed_on, **changes),))


def on(world: World, day: date = DAY) -> Lineage:
    return lineage_of(world, day)


def flow_of(world: World, id_: str = "f") -> Flow:
    return next(one for one in world.flows if one.id == id_)


def judged(world: World, day: date = DAY, flow: str = "f") -> Verdict:
    return verdict(on(world, day), flow_of(world, flow))


def kind(world: World, day: date = DAY, flow: str = "f") -> Kind:
    return judged(world, day, flow).kind


def reasons(world: World, day: date = DAY, flow: str = "f") -> tuple[Reason, ...]:
    return judged(world, day, flow).reasons


def why(world: World, day: date = DAY, flow: str = "f") -> tuple[Why, ...]:
    return judged(world, day, flow).why


def effective(world: World, dataset: str, day: date = DAY) -> Level:
    return on(world, day).effective_of_dataset(dataset)


def known(*classes: Classification) -> Level:
    """What the join keeps of these."""
    return level_of(classes)


def opened(world: World = BASE) -> World:
    """The world with t OPEN."""
    return replace(world, determinations=(world.determinations[0], determined("t", Classification.OPEN)))


def classed(*classes: Classification, world: World = BASE) -> World:
    """The world with s of these classes."""
    return replace(world, determinations=(determined("s", *classes), *world.determinations[1:]))


def need(world: World, flow: str = "f") -> Known:
    return needs(on(world), flow_of(world, flow))


def terms(*some: CoverageTerm, world: World = BASE, **changes: Any) -> World:
    """The world in which A has these terms."""
    return with_agreement(world, terms=some, **changes)


def codes(world: World, **flow: Any) -> tuple[Reason, ...]:
    return reasons(with_flow(world, **flow))


REVIEW = DisclosureReview("aggregate", None, "rule", approved=True, on=before(11))
ALL = CoverageTerm("A/1", datasets=("s",))
ONLY_X = replace(ALL, columns=(ColumnRef("s", "x"),))
ONLY_Y = replace(ALL, id="A/2", columns=(ColumnRef("s", "y"),))
