"""What the examples about sharing answer on the demo catalog on 2022-12-31: written by hand, from its files and the rules.

The worked pathway (pathway.yaml) is A, a data sharing agreement, and its flows; 9.2 names the rules. The public does not see all
papers, which is said.
"""

from __future__ import annotations

from typing import Any

from tests.graphql.example_answers import Case

__all__ = ["SHARING_CASES"]

_READER: dict[str, Any] = {"isComplete": False, "reasons": ["READER"]}
_PART: dict[str, Any] = {**_READER, "omittedCount": 0}
_A: dict[str, Any] = {"reference": "DSA-2022-01"}


def _agency(name: str) -> dict[str, Any]:
    return {"abbreviation": name}


def _failures(**clauses: tuple[int, ...]) -> list[dict[str, Any]]:
    """The code that fails at each of some clauses, in the order of the clauses."""
    found = [(number, code) for code, numbers in clauses.items() for number in numbers]
    return [{"clause": number, "code": code} for number, code in sorted(found)]


# OPM's input comes from UConn's copy (flow 6), that from SDE's enrollment (4) and the linked file (5), that from enrollment
# (1) and DSS's file (2): two origins. Flow 6 alone leads to OPM. Nobody but A has terms that name their data; OPM is no party
# of A, and both of its terms name DOL and UConn as recipients. All else holds: A is in force, both agencies approved.
_TO_OPM: dict[str, Any] = {
    "flow": {"title": "6: Researchers' file to a dashboard"},
    "verdict": "UNCOVERED",
    "tried": [{"agreement": _A, "failures": _failures(RECIPIENT_NOT_PERMITTED=(2, 3))}],
}
_ORIGINS: dict[str, Any] = {
    "dataset": {
        "title": "Input of the outcomes dashboard",
        "origins": {
            "holder": _agency("OPM"),
            "verdict": "UNCOVERED",
            "originCount": 2,
            "origins": [
                {"agency": _agency(name), "verdict": "UNCOVERED", "datasets": [{"title": title}], "arrivals": [_TO_OPM]}
                for name, title in (("DSS", "SNAP participation"), ("SDE", "Enrollment"))
            ],
            "completeness": _PART,
        },
    }
}


def _asked(verdict: str, *failures: dict[str, Any], reasons: tuple[str, ...] = ()) -> dict[str, Any]:
    """SDE's enrollment, asked for: A alone is about it."""
    return {
        "isAllowed": verdict == "COVERED",
        "verdict": verdict,
        "classifications": ["PERSONAL", "PRIVATE"],
        "coveredBy": [] if reasons else [_A],
        "reasons": list(reasons),
        "why": [],
        "undecidedColumns": [],
        "owed": [
            {
                "isDirect": True,
                "agency": _agency("SDE"),
                "verdict": verdict,
                "tried": [{"agreement": _A, "failures": list(failures)}],
            }
        ],
        "completeness": _READER,
    }


def _step(title: str | None, provider: str, recipient: str, verdict: str, *reasons: str) -> dict[str, Any]:
    return {
        "flow": None if title is None else {"title": title},
        "provider": _agency(provider),
        "recipient": _agency(recipient),
        "verdict": verdict,
        "coveredBy": [_A] if verdict == "COVERED" else [],
        "reasons": list(reasons),
    }


def _way(*steps: dict[str, Any], missing: int = 0, new: bool = False) -> dict[str, Any]:
    return {"missingCount": missing, "isNew": new, "steps": list(steps)}


# Its term names seven columns, and not "disability". For the purpose of A, flow 5 passes on the linked file, the result of what ran
# under A: so a covered way leads over the hub. A transfer of all columns would lack an agreement of SDE, as "disability" is one.
_TO_HUB = _step("1: Enrollment to the hub", "SDE", "DOL", "COVERED")
_OUT = _step("5: Linked file to the researchers", "DOL", "UConn", "COVERED")
_NEW = _step(None, "SDE", "UConn", "UNCOVERED", "COLUMN_OUT_OF_SCOPE")
_NO: dict[str, Any] = {
    "mayShare": _asked("UNCOVERED", *_failures(COLUMN_OUT_OF_SCOPE=(3,)), reasons=("COLUMN_OUT_OF_SCOPE",)),
    "lawfulPathways": {
        "isCovered": True,
        "hasMore": False,
        "pathways": [_way(_TO_HUB, _OUT), _way(_NEW, missing=1, new=True)],
    },
}
# Identifiers to the hub, which the same term has. DOL holds the linked file, then the aggregate, then the outcomes.
_YES: dict[str, Any] = {
    "mayShare": _asked("COVERED"),
    "lawfulPathways": {
        "isCovered": True,
        "hasMore": True,
        "pathways": [_way(_TO_HUB), _way(_TO_HUB, _step("7, 8: Aggregation at the hub", "DOL", "DOL", "NOT_NEEDED"))],
    },
}
# For another purpose flow 4 lacks an agreement as a new transfer does; what is there comes first. Two clauses fail.
_OTHERWISE: dict[str, Any] = {
    "mayShare": _asked(
        "UNCOVERED",
        *_failures(COLUMN_OUT_OF_SCOPE=(3,), PURPOSE_NOT_PERMITTED=(4,)),
        reasons=("COLUMN_OUT_OF_SCOPE",),
    ),
    "lawfulPathways": {
        "isCovered": False,
        "hasMore": False,
        "pathways": [
            _way(
                _step("4: Enrollment to the researchers", "SDE", "UConn", "UNCOVERED", "COLUMN_OUT_OF_SCOPE"), missing=1
            ),
            _way(_NEW, missing=1, new=True),
        ],
    },
}

_URN = "urn:waypost:column:key:ct:"
_CLIENT, _IN_MART, _CHECKED, _COUNTED = (
    f"{_URN}{name}"
    for name in (
        "dss:monthly-extract#client_id",
        "dss:assistance-mart#client_id",
        "oec:eligibility-check#client_id",
        "dss:assistance-by-town#households",
    )
)


def _column(depth: int, urn: str, agency: str, officer: str) -> dict[str, Any]:
    held = {"abbreviation": agency, "dataOfficer": {"person": {"name": officer}}}
    return {"depth": depth, "column": {"urn": urn, "dataset": {"agency": held}}}


def _flow(title: str, verdict: str, *by: str) -> dict[str, Any]:
    return {"title": title, "verdict": {"verdict": verdict, "coveredBy": [{"reference": each} for each in by]}}


def _edge(upstream: str, downstream: str, flow: dict[str, Any]) -> dict[str, Any]:
    return {"upstream": upstream, "downstream": downstream, "steps": [{"partOfFlow": flow}]}


# flows.yaml: the extract feeds DSS's mart and OEC's check, the mart the counts by town. Only OEC is another agency; one
# agreement, whose term names the column, covers that flow.
_TO_OEC = _flow("DSS to OEC: eligibility of families", "COVERED", "MOU-DSS-OEC")
_TO_MART = _flow("DSS: monthly assistance extract to assistance reporting tables", "NOT_NEEDED")
_BREAKS: dict[str, Any] = {
    "columnLineage": {
        "nodes": [
            _column(0, _CLIENT, "DSS", "Ibrahim Castellanos"),
            _column(1, _IN_MART, "DSS", "Ibrahim Castellanos"),
            _column(1, _CHECKED, "OEC", "Noor Halvorsen"),
            _column(2, _COUNTED, "DSS", "Ibrahim Castellanos"),
        ],
        "edges": [
            _edge(
                _IN_MART,
                _COUNTED,
                _flow("DSS: assistance reporting tables to assistance by town", "NOT_NEEDED"),
            ),
            _edge(_CLIENT, _IN_MART, _TO_MART),
            _edge(_CLIENT, _CHECKED, _TO_OEC),
        ],
        "completeness": {"isComplete": True, "reasons": [], "omittedNodes": 0, "hiddenNodes": 0},
    },
    "node": {
        "coverageTerms": {"edges": [{"node": {"title": "Families on assistance"}}]},
        "flows": {"edges": [{"node": _TO_OEC}, {"node": _TO_MART}]},
    },
}

_ENROLLMENT = f"{_URN}sde:enrollment#"
SHARING_CASES = [
    # Facts are scanned, and no selection. The dataset; then the nodes that the audit speaks of.
    Case("06-origins-of-a-dataset", 1 + 1, _ORIGINS),
    # The nodes that each of both answers speaks of.
    Case("15-may-i-share", 1 + 1, _NO),
    Case(
        "15-may-i-share",
        1 + 1,
        _YES,
        {"columns": [f"{_ENROLLMENT}SASID", f"{_ENROLLMENT}name"], "to": "urn:waypost:agency:key:ct:dol"},
    ),
    Case("15-may-i-share", 1 + 1, _OTHERWISE, {"purpose": "urn:waypost:purpose:key:ct:program-administration"}),
    # Two hops and one past them, the fields, and what the verdicts of flows speak of; then the same of the column itself.
    Case("18-what-a-column-breaks", 3 + 1 + 1 + 1 + 1, _BREAKS),
]
