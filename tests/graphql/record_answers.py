"""Answers to the examples about records on the demo catalog, worked out by hand from the files in loaders/demo."""

from __future__ import annotations

from typing import Any

from tests.graphql.example_answers import Case

__all__ = ["RECORD_CASES"]

_Answer = dict[str, Any]
_WHOLE = {"hasNextPage": False, "endCursor": ...}
_FOR_PUBLIC = {"isComplete": False, "reasons": ["READER"]}
_FOR_STAFF: _Answer = {"isComplete": True, "reasons": []}


def _page(name: str, completeness: _Answer, *edges: _Answer, **more: Any) -> _Answer:
    found = {"totalCount": len(edges), "pageInfo": _WHOLE, "edges": list(edges), "completeness": completeness}
    return {name: {**found, **more}}


def _short(abbreviation: str | None) -> _Answer:
    return {"abbreviation": abbreviation}


def _number(provider: str, recipient: str, identifier: str, flow: str, day: str) -> _Answer:
    """A social security number that crosses in one flow, by one run."""
    return {
        "provider": _short(provider),
        "recipient": _short(recipient),
        "identifier": identifier,
        "kind": "DIRECT_IDENTIFIER",
        "columnCount": 1,
        "flowCount": 1,
        "flows": [{"title": flow}],
        "runCount": 1,
        "lastRunOn": day,
    }


# Columns named so: systems.yaml, p20win.yaml, sharing.yaml. Other flows from their datasets stay with the agency or state columns
# without it. By URN of agency: ctecs, das, dcf, dol.
_CROSSINGS = _page(
    "identifierCrossings",
    _FOR_PUBLIC,
    _number("CTECS", "DOL", "ssn", "CTECS to hub: graduates of technical high schools", "2022-07-18"),
    _number("DAS", "OSC", "ssn", "DAS to OSC: payroll", "2021-06-14"),
    _number("DCF", "DOL", "SSN", "DCF to hub: match file for early care (children-families)", "2021-10-07"),
    _number("DCF", "IMRP", "SSN", "DCF to IMRP: analysis file for early care (children-families)", "2021-10-27"),
    _number("DOL", "OWS", "SSN", "DOL to OWS: analysis file for completion and earnings (ui)", "2022-02-27"),
)


def _overdue(due: str, late: int, *held: str) -> _Answer:
    return {
        "status": "OVERDUE",
        "dueOn": due,
        "daysLate": late,
        "certificateCount": 0,
        "stillHeldCount": len(held),
        "stillHeld": [{"title": title} for title in held],
    }


# sharing.yaml: an obligation without certificate. agreements.yaml: C lets the data be kept until 2022-11-30; that of IMRP is by its
# obligation due in 2023, of the hub nothing else is said. DECD has certified. All others are due in 2023 or later.
_OWED = _page(
    "obligations",
    _FOR_PUBLIC,
    {
        "kind": "DESTROY",
        "node": {"note": "The copy of the survey; no certificate came. Invented for illustration."},
        "agreement": {"reference": "SOW-DPH-BROOKFALL"},
        "owedBy": _short(None),
        "standing": _overdue("2022-10-31", 61, "Copy of the health survey"),
    },
    {
        "kind": "DESTROY",
        "node": None,
        "agreement": {"reference": "DSA-2021-01"},
        "owedBy": _short("DOL"),
        "standing": _overdue(
            "2022-11-30",
            31,
            "Links of early care",
            "Match file of DCF for early care (children-families)",
            "Match file of OEC for early care (early-childhood)",
        ),
    },
)


def _unstated(flow: str, provider: str) -> _Answer:
    return {
        "flow": {"title": flow},
        "provider": _short(provider),
        "recipient": _short("DOL"),
        "agreement": {"reference": "DSA-2022-01"},
        "law": {"citation": "34 CFR 99.31(a)(3), 99.35"},
        "gap": "TERMS_NOT_STATED",
        "missingTerms": ["Says when and how the data is destroyed"],
    }


# pathway.yaml: A covers flows 1 and 3 (rows 9 and 3 of domain 9.1), rests on three laws, of which one asks for no term, and states
# four of the five terms that the others ask for (agencies.yaml). The classes of both sources rest on laws that A rests on.
_GAPS = _page(
    "basisGaps",
    _FOR_PUBLIC,
    _unstated("1: Enrollment to the hub", "SDE"),
    _unstated("2, 3: SNAP participation to the hub", "DSS"),
)


def _way(kind: str, place: str, *ask: str, **more: Any) -> _Answer:
    found: _Answer = {"agreement": None, "dataset": None, "purpose": None, "sides": [], "reasons": [], "unsigned": []}
    shown = {"kind": kind, "isOpen": True, "place": _short(place), "ask": [_short(each) for each in ask]}
    return {**found, **shown, **more}


# pathway.yaml: both flow into the linked file; enrollment also straight into the researchers' file, which the linked file feeds (4, 5).
# E is signed by SDE, DSS and its hub. A leaves out the column on disability. Request 2021-07 of 2021-11-22 was decided on 2022-04-15,
# A signed on 2022-02-15; matched on 2022-04-20, the matrix passed on on 2022-05-09 (requests.yaml).
_WAYS = _page(
    "linkagePaths",
    _FOR_PUBLIC,
    _way("LINKED", "DOL", "SDE", "DSS", "DOL", dataset={"title": "Linked analysis file"}),
    _way("LINKED", "UConn", "SDE", "DSS", "UConn", dataset={"title": "Analysis file of the evaluation"}),
    _way("FRAME", "DOL", "SDE", "DSS", "DOL", "OPM", agreement={"reference": "E-MOU-2021"}),
    _way(
        "AGREEMENT",
        "DOL",
        *("SDE", "DSS", "DOL", "OPM"),
        isOpen=False,
        agreement={"reference": "DSA-2022-01"},
        purpose={"label": "Evaluation of education programs"},
        sides=[
            {"dataset": {"title": "Enrollment"}, "reasons": ["COLUMN_OUT_OF_SCOPE"], "why": []},
            {"dataset": {"title": "SNAP participation"}, "reasons": [], "why": []},
        ],
    ),
    isPossible=True,
    lastRequest={
        "request": {"number": "2021-07"},
        "isForBoth": True,
        "daysToDecision": 144,
        "daysToAgreement": 85,
        "daysToMatch": 149,
        "daysToMatrix": 168,
    },
    linkageRuns=[{"matchedOn": "2022-04-20"}],
)


def _match(request: str, fields: str, matched: str, due: str, gone: tuple[str | None, int]) -> _Answer:
    destroyed, late = gone
    status = "OVERDUE" if destroyed is None else "FULFILLED"
    return {
        "node": {
            "fieldsUsed": fields.split(),
            "matchedOn": matched,
            "request": {"number": request},
            "hub": _short("DOL"),
        },
        "fileDestruction": {"status": status, "dueOn": due, "destroyedOn": destroyed, "daysLate": late},
    }


# requests.yaml and sharing.yaml. The days of the matches are a Wednesday, a Monday, a Wednesday and a Monday.
_MATCHES = _page(
    "linkageRuns",
    _FOR_PUBLIC,
    _match("2021-01", "name DOB", "2021-10-20", "2021-10-27", (None, 430)),
    _match("2021-05", "SSN name DOB", "2022-02-21", "2022-02-28", ("2022-05-31", 92)),
    _match("2021-07", "SASID name DOB", "2022-04-20", "2022-04-27", ("2022-06-30", 64)),
    _match("2022-03", "name DOB", "2022-06-20", "2022-06-27", (None, 187)),
)


def _access(person: str, agency: str, dataset: str, agreement: str, until: str | None, *gaps: str) -> _Answer:
    return {
        "person": {"name": person},
        "agency": _short(agency),
        "dataset": {"title": dataset},
        "agreement": {"reference": agreement},
        "gaps": list(gaps),
        "trainedUntil": until,
    }


# requests.yaml and sharing.yaml. CCIC has not approved what led to D. For the second of UConn no data is named: the hub certified to
# have destroyed its files, so that the researchers' file is all. The access of the consultant ended in September.
_PERSONS = _page(
    "outputAccess",
    _FOR_STAFF,
    _access(
        "Rosalind Achterberg",
        "OWS",
        "Analysis file of completion and earnings",
        "DSA-2022-02",
        "2023-09-14",
        "APPROVAL_MISSING",
    ),
    _access(
        "Thaddeus Mbeki-Lowe",
        "OWS",
        "Analysis file of treatment and work",
        "DSA-2022-03",
        "2021-03-11",
        "TRAINING_OUTDATED",
    ),
    _access("Leopold Anand", "UConn", "Analysis file of the evaluation", "DSA-2022-01", "2023-02-24"),
    _access("Ingrid Okonjo", "UConn", "Analysis file of the evaluation", "DSA-2022-01", None, "TRAINING_MISSING"),
    _access("Philippa Zamora", "UConn", "File of the immunization study", "DUA-DPH-UCONN", "2023-02-24", "NDA_MISSING"),
)


def _incident(title: str, on: str, notice: tuple[str, int, str, str | None], agreement: str, *flows: str) -> _Answer:
    status, hours, due, told = notice
    return {
        "node": {"title": title, "occurredOn": on},
        "notice": {
            "status": status,
            "withinHours": hours,
            "dueOn": due,
            "toldOn": told,
            "flows": [{"title": flow} for flow in flows],
            "agreements": [{"reference": agreement}],
        },
    }


# requests.yaml and sharing.yaml; hours of the agreements, of A those of E above it (pathway.yaml). Told of on the next day, what is
# to be told of within 24 hours may be in time or not.
_INCIDENTS = _page(
    "incidents",
    _FOR_STAFF,
    _incident(
        "Laboratory message read by the wrong clinic",
        "2022-05-03",
        ("UNKNOWN", 24, "2022-05-04", "2022-05-04"),
        "BAA-CONNIE-DPH",
        "Connie to DPH: laboratory results",
    ),
    _incident(
        "A file of pupils sent to the wrong folder",
        "2022-08-09",
        ("LATE", 24, "2022-08-10", "2022-08-12"),
        "DSA-2022-01",
        "4: Enrollment to the researchers",
        "5: Linked file to the researchers",
    ),
    _incident(
        "Answers found with a subcontractor",
        "2022-09-20",
        ("OVERDUE", 24, "2022-09-21", None),
        "SOW-DPH-BROOKFALL",
        "DPH to Brookfall: answers to the health survey",
    ),
    _incident(
        "One account used by several",
        "2022-10-24",
        ("LATE", 48, "2022-10-26", "2022-11-04"),
        "MOU-DDS-DSS",
        "DDS to DSS: persons on waivers",
    ),
)

RECORD_CASES = [
    Case("10-identifiers-across-boundaries", 3, _CROSSINGS),
    Case("11-past-destruction-date", 3, _OWED),
    Case("12-legal-bases-not-borne-out", 3, _GAPS),
    Case("19-ways-to-link", 3, _WAYS),
    Case("20-linkage-runs", 3, _MATCHES),
    Case("21-access-to-data-of-persons", 3, _PERSONS),
    Case("22-incidents-and-notice", 3, _INCIDENTS),
]
