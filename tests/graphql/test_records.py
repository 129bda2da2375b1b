"""What the audit finds in records, in GraphQL, on both stores: answers worked out by hand from a small graph.

P gives S, with a number of each person, to R as copy C under agreement A, which is to be destroyed; T holds W, which A names as
well. H links S and W. Nobody has told of the incident yet.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Column, Dataset
from catalog.model.declare import Entity, Relation
from catalog.model.determinations import ClassificationDetermination
from catalog.model.disclosure import LinkageRun
from catalog.model.enums import (
    AgreementKind,
    Classification,
    Decision,
    ObligationKind,
    ObligationStart,
    PartyRole,
    PersonalKind,
)
from catalog.model.lineage import Flow
from catalog.model.people import Agency, Person
from catalog.model.requests import AuthorizedUser, DataRequest, DestructionCertificate, Incident, Obligation
from catalog.model.sharing import Agreement, AgreementParty, CoverageTerm, Law, Purpose
from catalog.urn import Urn, key, part
from lineage.audit.gather import gather
from tests.contract.workshop import Workshop
from tests.graphql.graph import SOURCE, Asker, asker_of

DAY = "2022-06-01"
SIGNED = date(2022, 1, 1)
P, R, T, H = (key("agency", "test", name) for name in "prth")
S, C, W = (key("dataset", "test", name) for name in "scw")
SSN = part(S, "column", "SSN")
A, F, LAW, PURPOSE = (key(kind, "test", "a") for kind in ("agreement", "flow", "law", "purpose"))
OWED, REPORT = (key("obligation", "test", name) for name in ("owed", "report"))
CERTIFICATE, REQUEST, RUN, USER, ANN, INCIDENT = (
    key(kind, "test", "a")
    for kind in ("destruction-certificate", "data-request", "linkage-run", "authorized-user", "person", "incident")
)


class _Graph:
    def __init__(self) -> None:
        self.batch = Batch(SOURCE, "test", datetime(2022, 1, 1, tzinfo=UTC), SIGNED)

    def node(self, entity: Entity, **links: Urn | tuple[Urn, ...]) -> None:
        self.batch.nodes.append(NodeStatement(entity, Audience.STAFF))
        for name, heads in links.items():
            relation: Relation = getattr(type(entity), name)
            for head in heads if isinstance(heads, tuple) else (heads,):
                self.batch.edges.append(EdgeStatement(relation, entity.urn, head))


def _data(graph: _Graph) -> None:
    for urn, name in ((P, "P"), (R, "R"), (T, "T"), (H, "H")):
        graph.node(Agency(urn=urn, name=name))
    graph.node(Column(urn=SSN, name="SSN", personal_kind=PersonalKind.DIRECT_IDENTIFIER))
    graph.node(Dataset(urn=S, title="S"), held_by=P, columns=(SSN,))
    graph.node(Dataset(urn=C, title="C"), held_by=R)
    graph.node(Dataset(urn=W, title="W"), held_by=T)
    for dataset in (S, W):
        urn = key("classification-determination", "test", dataset[-1])
        made = ClassificationDetermination(urn=urn, classes=(Classification.PERSONAL,), determined_on=SIGNED)
        graph.node(made, classifies=dataset)
    graph.node(Purpose(urn=PURPOSE, label="Evaluation"))
    graph.node(Flow(urn=F, title="F", first_seen=SIGNED), from_asset=S, to_asset=C, for_purpose=PURPOSE)


def _agreement(graph: _Graph) -> None:
    graph.node(Law(urn=LAW, citation="1 Law 2", required_terms=("States the purpose", "Says when it is destroyed")))
    parties: list[Urn] = []
    for agency, role in (
        (P, PartyRole.PROVIDER),
        (T, PartyRole.PROVIDER),
        (R, PartyRole.RECIPIENT),
        (H, PartyRole.HUB),
    ):
        parties.append(key("agreement-party", "test", agency[-1]))
        graph.node(AgreementParty(urn=parties[-1], role=role, signed_on=SIGNED), stands_for=agency)
    term = key("coverage-term", "test", "a")
    graph.node(CoverageTerm(urn=term), covers=(S, W))
    made = Agreement(
        urn=A,
        title="A",
        kind_of_agreement=AgreementKind.MOU,
        executed_on=SIGNED,
        effective_from=SIGNED,
        effective_to=date(2022, 6, 30),
        destroy_by=date(2022, 9, 30),
        breach_notice_hours=24,
        stated_terms=("states the purpose",),
    )
    graph.node(made, parties=tuple(parties), terms=term, permits=PURPOSE, rests_on=LAW)


def _records(graph: _Graph) -> None:
    destroy = Obligation(
        urn=OWED,
        kind_of_obligation=ObligationKind.DESTROY,
        counted_from=ObligationStart.END,
        within_days=30,
    )
    graph.node(destroy, under=A, owed_by=R)
    report = Obligation(urn=REPORT, kind_of_obligation=ObligationKind.REPORT, due_on=date(2022, 5, 31))
    graph.node(report, under=A, owed_by=R)
    graph.node(DestructionCertificate(urn=CERTIFICATE, destroyed_on=date(2022, 7, 15)), under=A, given_by=R)
    asked = DataRequest(
        urn=REQUEST, title="Q", received_on=SIGNED, decision=Decision.APPROVED, decided_on=date(2022, 1, 31)
    )
    graph.node(asked, asks_for=(S, W))
    run = LinkageRun(urn=RUN, fields_used=("name",), matched_on=date(2022, 5, 27), destroyed_on=date(2022, 6, 6))
    graph.node(run, request=REQUEST, hub=H, matched=(S, W), on_columns=(SSN,))
    graph.node(Person(urn=ANN, name="Ann"), works_for=R)
    user = AuthorizedUser(urn=USER, trained_on=date(2021, 5, 31), effective_from=SIGNED)
    graph.node(user, person=ANN, under=A, may_use=C)
    graph.node(Incident(urn=INCIDENT, title="I", occurred_on=date(2022, 5, 20)), touched=C)


@pytest.fixture
def asker(workshop: Workshop) -> Asker:
    graph = _Graph()
    _data(graph)
    _agreement(graph)
    _records(graph)
    asker = asker_of(workshop, [graph.batch])
    # A Neo4j plans so many statements for longer than a request may take.
    asker.runner.run(gather(asker.store, STAFF_READER, UTC))
    return asker


WHOLE: dict[str, Any] = {"isComplete": True, "reasons": [], "omittedCount": 0}
EVERYTHING = (
    """obligations(asOf: $asOf) { totalCount completeness { isComplete reasons omittedCount } edges {
      node { urn } kind agreement { urn } owedBy { name }
      standing { status dueOn doneOn daysLate certificateCount certificates { urn } stillHeldCount stillHeld { title } }
    } }""",
    """linkageRuns(asOf: $asOf) { totalCount edges {
      node { urn fieldsUsed request { urn } } fileDestruction { status dueOn destroyedOn daysLate }
    } }""",
    """incidents(asOf: $asOf) { totalCount edges { node { urn } notice {
      status withinHours dueOn toldOn days flowCount flows { urn } agreementCount agreements { urn }
    } } }""",
    """identifierCrossings(asOf: $asOf) { totalCount undescribedFlowCount edges {
      provider { name } recipient { name } identifier kind columns { urn } flows { urn } runCount lastRunOn
    } }""",
    """basisGaps(asOf: $asOf) { totalCount edges {
      flow { urn } provider { name } recipient { name } agreement { urn } law { citation } gap missingTerms
    } }""",
    """outputAccess(asOf: $asOf) { totalCount edges {
      node { urn } person { name } agency { name } agreement { urn } dataset { title } gaps trainedUntil
    } }""",
)


def _everything(asker: Asker, reader: Reader) -> dict[str, Any]:
    """The answer of each root field."""
    found: dict[str, Any] = {}
    for text in EVERYTHING:
        found |= asker.data(f"query ($asOf: Date) {{ {text} }}", reader=reader, asOf=DAY)
    return found


# Both stores are asked the same of the demo catalog, by the examples.
@pytest.mark.long_on_neo4j
def test_everything_that_a_day_finds(asker: Asker) -> None:
    found = _everything(asker, STAFF_READER)
    standing: dict[str, Any] = {"certificateCount": 0, "certificates": []}
    kept = {"stillHeldCount": 1, "stillHeld": [{"title": "C"}]}
    nothing: dict[str, Any] = {"stillHeldCount": 0, "stillHeld": []}
    assert found["obligations"] == {
        "totalCount": 3,
        "completeness": WHOLE,
        "edges": [
            {
                "node": {"urn": REPORT},
                "kind": "REPORT",
                "agreement": {"urn": A},
                "owedBy": {"name": "R"},
                "standing": {
                    "status": "OVERDUE",
                    "dueOn": "2022-05-31",
                    "doneOn": None,
                    "daysLate": 1,
                    **standing,
                    **nothing,
                },
            },
            {
                "node": {"urn": OWED},
                "kind": "DESTROY",
                "agreement": {"urn": A},
                "owedBy": {"name": "R"},
                "standing": {
                    "status": "OPEN",
                    "dueOn": "2022-07-30",
                    "doneOn": None,
                    "daysLate": 0,
                    **standing,
                    **kept,
                },
            },
            {
                "node": None,
                "kind": "DESTROY",
                "agreement": {"urn": A},
                "owedBy": {"name": "H"},
                "standing": {
                    "status": "OPEN",
                    "dueOn": "2022-09-30",
                    "doneOn": None,
                    "daysLate": 0,
                    **standing,
                    **nothing,
                },
            },
        ],
    }
    assert found["linkageRuns"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {"urn": RUN, "fieldsUsed": ["name"], "request": {"urn": REQUEST}},
                "fileDestruction": {"status": "OPEN", "dueOn": "2022-06-03", "destroyedOn": None, "daysLate": 0},
            }
        ],
    }
    assert found["incidents"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {"urn": INCIDENT},
                "notice": {
                    "status": "OVERDUE",
                    "withinHours": 24,
                    "dueOn": "2022-05-21",
                    "toldOn": None,
                    "days": None,
                    "flowCount": 1,
                    "flows": [{"urn": F}],
                    "agreementCount": 1,
                    "agreements": [{"urn": A}],
                },
            }
        ],
    }
    assert found["identifierCrossings"] == {
        "totalCount": 1,
        "undescribedFlowCount": 0,
        "edges": [
            {
                "provider": {"name": "P"},
                "recipient": {"name": "R"},
                "identifier": "SSN",
                "kind": "DIRECT_IDENTIFIER",
                "columns": [{"urn": SSN}],
                "flows": [{"urn": F}],
                "runCount": 1,
                "lastRunOn": "2022-01-01",
            }
        ],
    }
    assert found["basisGaps"] == {
        "totalCount": 1,
        "edges": [
            {
                "flow": {"urn": F},
                "provider": {"name": "P"},
                "recipient": {"name": "R"},
                "agreement": {"urn": A},
                "law": {"citation": "1 Law 2"},
                "gap": "TERMS_NOT_STATED",
                "missingTerms": ["Says when it is destroyed"],
            }
        ],
    }
    assert found["outputAccess"] == {
        "totalCount": 1,
        "edges": [
            {
                "node": {"urn": USER},
                "person": {"name": "Ann"},
                "agency": {"name": "R"},
                "agreement": {"urn": A},
                "dataset": {"title": "C"},
                "gaps": ["NDA_MISSING", "TRAINING_OUTDATED"],
                "trainedUntil": "2022-05-31",
            }
        ],
    }
    _see_ways_to_link(asker)
    _see_fields_of_nodes(asker)


def _see_ways_to_link(asker: Asker) -> None:
    query = """query ($asOf: Date, $with: ID!, $to: ID) {
      linkagePaths(dataset: "%s", linkedWith: $with, recipient: $to, asOf: $asOf) {
        totalCount isPossible linkageRunCount linkageRuns { urn }
        lastRequest { request { urn } isForBoth daysToDecision daysToAgreement daysToMatch daysToMatrix }
        edges { kind isOpen agreement { urn } dataset { urn } place { name } purpose { urn } reasons unsignedCount
          unsigned { name } ask { name } sides { dataset { title } reasons why } }
      }
    }"""
    found = asker.data(query % S, reader=STAFF_READER, asOf=DAY, **{"with": W})["linkagePaths"]
    way: dict[str, Any] = {
        "kind": "AGREEMENT",
        "isOpen": True,
        "agreement": {"urn": A},
        "dataset": None,
        "place": {"name": "H"},
        "purpose": {"urn": PURPOSE},
        "reasons": [],
        "unsignedCount": 0,
        "unsigned": [],
        "ask": [{"name": "P"}, {"name": "T"}, {"name": "H"}],
        "sides": [
            {"dataset": {"title": "S"}, "reasons": [], "why": []},
            {"dataset": {"title": "W"}, "reasons": [], "why": []},
        ],
    }
    last = {
        "request": {"urn": REQUEST},
        "isForBoth": True,
        "daysToDecision": 30,
        "daysToAgreement": None,
        "daysToMatch": 146,
        "daysToMatrix": None,
    }
    runs = {"linkageRunCount": 1, "linkageRuns": [{"urn": RUN}], "lastRequest": last}
    assert found == {"totalCount": 1, "isPossible": True, **runs, "edges": [way]}
    barred = asker.data(query % S, reader=STAFF_READER, asOf=DAY, to=T, **{"with": W})["linkagePaths"]
    assert (barred["isPossible"], barred["edges"][0]["reasons"]) == (False, ["RECIPIENT_NOT_PERMITTED"])
    none = asker.data(query % S, reader=STAFF_READER, asOf=DAY, **{"with": C})["linkagePaths"]
    assert [(each["kind"], each["dataset"]) for each in none["edges"]] == [("LINKED", {"urn": C})]


def _see_fields_of_nodes(asker: Asker) -> None:
    owed = "... on Obligation { standing { status doneOn certificates { urn } stillHeldCount } }"
    run = "... on LinkageRun { fileDestruction { status daysLate } }"
    incident = "... on Incident { notice { status } }"

    def node(urn: Urn, fields: str, day: str) -> Any:
        text = f'{{ node(urn: "{urn}", asOf: "{day}") {{ {fields} }} }}'
        return asker.data(text, reader=STAFF_READER)["node"]

    done = {"status": "FULFILLED", "doneOn": "2022-07-15", "certificates": [{"urn": CERTIFICATE}], "stillHeldCount": 0}
    assert node(OWED, owed, "2022-08-01") == {"standing": done}
    assert node(RUN, run, "2022-08-01") == {"fileDestruction": {"status": "FULFILLED", "daysLate": 3}}
    assert node(INCIDENT, incident, "2022-08-01") == {"notice": {"status": "OVERDUE"}}
    assert node(RUN, run, "2022-05-19") == {"fileDestruction": None}
    assert node(INCIDENT, incident, "2022-05-19") == {"notice": None}


_COUNTED: tuple[tuple[str, int], ...] = (
    ("obligations(kinds: [DESTROY, RETURN])", 2),
    ("obligations(statuses: [OVERDUE])", 1),
    (f'obligations(agreement: "{A}", agency: "{H}")', 1),
    (f'obligations(agency: "{T}")', 0),
    ('obligations(dueBy: "2022-07-30")', 2),
    ('obligations(dueBy: "2022-07-29")', 1),
    ('linkageRuns(field: "ssn")', 1),
    ('linkageRuns(field: "NAME", statuses: [OPEN, OVERDUE])', 1),
    ('linkageRuns(field: "birth")', 0),
    (f'linkageRuns(hub: "{H}", request: "{REQUEST}", dataset: "{W}")', 1),
    (f'linkageRuns(hub: "{P}")', 0),
    (f'linkageRuns(dataset: "{C}")', 0),
    (f'incidents(agreement: "{A}", flow: "{F}", dataset: "{C}", statuses: [OVERDUE])', 1),
    (f'incidents(dataset: "{S}")', 0),
    ("incidents(statuses: [IN_TIME, LATE, OPEN, UNKNOWN])", 0),
    (f'identifierCrossings(provider: "{P}", recipient: "{R}", identifier: "ssn")', 1),
    (f'identifierCrossings(provider: "{R}")', 0),
    ("identifierCrossings(kinds: [QUASI_IDENTIFIER])", 0),
    (f'basisGaps(agreement: "{A}", law: "{LAW}", provider: "{P}", recipient: "{R}", gaps: [TERMS_NOT_STATED])', 1),
    ("basisGaps(gaps: [LAW_NOT_NAMED])", 0),
    (f'basisGaps(provider: "{R}")', 0),
    (f'outputAccess(person: "{ANN}", agency: "{R}", agreement: "{A}", dataset: "{C}", gaps: [NDA_MISSING])', 1),
    ("outputAccess(gaps: [TRAINING_MISSING])", 0),
    ("outputAccess(gaps: [TRAINING_OUTDATED], trainingDays: 366)", 0),
    (f'outputAccess(agency: "{P}")', 0),
)


# What is found is tested in Python, whatever the store.
@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_every_filter_tests_what_was_found(asker: Asker) -> None:
    asked = (f'  a{number}: {text[:-1]}, asOf: "{DAY}") {{ totalCount }}' for number, (text, _) in enumerate(_COUNTED))
    lines = list(asked)
    found: dict[str, Any] = {}
    for start in range(0, len(lines), 3):
        found |= asker.data("{\n" + "\n".join(lines[start : start + 3]) + "\n}", reader=STAFF_READER)
    counts = [(text, found[f"a{number}"]["totalCount"]) for number, (text, _) in enumerate(_COUNTED)]
    assert counts == list(_COUNTED)
    for wrong in (f'obligations(agency: "{A}")', "outputAccess(trainingDays: 0)", "outputAccess(trainingDays: 3651)"):
        assert asker.error(f"{{ {wrong} {{ totalCount }} }}", reader=STAFF_READER)


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
def test_what_is_hidden_is_as_if_it_were_not(asker: Asker) -> None:
    found = _everything(asker, PUBLIC_READER)
    assert {name: each["totalCount"] for name, each in found.items()} == dict.fromkeys(found, 0)
    assert found["obligations"]["completeness"] == {"isComplete": False, "reasons": ["READER"], "omittedCount": 0}
