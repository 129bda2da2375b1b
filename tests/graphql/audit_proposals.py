"""Proposals to ask the audit about: one in every field, made of the URNs of each kind that it is handed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

__all__ = ["proposed"]


def proposed(name: str, urn: Callable[[str], str], day: date) -> Any:
    """A value of the argument of this name of ``whatIf``; ``urn`` answers the URN of some node of a kind."""
    return {"agreements": _agreements, "endAgreements": _ends, "reclassify": _classes}[name](urn, str(day))


def _agreements(urn: Callable[[str], str], day: str) -> list[dict[str, Any]]:
    condition = {"kind": "IRB", "fulfilledOn": day, "expiresOn": None}
    dataset = urn("Dataset")
    term = {
        "covers": [dataset, urn("DatasetSeries"), urn("System"), urn("Column")],
        "forPurpose": [urn("Purpose")],
        "recipients": [urn("Agency")],
        "effectiveFrom": "2020-01-01",
        "effectiveTo": None,
        "conditions": [condition],
    }
    return [
        {
            "name": "a proposal",
            "kind": "MOU",
            "under": urn("Agreement"),
            "executedOn": "2020-01-01",
            "effectiveFrom": "2020-01-01",
            "effectiveTo": None,
            "parties": [
                {"standsFor": urn("Agency"), "role": role, "signedOn": "2020-01-01"} for role in ("HUB", "RECIPIENT")
            ],
            "terms": [term, {"covers": [dataset]}],
            "permits": [urn("Purpose")],
            "prohibits": [],
            "restsOn": [urn("Law")],
            "permitsRedisclosure": "ALL",
            "mayPassOn": [dataset],
            "preconditions": [condition],
            "requests": [urn("DataRequest")],
            "approvals": [{"givenBy": urn("Agency"), "decidedOn": "2020-01-01"}],
        },
        {"name": "hardly anything"},
    ]


def _ends(urn: Callable[[str], str], day: str) -> list[dict[str, Any]]:
    return [{"agreement": urn("Agreement"), "on": day}]


def _classes(urn: Callable[[str], str], _day: str) -> list[dict[str, Any]]:
    return [
        {"asset": urn("Dataset"), "classes": ["PRIVATE", "PROTECTED"]},
        {"asset": urn("Column"), "classes": ["UNDETERMINED"]},
    ]
