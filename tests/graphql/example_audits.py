"""What the documented examples of the audit answer on the demo catalog on 2022-12-31: written by hand.

From the files in loaders/demo and the specification (domain 7 to 9.2). To a visitor: what is for staff is not there, so that
``completeness`` always says READER.
"""

from __future__ import annotations

from typing import Any

from tests.graphql.example_answers import Case

__all__ = ["AUDIT_CASES"]

_WHOLE = {"hasNextPage": False, "endCursor": ...}
_READER = {"isComplete": False, "reasons": ["READER"], "omittedCount": 0}


def _agreements(*names: str) -> list[dict[str, str]]:
    return [{"urn": f"urn:waypost:agreement:key:ct:{name}"} for name in names]


def _flow(name: str) -> dict[str, str]:
    return {"urn": f"urn:waypost:flow:key:ct:{name}"}


def _datasets(*names: str) -> list[dict[str, str]]:
    return [{"urn": f"urn:waypost:dataset:key:ct:{name}"} for name in names]


def _agency(abbreviation: str | None) -> dict[str, str | None]:
    return {"abbreviation": abbreviation}


def _owed(agency: str, verdict: str, *, direct: bool = False) -> dict[str, Any]:
    return {"isDirect": direct, "agency": _agency(agency), "verdict": verdict}


# Domain 9.1, row 6. No agreement has UConn as one that provides and OPM as one that receives; A lists SDE and DSS as providers
# and UConn as a party, and OPM as none that receives. From its holder's class, and what flowed in: PERSONAL and PRIVATE.
_TRIED = [{"agreement": _agreements("dsa-a")[0], "code": "RECIPIENT_NOT_PERMITTED"}]
_UNCOVERED: dict[str, Any] = {
    "flowVerdicts": {
        "totalCount": 1,
        "pageInfo": _WHOLE,
        "edges": [
            {
                "node": {**_flow("6-copy-to-opm"), "title": "6: Researchers' file to a dashboard"},
                "verdict": {
                    "recipient": _agency("OPM"),
                    "classifications": ["PERSONAL", "PRIVATE"],
                    "reasons": ["NO_AGREEMENT", "RECIPIENT_NOT_PERMITTED"],
                    "owed": [
                        {**_owed("UConn", "UNCOVERED", direct=True), "tried": []},
                        {**_owed("DSS", "UNCOVERED"), "tried": _TRIED},
                        {**_owed("SDE", "UNCOVERED"), "tried": _TRIED},
                    ],
                },
            }
        ],
    }
}

# Domain 9.1, "lapse(A, 2023-02-28)"; flows 1 and 3 are two flows of the demo, whose job runs once more on the next day.
_LAPSE = {
    "agreement": {
        "title": "Data sharing agreement A: education and SNAP",
        "lapse": {
            "day": "2023-02-28",
            "flowCount": 2,
            "flows": [_flow("1-enrollment-to-hub"), _flow("2-snap-to-hub")],
            "undecidedCount": 0,
            "cutOffCount": 3,
            "cutOff": _datasets("dol:linked-file", "dol:outcomes-aggregate", "dol:outcomes-by-town"),
            "thinnedCount": 2,
            "thinned": _datasets("opm:dashboard-input", "uconn:analysis-copy"),
            "runCount": 1,
        },
    }
}

# p20win.yaml, pathway.yaml. Under D ten: four of CSCU, two each of UConn and OHE, DOL's to OWS, and the matrix, whose cover
# towards CSCU, OHE and UConn ends; CCIC has not approved its two, and DOL's to the hub stay with DOL. Under the second
# memorandum nine more: five of C, four of E (again without DOL's own). Under the first, which is above it, two more: those of A.
_POINTS = {
    "singlePointsOfFailure": {
        "mostFlows": 21,
        "pageInfo": {"hasNextPage": True, "endCursor": ...},
        "edges": [
            {"isLargest": largest, "flowCount": count, "agreement": {**_agreements(name)[0], "title": title}}
            for largest, count, name, title in (
                (True, 21, "e-mou", "Enterprise memorandum of understanding"),
                (False, 19, "e-mou-2", "Enterprise memorandum: participants who joined later"),
                (False, 10, "dsa-d", "Data sharing agreement D: completion and earnings"),
            )
        ],
    }
}


def _change(flow: str, turn: str, on: str, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    return {"node": _flow(flow), "turn": turn, "beforeOn": on, "before": before, "after": after}


def _told(verdict: str, *by: str, reasons: tuple[str, ...] = ()) -> dict[str, Any]:
    return {"verdict": verdict, "reasons": list(reasons), "coveredBy": _agreements(*by)}


# agreements.yaml, flows.yaml. The two registers have been in touch since 2018-07-02, without recorded runs, and nobody had
# classed anything before 2020-12-01. The memorandum of DRS and DECD ended on 2021-12-31; its job last ran in June of that year.
_CHANGES = {
    "verdictChanges": {
        "totalCount": 3,
        "pageInfo": _WHOLE,
        "edges": [
            _change(
                "dispatch-to-dmv-registry", "GAINED", "2018-07-02", _told("UNKNOWN"), _told("COVERED", "mou-dmv-despp")
            ),
            _change(
                "dmv-registry-to-dispatch", "GAINED", "2018-07-02", _told("UNKNOWN"), _told("COVERED", "mou-dmv-despp")
            ),
            _change(
                "drs-to-decd-tax-credits-of-assisted-companies",
                "LOST",
                "2021-06-14",
                _told("COVERED", "mou-drs-decd"),
                _told("UNCOVERED", reasons=("EXPIRED",)),
            ),
        ],
        "completeness": _READER,
    }
}

# The same between two days: on the last day of A, and on the one after (domain 9.1, rows 9 and 10).
_CHANGES_OF_A = {
    "verdictChanges": {
        "totalCount": 2,
        "pageInfo": _WHOLE,
        "edges": [
            _change(flow, "LOST", "2023-02-28", _told("COVERED", "dsa-a"), _told("UNCOVERED", reasons=("EXPIRED",)))
            for flow in ("1-enrollment-to-hub", "2-snap-to-hub")
        ],
        "completeness": _READER,
    }
}


def _passed_on(flow: str, provider: str, recipient: str, *owed: dict[str, Any]) -> dict[str, Any]:
    verdict = {"provider": _agency(provider), "recipient": _agency(recipient), "owed": list(owed)}
    return {"node": _flow(flow), "verdict": verdict}


_OF_D = ("CCIC", "CSCU", "DOL", "OHE", "UConn")
"""Whose data is in what OWS holds under D."""

# Rows 5 and 6 of domain 9.1; pay that OSC told DAS of, which DAS tells OPM; families that DSS told DPH of (MOU-DSS-OUTREACH
# permits no redisclosure); the matrix of D, which CCIC has not approved, though the others have; what OWS made of it.
_PASSED_ON = {
    "flowVerdicts": {
        "totalCount": 7,
        "pageInfo": _WHOLE,
        "edges": [
            _passed_on(
                "5-linked-file-to-uconn",
                "DOL",
                "UConn",
                _owed("DOL", "UNCOVERED", direct=True),
                _owed("DSS", "UNCOVERED"),
                _owed("SDE", "UNCOVERED"),
            ),
            _passed_on(
                "6-copy-to-opm",
                "UConn",
                "OPM",
                _owed("UConn", "UNCOVERED", direct=True),
                _owed("DSS", "UNCOVERED"),
                _owed("SDE", "UNCOVERED"),
            ),
            _passed_on(
                "das-to-opm-position-file",
                "DAS",
                "OPM",
                _owed("DAS", "COVERED", direct=True),
                _owed("OSC", "UNCOVERED"),
            ),
            _passed_on(
                "dph-to-dcf-families-to-visit",
                "DPH",
                "DCF",
                _owed("DPH", "COVERED", direct=True),
                _owed("DSS", "UNCOVERED"),
            ),
            _passed_on(
                "hub-to-ows-matrix-for-completion-and-earnings",
                "DOL",
                "OWS",
                _owed("DOL", "UNCOVERED", direct=True),
                _owed("CCIC", "UNCOVERED"),
                *(_owed(each, "COVERED") for each in ("CSCU", "OHE", "UConn")),
            ),
            _passed_on(
                "ows-to-cceh-licensed-extract-on-completion-and-earnings",
                "OWS",
                "CCEH",
                _owed("OWS", "UNCOVERED", direct=True),
                *(_owed(each, "UNCOVERED") for each in _OF_D),
            ),
            _passed_on(
                "ows-to-opm-input-of-the-workforce-dashboard",
                "OWS",
                "OPM",
                _owed("OWS", "UNCOVERED", direct=True),
                *(_owed(each, "UNCOVERED") for each in _OF_D),
            ),
        ],
    }
}

# sharing.yaml: "four papers that could be one", two each way; the fourth, of matched deaths by overdose, is in agreements.yaml.
_MANY = {
    "agreementPairs": {
        "totalCount": 1,
        "pageInfo": _WHOLE,
        "edges": [
            {
                "a": _agency("DMHAS"),
                "b": _agency("DPH"),
                "agreementCount": 4,
                "agreements": [
                    {**_agreements(name)[0], "kind": kind}
                    for name, kind in (
                        ("baa-dmhas-dph", "BUSINESS_ASSOCIATE_AGREEMENT"),
                        ("baa-dph-dmhas", "BUSINESS_ASSOCIATE_AGREEMENT"),
                        ("dua-dmhas-dph", "DATA_USE_AGREEMENT"),
                        ("mou-dph-dmhas", "MOU"),
                    )
                ],
                "alike": [
                    {"agreements": _agreements("baa-dmhas-dph", "dua-dmhas-dph")},
                    {"agreements": _agreements("baa-dph-dmhas", "mou-dph-dmhas")},
                ],
            }
        ],
    }
}

# DAS to OPM: the position file, exit interviews, and of a list that nobody has classed what OPM counts by town. Between DAS and
# OSC payroll, and what was paid. Neither memorandum stands under another.
_WITHOUT_ENTERPRISE = {
    "agreementPairs": {
        "totalCount": 2,
        "pageInfo": _WHOLE,
        "edges": [
            {"a": _agency("DAS"), "b": _agency("OPM"), "flowCount": 3, "agreements": _agreements("mou-das-opm")},
            {"a": _agency("DAS"), "b": _agency("OSC"), "flowCount": 2, "agreements": _agreements("mou-das-osc")},
        ],
    }
}

# In force, and no flow uses them: three of DPH and DMHAS have none; F is not binding for CTECS, which never signed what stands
# above; IRB, approval, purpose and law are what lacks of the others' flows; and who provides traffic stops is not known. C was
# extended from 2022-08-31 by a year, which all of its five flows rest on; the term that was added for SDE and OEC no flow needs.
_UNUSED = {
    "unusedAgreements": {
        "totalCount": 9,
        "pageInfo": _WHOLE,
        "edges": [
            {"agreement": each}
            for each in _agreements(
                "baa-dmhas-dph",
                "dsa-f",
                "dua-dmhas-dph",
                "dua-dph-uconn",
                "dul-1",
                "mandate-54-1m",
                "mou-dph-dmhas",
                "mou-oec-dcf",
                "mou-trb-osc",
            )
        ],
    },
    "flowsUnderAmendment": {
        "totalCount": 5,
        "edges": [
            {"node": _flow(each), "agreements": _agreements("dsa-c")}
            for each in (
                "dcf-to-hub-match-file-for-early-care-children-families",
                "dcf-to-imrp-analysis-file-for-early-care-children-families",
                "hub-to-imrp-matrix-for-early-care",
                "oec-to-hub-match-file-for-early-care-early-childhood",
                "oec-to-imrp-analysis-file-for-early-care-early-childhood",
            )
        ],
    },
}


def _party(role: str, agency: str | None, officer: str | None) -> dict[str, Any]:
    held = None if officer is None else {"person": {"name": officer}}
    return {"node": {"role": role, "standsFor": {"abbreviation": agency, "dataOfficer": held}}}


def _end(name: str, day: str, parties: list[dict[str, Any]], flows: list[str], cut_off: int) -> dict[str, Any]:
    lapse = {"day": day, "flowCount": len(flows), "flows": [_flow(each) for each in flows], "cutOffCount": cut_off}
    agreement = {**_agreements(name)[0], "parties": {"edges": parties}}
    return {"agreement": agreement, "term": None, "lapse": lapse}


# effective_to from 2022-12-31 to 2023-03-31; people.yaml: the officers. The statement of work is a frame. What DCF visits comes
# from DPH alone; that flow is not covered towards DSS, and what it is covered by ends all the same (9.2 F1).
_ENDING = {
    "coverageCalendar": {
        "totalCount": 3,
        "pageInfo": _WHOLE,
        "edges": [
            _end(
                "sow-decd",
                "2022-12-31",
                [
                    _party("AUTHORIZED_REPRESENTATIVE", None, None),
                    _party("PROVIDER", "DECD", "Quentin Marlowe-Diaz"),
                ],
                [],
                0,
            ),
            _end(
                "dsa-a",
                "2023-02-28",
                [
                    _party("HUB", "DOL", "Samuel Adeyemi"),
                    _party("PROVIDER", "DSS", "Ibrahim Castellanos"),
                    _party("PROVIDER", "SDE", "Priya Whitcombe"),
                    _party("RECIPIENT", "UConn", None),
                ],
                ["1-enrollment-to-hub", "2-snap-to-hub"],
                3,
            ),
            _end(
                "mou-dph-dcf",
                "2023-03-15",
                [_party("RECIPIENT", "DCF", "Caleb Moriarty"), _party("PROVIDER", "DPH", "Teodor Lindqvist")],
                ["dph-to-dcf-families-to-visit"],
                1,
            ),
        ],
    }
}


def _leak(grade: str, *places: tuple[str, str]) -> dict[str, Any]:
    path = [{"dataset": _datasets(dataset)[0], "agency": _agency(agency)} for dataset, agency in places]
    return {"grade": grade, "path": path, "lastToStop": path[-2]["agency"]}


def _leaks(leaks: list[dict[str, Any]], cut: dict[str, Any]) -> dict[str, Any]:
    page = {"totalCount": len(leaks), "pageInfo": _WHOLE, "edges": leaks}
    return {"leaks": {**page, "smallestCut": cut, "completeness": _READER}}


# Domain 9.1, row 8. All three pass both steps at the hub, of which none is known by column: of the two flows the first by URN.
_AT_THE_HUB = (("dol:linked-file", "DOL"), ("dol:outcomes-aggregate", "DOL"), ("dol:outcomes-by-town", "DOL"))
_LEAKS = _leaks(
    [
        _leak("POSSIBLE", *_AT_THE_HUB),
        _leak("POSSIBLE", ("dss:snap-participation", "DSS"), *_AT_THE_HUB),
        _leak("POSSIBLE", ("sde:enrollment", "SDE"), *_AT_THE_HUB),
    ],
    {"isUpperBound": False, "flows": [_flow("7-aggregate-to-open")]},
)

AUDIT_CASES = [
    Case("01-flows-without-cover", 1, _UNCOVERED),
    Case("03-lapse-of-an-agreement", 2, _LAPSE),
    Case("04-single-points-of-failure", 1, _POINTS),
    Case("05-changed-verdicts", 1, _CHANGES),
    Case("05-changed-verdicts", 1, _CHANGES_OF_A, {"from": "2023-02-28", "to": "2023-03-01", "first": 50}),
    Case("07-passed-on-without-permission", 1, _PASSED_ON),
    Case("08-pairs-with-many-agreements", 1, _MANY),
    Case("09-pairs-without-enterprise-agreement", 1, _WITHOUT_ENTERPRISE),
    Case("13-unused-agreements", 2, _UNUSED),
    Case("14-coverage-calendar", 1, _ENDING),
    Case("71-leaks", 1, _LEAKS),
]
"""Round trips besides those for the facts: one for the nodes of each root field, and one for the agreement itself."""
