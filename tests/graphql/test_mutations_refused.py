"""What is not for the caller, or breaks a rule, is refused with its place, rule and remedy, and nothing of it is written."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from catalog.access import PUBLIC_READER
from catalog.forms import FormRule
from catalog.model import MODEL
from catalog.stated import StatedRule
from catalog.stores.layout import Tables
from graphql_schema import Answer, Caller, Context, Request, answer, build_schema
from tests.contract.workshop import Workshop
from tests.graphql.desk import (
    DCF,
    FRAME,
    GETTER,
    MOU,
    NAME,
    NOW,
    PUPILS,
    SDE,
    TOWNS,
    Desk,
    desk_of,
    graph,
    operation,
)
from tests.support.patience import PATIENCE

JSON = "application/json"
GRAPHQL_JSON = "application/graphql-response+json"
NOWHERE = "urn:waypost:agreement:key:test:nowhere"
PAGE = Path(__file__).resolve().parents[2] / "docs" / "mutations.md"


@pytest.fixture(scope="module")
def desk(workshop: Workshop) -> Desk:
    """A desk whose graph stays as it is, whatever is refused."""
    store = workshop.fresh(Tables(MODEL))
    store.write(graph())
    made = desk_of(store.store, store.runner)
    # A second party of one role, so that it is not told from the first by what a signature says.
    made.state("recordAgreement", urn=FRAME, title="Frame", parties=[{"standsFor": SDE, "role": "HUB"}])
    made.state("recordTerm", agreement=FRAME, urn="urn:waypost:coverage-term:key:test:1")
    return made


# Who may


def _stage(**more: str) -> dict[str, Any]:
    given = {"clientMutationId": "1", "reason": "r", "agreement": MOU, "stage": "DRAFTED", "occurredOn": "2022-01-01"}
    return {"query": operation("recordStage", "stageEvent { urn }"), "variables": {"input": {**given, **more}}}


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize(
    ("sender", "code", "status", "says"),
    [
        (None, "UNAUTHENTICATED", 401, "send a bearer token with the scope 'write'"),
        ("reader", "FORBIDDEN", 403, "use one with the scope 'write'"),
        ("loader", "FORBIDDEN", 403, "use one with the scope 'write'"),
    ],
)
def test_who_may_not_write_is_told_so_before_anything_is_looked_at(
    desk: Desk, sender: str | None, code: str, status: int, says: str
) -> None:
    counted: Any = desk.store
    before, sent = desk.revision, counted.round_trips
    for accept, expected in ((JSON, 200), (GRAPHQL_JSON, status)):
        found = desk.post(_stage(), sender, accept=accept)
        assert found.status_code == expected
        (error,) = found.json()["errors"]
        assert error["extensions"] == {"code": code}
        assert says in error["message"]
        assert "data" not in found.json()
    assert counted.round_trips == sent
    assert desk.revision == before
    # Neither a query in the same document nor its name opens the door.
    both = {
        **_stage(),
        "query": f"query Q {{ sources {{ totalCount }} }} {_stage()['query'].replace('mutation', 'mutation M')}",
    }
    assert desk.post({**both, "operationName": "M"}, sender).json()["errors"][0]["extensions"] == {"code": code}
    assert "data" in desk.post({"query": both["query"], "operationName": "Q"}, sender).json()
    assert desk.revision == before


@pytest.mark.long_on_neo4j
def test_a_mutation_comes_by_post_and_as_json(desk: Desk) -> None:
    before = desk.revision
    body = _stage()

    async def sent(method: str, **options: Any) -> int:
        import httpx

        transport = httpx.ASGITransport(desk.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            shown = {"Authorization": "Bearer desk", **options.pop("headers", {})}
            return (await client.request(method, "/graphql", headers=shown, **options)).status_code

    assert desk.runner.run(sent("GET", params={"query": body["query"]})) == 405
    # What a page of another site can send without asking (CSRF).
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        assert desk.runner.run(sent("POST", content=b"{}", headers={"content-type": content_type})) == 415
    assert desk.revision == before


@pytest.mark.long_on_neo4j
def test_the_limits_of_queries_are_those_of_mutations(desk: Desk) -> None:
    before = desk.revision
    one = 'm%d: recordTerm(input: {clientMutationId: "%d", reason: "r", agreement: "' + MOU + '"}) { clientMutationId }'
    many = "mutation { " + " ".join(one.replace("%d", str(number)) for number in range(21)) + " }"
    found = desk.ask(many)
    assert found["errors"][0]["extensions"]["limit"] == "cost"
    page = "agreement { stages(first: 101) { totalCount } }"
    found = desk.ask(operation("recordAgreement", page), input={"clientMutationId": "1", "reason": "r", "title": "T"})
    assert found["errors"][0]["extensions"]["code"] == "INVALID_SELECTION"
    assert desk.revision == before


# Which rule


STAGE = {"agreement": MOU, "stage": "DRAFTED", "occurredOn": "2022-01-01"}
SIGNED = {"agreement": MOU, "role": "RECIPIENT", "signedOn": "2022-01-01"}
DETERMINED = {"classifies": NAME, "classes": ["OPEN"], "validFrom": "2022-01-01"}
DECIDED = {"role": "PROVIDER", "standsFor": SDE}
Case = tuple[str, str, dict[str, Any], list[Any], str]
"""A rule, the mutation that breaks it, its input, the place of what is wrong, and what is said of it."""
REFUSED: list[Case] = [
    ("dangling", "recordStage", {**STAGE, "agreement": NOWHERE}, ["agreement"], f"{NOWHERE} is not in the catalog"),
    (
        "dangling",
        "recordTerm",
        {"agreement": MOU, "covers": [PUPILS, PUPILS + "x"]},
        ["covers", 1],
        "is not in the catalog",
    ),
    (
        "dangling",
        "recordAgreement",
        {"title": "T", "parties": [DECIDED, {"role": "HUB", "standsFor": SDE + "x"}]},
        ["parties", 1, "standsFor"],
        "is not in the catalog",
    ),
    (
        "dangling",
        "recordSignature",
        {**SIGNED, "standsFor": SDE, "urn": GETTER + "x"},
        ["urn"],
        "is not in the catalog",
    ),
    ("unknown-part", "recordSignature", {**SIGNED, "standsFor": DCF}, [], f"{MOU} has no such AgreementParty"),
    (
        "repeated-part",
        "recordAgreement",
        {"title": "T", "parties": [DECIDED, {**DECIDED, "signedOn": "2022-01-01"}]},
        ["parties", 1],
        "it is the same part as",
    ),
    (
        "other-thing",
        "recordTerm",
        {"agreement": MOU, "urn": "urn:waypost:coverage-term:key:test:1"},
        ["agreement"],
        "is about something else",
    ),
    ("urn", "recordStage", {**STAGE, "agreement": "mou"}, ["agreement"], "'mou' is no Waypost URN"),
    ("urn", "recordAgreement", {"title": "T", "urn": "urn:waypost:agreement"}, ["urn"], "is no segment"),
    ("urn-kind", "recordStage", {**STAGE, "agreement": SDE}, ["agreement"], "is a URN of kind 'agency'"),
    ("urn-kind", "stateFlow", {"fromAsset": PUPILS, "toAsset": NAME}, ["toAsset"], "expected one of Dataset or System"),
    ("repeated-link", "recordTerm", {"agreement": MOU, "covers": [PUPILS, PUPILS]}, ["covers", 1], "is linked twice"),
    (
        "span",
        "recordTerm",
        {"agreement": MOU, "validFrom": "2022-02-01", "validTo": "2022-02-01"},
        ["validTo"],
        "not after",
    ),
    (
        "span",
        "stateFlow",
        {"fromAsset": PUPILS, "toAsset": PUPILS, "firstSeen": "2022-02-01", "lastSeen": "2022-01-31"},
        ["lastSeen"],
        "is before",
    ),
    (
        "span",
        "recordTerm",
        {"agreement": MOU, "effectiveFrom": "2022-02-01", "effectiveTo": "2022-01-31"},
        ["effectiveTo"],
        "is before",
    ),
    ("required", "recordStage", {**STAGE, "reason": " "}, ["reason"], "it is blank"),
    ("required", "recordStage", {**STAGE, "clientMutationId": ""}, ["clientMutationId"], "it is blank"),
    ("required", "determineClassification", {**DETERMINED, "classes": []}, ["classes"], "'classes' is an empty list"),
    ("size", "recordStage", {**STAGE, "reason": "x" * 2001}, ["reason"], "it has 2001 characters"),
    ("size", "recordStage", {**STAGE, "clientMutationId": "x" * 201}, ["clientMutationId"], "it has 201 characters"),
    ("encoding", "recordStage", {**STAGE, "note": "a\0"}, ["note"], "holds U+0000"),
    (
        "R12",
        "determineClassification",
        {**DETERMINED, "classes": ["OPEN", "PRIVATE"]},
        ["classes"],
        "OPEN and PRIVATE at once",
    ),
    ("invalid-record", "recordStage", {**STAGE, "reason": "a\0"}, [], "'reason' holds U+0000"),
]


@pytest.mark.long_on_neo4j
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: f"{case[0]}-{case[1]}")
def test_what_breaks_a_rule_is_refused_with_its_place_and_remedy(desk: Desk, case: Case) -> None:
    rule, name, given, place, says = case
    error = desk.refusal(name, **given)
    assert error["extensions"]["code"] == "REFUSED"
    first = error["extensions"]["problems"][0]
    assert (first["path"], first["rule"]) == (["input", *place], rule)
    assert says in first["message"]
    assert first["remedy"]
    dotted = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    assert error["message"].startswith(f"input{dotted}: {first['message']}: {first['remedy']}")


@pytest.mark.long_on_neo4j
def test_all_that_is_wrong_is_told_at_once(desk: Desk) -> None:
    error = desk.refusal("recordTerm", agreement=MOU, covers=[PUPILS + "x"], recipients=[SDE + "x"], forPurpose=[])
    places = [problem["path"] for problem in error["extensions"]["problems"]]
    assert places == [["input", "covers", 0], ["input", "recipients", 0]]
    assert error["message"].endswith("(and 1 more)")


@pytest.mark.long_on_neo4j
def test_values_that_are_none_of_the_type_are_refused_by_the_schema(desk: Desk) -> None:
    before = desk.revision
    for given in (
        {**STAGE, "stage": "SIGNED"},
        {**STAGE, "occurredOn": "2022-13-01"},
        {"agreement": MOU},
        {**STAGE, "x": 1},
    ):
        told = {"clientMutationId": "1", "reason": "r", **given}
        found = desk.post(
            {"query": operation("recordStage", "clientMutationId"), "variables": {"input": told}}, accept=GRAPHQL_JSON
        )
        assert found.status_code == 400
        assert found.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert desk.revision == before


# What is hidden


def _blind(desk: Desk, name: str, **given: Any) -> Answer:
    """A mutation of one who may write, and sees what the public sees."""
    context = Context(
        desk.store, PUBLIC_READER, NOW.date(), "test", caller=Caller("blind", is_known=True, may_write=True)
    )
    told = {"clientMutationId": "blind", "reason": "r", **given}
    request = Request(operation(name, "clientMutationId"), {"input": told})
    return desk.runner.run(answer(build_schema(), request, context, PATIENCE))


def _without(text: Any, *names: str) -> str:
    return re.sub("|".join(map(re.escape, names)), "…", str(text))


def test_what_the_caller_may_not_see_is_as_if_it_were_not(desk: Desk) -> None:
    """Hidden and missing ones are told of in the same words."""
    before = desk.revision
    for name, given in (
        ("recordStage", {**STAGE, "agreement": "?"}),
        ("recordSignature", {**SIGNED, "standsFor": SDE, "agreement": "?"}),
        ("recordTerm", {"agreement": "?"}),
    ):
        told: list[str] = []
        for urn in (MOU, NOWHERE):
            found = _blind(desk, name, **{**given, "agreement": urn})
            assert found.errors[0]["extensions"]["code"] == "REFUSED"
            told.append(_without(found.errors[0], MOU, NOWHERE))
        assert told[0] == told[1]
    for hidden in (PUPILS, PUPILS + "x"):
        found = _blind(desk, "stateFlow", fromAsset=hidden, toAsset=TOWNS)
        assert found.errors[0]["extensions"]["problems"][0]["rule"] == "dangling"
    # It is not overwritten either.
    found = _blind(desk, "recordAgreement", urn=MOU, title="Mine now")
    assert found.errors[0]["extensions"]["problems"][0]["rule"] == "taken"
    assert desk.revision == before


def test_every_rule_is_given_and_told_of() -> None:
    """What our schema refuses before, no input can break: the others have a case above, and a row on the page."""
    by_schema = {StatedRule.KIND, StatedRule.TYPE, StatedRule.UNKNOWN_KEY, StatedRule.ENUM, StatedRule.OPEN_START}
    own = {*StatedRule, *FormRule} - by_schema
    given = {rule for rule, *_ in REFUSED}
    assert own - given == {FormRule.TAKEN}
    rows = re.findall(r"^\| `([A-Za-z0-9-]+)` \| \S", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert set(rows) >= own | given
