"""What is stated by hand, over HTTP on both stores: done once, by whom and why, all of it or nothing (ADR 14)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from catalog.batch import Batch, NodeStatement
from catalog.by_hand import BY_HAND
from catalog.model import MODEL
from catalog.model.sharing import Agreement
from catalog.stores.layout import Tables
from catalog.stores.port import Change
from catalog.urn import Urn, key
from catalog.values import NEVER
from catalog.verify import verify
from graphql_schema import build_schema
from loaders.retraction import retract_source
from tests.contract.workshop import Workshop
from tests.graphql.coverage import not_asked
from tests.graphql.desk import (
    COPY,
    DCF,
    DOL,
    GIVER,
    JOB,
    LAW,
    MOU,
    PUPILS,
    PURPOSE,
    REGISTER,
    SDE,
    TOWNS,
    Desk,
    desk_of,
    graph,
    operation,
)
from tests.graphql.documents import Asked
from tests.graphql.stated_inputs import everything, heard, is_of_mutations, mutations, said, said_back, thing_of

SCHEMA = build_schema().graphql
NOWHERE = key("agreement", "test", "nowhere")
_CHANGESET = "changeset { urn actor reason operation clientMutationId about statedAt }"
_STAGES = f'agreement(urn: "{MOU}") {{ stages {{ totalCount }} }}'
MINUTES = {"reason": "as the minutes say"}


@pytest.fixture
def desk(workshop: Workshop) -> Desk:
    """A desk on a graph of its own."""
    store = workshop.fresh(Tables(MODEL))
    store.write(graph())
    return desk_of(store.store, store.runner)


# Done once, by whom and why


@pytest.mark.long_on_neo4j
def test_everything_that_can_be_stated_is_heard_back_and_done_once(desk: Desk) -> None:
    documents: list[Asked] = []
    for name in mutations(SCHEMA):
        given = everything(SCHEMA, name)
        field, type_ = thing_of(SCHEMA, name)
        text = operation(name, f"{_CHANGESET} clientMutationId {field} {{ {said_back(type_, given)} }}")
        before = desk.revision

        first = desk.data(text, input=given)[name]

        assert desk.revision == before + 1, "a write of its own"
        stated = heard(given, first[field])
        assert stated == said(given, stated)
        assert len(stated) > len(given) // 2
        assert first["clientMutationId"] == given["clientMutationId"]
        changeset = first["changeset"]
        assert changeset["about"] == first[field]["urn"]
        assert changeset == {
            "urn": changeset["urn"],
            "actor": "desk",
            "reason": "as the minutes say",
            "operation": name,
            "clientMutationId": given["clientMutationId"],
            "about": first[field]["urn"],
            "statedAt": "2022-03-20T12:00:00.000000Z",
        }
        # The same again: the same answer, and nothing is written, whoever keeps the application running.
        assert desk_of(desk.store, desk.runner).data(text, input=given)[name] == first
        assert desk.revision == before + 1
        # The key for something else.
        found = desk.ask(text, input={**given, "reason": "another"})
        assert found["errors"][0]["extensions"]["code"] == "KEY_REUSED"
        assert given["clientMutationId"] in found["errors"][0]["message"]
        assert desk.revision == before + 1
        documents.append(Asked(text, {"input": {**given, "urn": None}}))
    of_mutations = [place for place in not_asked(SCHEMA, documents) if is_of_mutations(SCHEMA, place)]
    assert of_mutations == []


def test_callers_at_once_with_one_key_do_it_once(desk: Desk) -> None:
    given = {"clientMutationId": "k", **MINUTES, "agreement": MOU, "stage": "ACTIVE", "occurredOn": "2022-01-05"}
    body = {"query": operation("recordStage", f"{_CHANGESET} stageEvent {{ urn }}"), "variables": {"input": given}}
    before = desk.revision
    found = [answer.json() for answer in desk.posts([body] * 5)]
    assert "errors" not in found[0]
    assert found == [found[0]] * 5
    assert desk.revision == before + 1
    assert desk.data(f"{{ {_STAGES} }}")["agreement"]["stages"]["totalCount"] == 1
    # Another token has keys of its own.
    assert desk.post(body, "other").json()["data"]["recordStage"]["changeset"]["actor"] == "other"
    assert desk.data(f"{{ {_STAGES} }}")["agreement"]["stages"]["totalCount"] == 2
    # Who may write sees what is for staff; who may neither write nor read does not.
    totals = [
        desk.data("{ changesets { totalCount } }", who)["changesets"]["totalCount"] for who in ("other", "loader", None)
    ]
    assert totals == [2, 0, 0]


@pytest.mark.long_on_neo4j
def test_a_correction_replaces_what_was_stated_and_the_earlier_words_are_kept(desk: Desk) -> None:
    told = "agreement { urn title description permits { edges { node { urn } } } changesets { edges { node { reason } } } }"
    first = desk.state("recordAgreement", told, title="Frist", description="Words", permits=[PURPOSE])["agreement"]
    urn = first["urn"]
    again = desk.state("recordAgreement", told, urn=urn, title="First", reason="misspelt")["agreement"]
    assert again == {
        "urn": urn,
        "title": "First",
        "description": None,
        # Of relationships what is not stated stays.
        "permits": {"edges": [{"node": {"urn": PURPOSE}}]},
        "changesets": {"edges": [{"node": {"reason": text}} for text in _in_order_of_urn(desk, urn)]},
    }
    without = desk.state("recordAgreement", told, urn=urn, title="First", permits=[])["agreement"]
    assert without["permits"]["edges"] == []
    snapshots = [c.row for c in _changes(desk) if c.what == "snapshot" and c.row["urn"] == urn]
    assert [(row["content"]["title"], row["content"]["recorded_by"]) for row in snapshots] == [("Frist", "desk")]


def _changes(desk: Desk) -> list[Change]:
    return desk.runner.run(desk.store.changes("")).changes


def _in_order_of_urn(desk: Desk, urn: str) -> list[str]:
    found = desk.data("{ changesets(orderBy: {field: URN}) { edges { node { about reason } } } }")["changesets"][
        "edges"
    ]
    return [edge["node"]["reason"] for edge in found if edge["node"]["about"] == urn]


@pytest.mark.long_on_neo4j
def test_what_a_person_states_goes_before_a_register_and_a_later_load_does_not_overwrite_it(desk: Desk) -> None:
    title = "query($urn: ID!) { agreement(urn: $urn) { title effectiveFrom said { source precedence } } }"
    desk.state("recordAgreement", urn=MOU, title="Memorandum")
    later = Batch(REGISTER, "register", datetime(2022, 3, 21, tzinfo=UTC), date(2022, 3, 21))
    later.nodes.append(
        NodeStatement(Agreement(urn=MOU, title="MOU, as the register has it", effective_from=date(2022, 1, 1)))
    )
    desk.runner.run(desk.store.write(later))
    found = desk.data(title, urn=MOU)["agreement"]
    assert (found["title"], found["effectiveFrom"]) == ("Memorandum", "2022-01-01")
    assert [(each["source"], each["precedence"]) for each in found["said"]] == [
        ("urn:waypost:source:key:by-hand", 10),
        (REGISTER, 60),
    ]


@pytest.mark.long_on_neo4j
def test_a_signature_is_that_of_the_party_that_the_register_knows(desk: Desk) -> None:
    told = "agreementParty { urn role signedOn signatory partyOf { urn } standsFor { urn } }"
    given = {"agreement": MOU, "standsFor": SDE, "role": "PROVIDER", "signedOn": "2022-01-03", "signatory": "The head"}
    assert desk.state("recordSignature", told, **given)["agreementParty"] == {
        "urn": GIVER,
        "role": "PROVIDER",
        "signedOn": "2022-01-03",
        "signatory": "The head",
        "partyOf": {"urn": MOU},
        "standsFor": {"urn": SDE},
    }
    # An agreement that is stated with parties does not double those that it has.
    parties = [{"standsFor": SDE, "role": "PROVIDER"}, {"standsFor": DCF, "role": "RECIPIENT"}]
    told = "agreement { parties { totalCount edges { node { urn } } } }"
    found = desk.state("recordAgreement", told, urn=MOU, title="MOU", parties=parties)["agreement"]["parties"]
    assert found["totalCount"] == 3
    assert GIVER in [edge["node"]["urn"] for edge in found["edges"]]


@pytest.mark.long_on_neo4j
def test_several_are_done_in_order_and_one_that_is_refused_stops_none(desk: Desk) -> None:
    before = desk.revision
    found = desk.ask(
        """mutation($urn: ID!) {
          first: recordAgreement(input: {clientMutationId: "1", reason: "r", urn: $urn, title: "T"}) { agreement { urn } }
          second: recordStage(input: {clientMutationId: "2", reason: "r", agreement: $urn, stage: DRAFTED, occurredOn: "2022-01-01"})
            { stageEvent { stageOf { title } } }
          refused: recordTerm(input: {clientMutationId: "3", reason: "", agreement: $urn}) { coverageTerm { urn } }
          last: recordTerm(input: {clientMutationId: "4", reason: "r", agreement: $urn}) { coverageTerm { termOf { title } } }
        }""",
        urn=NOWHERE,
    )
    assert found["data"] == {
        "first": {"agreement": {"urn": NOWHERE}},
        "second": {"stageEvent": {"stageOf": {"title": "T"}}},
        "refused": None,
        "last": {"coverageTerm": {"termOf": {"title": "T"}}},
    }
    assert [error["path"] for error in found["errors"]] == [["refused"]]
    assert desk.revision == before + 3


def _standing(desk: Desk) -> list[tuple[str, str, str]]:
    """What stands in the graph, of whatever source, without who said it when."""
    rows = [(change, change.row) for change in _changes(desk) if change.row.get("retracted_at") == NEVER]
    ends = [(c.type, row.get("urn") or row["tail"], row.get("head") or row["digest"]) for c, row in rows]
    return sorted(ends)


@pytest.mark.long_on_neo4j
def test_what_was_stated_by_hand_can_be_taken_back_whole_and_then_stated_again(desk: Desk) -> None:
    before = _standing(desk)
    given = everything(SCHEMA, "stateFlow")
    for name in mutations(SCHEMA):
        desk.data(operation(name, "clientMutationId"), input=everything(SCHEMA, name))
    assert verify(_changes(desk), Tables(MODEL), revision=desk.revision) == []
    run = desk.runner.run
    foreseen = run(retract_source(desk.store, BY_HAND, is_dry=True))
    report = run(retract_source(desk.store, BY_HAND))
    assert (report.records, report.is_settled) == (foreseen.records, True)
    assert report.records == 1
    assert [row for row in _standing(desk) if row[1] != BY_HAND.urn] == before
    desk.data(operation("stateFlow", "clientMutationId"), input=given)
    query = 'query($urn: ID!) { dataset(urn: $urn, asOf: "2022-02-02") { upstream { edges { since until } } } }'
    edges = desk.data(query, urn=COPY)["dataset"]["upstream"]["edges"]
    assert edges == [{"since": "2022-02-02", "until": "2022-02-03"}]
    assert verify(_changes(desk), Tables(MODEL), revision=desk.revision) == []


# What follows


def test_flows_between_the_same_two_datasets_that_are_stated_at_once_are_one_edge_of_lineage(desk: Desk) -> None:
    spans = [("2020-01-01", "2020-06-30"), ("2021-01-01", "2021-06-30"), ("2019-05-01", "2022-02-01")]
    given = [
        {
            **MINUTES,
            "clientMutationId": str(n),
            "fromAsset": PUPILS,
            "toAsset": COPY,
            "firstSeen": first,
            "lastSeen": last,
        }
        for n, (first, last) in enumerate(spans)
    ]
    purposes: tuple[list[Urn], ...] = ([], [PURPOSE], [])
    bodies = [
        {
            "query": operation("stateFlow", "flow { urn }"),
            "variables": {"input": {**each, "forPurpose": purpose, "via": via}},
        }
        for each, purpose, via in zip(given, purposes, (None, None, JOB), strict=True)
    ]
    flows = [answer.json()["data"]["stateFlow"]["flow"]["urn"] for answer in desk.posts(bodies)]
    assert len(set(flows)) == 3, "another purpose, or another job, is another flow"
    upstream = "dataset(urn: $copy, asOf: $day) { upstream { edges { since until node { urn } } } }"
    query = f"query($copy: ID!, $day: Date) {{ {upstream} }}"
    found = desk.data(query, copy=COPY, day="2020-12-31")["dataset"]["upstream"]["edges"]
    assert found == [{"since": "2019-05-01", "until": "2022-02-02", "node": {"urn": PUPILS}}]
    # The same ends, purpose and job: the same flow, which goes on now.
    del given[0]["lastSeen"]
    again = desk.state("stateFlow", "flow { urn }", **{**given[0], "clientMutationId": "on"})
    assert again["flow"]["urn"] == flows[0]
    found = desk.data(query, copy=COPY, day="2023-12-31")["dataset"]["upstream"]["edges"]
    assert found == [{"since": "2019-05-01", "until": None, "node": {"urn": PUPILS}}]


@pytest.mark.long_on_neo4j
def test_a_flow_for_staff_between_public_datasets_makes_no_edge_that_the_public_sees(desk: Desk) -> None:
    desk.state("recordTerm", agreement=MOU, covers=[TOWNS])
    flow = {"fromAsset": TOWNS, "toAsset": TOWNS}
    query = "query($urn: ID!) { dataset(urn: $urn) { upstream { totalCount } } }"

    def fed(**more: str) -> int:
        desk.state("stateFlow", **flow, **more)
        return desk.data(query, None, urn=TOWNS)["dataset"]["upstream"]["totalCount"]

    assert [fed(), fed(audience="PUBLIC"), fed(), fed(audience="STAFF")] == [0, 1, 1, 0]


_VERDICT = (
    """query($day: Date) { flowVerdicts(asOf: $day) { edges { verdict { verdict reasons coveredBy { urn } } } } }"""
)


def verdict(desk: Desk, day: str) -> tuple[str, list[str], list[str]]:
    """Of the only flow: the verdict, why not, by which agreements."""
    (edge,) = desk.data(_VERDICT, day=day)["flowVerdicts"]["edges"]
    found = edge["verdict"]
    return found["verdict"], found["reasons"], [each["urn"] for each in found["coveredBy"]]


@pytest.mark.long_on_neo4j
def test_a_flow_is_covered_step_by_step(desk: Desk) -> None:
    """Domain 9: each of what is stated makes one more clause hold, and the end of the agreement uncovers the flow."""
    desk.state("stateFlow", fromAsset=PUPILS, toAsset=COPY, firstSeen="2022-01-10", forPurpose=[PURPOSE], claims=[MOU])
    assert verdict(desk, "2022-03-01")[0] == "UNKNOWN", "of what class the data is, nobody has said"
    desk.state(
        "determineClassification",
        classifies=PUPILS,
        classes=["PERSONAL"],
        reasons=["VIOLATES_LAW"],
        validFrom="2021-01-01",
    )
    assert verdict(desk, "2022-03-01")[0] == "UNCOVERED"
    for agency, role in ((SDE, "PROVIDER"), (DOL, "RECIPIENT")):
        desk.state("recordSignature", agreement=MOU, standsFor=agency, role=role, signedOn="2022-01-02")
    desk.state("recordStage", agreement=MOU, stage="EXECUTED", occurredOn="2022-01-02")
    desk.state("recordAgreement", urn=MOU, title="MOU", effectiveFrom="2022-01-02", permits=[PURPOSE], restsOn=[LAW])
    assert verdict(desk, "2022-03-01")[0] == "UNCOVERED", "no term names the data"
    desk.state("recordTerm", agreement=MOU, covers=[PUPILS], forPurpose=[PURPOSE], recipients=[DOL])
    assert verdict(desk, "2022-03-01") == ("COVERED", [], [MOU])
    desk.state("recordStage", agreement=MOU, stage="TERMINATED", occurredOn="2022-03-10")
    assert verdict(desk, "2022-03-09") == ("COVERED", [], [MOU])
    assert verdict(desk, "2022-03-10")[0] == "UNCOVERED"
