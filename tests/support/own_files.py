"""Files of our own format with flows between two datasets, and how often commands that audit them read everything."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from catalog.stores.port import Store
from lineage.audit import recall

__all__ = ["ENDS", "own_file", "stated", "whole_readings"]

ENDS = {f"{end}_asset": f"urn:waypost:dataset:key:{end}" for end in ("from", "to")}
"""The links of the flows."""


def own_file(nodes: list[Any], source: str = "s") -> str:
    """A file of our own format, of a source with this key."""
    said = {"urn": f"urn:waypost:source:key:{source}", "title": "S", "kind_of_source": "FILE"}
    return json.dumps({"waypost": 1, "day": "2022-01-01", "source": said, "nodes": nodes})


def stated(titles: Iterable[str | None], *, source: str = "s", first: int = 0) -> str:
    """One of flows of these titles, or of none, numbered from ``first`` on, between two datasets."""
    nodes: list[Any] = [{"kind": "Dataset", "urn": urn, "title": urn} for urn in ENDS.values()]
    for number, title in enumerate(titles, first):
        urn = f"urn:waypost:flow:key:{number}"
        said = {} if title is None else {"title": title}
        nodes.append({"kind": "Flow", "urn": urn, **said, "first_seen": "2021-01-01", "links": ENDS})
    return own_file(nodes, source)


def whole_readings(monkeypatch: pytest.MonkeyPatch) -> list[Store]:
    """The stores of which everything is read from now on, each as often as it is."""
    found: list[Store] = []
    gather = recall.gather

    def noted(store: Store, *given: Any) -> Any:
        found.append(store)
        return gather(store, *given)

    monkeypatch.setattr(recall, "gather", noted)
    return found
