"""The facts of the oracle as those of the engine."""

from __future__ import annotations

from collections import defaultdict

from catalog.model.enums import RunState, TransformationKind
from catalog.model.enums_data import Classification, PersonalKind
from catalog.model.enums_sharing import AgreementKind, AgreementStage, PartyRole
from lineage.audit import facts as engine
from tests.audit.oracle import facts as oracle

__all__ = ["adapted"]

_STATES = {
    oracle.RunState.SCHEDULED: RunState.PLANNED,
    oracle.RunState.RUNNING: RunState.RUNNING,
    oracle.RunState.COMPLETE: RunState.COMPLETED,
    oracle.RunState.FAIL: RunState.FAILED,
    oracle.RunState.ABORT: RunState.ABORTED,
}


def adapted(world: oracle.World) -> engine.Facts:
    """The same world for the engine."""
    return engine.Facts(
        units=tuple((each.id, each.agency) for each in world.units),
        systems=tuple(engine.System(each.id, each.agency) for each in world.systems),
        datasets=_datasets(world),
        members=tuple(engine.Membership(one.dataset, one.group, one.valid_from, one.valid_to) for one in world.members),
        same_as=tuple(engine.SameAs(one.one, one.other, one.stated) for one in world.same_as),
        held_by=_holdings(world.held_by),
        controlled_by=_holdings(world.controlled_by),
        collected_under=tuple(
            engine.Holding(one.dataset, one.under, one.valid_from, one.valid_to) for one in world.collected_under
        ),
        publications=tuple(
            engine.Publication(one.dataset, one.public, one.valid_from, one.valid_to) for one in world.publications
        ),
        determinations=tuple(_determination(one) for one in world.determinations),
        purposes=tuple((one.id, one.broader) for one in world.purposes),
        agreements=_agreements(world),
        approvals=tuple(engine.Approval(one.request, one.agency, one.approved, one.on) for one in world.approvals),
        processes=tuple(_process(one) for one in world.processes),
        runs=tuple(_run(one) for one in world.runs),
        reviews=tuple(
            engine.DisclosureReview(
                one.process,
                None if one.columns is None else _refs(one.columns),
                one.rule,
                one.approved,
                one.on,
                one.withdrawn_on,
            )
            for one in world.reviews
        ),
        flows=tuple(adapted_flow(one) for one in world.flows),
    )


def _refs(columns: tuple[oracle.ColumnRef, ...]) -> tuple[engine.ColumnRef, ...]:
    return tuple((one.dataset, one.column) for one in columns)


def _datasets(world: oracle.World) -> tuple[engine.Dataset, ...]:
    columns: dict[str, list[engine.Column]] = defaultdict(list)
    for one in world.columns:
        ref = (one.dataset, one.name)
        kind = PersonalKind.SENSITIVE if one.personal else PersonalKind.NONE
        columns[one.dataset].append(engine.Column(ref, one.first_day, one.valid_to, kind))
    high = {id_: min(one.on for one in world.high_values if one.dataset == id_) for id_ in _of(world.high_values)}
    planned = {id_: min(one.submitted_on for one in world.planned if one.dataset == id_) for id_ in _of(world.planned)}
    return tuple(
        engine.Dataset(
            one.id,
            engine.Columns.of(columns[one.id]),
            one.version_of,
            one.declared_personal,
            high.get(one.id),
            planned.get(one.id),
        )
        for one in world.datasets
    )


def _of(things: tuple[oracle.HighValue, ...] | tuple[oracle.PlannedPublication, ...]) -> set[str]:
    return {one.dataset for one in things}


def _holdings(holdings: tuple[oracle.Holding, ...]) -> tuple[engine.Holding, ...]:
    return tuple(engine.Holding(one.dataset, one.agency, one.valid_from, one.valid_to) for one in holdings)


def _determination(one: oracle.Determination) -> engine.Determination:
    classes = frozenset(Classification(each.value) for each in one.classes)
    met = tuple(sorted(one.open_criteria))
    return engine.Determination(one.dataset, one.column, classes, one.on, one.valid_to, one.reasons, one.laws, met)


def _agreements(world: oracle.World) -> tuple[engine.Agreement, ...]:
    return tuple(
        engine.Agreement(
            id=one.id,
            kind=AgreementKind(one.kind.value),
            under=one.under,
            executed_on=one.executed_on,
            effective_from=one.effective_from,
            effective_to=one.effective_to,
            parties=tuple(engine.Party(row.party, PartyRole(row.role.value), row.signed_on) for row in one.parties),
            terms=tuple(_term(term) for term in one.terms),
            events=tuple(engine.StageEvent(AgreementStage(event.stage.value), event.on) for event in one.events),
            amendments=tuple(
                engine.Amendment(
                    change.on,
                    None if change.new_end is None else engine.NewEnd(change.new_end.effective_to),
                    tuple(_term(term) for term in change.add_terms),
                    change.end_terms,
                )
                for change in one.amendments
            ),
            permits=one.permits,
            prohibits=one.prohibits,
            rests_on=one.rests_on,
            redisclosure=engine.Redisclosure(one.redisclosure.all, one.redisclosure.datasets),
            preconditions=_conditions(one.preconditions),
            requests=tuple(request.id for request in world.requests if request.led_to == one.id),
        )
        for one in world.agreements
    )


def _term(term: oracle.CoverageTerm) -> engine.CoverageTerm:
    return engine.CoverageTerm(
        term.id,
        (*term.datasets, *term.series, *term.systems),
        _refs(term.columns),
        term.purposes,
        term.recipients,
        term.from_,
        term.to,
        _conditions(term.conditions),
    )


def _conditions(conditions: tuple[oracle.Condition, ...]) -> tuple[engine.Condition, ...]:
    return tuple(engine.Condition(one.kind, one.fulfilled_on, one.expires_on) for one in conditions)


def _process(one: oracle.Process) -> engine.Process:
    return engine.Process(
        one.id,
        one.agency,
        one.declassifies,
        None if one.method is None else TransformationKind(one.method.value),
        one.suppression_rule,
        one.link_destroyed_on,
    )


def _run(one: oracle.Run) -> engine.Run:
    return engine.Run(
        one.id,
        one.process,
        one.on,
        _STATES[one.state],
        None if one.outputs is None else tuple(engine.Written(each.dataset, each.columns) for each in one.outputs),
        one.rule,
        one.agreement,
    )


def adapted_flow(one: oracle.Flow) -> engine.Flow:
    """One flow for the engine."""
    return engine.Flow(
        one.id,
        one.source,
        one.target,
        one.process,
        _refs(one.columns),
        tuple(
            engine.ColumnFlow(
                (each.from_.dataset, each.from_.column), (each.to.dataset, each.to.column), each.direct, each.masked
            )
            for each in one.column_flows
        ),
        one.purpose,
        one.provider,
        one.recipient,
        one.claims,
        one.first_seen,
        one.last_seen,
    )
