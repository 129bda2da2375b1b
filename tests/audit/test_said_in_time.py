"""What the graph says on some days only, the audit goes by on these (domain 3; 9.2 A6, A7, C1, D5, E5, E12)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from catalog.access import STAFF_READER
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model import MODEL
from catalog.model.data import Dataset, System
from catalog.model.declare import Entity, Relation
from catalog.model.determinations import ClassificationDetermination, HighValueDetermination
from catalog.model.disclosure import DisclosureReview
from catalog.model.enums import AgreementKind, AgreementStage, Decision, PartyRole, TransformationKind
from catalog.model.enums_data import Classification, OpenCriterion
from catalog.model.lineage import Flow, Job
from catalog.model.own import Source
from catalog.model.people import Agency
from catalog.model.requests import Approval, DataRequest
from catalog.model.sharing import Agreement, AgreementParty, Amendment, CoverageTerm, Law, Purpose, StageEvent
from catalog.stores.layout import Tables
from catalog.urn import Urn, key, part
from lineage.audit.day import DayAudit
from lineage.audit.facts import Facts
from lineage.audit.follow import brought, news
from lineage.audit.gather import gather
from lineage.audit.last_days import calendar
from tests.contract.backends import BACKENDS, Place

START, TURN, LAST = date(2020, 1, 1), date(2021, 6, 1), date(2021, 5, 31)
ZONE = ZoneInfo("America/New_York")
SOURCE = key("source", "said")
P, R, Q = (key("agency", "t", each) for each in "PRQ")
S, T = (key("dataset", "t", each) for each in "st")
FOR, OTHER = (key("purpose", "t", each) for each in ("this", "other"))
A, E, TERM, F = (
    key("agreement", "t", "A"),
    key("agreement", "t", "E"),
    key("coverage-term", "t", "A"),
    key("flow", "t", "f"),
)
GIVES, TAKES, LAW = part(A, "agreement-party", "P"), part(A, "agreement-party", "R"), key("law", "t", "l")
CLASSED = part(S, "classification-determination", "1")

Nodes = list[NodeStatement]
Edges = list[EdgeStatement]


def _agreement() -> Agreement:
    return Agreement(urn=A, title="A", kind_of_agreement=AgreementKind.MOU, executed_on=START, effective_from=START)


def _nodes() -> Nodes:
    """P sends s to R, which keeps it as t; agreement A covers it."""
    made: list[Entity] = [Source(urn=SOURCE, title="said"), *(Agency(urn=each, name=each) for each in (P, Q, R))]
    made += [Dataset(urn=each, title=each) for each in (S, T)]
    made += [Purpose(urn=each, label=each) for each in (FOR, OTHER)]
    made += [Law(urn=LAW, citation="l"), _agreement(), CoverageTerm(urn=TERM), Flow(urn=F, first_seen=START)]
    made += [AgreementParty(urn=GIVES, role=PartyRole.PROVIDER), AgreementParty(urn=TAKES, role=PartyRole.RECIPIENT)]
    decided = ClassificationDetermination(urn=CLASSED, classes=(Classification.PERSONAL,))
    return [*map(NodeStatement, made), NodeStatement(decided, valid_from=START)]


_EDGES: list[tuple[Relation, Urn, Urn]] = [
    (ClassificationDetermination.classifies, CLASSED, S),
    (Dataset.held_by, S, P),
    (Dataset.held_by, T, R),
    (Agreement.parties, A, GIVES),
    (Agreement.parties, A, TAKES),
    (AgreementParty.stands_for, GIVES, P),
    (AgreementParty.stands_for, TAKES, R),
    (Agreement.terms, A, TERM),
    (CoverageTerm.covers, TERM, S),
    (CoverageTerm.for_purpose, TERM, FOR),
    (CoverageTerm.recipients, TERM, R),
    (Agreement.permits, A, FOR),
    (Agreement.rests_on, A, LAW),
    (Flow.from_asset, F, S),
    (Flow.to_asset, F, T),
    (Flow.for_purpose, F, FOR),
]


def _edges(*ending: Relation) -> Edges:
    """What is said, some of it until TURN."""
    return [
        EdgeStatement(relation, tail, head, START, TURN) if relation in ending else EdgeStatement(relation, tail, head)
        for relation, tail, head in _EDGES
    ]


def _batch(nodes: Nodes, edges: Edges, day: date = START) -> Batch:
    return Batch(SOURCE, "test", datetime(day.year, day.month, day.day, tzinfo=UTC), day, nodes=nodes, edges=edges)


def _facts(folder: Path, *batches: Batch) -> Facts:
    folder.mkdir(exist_ok=True)

    async def read() -> Facts:
        store = BACKENDS["sqlite"].open(Place(folder / "graph.db"), Tables(MODEL))
        await store.migrate()
        found = await gather(store, STAFF_READER, ZONE)
        for batch in batches:
            await store.write(batch)
            followed = await news(store, found, STAFF_READER)
            assert followed is not None
            found = brought(found, followed, ZONE)
            assert found == await gather(store, STAFF_READER, ZONE), "facts that follow are those read anew"
        await store.close()
        return found.facts

    return asyncio.run(read())


def _said(facts: Facts, day: date) -> str:
    """The reasons or the kind of the verdict of f, which an audit that takes what holds of another day tells as well."""
    fresh = DayAudit(facts, day)
    found = fresh.verdicts[F]
    for other in (START, LAST, TURN):
        before = DayAudit(facts, other)
        assert before.verdicts
        assert DayAudit(facts, day, earlier=before.left()).verdicts[F] == found
        assert before.days.at(day).verdicts([fresh.audit.asof.flow(before.stated[F])])[F] == found
    return ",".join((*found.reasons, *found.why)) or str(found.kind)


def _told(folder: Path, nodes: Nodes, edges: Edges) -> list[str]:
    """What is said of f on the last day before TURN, and on it."""
    facts = _facts(folder, _batch(nodes, edges))
    return [_said(facts, day) for day in (LAST, TURN)]


_ENDING = {
    Agreement.permits: "PURPOSE_NOT_PERMITTED",
    Agreement.rests_on: "NO_LEGAL_BASIS",
    Agreement.parties: "UNSIGNED",
    Agreement.terms: "DATASET_OUT_OF_SCOPE",
    CoverageTerm.covers: "DATASET_OUT_OF_SCOPE",
}


@pytest.mark.parametrize(("relation", "code"), _ENDING.items(), ids=[each.type for each in _ENDING])
def test_a7_what_an_agreement_says_no_more_covers_no_more(relation: Relation, code: str, tmp_path: Path) -> None:
    edges = _edges(relation)
    if relation is Agreement.permits:
        edges.append(EdgeStatement(relation, A, OTHER))
    assert _told(tmp_path, _nodes(), edges) == ["COVERED", code]


def test_a7_what_is_permitted_from_a_day_on_was_not_before(tmp_path: Path) -> None:
    kept = [each for each in _edges() if each.relation not in (Agreement.permits, CoverageTerm.for_purpose)]
    edges = [
        *kept,
        EdgeStatement(Agreement.permits, A, OTHER, START, TURN),
        EdgeStatement(Agreement.permits, A, FOR, TURN),
    ]
    assert _told(tmp_path, _nodes(), edges) == ["PURPOSE_NOT_PERMITTED", "COVERED"]


def test_a7_what_is_prohibited_from_a_day_on_was_not_before(tmp_path: Path) -> None:
    edges = [*_edges(), EdgeStatement(Agreement.prohibits, A, FOR, TURN)]
    assert _told(tmp_path, _nodes(), edges) == ["COVERED", "PURPOSE_NOT_PERMITTED"]


def test_a7_an_agreement_above_counts_while_it_is_above(tmp_path: Path) -> None:
    frame = Agreement(urn=E, title="E", kind_of_agreement=AgreementKind.MOU, effective_from=START)
    edges = [*_edges(), EdgeStatement(Agreement.under, A, E, START, TURN)]
    assert _told(tmp_path, [*_nodes(), NodeStatement(frame)], edges) == ["PARENT_NOT_ACTIVE", "COVERED"]


@pytest.mark.parametrize(("kind", "code"), [(CoverageTerm, "DATASET_OUT_OF_SCOPE"), (Agreement, "EXPIRED")])
def test_a7_what_is_closed_covers_no_more(kind: type[Entity], code: str, tmp_path: Path) -> None:
    nodes = [replace(each, valid_to=TURN) if isinstance(each.entity, kind) else each for each in _nodes()]
    facts = _facts(tmp_path, _batch(nodes, _edges()))
    assert [_said(facts, day) for day in (LAST, TURN)] == ["COVERED", code]
    audit = DayAudit(facts, LAST)
    (ends,) = calendar(audit.days, facts.agreements, START, date(2022, 1, 1))
    assert (ends.day, ends.term is None, ends.lapse.flows) == (LAST, kind is Agreement, (F,))


def test_what_a_source_takes_out_of_an_agreement_is_out_of_it(tmp_path: Path) -> None:
    """Stated anew without a purpose, as by a file that was corrected; also of the days before its change it said so then."""
    first = _batch(_nodes(), [*_edges(), EdgeStatement(Agreement.permits, A, OTHER)])
    anew = _batch([NodeStatement(_agreement())], [EdgeStatement(Agreement.permits, A, OTHER)], TURN)
    anew.restates.add((A, Agreement.permits))
    facts = _facts(tmp_path, first, anew)
    assert [_said(facts, day) for day in (LAST, TURN)] == ["COVERED", "PURPOSE_NOT_PERMITTED"]


def test_what_has_a_day_of_its_own_counts_from_it_though_it_was_told_later(tmp_path: Path) -> None:
    """A signature, a term, an event or an amendment that is entered late is of its own day, until it is taken back."""
    event, change = part(A, "stage-event", "1"), part(A, "amendment", "1")
    nodes = [
        *_nodes(),
        NodeStatement(StageEvent(urn=event, stage=AgreementStage.SUSPENDED, occurred_on=date(2021, 5, 1))),
        NodeStatement(Amendment(urn=change, amended_on=date(2021, 4, 1), changes='{"effectiveTo": "2021-05-10"}')),
    ]
    of_their_own = (Agreement.parties, Agreement.terms)
    edges = [replace(each, valid_from=TURN) if each.relation in of_their_own else each for each in _edges()]
    assert _told(tmp_path / "late", nodes, edges) == ["COVERED", "COVERED"]
    edges += [EdgeStatement(Agreement.stages, A, event, START, TURN)]
    assert _told(tmp_path / "event", nodes, edges) == ["SUSPENDED", "COVERED"]
    edges += [EdgeStatement(Agreement.amendments, A, change, START, TURN)]
    assert _told(tmp_path / "change", nodes, edges) == ["EXPIRED", "COVERED"]


@pytest.mark.parametrize("said", ['{"effectiveTo": "TBD"}', '{"effectiveTo": 5}', '{"effectiveTo": "2021-02-30"}'])
def test_b2_an_end_that_cannot_be_read_lies_not_ahead(said: str, tmp_path: Path) -> None:
    """Nor does it keep all else from being audited."""
    change = part(A, "amendment", "1")
    nodes = [*_nodes(), NodeStatement(Amendment(urn=change, amended_on=TURN, changes=said))]
    assert _told(tmp_path, nodes, [*_edges(), EdgeStatement(Agreement.amendments, A, change)]) == ["COVERED", "EXPIRED"]


def test_c1_a_system_that_changes_hands_was_of_its_holder_of_the_day(tmp_path: Path) -> None:
    system = key("system", "t", "S")
    edges = [each for each in _edges() if each.relation is not Flow.to_asset]
    edges += [
        EdgeStatement(Flow.to_asset, F, system),
        EdgeStatement(System.held_by, system, R, START, TURN),
        EdgeStatement(System.held_by, system, Q, TURN),
    ]
    found = _told(tmp_path, [*_nodes(), NodeStatement(System(urn=system, name="S"))], edges)
    assert found == ["COVERED", "RECIPIENT_NOT_PERMITTED"]


def test_e7_an_approval_that_is_taken_back_counts_no_more(tmp_path: Path) -> None:
    request = key("data-request", "t", "1")
    yes = part(request, "approval", "1")
    nodes = [
        *_nodes(),
        NodeStatement(DataRequest(urn=request, title="r")),
        NodeStatement(Approval(urn=yes, decision=Decision.APPROVED, decided_on=START), valid_from=START, valid_to=TURN),
    ]
    edges = [
        *_edges(),
        EdgeStatement(DataRequest.led_to, request, A),
        EdgeStatement(DataRequest.approvals, request, yes),
        EdgeStatement(Approval.given_by, yes, P),
    ]
    assert _told(tmp_path, nodes, edges) == ["COVERED", "APPROVAL_MISSING"]


def test_a10_a_review_that_is_taken_back_stands_no_more(tmp_path: Path) -> None:
    job = key("job", "t", "j")
    review = part(job, "disclosure-review", "1")
    open_ = part(T, "classification-determination", "1")
    redacts = Job(urn=job, namespace="t", name="j", declassifies=True, method=TransformationKind.REDACT)
    seen = DisclosureReview(urn=review, decision=Decision.APPROVED, decided_on=date(2019, 12, 31))
    nodes = [
        *_nodes(),
        NodeStatement(redacts),
        NodeStatement(seen, valid_from=START, valid_to=TURN),
        NodeStatement(ClassificationDetermination(urn=open_, classes=(Classification.OPEN,)), valid_from=START),
    ]
    edges = [
        *_edges(),
        EdgeStatement(Flow.via, F, job),
        EdgeStatement(DisclosureReview.reviews, review, job),
        EdgeStatement(ClassificationDetermination.classifies, open_, T),
    ]
    facts = _facts(tmp_path, _batch(nodes, edges))
    assert [len(DayAudit(facts, day).leaks) for day in (LAST, TURN)] == [0, 1]


def _rules(facts: Facts, day: date, dataset: str = T) -> set[str]:
    found = DayAudit(facts, day).class_findings
    return {str(each.rule) for each in found if each.subject == dataset} - {"R15"}


def _decided(*said: tuple[ClassificationDetermination, date, date | None]) -> tuple[Nodes, Edges]:
    nodes = [NodeStatement(each, valid_from=since, valid_to=until) for each, since, until in said]
    return nodes, [EdgeStatement(ClassificationDetermination.classifies, each.urn, T) for each, *_ in said]


def _open(number: int, criteria: Iterable[OpenCriterion]) -> ClassificationDetermination:
    urn = part(T, "classification-determination", str(number))
    return ClassificationDetermination(urn=urn, classes=(Classification.OPEN,), open_criteria=tuple(criteria))


def test_r11_as_of_a_day_the_criteria_are_those_found_then(tmp_path: Path) -> None:
    some = list(OpenCriterion)
    nodes, edges = _decided((_open(1, some[:3]), START, TURN), (_open(2, some), TURN, None))
    facts = _facts(tmp_path, _batch([*_nodes(), *nodes], [*_edges(), *edges]))
    assert [_rules(facts, day) for day in (LAST, TURN)] == [{"R11"}, set()]


def test_high_value_counts_from_its_first_determination(tmp_path: Path) -> None:
    """One that was made again since was of high value before (domain 7)."""
    made = ClassificationDetermination(
        urn=part(T, "classification-determination", "1"), classes=(Classification.PUBLIC,)
    )
    nodes, edges = _decided((made, START, None))
    days = date(2020, 5, 1), date(2022, 5, 1)
    high = {part(T, "high-value-determination", str(day.year)): day for day in days}
    nodes += [NodeStatement(HighValueDetermination(urn=urn, determined_on=day)) for urn, day in high.items()]
    edges += [EdgeStatement(HighValueDetermination.finds_high_value, urn, T) for urn in high]
    facts = _facts(tmp_path, _batch([*_nodes(), *nodes], [*_edges(), *edges]))
    assert [_rules(facts, day) for day in (date(2020, 4, 30), LAST)] == [set(), {"PLANNED_PUBLICATION"}]


def test_e5_a_purpose_is_narrower_while_it_is_said_to_be(tmp_path: Path) -> None:
    edges = [each for each in _edges() if each.relation not in (Agreement.permits, CoverageTerm.for_purpose)]
    edges += [EdgeStatement(Agreement.permits, A, OTHER), EdgeStatement(Purpose.broader, FOR, OTHER, START, TURN)]
    assert _told(tmp_path, _nodes(), edges) == ["COVERED", "PURPOSE_NOT_PERMITTED"]
