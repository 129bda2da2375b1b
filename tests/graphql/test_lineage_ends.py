"""Where lineage begins and ends, and what stands outside: random estates against an oracle, and by hand, on both stores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from types import FunctionType

import pytest

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from catalog.urn import key
from lineage import ends as tested
from tests.contract.workshop import Workshop
from tests.graphql.graph import DIRECTORY, ENROLLMENT, OUTCOMES, REGISTER, TODAY, VEILED_READER, Asker, asker_of
from tests.support.estate_worlds import EstateWorld, make_estate_world, said_of_estates
from tests.support.flow_worlds import DAYS
from tests.support.planted import planted

READERS = [PUBLIC_READER, VEILED_READER, STAFF_READER]

ENDS = """
query ($among: [ID!], $asOf: Date) {
  roots(filter: {urn: {in: $among}}, first: 100, orderBy: {field: URN}, asOf: $asOf) { ...urns }
  leaves(filter: {urn: {in: $among}}, first: 100, orderBy: {field: URN}, asOf: $asOf) { ...urns }
  orphans(filter: {urn: {in: $among}}, first: 100, orderBy: {field: URN}, asOf: $asOf) { ...urns }
}
fragment urns on DatasetConnection { pageInfo { hasNextPage } edges { node { urn } } }
"""


def _urns(asker: Asker, among: Iterable[str], reader: Reader, as_of: date) -> dict[str, list[str]]:
    """The URNs of each list that are among these, of which one page holds all."""
    # Without a total, and by one text for all tests, since a Neo4j takes its time to plan each.
    found = asker.data(ENDS, reader=reader, among=list(among), asOf=as_of.isoformat())
    assert not any(page["pageInfo"]["hasNextPage"] for page in found.values())
    return {name: [edge["node"]["urn"] for edge in page["edges"]] for name, page in found.items()}


# Random estates.


def _opened(workshop: Workshop, seeds: range) -> tuple[Asker, dict[int, EstateWorld]]:
    worlds = {seed: make_estate_world(seed) for seed in seeds}
    return asker_of(workshop, said_of_estates(worlds.values())), worlds


def _compare(asker: Asker, worlds: dict[int, EstateWorld]) -> Counter[str]:
    """Ask about so many worlds, each reader on each day; answers how many datasets stood in each list."""
    counts: Counter[str] = Counter()
    for seed, world in worlds.items():
        reader, day = READERS[seed % 3], DAYS[seed // 3 % 3]
        right = world.ends(reader, day)
        found = _urns(asker, world.feeds.nodes, reader, day)
        assert found == {name: right[name] for name in found}, f"world {seed}: {reader.name} on {day}"
        for name, urns in right.items():
            counts[name] += len(urns)
    return counts


def _worlds(workshop: Workshop) -> range:
    return range(100) if workshop.backend.name == "sqlite" else range(18)


def test_the_ends_of_lineage_are_what_the_whole_estate_says(workshop: Workshop) -> None:
    seeds = _worlds(workshop)
    counts = _compare(*_opened(workshop, seeds))
    assert all(counts[name] >= len(seeds) // 2 for name in ("roots", "leaves", "orphans", "between")), counts


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_the_ends_of_lineage_are_what_the_whole_estate_says_in_two_thousand_worlds(workshop: Workshop) -> None:
    for start in range(0, 2_000, 50):
        _compare(*_opened(workshop, range(start, start + 50)))


_FAULTS = {
    "hidden ones feed nothing": ("veiled=True", "veiled=False"),
    "flows are not asked about": ("flow, Has", "Has"),
    "systems feed nothing": (', Has("stored_in", flow)))', "))"),
    "the first day is too early": ("Op.GT, day", "Op.GE, day"),
    "the last day is over": ("Op.LT, day", "Op.LE, day"),
    "flows leave what they come to": ('"upstream", "flows_in"', '"upstream", "flows_out"'),
    "an orphan feeds": ("Any_((_is_fed(day), _feeds(day)))", "_is_fed(day)"),
    "a root is an orphan": ("All((_feeds(day), Not(_is_fed(day))))", "Not(_is_fed(day))"),
    "a leaf is an orphan": ("All((_is_fed(day), Not(_feeds(day))))", "Not(_feeds(day))"),
}


@pytest.mark.parametrize("workshop", ["sqlite"], indirect=True)
@pytest.mark.parametrize("fault", _FAULTS)
def test_a_planted_fault_is_found(workshop: Workshop, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    right, wrong = _FAULTS[fault]
    module = planted(monkeypatch, tested, right, wrong)
    for name, function in vars(tested).items():
        if isinstance(function, FunctionType):
            monkeypatch.setattr(function, "__code__", getattr(module, name).__code__)
    asker, worlds = _opened(workshop, range(100))
    with pytest.raises(AssertionError):
        _compare(asker, worlds)


# By hand.


def d(*names: str) -> list[str]:
    return [key("dataset", "test", name) for name in names]


_ALL = [ENROLLMENT, DIRECTORY, REGISTER, OUTCOMES, *d("raw", "vault", "mart", "table", "chart", "report", "side")]


@pytest.mark.parametrize("walker", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("reader", "right"),
    [
        # The vault is for staff: to the public its neighbours begin and end lineage.
        (PUBLIC_READER, {"roots": d("mart", "raw"), "leaves": d("side"), "orphans": [DIRECTORY]}),
        (VEILED_READER, {"roots": d("raw"), "leaves": d("side"), "orphans": [DIRECTORY]}),
        (STAFF_READER, {"roots": [*d("raw"), REGISTER], "leaves": d("side"), "orphans": [DIRECTORY]}),
    ],
)
def test_a_hidden_dataset_feeds_and_one_that_is_not_there_does_not(
    walker: Asker, reader: Reader, right: dict[str, list[str]]
) -> None:
    assert _urns(walker, _ALL, reader, TODAY) == right
    assert walker.round_trips == 3


def test_they_are_listed_by_title_filtered_by_agency_and_counted(walker: Asker) -> None:
    query = """
      query ($after: String) {
        roots(first: 1, after: $after, filter: {agency: {abbreviation: {eq: "SDE"}}}) {
          totalCount pageInfo { hasNextPage endCursor } edges { node { title agency { abbreviation } } }
        }
      }
    """
    page = walker.data(query)["roots"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, True)
    assert page["edges"] == [{"node": {"title": "Mart", "agency": {"abbreviation": "SDE"}}}]
    assert walker.round_trips == 1
    page = walker.data(query, after=page["pageInfo"]["endCursor"])["roots"]
    assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (2, False)
    assert [edge["node"]["title"] for edge in page["edges"]] == ["Raw"]
    assert walker.data('{ roots(filter: {agency: {abbreviation: {eq: "DOL"}}}) { totalCount } }') == {
        "roots": {"totalCount": 0}
    }


@pytest.mark.parametrize("walker", ["sqlite"], indirect=True)
def test_a_cycle_has_no_end_and_what_is_over_feeds_no_more(walker: Asker) -> None:
    for day, leaves in ((TODAY, d("side")), (date(2022, 6, 1), d("chart", "side"))):
        found = _urns(walker, _ALL, PUBLIC_READER, day)
        assert found["leaves"] == leaves, "the report feeds itself, enrollment and outcomes each other"
