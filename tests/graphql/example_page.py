"""The dataset page of the examples on the demo catalog, written by hand from the files in loaders/demo, by who asks."""

from __future__ import annotations

from typing import Any

__all__ = ["ENROLLMENT_PAGE", "POPULATION", "POPULATION_PAGE"]


def _page(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"edges": [{"node": node} for node in nodes]}


def _column(name: str, data_type: str) -> dict[str, Any]:
    return {"name": name, "dataType": data_type}


def _entry(year: int) -> dict[str, Any]:
    """An entry of SDE's inventories of 2019 and 2020, whose owner's contact is for staff."""
    owner = {"ownerName": "Data steward of SDE", "ownerContact": None, "withheldFields": ["ownerContact"]}
    return {**owner, "entryOf": {"year": year}}


def _next(*titles: str) -> dict[str, Any]:
    """Datasets one hop away, none of them hidden."""
    return {"totalCount": len(titles), "edges": [{"hiddenId": None, "node": {"title": title}} for title in titles]}


_FILES = "https://data.ct.gov/api/views/fzp6-x2p2"
_RULE = "Counts up to 5 are kept back."
_KEPT = {"email": None, "phone": None, "withheldFields": ["email", "phone"]}

# portal.yaml, judgements.yaml (class, value, inventories, goals, the same entry elsewhere), people.yaml, flows.yaml.
ENROLLMENT_PAGE: dict[str, Any] = {
    "dataset": {
        "urn": "urn:waypost:dataset:socrata:data.ct.gov:fzp6-x2p2",
        "title": "School Enrollment: 2013-14",
        "description": "Students enrolled in each public school, by sex and by race, 2013-14.",
        "category": "Education",
        "keywords": ["education", "enrollment", "school", "district"],
        "temporalCoverage": "2013-14",
        "updateFrequency": "UNKNOWN",
        "issued": "2014-06-19",
        "modified": "2014-06-19",
        "license": None,
        "accessLevel": "public",
        "landingPage": "https://data.ct.gov/d/fzp6-x2p2",
        "contactName": None,
        "contactEmail": None,
        "withheldFields": ["contactEmail"],
        "source": "urn:waypost:source:key:waypost:demo:portal",
        "agency": {
            "name": "State Department of Education",
            "dataOfficer": {"since": "2019-11-12", "person": {"name": "Priya Whitcombe", **_KEPT}},
        },
        "publishedOn": {
            "edges": [
                {
                    "identifier": "fzp6-x2p2",
                    "node": {"title": "Connecticut Open Data Portal", "url": "https://data.ct.gov"},
                }
            ]
        },
        "classifications": _page(
            {"classes": ["OPEN"], "determiner": "the agency data officer of SDE", "determinedOn": "2021-01-11"}
        ),
        "highValueDeterminations": _page(
            {"criteria": ["ACCOUNTABILITY", "FREQUENTLY_REQUESTED"], "determinedOn": "2020-12-07"}
        ),
        "inventoryEntries": _page(_entry(2019), _entry(2020)),
        "columns": {
            "totalCount": 15,
            "pageInfo": {"hasNextPage": False, "endCursor": ...},
            **_page(
                *(
                    _column(name, "text")
                    for name in ("institution_code", "district_code", "school_code", "district_name", "school_name")
                ),
                *(_column(name, "number") for name in ("total", "male", "female", "american_indian", "asian_american")),
                *(
                    _column(name, "number")
                    for name in ("black", "white", "hispanic", "pacific_islander", "two_or_more_races")
                ),
            ),
        },
        "distributions": _page(
            {"format": "CSV", "downloadUrl": f"{_FILES}/rows.csv"},
            {"format": "JSON", "downloadUrl": f"{_FILES}/rows.json"},
        ),
        "disaggregations": _page(
            {"dimensions": ["GENDER"], "shape": "WIDE", "suppressionRule": _RULE},
            {"dimensions": ["RACE", "ETHNICITY"], "shape": "WIDE", "suppressionRule": _RULE},
        ),
        "goals": [
            {"how": "DECLARED", "goal": {"number": 1}},
            {"how": "DECLARED", "goal": {"number": 2}},
            {"how": "DERIVED_ALONG_LINEAGE", "goal": {"number": 2}},
            {"how": "DERIVED_FROM_METRIC", "goal": {"number": 2}},
            {"how": "DERIVED_FROM_METRIC", "goal": {"number": 2}},
        ],
        "equatedBy": {
            "edges": [{"status": "STATED", "node": {"urn": "urn:waypost:dataset:key:ct:internal:enrollment-2013"}}]
        },
        "coverageTerms": {"totalCount": 0, "edges": []},
        "upstream": _next("Enrollment counts by school"),
        "downstream": _next("Equity facts"),
    }
}

POPULATION = "urn:waypost:dataset:key:ct:doc:daily-population"

# systems.yaml and flows.yaml: made from a table that is for staff, and published as three datasets, of which
# judgements.yaml says that one serves goal 1 and another goal 2.
POPULATION_PAGE: dict[str, Any] = {
    "dataset": {
        "urn": POPULATION,
        "title": "Daily population",
        "description": "Daily population, made from population reporting tables. Invented for illustration.",
        "category": None,
        "keywords": [],
        "temporalCoverage": None,
        "updateFrequency": "DAILY",
        "issued": None,
        "modified": None,
        "license": None,
        "accessLevel": None,
        "landingPage": None,
        "contactName": None,
        "contactEmail": None,
        "withheldFields": ["contactEmail"],
        "source": "urn:waypost:source:key:waypost:demo:systems",
        "agency": {
            "name": "Department of Correction",
            "dataOfficer": {"since": "2021-02-01", "person": {"name": "Nerissa Valcourt", **_KEPT}},
        },
        "publishedOn": {"edges": []},
        "classifications": {"edges": []},
        "highValueDeterminations": {"edges": []},
        "inventoryEntries": {"edges": []},
        "columns": {
            "totalCount": 6,
            "pageInfo": {"hasNextPage": False, "endCursor": ...},
            **_page(
                *(_column(name, "text") for name in ("facility", "program", "gender", "status")),
                _column("count", "number"),
                _column("day", "date"),
            ),
        },
        "distributions": {"edges": []},
        "disaggregations": {"edges": []},
        "goals": [
            {"how": "DERIVED_ALONG_LINEAGE", "goal": {"number": 1}},
            {"how": "DERIVED_ALONG_LINEAGE", "goal": {"number": 2}},
        ],
        "equatedBy": {"edges": []},
        "coverageTerms": {"totalCount": 0, "edges": []},
        "upstream": {"totalCount": 0, "edges": []},
        "downstream": _next(
            "Correctional Community Program Daily Population Count By Community Program",
            "Correctional Facility Daily Population Count By Facility",
            "Department of Corrections Quarterly Average Facilty Population",
        ),
    }
}
