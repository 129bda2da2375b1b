"""Facts of the audit as the statements that a store is given: what ``gather`` reads of them are the same facts.

Ids are URNs. What the model cannot say is not among the facts: ``tests/audit/storable.py`` says what that is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Any, cast

from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Column, Dataset, DatasetSeries, Portal, Program, System
from catalog.model.declare import Entity
from catalog.model.determinations import ClassificationDetermination, HighValueDetermination
from catalog.model.disclosure import DisclosureReview
from catalog.model.enums import Decision, Derivation, Redisclosure
from catalog.model.enums_data import AssertionStatus, OpenCriterion, PersonalKind, ProtectedReason
from catalog.model.lineage import ColumnFlow, Flow, Job, Run
from catalog.model.own import Source
from catalog.model.people import Agency, Unit
from catalog.model.requests import Approval, DataRequest
from catalog.model.sharing import Agreement, AgreementParty, Amendment, CoverageTerm, Law, Purpose, StageEvent
from catalog.urn import Urn, key, kind_of, part
from lineage.audit import facts as plain

__all__ = ["batches", "column_urn", "statements"]

Statement = NodeStatement | EdgeStatement
_edge = EdgeStatement
_LETTERS = dict(zip("ABCDE", OpenCriterion, strict=True))
_SOURCE = key("source", "audited")
_AT = datetime(2022, 1, 1, tzinfo=UTC)
_MANY = 10_000
"""Statements of a batch."""


def batches(facts: plain.Facts) -> Iterator[Batch]:
    """The statements in batches, each of which rests on those before it."""
    made = partial(Batch, _SOURCE, "test", _AT, _AT.date())
    batch = made(nodes=[NodeStatement(Source(urn=_SOURCE, title="audited"))])
    for each in statements(facts):
        if isinstance(each, NodeStatement):
            batch.nodes.append(each)
        else:
            batch.edges.append(each)
        if len(batch.nodes) + len(batch.edges) >= _MANY:
            yield batch
            batch = made()
    yield batch


def statements(facts: plain.Facts) -> Iterator[Statement]:
    """Every fact: a node stands before the edges that lead to it."""
    yield from (NodeStatement(each) for each in _named(facts))
    for unit, agency in facts.units:
        yield from _to(Unit.unit_of, unit, agency)
    for system in facts.systems:
        yield from _to(System.held_by, system.id, system.agency)
    for purpose, above in facts.purposes:
        yield from _to(Purpose.broader, purpose, *above)
    yield from _data(facts)
    for number, each in enumerate(facts.determinations):
        yield from _determination(number, each)
    for agreement in facts.agreements:
        yield from _agreement(agreement)
    yield from _decisions(facts)
    yield from _lineage(facts)
    for flow in facts.flows:
        yield from _flow(flow)


def column_urn(ref: plain.ColumnRef) -> Urn:
    """The URN of a column of a dataset."""
    return part(ref[0], "column", ref[1])


def _urn(id_: str) -> Urn:
    return cast("Urn", id_)


def _node(made: Entity) -> NodeStatement:
    return NodeStatement(made)


def _to(relation: Any, tail: str, *heads: str | None) -> Iterator[EdgeStatement]:
    """The relationship to each; to none where that is not known."""
    yield from (EdgeStatement(relation, _urn(tail), _urn(head)) for head in heads if head is not None)


def _of_kind(facts: plain.Facts, kind: str) -> list[str]:
    """What the facts speak of without saying anything of it."""
    found: set[str] = set()
    found.update(each.by for some in (facts.held_by, facts.controlled_by, facts.collected_under) for each in some)
    found.update(each.group for each in facts.members)
    found.update(agency for _, agency in facts.units if agency)
    found.update(
        each.agency for some in (facts.systems, facts.approvals, facts.processes) for each in some if each.agency
    )
    for agreement in facts.agreements:
        found.update(each.party for each in agreement.parties)
        found.update(agreement.rests_on)
        found.update(agreement.requests)
        for term in _terms(agreement):
            found.update((*term.names, *term.recipients))
    found.update(each.request for each in facts.approvals)
    found.update(law for each in facts.determinations for law in each.laws)
    found.update(end for each in facts.flows for end in (each.provider, each.recipient) if end)
    return sorted(each for each in found if kind_of(each) == kind)


def _named(facts: plain.Facts) -> Iterator[Entity]:
    """Nodes of which nothing is said but that they are there."""
    yield from (Agency(urn=_urn(each), name=each) for each in _of_kind(facts, "agency"))
    yield from (Unit(urn=_urn(each), name=each) for each, _ in facts.units)
    yield from (System(urn=_urn(each.id), name=each.id) for each in facts.systems)
    yield from (DatasetSeries(urn=_urn(each), title=each) for each in _of_kind(facts, "dataset-series"))
    yield from (Program(urn=_urn(each), name=each) for each in _of_kind(facts, "program"))
    yield from (Law(urn=_urn(each), citation=each) for each in _of_kind(facts, "law"))
    yield from (Purpose(urn=_urn(each), label=each) for each, _ in facts.purposes)
    yield from (DataRequest(urn=_urn(each), title=each) for each in _of_kind(facts, "data-request"))
    yield from (Portal(urn=_portal(public=public), title="Portal", is_public=public) for public in (True, False))


def _portal(*, public: bool) -> Urn:
    return key("portal", "open" if public else "closed")


def _data(facts: plain.Facts) -> Iterator[Statement]:
    for each in facts.datasets:
        yield _node(Dataset(urn=_urn(each.id), title=each.id, contains_pii=each.declared_personal or None))
    for each in facts.datasets:
        yield from _to(Dataset.version_of, each.id, each.version_of)
        for column in each.columns:
            personal = PersonalKind.SENSITIVE if column.personal else None
            urn = column_urn(column.ref)
            yield _node(Column(urn=urn, name=column.ref[1], personal_kind=personal, first_seen=column.first_day))
            yield _edge(Dataset.columns, _urn(each.id), urn, valid_to=column.valid_to)
        if each.high_value_on is not None:
            urn = part(each.id, "high-value-determination", "high")
            yield _node(HighValueDetermination(urn=urn, determined_on=each.high_value_on))
            yield from _to(HighValueDetermination.finds_high_value, urn, each.id)
    for each in facts.members:
        relation = Dataset.stored_in if kind_of(each.group) == "system" else Dataset.in_series
        yield _edge(relation, _urn(each.dataset), _urn(each.group), each.valid_from, each.valid_to)
    for relation, holdings in (
        (Dataset.held_by, facts.held_by),
        (Dataset.controlled_by, facts.controlled_by),
        (Dataset.collected_under, facts.collected_under),
    ):
        for each in holdings:
            yield _edge(relation, _urn(each.dataset), _urn(each.by), each.valid_from, each.valid_to)
    for each in facts.publications:
        span = each.valid_from, each.valid_to
        yield _edge(Dataset.published_on, _urn(each.dataset), _portal(public=each.public), *span)
    for each in facts.same_as:
        status = AssertionStatus.STATED if each.stated else AssertionStatus.PROPOSED
        yield _edge(Dataset.same_as, _urn(each.one), _urn(each.other), props={"status": status})


def _determination(number: int, said: plain.Determination) -> Iterator[Statement]:
    urn = part(said.dataset, "classification-determination", str(number))
    made = ClassificationDetermination(
        urn=urn,
        classes=tuple(sorted(said.classes)),
        reasons=tuple(map(ProtectedReason, said.reasons)),
        open_criteria=tuple(_LETTERS[each] for each in said.open_criteria),
    )
    yield NodeStatement(made, valid_from=said.on, valid_to=said.valid_to)
    about = said.dataset if said.column is None else column_urn((said.dataset, said.column))
    yield from _to(ClassificationDetermination.classifies, urn, about)
    yield from _to(ClassificationDetermination.rests_on, urn, *said.laws)


def _terms(agreement: plain.Agreement) -> list[plain.CoverageTerm]:
    return [*agreement.terms, *(term for each in agreement.amendments for term in each.add_terms)]


def _agreement(one: plain.Agreement) -> Iterator[Statement]:
    passed_on = Redisclosure.ALL if one.redisclosure.all else Redisclosure.LISTED
    yield _node(
        Agreement(
            urn=_urn(one.id),
            title=one.id,
            kind_of_agreement=one.kind,
            executed_on=one.executed_on,
            effective_from=one.effective_from,
            effective_to=one.effective_to,
            permits_redisclosure=passed_on,
            preconditions=_conditions(one.preconditions),
        )
    )
    yield from _to(Agreement.permits, one.id, *one.permits)
    yield from _to(Agreement.prohibits, one.id, *one.prohibits)
    yield from _to(Agreement.rests_on, one.id, *one.rests_on)
    yield from _to(Agreement.may_pass_on, one.id, *one.redisclosure.names)
    for number, party in enumerate(one.parties):
        urn = part(one.id, "agreement-party", str(number))
        yield _node(AgreementParty(urn=urn, role=party.role, signed_on=party.signed_on))
        yield from _to(Agreement.parties, one.id, urn)
        yield from _to(AgreementParty.stands_for, urn, party.party)
    for number, event in enumerate(one.events):
        urn = part(one.id, "stage-event", str(number))
        yield _node(StageEvent(urn=urn, stage=event.stage, occurred_on=event.on))
        yield from _to(Agreement.stages, one.id, urn)
    for term in _terms(one):
        yield from _term(one, term)
    for number, change in enumerate(one.amendments):
        urn = part(one.id, "amendment", str(number))
        yield _node(Amendment(urn=urn, amended_on=change.on, changes=_changes(change)))
        yield from _to(Agreement.amendments, one.id, urn)
    for request in one.requests:
        yield from _to(DataRequest.led_to, request, one.id)


def _term(agreement: plain.Agreement, term: plain.CoverageTerm) -> Iterator[Statement]:
    conditions = _conditions(term.conditions)
    yield _node(CoverageTerm(urn=_urn(term.id), conditions=conditions, effective_from=term.from_, effective_to=term.to))
    yield from _to(Agreement.terms, agreement.id, term.id)
    yield from _to(CoverageTerm.covers, term.id, *term.names, *map(column_urn, term.columns))
    yield from _to(CoverageTerm.for_purpose, term.id, *term.purposes)
    yield from _to(CoverageTerm.recipients, term.id, *term.recipients)


def _conditions(conditions: tuple[plain.Condition, ...]) -> str | None:
    said = [
        {"kind": each.kind, "fulfilledOn": _iso(each.fulfilled_on), "expiresOn": _iso(each.expires_on)}
        for each in conditions
    ]
    return json.dumps(said) if said else None


def _changes(change: plain.Amendment) -> str:
    said: dict[str, Any] = {"addTerms": [each.id for each in change.add_terms], "endTerms": change.end_terms}
    if change.new_end is not None:
        said["effectiveTo"] = _iso(change.new_end.effective_to)
    return json.dumps(said)


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _decisions(facts: plain.Facts) -> Iterator[Statement]:
    for one in facts.agreements:
        yield from _to(Agreement.under, one.id, *one.under)
    for number, each in enumerate(facts.approvals):
        urn = part(each.request, "approval", str(number))
        decision = Decision.APPROVED if each.approved else Decision.DENIED
        yield _node(Approval(urn=urn, decision=decision, decided_on=each.on))
        yield from _to(DataRequest.approvals, each.request, urn)
        yield from _to(Approval.given_by, urn, each.agency)


def _lineage(facts: plain.Facts) -> Iterator[Statement]:
    for each in facts.processes:
        made = Job(
            urn=_urn(each.id),
            namespace="test",
            name=each.id,
            declassifies=each.declassifies,
            method=each.method,
            suppression_rule=each.suppression_rule,
            link_destroyed_on=each.link_destroyed_on,
        )
        yield _node(made)
        yield from _to(Job.run_by, each.id, each.agency)
    for each in facts.runs:
        moment = datetime.combine(each.on, time(12), UTC)
        yield _node(Run(urn=_urn(each.id), state=each.state, started_at=moment, rule=each.rule))
        yield from _to(Run.executes, each.id, each.process)
        yield from _to(Run.ran_under, each.id, each.agreement)
        for output in each.outputs or ():
            named = [column_urn((output.dataset, name)) for name in output.columns or ()]
            yield from _to(Run.outputs, each.id, *(named or [output.dataset]))
    for number, each in enumerate(facts.reviews):
        urn = part(each.process, "disclosure-review", str(number))
        decision = Decision.APPROVED if each.approved else Decision.DENIED
        made = DisclosureReview(
            urn=urn, rule=each.rule, decision=decision, decided_on=each.on, withdrawn_on=each.withdrawn_on
        )
        yield _node(made)
        yield from _to(DisclosureReview.reviews, urn, each.process)
        yield from _to(DisclosureReview.saw, urn, *map(column_urn, each.columns or ()))


def _flow(one: plain.Flow) -> Iterator[Statement]:
    yield _node(Flow(urn=_urn(one.id), first_seen=one.first_seen, last_seen=one.last_seen))
    yield from _to(Flow.from_asset, one.id, one.source)
    yield from _to(Flow.to_asset, one.id, one.target)
    yield from _to(Flow.via, one.id, one.process)
    yield from _to(Flow.for_purpose, one.id, one.purpose)
    yield from _to(Flow.provided_by, one.id, one.provider)
    yield from _to(Flow.received_by, one.id, one.recipient)
    yield from _to(Flow.claims, one.id, *one.claims)
    yield from _to(Flow.columns, one.id, *map(column_urn, one.columns))
    for number, each in enumerate(one.column_flows):
        urn = part(one.id, "column-flow", str(number))
        derivation = Derivation.DIRECT if each.direct else Derivation.INDIRECT
        yield _node(ColumnFlow(urn=urn, derivation=derivation, masking=each.masked or None))
        yield from _to(ColumnFlow.part_of_flow, urn, one.id)
        yield from _to(ColumnFlow.from_column, urn, column_urn(each.from_))
        yield from _to(ColumnFlow.to_column, urn, column_urn(each.to))
