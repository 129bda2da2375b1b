"""What the documented examples answer on the demo catalog on 2022-12-31: written by hand from the files in loaders/demo.

``...`` stands for a cursor, which is opaque.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

__all__ = ["CASES", "Case"]

_Answer = dict[str, Any]


@dataclass
class Case:
    """One example, the values of its variables where they are not the defaults, its round trips and its answer."""

    example: str
    round_trips: int
    answer: _Answer
    variables: dict[str, Any] = field(default_factory=dict[str, Any])


def _page(*nodes: dict[str, Any]) -> dict[str, Any]:
    """Nodes as edges that say nothing more."""
    return {"edges": [{"node": node} for node in nodes]}


_WHOLE = {"hasNextPage": False, "endCursor": ...}

# agreements.yaml and pathway.yaml: E and A have both as parties. So has B, which is for staff (DSA-2023-01).
_AGREEMENTS: _Answer = {
    "agreementsBetween": {
        "totalCount": 2,
        "pageInfo": _WHOLE,
        **_page(
            {
                "urn": "urn:waypost:agreement:key:ct:dsa-a",
                "title": "Data sharing agreement A: education and SNAP",
                "kind": "DATA_SHARING_AGREEMENT",
                "effectiveFrom": "2022-03-01",
                "effectiveTo": "2023-02-28",
                "permits": _page({"label": "Evaluation of education programs"}),
            },
            {
                "urn": "urn:waypost:agreement:key:ct:e-mou",
                "title": "Enterprise memorandum of understanding",
                "kind": "ENTERPRISE_MOU",
                "effectiveFrom": "2021-09-09",
                "effectiveTo": None,
                "permits": _page(),
            },
        ),
    }
}


def _empty(abbreviation: str, name: str, *held: tuple[str, str, str | None]) -> dict[str, Any]:
    """An agency whose seat is empty, and who held it or will: name, since, until."""
    edges = [{"since": since, "until": until, "node": {"person": {"name": who}}} for who, since, until in held]
    return {"abbreviation": abbreviation, "name": name, "dataOfficers": {"totalCount": len(held), "edges": edges}}


# agencies.csv lists 29 in section 4-5; people.yaml and agencies-mapping.yaml fill 14 seats on that day: DAS, DCF, DEEP,
# DESPP, DMHAS, DOC, DOH, DOL, DPH, DRS, DSS, OEC, OPM, SDE. DCP's stood empty from March to September of 2021.
_SEATS: _Answer = {
    "agencies": {
        "totalCount": 15,
        "pageInfo": _WHOLE,
        **_page(
            _empty("ADS", "Department of Aging and Disability Services"),
            _empty("DOAG", "Department of Agriculture"),
            _empty("DOB", "Department of Banking"),
            _empty(
                "DCP",
                "Department of Consumer Protection",
                ("Konstantin Bexley", "2021-09-01", None),
                ("Emmeline Castagna", "2016-01-08", "2021-03-01"),
            ),
            _empty("DDS", "Department of Developmental Services"),
            _empty(
                "DECD",
                "Department of Economic and Community Development",
                ("Quentin Marlowe-Diaz", "2021-10-04", None),
            ),
            _empty("DMV", "Department of Motor Vehicles"),
            _empty("DOT", "Department of Transportation"),
            _empty("DVA", "Department of Veterans Affairs"),
            _empty("CID", "Insurance Department"),
            _empty("OHS", "Office of Health Strategy"),
            _empty("OHE", "Office of Higher Education"),
            _empty("OMA", "Office of Military Affairs"),
            _empty("OWS", "Office of Workforce Strategy"),
            _empty("CTECS", "Technical Education and Career System"),
        ),
    }
}

# systems.yaml: the title of one is the topic; the other is "Taken from student records". people.yaml: the steward.
_HELD: _Answer = {
    "agency": {
        "name": "State Department of Education",
        "dataOfficer": {"since": "2019-11-12", "person": {"name": "Priya Whitcombe"}},
    },
    "search": {
        "totalCount": 2,
        "pageInfo": _WHOLE,
        "edges": [
            {
                "rank": "TITLE",
                "node": {
                    "urn": "urn:waypost:dataset:key:ct:sde:student-records",
                    "title": "Student records",
                    "contactName": None,
                    "people": {"edges": [{"role": "DATA_STEWARD", "node": {"name": "Agatha Silvestri"}}]},
                },
            },
            {
                "rank": "TEXT",
                "node": {
                    "urn": "urn:waypost:dataset:key:ct:sde:october-collection",
                    "title": "October collection",
                    "contactName": None,
                    "people": {"edges": []},
                },
            },
        ],
    },
}

_OPEN_DATA = {"number": 1, "title": "Improve and increase relevance of the open data portal and related tools"}
_EQUITY = {
    "number": 2,
    "title": "Ensure that the data lifecycle promotes equity, particularly racial equity, wherever possible",
}
_JUDGED = "urn:waypost:source:key:waypost:demo:judgements"
_METRIC = "urn:waypost:metric:key:ct:2021-2022:"


def _served(goal: dict[str, Any], how: str, reason: str, source: str = _JUDGED) -> dict[str, Any]:
    return {"how": how, "reason": reason, "source": source, "goal": goal}


# judgements.yaml states two goals and two metrics, both of goal 2 (plan.yaml); flows.yaml leads it into equity facts,
# which serve goal 2.
_GOALS: _Answer = {
    "dataset": {
        "title": "School Enrollment: 2013-14",
        "goals": [
            _served(_OPEN_DATA, "DECLARED", "It is high value and on the portal."),
            _served(_EQUITY, "DECLARED", "It is split by ethnicity and by race and by sex."),
            _served(
                _EQUITY,
                "DERIVED_ALONG_LINEAGE",
                "urn:waypost:dataset:key:ct:opm:equity-facts",
                "urn:waypost:source:key:waypost:demo:flows",
            ),
            _served(_EQUITY, "DERIVED_FROM_METRIC", f"{_METRIC}g2.m2"),
            _served(_EQUITY, "DERIVED_FROM_METRIC", f"{_METRIC}g2.m3"),
        ],
        "servesMetric": {
            "edges": [
                {
                    "how": "DERIVED_FROM_METRIC",
                    "reason": "It counts among the disaggregated datasets.",
                    "node": {"code": "G2.M2", "title": "Disaggregated datasets"},
                },
                {
                    "how": "DERIVED_FROM_METRIC",
                    "reason": "It is high value, and its metadata is scored.",
                    "node": {"code": "G2.M3", "title": "Metadata of high-value datasets"},
                },
            ]
        },
    }
}


def _backed(urn: str, number: int, assets: int, agreements: int, *metrics: tuple[str, int, int]) -> dict[str, Any]:
    """A goal, the links of datasets and of agreements to it, and code, datasets and agreements of its metrics."""
    return {
        "urn": f"urn:waypost:goal:key:ct:{urn}",
        "number": number,
        "assets": {"totalCount": assets},
        "agreements": {"totalCount": agreements},
        "metrics": _page(
            *(
                {"code": code, "servingDatasets": {"totalCount": data}, "servingAgreements": {"totalCount": papers}}
                for code, data, papers in metrics
            )
        ),
    }


# Each number is a count of lines "- {to: '...:g1'" below "serves:", of a Dataset or of an Agreement, in all files.
_BACKED: _Answer = {
    "goals": {
        "pageInfo": _WHOLE,
        **_page(
            _backed("2021-2022:g1", 1, 41, 1, ("G1.M1", 1, 0), ("G1.M2", 11, 0), ("G1.M3", 1, 0)),
            _backed("2021-2022:g2", 2, 28, 4, ("G2.M1", 0, 0), ("G2.M2", 21, 1), ("G2.M3", 33, 0), ("G2.M4", 0, 1)),
            _backed(
                *("2021-2022:g3", 3, 34, 5),
                *(("G2.M1", 0, 0), ("G3.M1a", 0, 3), ("G3.M1b", 0, 1), ("G3.M1c", 0, 1), ("G3.M3", 20, 0)),
            ),
        ),
    }
}

# The stand-in for a goal of the plan before, which nothing serves, held until the end of 2020 (judgements.yaml).
_UNBACKED: _Answer = {
    "goals": {
        "pageInfo": {"hasNextPage": True, "endCursor": ...},
        **_page(_backed("2019-2020:earlier", 1, 0, 0)),
    }
}


def _entry(urn: str, title: str, identifier: str, *equated: tuple[str, str, str, str]) -> dict[str, Any]:
    """A dataset of data.ct.gov, and which entries are said to be it: status, evidence, URN, title."""
    said = [
        {"status": status, "evidence": evidence, "node": {"urn": other, "title": name}}
        for status, evidence, other, name in equated
    ]
    portal = {"identifier": identifier, "node": {"title": "Connecticut Open Data Portal"}}
    found = {"urn": urn, "title": title, "publishedOn": {"edges": [portal]}}
    node: _Answer = {**found, "sameAs": {"edges": []}, "equatedBy": {"edges": said}}
    return {"datasets": {"totalCount": 1, "pageInfo": _WHOLE, **_page(node)}}


# judgements.yaml says the one, and only proposes the other.
_RESOLVED = _entry(
    "urn:waypost:dataset:socrata:data.ct.gov:fzp6-x2p2",
    "School Enrollment: 2013-14",
    "fzp6-x2p2",
    (
        *("STATED", "SDE says so."),
        *("urn:waypost:dataset:key:ct:internal:enrollment-2013", "School enrollment by race and sex, 2013-14"),
    ),
)
_PROPOSED = _entry(
    "urn:waypost:dataset:socrata:data.ct.gov:6nkb-2jmc",
    "Uniform Crime Reporting System Arrests 2013",
    "6nkb-2jmc",
    (
        *("PROPOSED", "The titles are alike; nobody has looked."),
        *("urn:waypost:dataset:key:ct:internal:arrests", "Arrests by department"),
    ),
)


def _counts(missing: int, *values: tuple[str, str, int]) -> dict[str, Any]:
    """A facet: value, label and count of each."""
    found = [{"value": value, "label": label, "count": count} for value, label, count in values]
    return {"values": found, "valueCount": len(found), "missingCount": missing}


# Two of portal.yaml (7ijk-9mw9 and fzp6-x2p2: open, of high value, split by sex and by race), one of systems.yaml
# (enrollment-counts: public, yearly), one of judgements.yaml (internal: nothing but a title). All four are SDE's.
_FACETS: _Answer = {
    "search": {
        "totalCount": 4,
        "pageInfo": _WHOLE,
        "edges": [
            {"rank": "TITLE_BEGINS", "node": {"title": "School enrollment by race and sex, 2013-14"}},
            {"rank": "TITLE_BEGINS", "node": {"title": "School Enrollment: 2012-13"}},
            {"rank": "TITLE_BEGINS", "node": {"title": "School Enrollment: 2013-14"}},
            {"rank": "TITLE_HOLDS", "node": {"title": "Enrollment counts by school"}},
        ],
        "facets": {
            "agency": _counts(0, ("urn:waypost:agency:key:ct:sde", "State Department of Education", 4)),
            "classification": _counts(1, ("OPEN", "Open", 2), ("PUBLIC", "Public", 1)),
            "highValue": _counts(0, ("false", "No", 2), ("true", "Yes", 2)),
            "category": _counts(2, ("Education", "Education", 2)),
            "updateFrequency": _counts(1, ("UNKNOWN", "Unknown", 2), ("ANNUALLY", "Annually", 1)),
            "format": _counts(2, ("CSV", "CSV", 2), ("JSON", "JSON", 2)),
            "dimension": _counts(2, ("ETHNICITY", "Ethnicity", 2), ("GENDER", "Gender", 2), ("RACE", "Race", 2)),
        },
    }
}

_LINKED = "urn:waypost:dataset:key:ct:dol:linked-file"
_COUNTED = "urn:waypost:dataset:key:ct:dol:outcomes-aggregate"
_SNAP = "urn:waypost:dataset:key:ct:dss:snap-participation"
_ENROLLMENT = "urn:waypost:dataset:key:ct:sde:enrollment"
_COPY = "urn:waypost:dataset:key:ct:uconn:analysis-copy"


def _reached(urn: str, depth: int, direction: str, title: str, agency: str) -> dict[str, Any]:
    dataset = {"title": title, "agency": {"abbreviation": agency}}
    return {"id": urn, "hiddenId": None, "depth": depth, "direction": direction, "dataset": dataset}


# pathway.yaml, flows 1, 2, 5 and 7; one hop on lie OPM's dashboard input (6) and outcomes by town (7).
_NEIGHBOURHOOD: _Answer = {
    "lineage": {
        "root": _LINKED,
        "nodes": [
            _reached(_LINKED, 0, "BOTH", "Linked analysis file", "DOL"),
            _reached(_COUNTED, 1, "DOWNSTREAM", "Outcomes, aggregated", "DOL"),
            _reached(_SNAP, 1, "UPSTREAM", "SNAP participation", "DSS"),
            _reached(_ENROLLMENT, 1, "UPSTREAM", "Enrollment", "SDE"),
            _reached(_COPY, 1, "DOWNSTREAM", "Analysis file of the evaluation", "UConn"),
        ],
        "edges": [
            {"upstream": _LINKED, "downstream": _COUNTED},
            {"upstream": _LINKED, "downstream": _COPY},
            {"upstream": _SNAP, "downstream": _LINKED},
            {"upstream": _ENROLLMENT, "downstream": _LINKED},
        ],
        "completeness": {
            "isComplete": False,
            "reasons": ["DEPTH"],
            "omittedNodes": 2,
            "hiddenNodes": 0,
            "frontier": [_COUNTED, _COPY],
        },
    }
}

_SASID, _RECORDS_SASID, _MART_SASID = (
    f"urn:waypost:column:key:ct:sde:{name}#SASID" for name in ("october-collection", "student-records", "student-mart")
)


def _column(urn: str, depth: int, direction: str, title: str) -> dict[str, Any]:
    column = {"name": "SASID", "dataset": {"title": title}}
    return {"id": urn, "hiddenId": None, "depth": depth, "direction": direction, "column": column}


def _copied(upstream: str, downstream: str, flow: str) -> dict[str, Any]:
    step = {
        "derivation": "DIRECT",
        "transformation": "COPY",
        "subtype": None,
        "masking": False,
        "partOfFlow": {"title": flow},
    }
    return {"upstream": upstream, "downstream": downstream, "depth": 1, "steps": [step]}


# flows.yaml: the collection copies it from the records, the reporting tables from the collection; seven tables from those.
_COLUMNS: _Answer = {
    "columnLineage": {
        "nodes": [
            _column(_SASID, 0, "BOTH", "October collection"),
            _column(_MART_SASID, 1, "DOWNSTREAM", "Student reporting tables"),
            _column(_RECORDS_SASID, 1, "UPSTREAM", "Student records"),
        ],
        "edges": [
            _copied(_SASID, _MART_SASID, "SDE: October collection to student reporting tables"),
            _copied(_RECORDS_SASID, _SASID, "SDE: student records to October collection"),
        ],
        "endCursor": ...,
        "completeness": {
            "isComplete": False,
            "reasons": ["DEPTH"],
            "omittedNodes": 7,
            "hiddenNodes": 0,
            "frontier": [_MART_SASID],
        },
    }
}

_DASHBOARD = "urn:waypost:dataset:key:ct:opm:dashboard-input"


def _passed(urn: str, title: str, agency: str) -> dict[str, Any]:
    return {"id": urn, "hiddenId": None, "dataset": {"title": title, "agency": {"abbreviation": agency}}}


# pathway.yaml: flow 4 leads there past the hub, flows 1 and 5 by it; both go on by flow 6.
_PATHS: _Answer = {
    "lineagePaths": {
        "paths": [
            {"length": 2, "nodes": [_ENROLLMENT, _COPY, _DASHBOARD]},
            {"length": 3, "nodes": [_ENROLLMENT, _LINKED, _COPY, _DASHBOARD]},
        ],
        "nodes": [
            _passed(_ENROLLMENT, "Enrollment", "SDE"),
            _passed(_COPY, "Analysis file of the evaluation", "UConn"),
            _passed(_DASHBOARD, "Input of the outcomes dashboard", "OPM"),
            _passed(_LINKED, "Linked analysis file", "DOL"),
        ],
        "completeness": {"isComplete": True, "reasons": [], "completeToLength": None, "hiddenNodes": 0},
    }
}

_TOWNS = "urn:waypost:dataset:key:ct:dol:outcomes-by-town"


def _affected(abbreviation: str, officer: str | None, depth: int, *datasets: str) -> dict[str, Any]:
    agency = {"abbreviation": abbreviation, "dataOfficer": officer and {"person": {"name": officer}}}
    return {"agency": agency, "count": len(datasets), "depth": depth, "datasets": list(datasets)}


# pathway.yaml, flows 1, 4 and 5, then 6 and 7, then 8; people.yaml for the officers. Outcomes by town serve a metric of goal 1.


def _kept(agency: str, title: str, steps: int) -> dict[str, Any]:
    """What another agency holds of OSC's data."""
    return {"agency": {"abbreviation": agency}, "dataset": {"title": title}, "system": None, "stepCount": steps}


# flows.yaml: OSC sends what was paid to DAS's employees; from there it goes to DAS's workforce tables, to OPM's positions and
# back to OSC. Reviewed jobs count what goes on from both, and nothing else of OSC's leaves it.
_IMPACT: _Answer = {
    "agency": {
        "holders": {
            "totalCount": 3,
            "agencies": [
                {"agency": {"abbreviation": "DAS"}, "datasetCount": 2},
                {"agency": {"abbreviation": "OPM"}, "datasetCount": 1},
            ],
            "edges": [
                _kept("DAS", "Employees", 1),
                _kept("DAS", "Workforce reporting tables", 2),
                _kept("OPM", "Position file", 2),
            ],
            "completeness": {"isComplete": False, "reasons": ["READER"], "omittedCount": 0},
        }
    },
    "impact": {
        "totalCount": 5,
        "withoutAgency": 0,
        "depths": [
            {"depth": 1, "count": 2, "hiddenCount": 0},
            {"depth": 2, "count": 2, "hiddenCount": 0},
            {"depth": 3, "count": 1, "hiddenCount": 0},
        ],
        "agencies": [
            _affected("DOL", "Samuel Adeyemi", 1, _LINKED, _COUNTED, _TOWNS),
            _affected("OPM", "Marisol Okafor", 2, _DASHBOARD),
            _affected("UConn", None, 1, _COPY),
        ],
        "goals": [
            {
                "goal": {"number": 3, "title": "Improve use of data to inform decision-making"},
                "count": 2,
                "datasets": [_LINKED, _TOWNS],
            },
            {
                "goal": {
                    "number": 1,
                    "title": "Improve and increase relevance of the open data portal and related tools",
                },
                "count": 1,
                "datasets": [_TOWNS],
            },
        ],
        "completeness": {"isComplete": True, "reasons": [], "omittedNodes": 0, "hiddenNodes": 0},
    },
}

# portal.yaml comes before every other file with datasets; of what is written at once the URN decides.
_CHANGED: _Answer = {
    "datasetChanges": {
        "pageInfo": {"hasNextPage": True, "endCursor": ...},
        "edges": [
            {
                "urn": "urn:waypost:dataset:socrata:data.ct.gov:2fa6-zgve",
                "state": "STANDS",
                "node": {
                    "title": "USDA Certified Organic Growers",
                    "modified": "2016-05-16",
                    "agency": {"name": "Department of Agriculture"},
                },
            },
            {
                "urn": "urn:waypost:dataset:socrata:data.ct.gov:2xqb-xbez",
                "state": "STANDS",
                "node": {
                    "title": "SNAP (Supplemental Nutrition Assistance Program) Authorized Retailers",
                    "modified": "2017-03-29",
                    "agency": {"name": "USDA Food and Nutrition Service"},
                },
            },
        ],
    }
}


def _between(provider: str, recipient: str, flows: int, jobs: int, **classes: int) -> dict[str, Any]:
    """Each flow comes from another dataset."""
    return {
        "provider": {"abbreviation": provider},
        "recipient": {"abbreviation": recipient},
        "flowCount": flows,
        "datasetCount": flows,
        "jobCount": jobs,
        "classifications": [{"classification": name, "flowCount": count} for name, count in classes.items()],
    }


# To OPM: the file of positions, and exit interviews by hand; two open datasets of the portal and one that nobody classed, into two
# profiles of towns. To the comptroller and back: who is paid, and what.
_BETWEEN: _Answer = {
    "agencyFlows": {
        "totalCount": 3,
        "flowCount": 7,
        "pageInfo": {"hasNextPage": False, "endCursor": ...},
        "edges": [
            _between("DAS", "OPM", 5, 3, OPEN=2, PERSONAL=2, UNDETERMINED=1),
            _between("DAS", "OSC", 1, 1, PERSONAL=1),
            _between("OSC", "DAS", 1, 1, PERSONAL=1),
        ],
        "completeness": {"isComplete": True, "reasons": [], "omittedCount": 0},
    }
}


def _late(title: str, agency: str) -> dict[str, Any]:
    """A dataset that is to be updated every day, which a run last did on 14 June 2021: 564 days before the last of 2022, and one."""
    return {
        "node": {"title": title, "updateFrequency": "DAILY", "agency": {"abbreviation": agency}},
        "staleness": {
            "period": "P1D",
            "lastUpdatedOn": "2021-06-14",
            "lastUpdatedBy": "RUN",
            "dueOn": "2021-06-15",
            "daysOverdue": 564,
        },
    }


_STALE: _Answer = {
    "staleDatasets": {
        "totalCount": 13,
        "pageInfo": {"hasNextPage": True, "endCursor": ...},
        "edges": [
            _late("Correctional Community Program Daily Population Count By Community Program", "DOC"),
            _late("Package Store Permit Availability", "DCP"),
            _late("DAS Procurement Supplier Diversity Certifications", "DAS"),
        ],
        "completeness": {"isComplete": True, "reasons": [], "omittedCount": 0},
    }
}

CASES = [
    # Four hops from each end, until nothing is left on either; then the fields of what is on the paths.
    Case("02-paths-between-datasets", 2 * 4 + 1, _PATHS),
    # Four hops; the datasets with what they serve; then agencies and goals together. The agency, then what its audit speaks of.
    Case("16-impact-of-a-dataset", 4 + 2 + 1 + 1, _IMPACT),
    # The hop asked for and one past it, downstream and upstream; there is nothing upstream of the records.
    Case("17-columns-upstream-and-downstream", 2 * 2 + 1, _COLUMNS),
    Case("30-agreements-between", 1, _AGREEMENTS),
    Case("32-agencies-without-data-officer", 1, _SEATS),
    # What did not change in time; then the fields of those that no run wrote since.
    Case("37-stale-datasets", 2, _STALE),
    Case("44-datasets-of-an-agency", 1 + 2, _HELD),
    Case("52-goals-of-a-dataset", 1, _GOALS),
    Case("53-what-stands-behind-goals", 1, _BACKED),
    Case("53-what-stands-behind-goals", 1, _UNBACKED, {"asOf": "2020-06-30", "first": 1}),
    Case("61-changes-of-datasets", 1, _CHANGED),
    Case("62-resolve-an-identifier", 1, _RESOLVED),
    Case("62-resolve-an-identifier", 1, _PROPOSED, {"identifier": "6nkb-2jmc"}),
    Case("66-facets-of-a-search", 2, _FACETS),
    # The hop asked for and one past it, each of them upstream and downstream; then the fields of what was reached.
    Case("67-neighbourhood-of-a-dataset", 2 * 2 + 1, _NEIGHBOURHOOD),
    # The flows, of which there are fewer than a thousand; then the agencies of both sides.
    Case("70-flows-between-agencies", 2, _BETWEEN),
]
