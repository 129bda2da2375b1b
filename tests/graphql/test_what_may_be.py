"""What may be and what would be, and where data and its classes come from: the worked pathway of the demo catalog by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.stores.port import Change, Store
from graphql_schema import Answer, Context, Request, answer, build_schema
from graphql_schema.core.kept_audits import Audits
from graphql_schema.core.named import MAX_NAMED
from tests.graphql.demo import filled
from tests.support.patience import PATIENCE

FLOW, AGREEMENT, AGENCY, DATASET, COLUMN, PURPOSE, LAW = (
    f"urn:waypost:{kind}:key:ct:" for kind in ("flow", "agreement", "agency", "dataset", "column", "purpose", "law")
)
EVALUATION = f"{PURPOSE}evaluation-of-education-programs"
ENROLLMENT = f"{DATASET}sde:enrollment"
TO_HUB, SNAP_TO_HUB = f"{FLOW}1-enrollment-to-hub", f"{FLOW}2-snap-to-hub"
ROW_13 = "2022-04-20"


class Demo:
    """The demo catalog, its audits kept between questions."""

    def __init__(self, runner: asyncio.Runner, store: Store) -> None:
        self.runner, self.store = runner, store
        self.audits = Audits(store)

    def answer(self, text: str, reader: Reader = STAFF_READER, **variables: Any) -> Answer:
        context = Context(self.store, reader, date(2022, 12, 31), "what may be", audits=self.audits)
        return self.runner.run(answer(build_schema(), Request(text, variables), context, PATIENCE))

    def ask(self, text: str, reader: Reader = STAFF_READER, **variables: Any) -> Any:
        found = self.answer(text, reader, **variables)
        assert found.errors == []
        assert found.data is not None
        (one,) = found.data.values()
        return one

    def refusal(self, text: str, **variables: Any) -> tuple[str, str]:
        """The code and the message of the one error."""
        (error,) = self.answer(text, **variables).errors
        return error["extensions"]["code"], error["message"]


@pytest.fixture(scope="module")
def demo(demo_catalog: list[Change], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with asyncio.Runner() as runner:
        store = filled(runner, "sqlite", tmp_path_factory.mktemp("may be") / "graph.db", None, demo_catalog)
        yield Demo(runner, store)
        runner.run(store.close())


MAY = """
query ($dataset: ID!, $columns: [ID!], $to: ID!, $purpose: ID, $asOf: Date) {
  mayShare(dataset: $dataset, columns: $columns, to: $to, purpose: $purpose, asOf: $asOf) {
    isAllowed verdict why undecidedColumnCount undecidedColumns { urn }
    owed { agency { urn } tried { agreement { urn } failures { clause code } } }
  }
}
"""


def test_what_is_missing_names_every_clause_that_fails(demo: Demo) -> None:
    # A has ended, OPM is no party and no recipient of the term, and its purpose is another; "disability" is moot then.
    found = demo.ask(
        MAY,
        dataset=ENROLLMENT,
        columns=[f"{COLUMN}sde:enrollment#disability"],
        to=f"{AGENCY}opm",
        purpose=f"{PURPOSE}program-administration",
        asOf="2023-03-01",
    )
    assert (found["isAllowed"], found["verdict"]) == (False, "UNCOVERED")
    (owed,) = found["owed"]
    (tried,) = (each for each in owed["tried"] if each["agreement"]["urn"] == f"{AGREEMENT}dsa-a")
    assert [(each["clause"], each["code"]) for each in tried["failures"]] == [
        (1, "EXPIRED"),
        (2, "RECIPIENT_NOT_PERMITTED"),
        (3, "RECIPIENT_NOT_PERMITTED"),
        (4, "PURPOSE_NOT_PERMITTED"),
    ]


def test_what_is_unknown_is_not_allowed_and_says_what_to_decide(demo: Demo) -> None:
    found = demo.ask(MAY, dataset=f"{DATASET}sde:new-file", to=f"{AGENCY}dol", purpose=EVALUATION, asOf="2022-05-01")
    assert (found["isAllowed"], found["verdict"], found["why"]) == (False, "UNKNOWN", ["CLASS_UNDETERMINED"])
    assert [each["urn"] for each in found["undecidedColumns"]] == [
        f"{COLUMN}sde:new-file#SASID",
        f"{COLUMN}sde:new-file#service",
    ]
    assert found["undecidedColumnCount"] == 2


def test_open_data_needs_nothing_and_nothing_is_owed(demo: Demo) -> None:
    found = demo.ask(MAY, dataset=f"{DATASET}sde:district-directory", to=f"{AGENCY}opm")
    assert (found["isAllowed"], found["verdict"], found["owed"]) == (True, "NOT_NEEDED", [])


@pytest.mark.parametrize(
    ("given", "code", "place"),
    [
        ({"dataset": f"{DATASET}sde:none"}, "INVALID_SELECTION", "dataset: the catalog holds no"),
        ({"dataset": f"{AGENCY}sde"}, "INVALID_URN", "dataset: "),
        ({"to": f"{AGENCY}none"}, "INVALID_SELECTION", "to: the catalog holds no"),
        ({"purpose": "why not"}, "INVALID_URN", "purpose: "),
        ({"columns": [f"{COLUMN}sde:enrollment#none"]}, "INVALID_SELECTION", "columns[0]: the catalog holds no"),
        ({"columns": [f"{COLUMN}sde:new-file#SASID"]}, "INVALID_SELECTION", "is no column of"),
        ({"columns": [f"{COLUMN}sde:enrollment#name"] * (MAX_NAMED + 1)}, "INVALID_SELECTION", "too many"),
    ],
)
def test_what_a_question_names_must_be_there(demo: Demo, given: dict[str, Any], code: str, place: str) -> None:
    asked = {"dataset": ENROLLMENT, "to": f"{AGENCY}dol", **given}
    found, message = demo.refusal(MAY, **asked)
    assert found == code
    assert place in message


def test_what_is_hidden_is_as_if_it_were_not(demo: Demo) -> None:
    hidden = demo.answer(MAY, PUBLIC_READER, dataset=f"{DATASET}sde:new-file", to=f"{AGENCY}dol").errors
    none = demo.answer(MAY, PUBLIC_READER, dataset=f"{DATASET}sde:no-file", to=f"{AGENCY}dol").errors
    assert [each["message"].replace("new-file", "no-file") for each in hidden] == [each["message"] for each in none]


WAYS = """
query ($to: ID!, $asOf: Date, $first: Int!) {
  lawfulPathways(dataset: "urn:waypost:dataset:key:ct:sde:enrollment", to: $to, asOf: $asOf, first: $first,
    purpose: "urn:waypost:purpose:key:ct:evaluation-of-education-programs") {
    isCovered hasMore pathways { missingCount isNew stepCount steps(first: 5) { flow { urn } target { urn } owed(first: 5) { agency { urn } verdict } } }
  }
}
"""


def test_who_holds_it_needs_no_way(demo: Demo) -> None:
    found = demo.ask(WAYS, to=f"{AGENCY}sde", first=5)
    assert found == {
        "isCovered": True,
        "hasMore": False,
        "pathways": [{"missingCount": 0, "isNew": False, "stepCount": 0, "steps": []}],
    }


def test_a_way_lacks_one_for_each_agency_that_is_owed(demo: Demo) -> None:
    # A new transfer to OPM lacks SDE's agreement alone; over UConn flow 4 lacks one, and flow 6 three: UConn's, DSS's and SDE's.
    found = demo.ask(WAYS, to=f"{AGENCY}opm", first=0, asOf="2022-06-02")
    assert (found["isCovered"], found["hasMore"], found["pathways"]) == (False, True, [])
    new, there = demo.ask(WAYS, to=f"{AGENCY}opm", first=2, asOf="2022-06-02")["pathways"]
    assert (new["missingCount"], new["isNew"], there["missingCount"], there["isNew"]) == (1, True, 3, False)
    assert [step["flow"]["urn"] for step in there["steps"]] == [
        TO_HUB,
        f"{FLOW}5-linked-file-to-uconn",
        f"{FLOW}6-copy-to-opm",
    ]
    *_, last = there["steps"]
    assert [(each["agency"]["urn"][len(AGENCY) :], each["verdict"]) for each in last["owed"]] == [
        ("uconn", "UNCOVERED"),
        ("dss", "UNCOVERED"),
        ("sde", "UNCOVERED"),
    ]


IF = """
query (
  $agreements: [ProposedAgreement!], $end: [ProposedEnd!], $classes: [ProposedClasses!],
  $first: Int! = 100, $after: String, $asOf: Date
) {
  whatIf(
    agreements: $agreements, endAgreements: $end, reclassify: $classes, first: $first, after: $after, asOf: $asOf
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    counts { before after flowCount }
    edges {
      flow { urn }
      before { verdict coveredBy(first: 3) { urn } coveredByProposed reasons }
      after { verdict coveredBy(first: 3) { urn } coveredByProposed reasons }
    }
  }
}
"""
ROLES = (("sde", "PROVIDER"), ("dol", "HUB"))


def _agreement(name: str, signed_on: str | None, **more: Any) -> dict[str, Any]:
    """One that would cover flow 1 by itself."""
    parties = [{"standsFor": AGENCY + agency, "role": role, "signedOn": signed_on} for agency, role in ROLES]
    return {
        "name": name,
        "effectiveFrom": "2022-01-01",
        "parties": parties,
        "terms": [{"covers": [ENROLLMENT]}],
        "permits": [EVALUATION],
        "restsOn": [f"{LAW}federal:ferpa-evaluation"],
        **more,
    }


def _said(found: Any, flow: str) -> tuple[Any, Any]:
    (edge,) = (each for each in found["edges"] if each["flow"]["urn"] == flow)
    before, after = (
        (
            each["verdict"],
            [urn["urn"][len(AGREEMENT) :] for urn in each["coveredBy"]],
            each["coveredByProposed"],
            each["reasons"],
        )
        for each in (edge["before"], edge["after"])
    )
    return before, after


END = [{"agreement": f"{AGREEMENT}e-mou", "on": "2022-04-01"}]


def test_an_end_uncovers_what_stands_under_it_as_row_13_says(demo: Demo) -> None:
    found = demo.ask(IF, end=END, asOf=ROW_13)
    for flow in (TO_HUB, SNAP_TO_HUB):
        before, after = _said(found, flow)
        assert before == ("COVERED", ["dsa-a"], [], [])
        assert after == ("UNCOVERED", [], [], ["PARENT_NOT_ACTIVE"])
    counts = {(each["before"], each["after"]): each["flowCount"] for each in found["counts"]}
    moved = sum(count for (before, after), count in counts.items() if before != after)
    assert moved == sum(each["before"]["verdict"] != each["after"]["verdict"] for each in found["edges"])
    assert counts["COVERED", "UNCOVERED"] == moved, "an end covers nothing"
    assert sum(counts.values()) > found["totalCount"] >= moved


def test_a_proposal_that_is_signed_covers_and_one_that_is_not_says_so(demo: Demo) -> None:
    signed = demo.ask(IF, end=END, agreements=[_agreement("B", "2022-01-01")], asOf=ROW_13)
    assert _said(signed, TO_HUB)[1] == ("COVERED", [], ["B"], [])
    assert _said(signed, SNAP_TO_HUB)[1] == ("UNCOVERED", [], [], ["PARENT_NOT_ACTIVE"])
    unsigned = demo.ask(IF, end=END, agreements=[_agreement("B", None)], asOf=ROW_13)
    assert _said(unsigned, TO_HUB)[1] == ("UNCOVERED", [], [], ["PARENT_NOT_ACTIVE", "UNSIGNED"])


def test_a_proposal_under_the_frame_asks_for_approvals(demo: Demo) -> None:
    under = {"under": f"{AGREEMENT}e-mou"}
    ended = [{"agreement": f"{AGREEMENT}dsa-a", "on": ROW_13}]
    without = demo.ask(IF, end=ended, agreements=[_agreement("B", "2022-01-01", **under)], asOf=ROW_13)
    assert _said(without, TO_HUB)[1] == ("UNCOVERED", [], [], ["APPROVAL_MISSING", "TERMINATED"])
    approved = {"approvals": [{"givenBy": f"{AGENCY}sde", "decidedOn": "2022-02-01"}]}
    found = demo.ask(IF, end=ended, agreements=[_agreement("B", "2022-01-01", **under, **approved)], asOf=ROW_13)
    assert _said(found, TO_HUB)[1] == ("COVERED", [], ["B"], [])
    asked = {"requests": ["urn:waypost:data-request:key:ct:2021-07"]}
    found = demo.ask(IF, end=ended, agreements=[_agreement("B", "2022-01-01", **under, **asked)], asOf=ROW_13)
    assert _said(found, TO_HUB)[1] == ("COVERED", [], ["B"], [])


def test_other_classes_are_as_if_they_were_determined_on_the_day(demo: Demo) -> None:
    found = demo.ask(IF, classes=[{"asset": ENROLLMENT, "classes": ["PUBLIC"]}], asOf=ROW_13)
    assert _said(found, TO_HUB)[1] == ("NOT_NEEDED", [], [], [])
    one = {"asset": f"{COLUMN}sde:enrollment#SASID", "classes": ["PRIVATE"]}
    both = demo.ask(IF, classes=[{"asset": ENROLLMENT, "classes": ["PUBLIC"]}, one], asOf=ROW_13)
    assert TO_HUB not in [each["flow"]["urn"] for each in both["edges"]], (
        "a column that is private still asks for cover"
    )


def test_nothing_is_written_and_nothing_proposed_changes_nothing(demo: Demo) -> None:
    revision = demo.runner.run(demo.store.revision())
    demo.ask(IF, end=END, asOf=ROW_13)
    found = demo.ask(IF, asOf=ROW_13)
    assert (found["totalCount"], found["edges"]) == (0, [])
    assert all(each["before"] == each["after"] for each in found["counts"])
    assert demo.runner.run(demo.store.revision()) == revision


def test_one_pages_through_what_would_change(demo: Demo) -> None:
    whole = demo.ask(IF, end=END, asOf=ROW_13)
    found: list[Any] = []
    cursor, more = None, True
    while more:
        page = demo.ask(IF, end=END, asOf=ROW_13, first=1, after=cursor)
        assert (page["totalCount"], page["counts"]) == (whole["totalCount"], whole["counts"])
        found += page["edges"]
        more, cursor = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert found == whole["edges"]
    assert len(found) > 1


NAMES = {"covers": [ENROLLMENT]}
SIGNS = {"standsFor": f"{AGENCY}sde", "role": "PROVIDER", "signedOn": "2022-01-01"}

_WRONG: list[tuple[dict[str, Any], str]] = [
    ({"agreements": [_agreement("B", None, under=f"{AGREEMENT}none")]}, "agreements[0].under: "),
    (
        {"agreements": [{"name": "B", "parties": [{"standsFor": f"{AGENCY}none", "role": "HUB"}]}]},
        "agreements[0].parties[0].standsFor: ",
    ),
    (
        {"agreements": [{"name": "A"}, {"name": "B", "terms": [{"covers": [ENROLLMENT, f"{DATASET}none"]}]}]},
        "agreements[1].terms[0].covers[1]: ",
    ),
    ({"agreements": [{"name": "B", "restsOn": [ENROLLMENT]}]}, "agreements[0].restsOn[0]: "),
    ({"agreements": [{"name": "B"}, {"name": "B"}]}, "agreements: two are called 'B'"),
    ({"agreements": [{"name": str(n)} for n in range(MAX_NAMED + 1)]}, "agreements: 101 are too many"),
    ({"end": [{"agreement": f"{AGREEMENT}none"}]}, "endAgreements[0].agreement: "),
    ({"classes": [{"asset": f"{COLUMN}none", "classes": ["OPEN"]}]}, "reclassify[0].asset: "),
    ({"classes": [{"asset": ENROLLMENT, "classes": []}]}, "reclassify[0].classes: none is given"),
    (
        {"end": [{"agreement": f"{AGREEMENT}dsa-a", "on": on} for on in ("2022-04-20", "2022-05-01")]},
        "endAgreements[1].on: '"
        + AGREEMENT
        + "dsa-a' ends on 2022-05-01 here and on 2022-04-20 at endAgreements[0].on",
    ),
    (
        {"end": [{"agreement": f"{AGREEMENT}dsa-a", "on": "2022-05-01"}, {"agreement": f"{AGREEMENT}dsa-a"}]},
        "endAgreements[1].on: ",
    ),
    (
        {"classes": [{"asset": ENROLLMENT, "classes": [each]} for each in ("PRIVATE", "OPEN")]},
        "reclassify[1].classes: '" + ENROLLMENT + "' has the classes OPEN here and PRIVATE at reclassify[0].classes",
    ),
    (
        {"agreements": [{"name": "B", "terms": [{"covers": []}]}]},
        "agreements[0].terms[0].covers: a term covers something",
    ),
    (
        {"agreements": [{"name": "B", "effectiveFrom": "2022-02-01", "effectiveTo": "2022-01-31"}]},
        "agreements[0].effectiveTo: 2022-01-31 is before 'effectiveFrom' (2022-02-01)",
    ),
    (
        {
            "agreements": [
                {"name": "B", "terms": [{**NAMES, "effectiveFrom": "2022-02-01", "effectiveTo": "2022-01-01"}]}
            ]
        },
        "agreements[0].terms[0].effectiveTo: 2022-01-01 is before",
    ),
    (
        {
            "agreements": [
                {"name": "B", "effectiveTo": "2022-01-31", "terms": [{**NAMES, "effectiveFrom": "2022-02-01"}]}
            ]
        },
        "agreements[0].terms[0].effectiveFrom: 2022-02-01 is outside",
    ),
    (
        {
            "agreements": [
                {"name": "B", "effectiveFrom": "2022-02-01", "terms": [{**NAMES, "effectiveTo": "2022-01-31"}]}
            ]
        },
        "agreements[0].terms[0].effectiveTo: 2022-01-31 is outside",
    ),
    (
        {"agreements": [{"name": "B", "preconditions": [{"fulfilledOn": "2022-02-01", "expiresOn": "2022-01-31"}]}]},
        "agreements[0].preconditions[0].expiresOn: 2022-01-31 is before",
    ),
    (
        {"agreements": [{"name": "B", "permits": [EVALUATION], "prohibits": [EVALUATION]}]},
        "agreements[0].prohibits[0]: '" + EVALUATION + "' is permitted as well",
    ),
    (
        {"agreements": [{"name": "B", "parties": [SIGNS, {**SIGNS, "signedOn": None}]}]},
        "agreements[0].parties[1].signedOn: '" + AGENCY + "sde' as PROVIDER signs never here and 2022-01-01 at",
    ),
]


@pytest.mark.parametrize(("given", "place"), _WRONG)
def test_what_is_wrong_with_a_proposal_is_told_by_its_place(demo: Demo, given: dict[str, Any], place: str) -> None:
    code, message = demo.refusal(IF, **given)
    assert code in ("INVALID_SELECTION", "INVALID_URN")
    assert message.startswith(place)


def test_what_a_proposal_says_twice_alike_is_said_once(demo: Demo) -> None:
    # A party in two roles is two entries, and a term may begin on the last day of its agreement.
    ends = [{"agreement": f"{AGREEMENT}dsa-a", "on": ROW_13}]
    classes = [{"asset": ENROLLMENT, "classes": ["PRIVATE", "PERSONAL"]}]
    once = demo.ask(IF, asOf=ROW_13, end=ends, classes=classes)
    classes.append({"asset": ENROLLMENT, "classes": ["PERSONAL", "PRIVATE"]})
    assert demo.ask(IF, asOf=ROW_13, end=[*ends, {"agreement": f"{AGREEMENT}dsa-a"}], classes=classes) == once
    brief = {"effectiveFrom": ROW_13, "effectiveTo": ROW_13}
    agreement = {"name": "B", **brief, "parties": [SIGNS, {**SIGNS, "role": "HUB"}], "terms": [{**NAMES, **brief}]}
    found = demo.ask(IF, asOf=ROW_13, end=ends, classes=classes, agreements=[agreement])
    assert (found["totalCount"], found["counts"]) == (once["totalCount"], once["counts"])


CLASSES = """
query ($dataset: ID!, $asOf: Date) {
  dataset(urn: $dataset, asOf: $asOf) {
    effectiveClassification {
      declared effective isRaised
      raisedBy { classification dataset { urn } stepCount steps { flow { urn } grade toDataset { urn } } }
    }
  }
}
"""
TOWNS = f"{DATASET}dol:outcomes-by-town"
LAST = [f"{FLOW}7-linked-file-to-aggregate", f"{FLOW}7-aggregate-to-open"]


def test_a_column_that_nobody_reviewed_raises_what_is_open(demo: Demo) -> None:
    # Rows 7 and 8: what was reviewed stops, and the aggregate is PUBLIC itself.
    before = demo.ask(CLASSES, dataset=TOWNS, asOf="2022-06-20")["effectiveClassification"]
    assert (before["declared"], before["effective"]) == (["OPEN"], ["PUBLIC"])
    assert [each["dataset"]["urn"] for each in before["raisedBy"]] == [f"{DATASET}dol:outcomes-aggregate"]
    after = demo.ask(CLASSES, dataset=TOWNS, asOf="2022-07-20")["effectiveClassification"]
    assert (after["declared"], after["effective"], after["isRaised"]) == (["OPEN"], ["PERSONAL", "PRIVATE"], True)
    personal, private = after["raisedBy"]
    # The linked file is PERSONAL; PRIVATE are the files of DSS and SDE alone, of which DSS's comes first.
    assert (personal["dataset"]["urn"], private["dataset"]["urn"]) == (
        f"{DATASET}dol:linked-file",
        f"{DATASET}dss:snap-participation",
    )
    assert [each["flow"]["urn"] for each in personal["steps"]] == LAST
    assert [each["flow"]["urn"] for each in private["steps"]] == [SNAP_TO_HUB, *LAST]
    assert private["stepCount"] == 3
    assert {each["grade"] for each in private["steps"]} == {"POSSIBLE"}


def test_what_is_decided_and_not_raised_says_so_and_what_is_undecided_too(demo: Demo) -> None:
    found = demo.ask(CLASSES, dataset=ENROLLMENT)["effectiveClassification"]
    assert found == {
        "declared": ["PERSONAL", "PRIVATE"],
        "effective": ["PERSONAL", "PRIVATE"],
        "isRaised": False,
        "raisedBy": [],
    }
    undecided = demo.ask(CLASSES, dataset=f"{DATASET}sde:new-file")["effectiveClassification"]
    assert (undecided["declared"], undecided["isRaised"]) == (["UNDETERMINED"], False)


def test_fields_of_the_audit_stand_below_each_other(demo: Demo) -> None:
    text = """query ($dataset: ID!) { dataset(urn: $dataset) { holders(first: 1) { edges { dataset {
      urn effectiveClassification { effective }
      origins { origins(first: 1) { arrivals(first: 1) { flow { verdict { verdict } } } } } } } } } }"""
    (edge,) = demo.ask(text, dataset=ENROLLMENT)["holders"]["edges"]
    # DOL's first, by URN: the linked file, of DSS's and SDE's data, which A covers until 2023-02-28.
    assert edge["dataset"]["urn"] == f"{DATASET}dol:linked-file"
    assert edge["dataset"]["effectiveClassification"]["effective"] == ["PERSONAL", "PRIVATE"]
    ((arrival,),) = (each["arrivals"] for each in edge["dataset"]["origins"]["origins"])
    assert arrival["flow"]["verdict"]["verdict"] == "COVERED"


def test_data_at_home_owes_nothing(demo: Demo) -> None:
    text = (
        "query ($d: ID!) { dataset(urn: $d) { origins { verdict origins { agency { urn } verdict arrivalCount } } } }"
    )
    home = demo.ask(text, d=ENROLLMENT)["origins"]
    assert home["origins"] == [{"agency": {"urn": f"{AGENCY}sde"}, "verdict": "NOT_NEEDED", "arrivalCount": 0}]
    public = demo.ask(text, d=f"{DATASET}sde:district-directory")["origins"]
    assert public == {"verdict": None, "origins": []}
