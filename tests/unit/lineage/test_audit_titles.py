"""The titles of what an audit names are read set-wise, however much it names."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from catalog.access import STAFF_READER, Reader
from catalog.selection import Compare, Page, Select
from catalog.stores.port import Store
from lineage.audit.named import read_titles

DAY = date(2022, 5, 9)


class _Store:
    """A store in which everything that ends in an even number is called by its URN."""

    def __init__(self) -> None:
        self.asked: list[Sequence[Select]] = []

    async def select_all(self, roots: Sequence[Select], reader: Reader, as_of: date) -> list[Page]:
        assert (reader, as_of) == (STAFF_READER, DAY)
        self.asked.append(roots)
        return [Page([self._row(urn, root) for urn in self._urns(root) if urn[-1] in "02468"]) for root in roots]

    @staticmethod
    def _urns(root: Select) -> tuple[str, ...]:
        assert isinstance(root.where, Compare)
        return cast("tuple[str, ...]", root.where.value)

    @staticmethod
    def _row(urn: str, root: Select) -> dict[str, Any]:
        (prop,) = root.props
        return {"urn": urn, prop: None if urn.endswith("4") else f"{prop} of {urn}"}


def _read(urns: list[str]) -> tuple[dict[str, str], list[list[tuple[str, int]]]]:
    """What is read of these, and what was asked for in each round trip: of each page the kind and how many."""
    store = _Store()
    found = asyncio.run(read_titles(cast("Store", store), urns, DAY))
    return found, [[(root.kind, root.first) for root in roots] for roots in store.asked]


def test_many_are_read_in_few_round_trips() -> None:
    datasets = [f"urn:waypost:dataset:key:{number}" for number in range(20_001)]
    found, asked = _read([*datasets, "urn:waypost:agreement:key:8", *datasets])
    assert asked == [
        [("Agreement", 1), *[("Dataset", 1000)] * 9],
        [("Dataset", 1000)] * 10,
        [("Dataset", 1000), ("Dataset", 1)],
    ]
    assert len(found) == 1 + 10_001 - 2_000


def test_each_kind_is_called_by_what_it_has_and_what_has_nothing_is_left_out() -> None:
    found, asked = _read([f"urn:waypost:{kind}:key:{n}" for kind in ("system", "dataset", "agency") for n in (1, 2, 4)])
    assert found == {
        "urn:waypost:dataset:key:2": "title of urn:waypost:dataset:key:2",
        "urn:waypost:system:key:2": "name of urn:waypost:system:key:2",
    }
    assert asked == [[("Dataset", 3), ("System", 3)]]


def test_of_flows_and_of_nothing_nothing_is_asked() -> None:
    assert _read([]) == ({}, [])
    assert _read(["urn:waypost:flow:key:f"]) == ({}, [])
