"""Random flows between the datasets of a world, with the processes, runs and reviews that they go by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from tests.audit.oracle.facts import (
    ColumnFlow,
    ColumnRef,
    DisclosureReview,
    Flow,
    Process,
    Run,
    RunState,
    TransformationKind,
    World,
    Written,
)
from tests.audit.oracle.world_draft import AGENCIES, AGREEMENTS, PURPOSES, SYSTEM, Draft, some

__all__ = ["with_flows"]

_RULE = "rule:small-cells"
_OTHER_RULE = "rule:other"


def with_flows(draft: Draft, world: World) -> World:
    """The world with 3 to 6 flows: a random graph in which chains, diamonds, cycles and loops are common."""
    ends = [*draft.holders, *([SYSTEM] if world.systems and draft.chance(0.3) else [])]
    flows: list[Flow] = []
    processes: list[Process] = []
    for number in range(draft.rng.randint(3, 6)):
        flow = _flow(draft, number, ends, flows)
        if processes and draft.chance(0.1):
            flow = replace(flow, process=draft.rng.choice(processes).id)
        elif draft.chance(0.7):
            flow = replace(flow, process=f"process:{number}")
            processes.append(_process(draft, flow))
        flows.append(flow)
    runs = [run for one in processes for run in _runs(draft, one, flows)]
    reviews = [review for one in processes if one.declassifies for review in _reviews(draft, one, runs, flows)]
    return replace(world, flows=tuple(flows), processes=tuple(processes), runs=tuple(runs), reviews=tuple(reviews))


def _flow(draft: Draft, number: int, ends: list[str], before: list[Flow]) -> Flow:
    rng = draft.rng
    source = rng.choice(before).target if before and draft.chance(0.35) else rng.choice(ends)
    target = rng.choice(ends)
    if target == source and draft.chance(0.7):
        target = rng.choice(ends)
    columns = tuple(ColumnRef(source, name) for name in draft.columns.get(source, ()))
    stated = tuple(one for one in columns if draft.chance(0.7)) if draft.chance(0.35) else ()
    if stated and draft.chance(0.05):
        stated = (*stated, ColumnRef(source, "unheard-of"))
    return Flow(
        id=f"flow:{number}",
        source=source,
        target=target,
        columns=stated,
        column_flows=_column_flows(draft, stated or columns, target),
        purpose=None if draft.chance(0.07) else rng.choice([one.id for one in PURPOSES[1:4]] * 3 + ["purpose:sales"]),
        provider=_stated(draft, source),
        recipient=_stated(draft, target),
        claims=(rng.choice((*AGREEMENTS, "agreement:lost")),) if draft.chance(0.15) else (),
        first_seen=None if draft.chance(0.08) else draft.day(-300, -150, -60, -20, -1, 0, 1),
        last_seen=draft.day(-10, -1, 0, 1, 30) if draft.chance(0.12) else None,
    )


def _column_flows(draft: Draft, columns: tuple[ColumnRef, ...], target: str) -> tuple[ColumnFlow, ...]:
    names = draft.columns.get(target, ())
    if not columns or not names or not draft.chance(0.45):
        return ()
    return tuple(
        ColumnFlow(one, ColumnRef(target, name), direct=draft.chance(0.7), masked=draft.chance(0.2))
        for one in columns
        for name in names
        if draft.chance(0.5)
    )


def _stated(draft: Draft, end: str) -> str | None:
    if draft.chance(0.6):
        return None
    inside = draft.datasets_of(end)
    return draft.holders[inside[0]] if inside and draft.chance(0.8) else draft.rng.choice((*AGENCIES, "unit:a"))


def _process(draft: Draft, flow: Flow) -> Process:
    rng = draft.rng
    inside = draft.datasets_of(flow.source)
    agency = draft.holders[inside[0]] if inside and draft.chance(0.75) else rng.choice((*AGENCIES, None))
    if not draft.chance(0.3):
        return Process(f"{flow.process}", agency, method=rng.choice((None, TransformationKind.AGGREGATE)))
    return Process(
        f"{flow.process}",
        agency,
        declassifies=True,
        method=rng.choice(
            (
                *[TransformationKind.AGGREGATE] * 3,
                TransformationKind.REDACT,
                TransformationKind.PSEUDONYMIZE,
                TransformationKind.COPY,
                None,
            )
        ),
        suppression_rule=_RULE if draft.chance(0.85) else None,
        link_destroyed_on=draft.day(-200, -1, 0, 1) if draft.chance(0.8) else None,
    )


def _runs(draft: Draft, process: Process, flows: list[Flow]) -> list[Run]:
    made: list[Run] = []
    targets = sorted(
        {dataset for flow in flows if flow.process == process.id for dataset in draft.datasets_of(flow.target)}
    )
    agreement = draft.rng.choice((*AGREEMENTS, None)) if draft.chance(0.8) else None
    for number in range(draft.rng.choice((0, 0, 1, 1, 1, 2, 2))):
        state = draft.rng.choice((*[RunState.COMPLETE] * 8, RunState.FAIL, RunState.ABORT, RunState.RUNNING))
        stated = draft.chance(0.3)
        made.append(
            Run(
                f"run:{process.id}/{number}",
                process.id,
                draft.day(-90, -60, -20, -1, 0, 1),
                state,
                outputs=tuple(_written(draft, one) for one in targets if draft.chance(0.9)) if stated else None,
                rule=_OTHER_RULE if draft.chance(0.05) else None,
                agreement=agreement if draft.chance(0.9) else draft.rng.choice((*AGREEMENTS, None)),
            )
        )
    return made


def _written(draft: Draft, dataset: str) -> Written:
    return Written(dataset, some(draft.rng, draft.columns[dataset], 0.8) if draft.chance(0.5) else None)


def _reviews(draft: Draft, process: Process, runs: list[Run], flows: list[Flow]) -> list[DisclosureReview]:
    """One or two reviews, usually before the first of what they are to stand for."""
    days = [run.on for run in runs if run.process == process.id]
    days += [flow.first_seen for flow in flows if flow.process == process.id and flow.first_seen is not None]
    targets = {dataset for flow in flows if flow.process == process.id for dataset in draft.datasets_of(flow.target)}
    outputs = [ColumnRef(dataset, name) for dataset in sorted(targets) for name in draft.columns[dataset]]
    made: list[DisclosureReview] = []
    for _ in range(draft.rng.choice((0, 1, 1, 1, 2))):
        early = min(days) - timedelta(days=draft.rng.choice((0, 1, 5))) if days else draft.past()
        made.append(
            DisclosureReview(
                process.id,
                columns=tuple(one for one in outputs if draft.chance(0.8)) if draft.chance(0.35) else None,
                rule=process.suppression_rule if draft.chance(0.9) else _OTHER_RULE,
                approved=draft.chance(0.9),
                on=None if draft.chance(0.03) else early,
                withdrawn_on=draft.day(-1, 0, 1) if draft.chance(0.1) else None,
            )
        )
    return made
