"""DCAT-US 1.1 in: every file that nobody here wrote, and each way in which a record can be wrong."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.model.data import Dataset, Distribution
from catalog.model.enums import UpdateFrequency
from catalog.model.own import CatalogRecord
from catalog.model.people import Agency
from loaders.dcat_us.frequency import frequency
from loaders.dcat_us.loader import DcatUsLoader
from loaders.errors import LoaderError
from loaders.record import Record

MINIMAL: dict[str, Any] = {
    "identifier": "a-1",
    "title": "Roads",
    "description": "Every road.",
    "keyword": ["road"],
    "modified": "2021-05-06",
    "publisher": {"name": "Department of Roads", "subOrganizationOf": {"name": "State"}},
    "contactPoint": {"fn": "Ann", "hasEmail": "mailto:ann@roads.example"},
    "accessLevel": "public",
}


def read(tmp_path: Path, *datasets: Any, name: str = "roads.example.2021-06-01.data.json") -> DcatUsLoader:
    path = tmp_path / name
    path.write_text(json.dumps({"dataset": list(datasets)}), encoding="utf-8")
    return DcatUsLoader.open(str(path))


def entities(record: Record, kind: type[Any]) -> list[Any]:
    return [n.entity for n in record.nodes if isinstance(n.entity, kind)]


def test_a_record_becomes_a_dataset_its_holder_its_forms_and_its_own_words(tmp_path: Path) -> None:
    raw = {**MINIMAL, "distribution": [{"title": "csv", "downloadURL": "https://x.example/a.csv", "format": "csv"}]}

    loader = read(tmp_path, raw)
    (record,) = loader.records()

    assert (loader.catalog, loader.day) == ("roads.example", date(2021, 5, 6))
    (dataset,) = entities(record, Dataset)
    assert dataset.urn == "urn:waypost:dataset:dcat:roads.example:a-1"
    assert (dataset.title, dataset.modified, dataset.keywords) == ("Roads", date(2021, 5, 6), ("road",))
    assert dataset.contact_email == "ann@roads.example"
    assert [a.name for a in entities(record, Agency)] == ["Department of Roads", "State"]
    assert [d.download_url for d in entities(record, Distribution)] == ["https://x.example/a.csv"]
    assert [json.loads(r.raw) for r in entities(record, CatalogRecord)] == [raw]
    assert {(e.relation.type, e.tail.split(":")[2], e.head.split(":")[2]) for e in record.edges} == {
        ("HELD_BY", "dataset", "agency"),
        ("PART_OF", "agency", "agency"),
        ("HAS_DISTRIBUTION", "dataset", "distribution"),
        ("DESCRIBES", "catalog-record", "dataset"),
        ("IN_CATALOG", "catalog-record", "source"),
    }


@pytest.mark.parametrize(
    ("change", "rule", "path"),
    [
        ({"identifier": None}, "required", "$.identifier"),
        ({"identifier": "  "}, "required", "$.identifier"),
        ({"identifier": {"a": 1}}, "type", "$.identifier"),
        ({"identifier": "x" * 3000}, "identifier", "$.identifier"),
        ({"title": ""}, "required", "$.title"),
        ({"title": ["a"]}, "type", "$.title"),
        ({"title": "a\0b"}, "encoding", "$.title"),
        ({"description": "x" * 1_000_001}, "size", "$.description"),
        ({"keyword": {"a": 1}}, "type", "$.keyword"),
        ({"keyword": [["a"]]}, "type", "$.keyword[0]"),
        ({"publisher": "Roads"}, "type", "$.publisher"),
        ({"distribution": "none"}, "type", "$.distribution"),
        ({"distribution": [7]}, "type", "$.distribution[0]"),
        ({"contactPoint": []}, "type", "$.contactPoint"),
    ],
)
def test_what_cannot_be_kept_is_a_problem_with_its_place(
    tmp_path: Path, change: dict[str, Any], rule: str, path: str
) -> None:
    raw = {**MINIMAL, **change}

    good, bad = read(tmp_path, MINIMAL, {**raw, "title": raw["title"]}).records()

    assert good.problem is None
    assert bad.problem is not None
    assert (bad.problem.rule, bad.problem.path) == (rule, path)
    assert bad.problem.remedy
    assert bad.raw == raw
    assert not bad.nodes
    assert bad.place == "roads.example.2021-06-01.data.json: dataset[1]"


def test_a_record_that_is_no_object_is_a_problem(tmp_path: Path) -> None:
    (record,) = read(tmp_path, "a dataset").records()

    assert record.problem is not None
    assert record.problem.rule == "type"


def test_lenient_forms_are_read(tmp_path: Path) -> None:
    raw = {**MINIMAL, "identifier": 641, "keyword": "a, b,,", "distribution": {"format": "csv"}, "publisher": None}

    (record,) = read(tmp_path, raw).records()

    (dataset,) = entities(record, Dataset)
    assert (dataset.identifier, dataset.keywords) == ("641", ("a", "b"))
    assert len(entities(record, Distribution)) == 1
    assert not entities(record, Agency)


@pytest.mark.parametrize(
    ("stated", "day", "text"),
    [
        ("2019-02-28", date(2019, 2, 28), None),
        ("2019-02-28T10:00:00Z", date(2019, 2, 28), None),
        ("2019", None, "2019"),
        ("2019-02", None, "2019-02"),
        ("before the war", None, "before the war"),
        (20190228, None, "20190228"),
        (" ", None, None),
    ],
)
def test_what_is_no_whole_day_is_kept_as_text(tmp_path: Path, stated: Any, day: date | None, text: str | None) -> None:
    (record,) = read(tmp_path, {**MINIMAL, "issued": stated, "modified": stated}).records()

    (dataset,) = entities(record, Dataset)
    assert (dataset.issued, dataset.issued_text) == (day, text)
    assert (dataset.modified, dataset.modified_text) == (day, str(stated).strip() or None)


def test_what_looks_odd_and_loses_nothing_is_read(tmp_path: Path) -> None:
    raw: dict[str, Any] = {
        **MINIMAL,
        "identifier": "Caf\u00e9 \U0001f600 #1",
        "title": "Roads\u200b &amp; <b>bridges</b>",
        "description": "<p>&nbsp;</p>",
        "references": "https://x.example/a,b, https://x.example/c",
        "contactPoint": {"hasEmail": "mailto:"},
        "publisher": {
            "name": "Roads",
            "subOrganizationOf": {"name": "ROADS", "subOrganizationOf": {"name": "State"}},
        },
        "distribution": [{}],
    }

    (record,) = read(tmp_path, raw).records()

    (dataset,) = entities(record, Dataset)
    assert (dataset.title, dataset.description) == ("Roads\u200b & bridges", None)
    assert dataset.references == ("https://x.example/a,b", "https://x.example/c")
    assert dataset.contact_email is None
    assert [a.name for a in entities(record, Agency)] == ["Roads", "State"]
    assert [(e.tail[-5:], e.head[-5:]) for e in record.edges if e.relation is Agency.part_of] == [("roads", "state")]


def test_one_agency_in_two_spellings_has_the_first_and_each_dataset_its_own(tmp_path: Path) -> None:
    """Else the same catalog again would write the one and then the other."""
    raws = [
        {**MINIMAL, "identifier": name, "publisher": {"name": name}} for name in ("Dept. of Roads", "Dept of ROADS")
    ]

    records = list(read(tmp_path, *raws).records())

    assert [a.name for r in records for a in entities(r, Agency)] == ["Dept. of Roads"] * 2
    assert [d.publisher_name for r in records for d in entities(r, Dataset)] == ["Dept. of Roads", "Dept of ROADS"]


def test_a_second_record_of_an_identifier_is_kept_out(tmp_path: Path) -> None:
    first, second = read(tmp_path, MINIMAL, {**MINIMAL, "title": "Other"}).records()

    assert first.problem is None
    assert second.problem is not None
    assert second.problem.rule == "duplicate-identifier"
    assert "dataset[0]" in second.problem.message


def test_two_equal_distributions_stay_two_and_keep_their_names(tmp_path: Path) -> None:
    raw = {**MINIMAL, "distribution": [{"format": "csv"}, {"format": "csv"}, {"format": "pdf"}]}
    moved = {**raw, "distribution": [raw["distribution"][2], *raw["distribution"][:2]]}

    (one,), (other,) = read(tmp_path, raw).records(), read(tmp_path, moved).records()

    urns = {d.urn for d in entities(one, Distribution)}
    assert len(urns) == 3
    assert urns == {d.urn for d in entities(other, Distribution)}


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "not-json"),
        (b"{", "not-json"),
        (b"\xff\xfe{}", "not-json"),
        (b"[" * 100_000, "no-catalog"),
        (b"[]", "no-catalog"),
        (b'{"error": "busy"}', "no-catalog"),
        (b'{"dataset": {}}', "no-catalog"),
    ],
)
def test_what_is_no_catalog_is_refused_whole(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "data.json"
    path.write_bytes(content)

    with pytest.raises(LoaderError, match=rule) as caught:
        DcatUsLoader.open(str(path))

    assert str(path) in str(caught.value)


def test_what_is_not_utf_8_is_kept_out_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    good = json.dumps(MINIMAL).encode()
    path.write_bytes(b'{"dataset": [{"identifier": "b", "title": "caf\xe9"}, ' + good + b"]}")

    first, second = DcatUsLoader.open(str(path)).records()

    assert first.problem is not None
    assert (first.problem.rule, first.raw) == ("encoding", '{"identifier": "b", "title": "caf\\xe9"}')
    assert second.problem is None


def test_a_missing_file_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(LoaderError, match=r"unreadable: .*none\.json"):
        DcatUsLoader.open(str(tmp_path / "none.json"))


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ("R/P1Y", UpdateFrequency.ANNUALLY),
        ("annual", UpdateFrequency.ANNUALLY),
        ("Every 2 weeks", UpdateFrequency.BIWEEKLY),
        ("Bi-weekly", UpdateFrequency.UNKNOWN),
        ("n/a", UpdateFrequency.UNKNOWN),
        (None, UpdateFrequency.UNKNOWN),
        ("whenever the moon is full", UpdateFrequency.OTHER),
    ],
)
def test_frequencies_are_read_where_they_have_one_reading(stated: str | None, expected: UpdateFrequency) -> None:
    assert frequency(stated) is expected


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("name", "good", "problems"),
    [
        ("healthdata.gov.2019.data.json", 1656, {"duplicate-identifier": 106}),
        ("cdc.gov.2020-04-24.data.json", 533, {}),
        ("cdc.gov.2021-08-01.data.json", 739, {}),
        ("ed.gov.small.data.json", 88, {"duplicate-identifier": 1}),
        ("fixtures/missing-identifier-title.data.json", 1, {"required": 2}),
        ("fixtures/dcatus_whitespace_identifier.json", 0, {"required": 1}),
        ("fixtures/large-spatial.data.json", 1, {}),
        ("fixtures/numerical-title.data.json", 1, {}),
    ],
)
def test_real_catalogs_are_accounted_for(real_data: Path, name: str, good: int, problems: dict[str, int]) -> None:
    records = list(DcatUsLoader.open(str(real_data / "dcat-us-1.1" / name)).records())

    assert Counter(r.problem.rule for r in records if r.problem) == problems
    assert sum(r.problem is None for r in records) == good


@pytest.mark.real_data
def test_every_real_file_is_read_or_refused_by_name(real_data: Path) -> None:
    files = [*(real_data / "dcat-us-1.1").rglob("*.json"), *(real_data / "broken").iterdir()]
    outcomes: Counter[str] = Counter()
    for path in files:
        try:
            loader = DcatUsLoader.open(str(path))
        except LoaderError as error:
            outcomes[error.rule] += 1
            continue
        records = list(loader.records())
        assert len(records) == loader.expected
        outcomes["read"] += 1

    assert outcomes == {"read": 21, "not-json": 1, "no-catalog": 1}
