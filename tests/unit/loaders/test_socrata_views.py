"""Families of derived views in: the file that nobody here wrote, whole, and each way in which a family can be wrong."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from catalog.access import Audience
from catalog.model.data import Dataset, Portal
from catalog.model.enums import FlowMode
from catalog.model.lineage import Flow
from catalog.model.own import CatalogRecord
from loaders.errors import LoaderError
from loaders.fields import Rule
from loaders.record import Record
from loaders.socrata_views.loader import SocrataViewsLoader
from loaders.socrata_views.rules import ViewRule

FILE = Path("lineage") / "socrata-derived-views.2013-06.ndjson.gz"
ROADS = {"id": "road-aaaa", "portal": "data.roads.example", "name": "Roads", "createdAt": 1325376000, "nrow": 7}
NARROW = {"id": "road-bbbb", "portal": "data.roads.example", "name": "Narrow roads", "createdAt": 1333238400}
ELSEWHERE = {**NARROW, "id": "road-cccc", "portal": "data.other.example", "createdAt": 1000000000}


def family(*views: Any, source: Any = ROADS, **more: Any) -> dict[str, Any]:
    return {"table": "1", "source": source, "datasets": list(views), **more}


def written(folder: Path, *lines: Any, name: str = "views.2012-06.ndjson") -> SocrataViewsLoader:
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    (folder / name).write_bytes(b"\n".join(texts))
    return SocrataViewsLoader.open(str(folder / name))


def entities(record: Record, kind: type[Any]) -> list[Any]:
    return [n.entity for n in record.nodes if isinstance(n.entity, kind)]


def edges(record: Record, type_: str) -> list[tuple[str, str]]:
    return [(e.tail.rpartition(":")[2], e.head.rpartition(":")[2]) for e in record.edges if e.relation.type == type_]


def test_a_family_becomes_its_views_and_what_flows_between_them(tmp_path: Path) -> None:
    loader = written(tmp_path, family(ROADS, NARROW, ELSEWHERE))
    (record,) = loader.records()

    assert loader.source.urn == "urn:waypost:source:key:socrata-views:views"
    assert loader.day == date(2012, 4, 1)
    assert (record.place, record.identifier, record.problem) == ("views.2012-06.ndjson: line 1", "1", None)
    roads, narrow, elsewhere = entities(record, Dataset)
    assert roads.urn == "urn:waypost:dataset:socrata:data.roads.example:road-aaaa"
    assert (roads.title, roads.identifier, roads.issued) == ("Roads", "road-aaaa", date(2012, 1, 1))
    assert {n.audience for n in record.nodes if isinstance(n.entity, Dataset | Flow)} == {Audience.PUBLIC}
    assert {p.title for p in entities(record, Portal)} == {"data.roads.example", "data.other.example"}
    assert [json.loads(r.raw) for r in entities(record, CatalogRecord)] == [ROADS, NARROW, ELSEWHERE]
    assert edges(record, "FEEDS") == [("road-aaaa", "road-bbbb"), ("road-aaaa", "road-cccc")]

    near, far = entities(record, Flow)
    assert (near.mode, far.mode) == (None, FlowMode.PUBLICATION)
    # What is older than its source has data of it only since that one was there.
    assert (near.first_seen, far.first_seen) == (date(2012, 4, 1), date(2012, 1, 1))
    feeds = {e.head: e for e in record.edges if e.relation is Dataset.downstream}
    assert feeds[narrow.urn].props == {"flow": near.urn}
    assert feeds[elsewhere.urn].valid_from == date(2012, 1, 1)
    assert record.restates == [(roads.urn, Dataset.downstream)]


def test_the_source_among_its_own_views_is_no_lineage_and_need_not_be_there(tmp_path: Path) -> None:
    alone, listed, unlisted = written(
        tmp_path,
        family(ROADS),
        family({**NARROW, "id": "bbbb-0001"}, {**NARROW, "id": "bbbb-0002"}, source={**NARROW, "id": "BBBB-0001"}),
        family({**NARROW, "id": "cccc-0002"}, source={**NARROW, "id": "cccc-0001"}),
    ).records()

    assert (edges(alone, "FEEDS"), len(entities(alone, Dataset))) == ([], 1)
    assert edges(listed, "FEEDS") == [("bbbb-0001", "bbbb-0002")]
    assert edges(unlisted, "FEEDS") == [("cccc-0001", "cccc-0002")]
    assert len(entities(unlisted, Dataset)) == 2


def test_a_view_of_which_no_day_is_known_flows_from_no_known_day(tmp_path: Path) -> None:
    (record,) = written(tmp_path, family(ROADS, {**NARROW, "createdAt": None})).records()
    (flow,) = entities(record, Flow)
    assert flow.first_seen is None
    assert next(e.valid_from for e in record.edges if e.relation is Dataset.downstream) is None


BROKEN: list[tuple[str, str, Any]] = [
    (Rule.JSON, "$", b'{"table": "1", '),
    (Rule.ENCODING, "$", json.dumps(family({**NARROW, "name": "Caf\u00e9"}), ensure_ascii=False).encode("latin-1")),
    (Rule.NUMBER, "$", b'{"table": "1", "source": ' + b"9" * 400 + b"e999}"),
    (Rule.DEPTH, "$", b"[" * 60 + b"]" * 60),
    (Rule.SIZE, "$.datasets", family(*[NARROW] * 5001)),
    (Rule.SIZE, "$", b'{"table": "' + b"1" * 12_000_000 + b'"}'),
    (Rule.DUPLICATE_KEY, "$.table", b'{"table": "1", "table": "2"}'),
    (Rule.TYPE, "$", ["a family"]),
    (Rule.TYPE, "$.datasets", family(datasets="none")),
    (Rule.TYPE, "$.datasets[0]", family("road-bbbb")),
    (Rule.TYPE, "$.datasets[0].name", family({**NARROW, "name": ["a"]})),
    (Rule.REQUIRED, "$.source", family(NARROW, source=None)),
    (Rule.REQUIRED, "$.datasets[0].portal", family({**NARROW, "portal": ""})),
    (Rule.REQUIRED, "$.datasets[0].name", family({**NARROW, "name": None})),
    (Rule.IDENTIFIER, "$.datasets[0].id", family({**NARROW, "id": "roads"})),
    (Rule.IDENTIFIER, "$.datasets[0].id", family({**NARROW, "portal": "data roads"})),
    (Rule.DATE, "$.datasets[0].createdAt", family({**NARROW, "createdAt": 10**18})),
    (Rule.DATE, "$.datasets[0].createdAt", family({**NARROW, "createdAt": "yesterday"})),
    (Rule.HTML, "$.datasets[0].description", family({**NARROW, "description": "<script>x"})),
    (ViewRule.DUPLICATE_VIEW, "$.datasets[1].id", family(NARROW, {**NARROW, "name": "Another"})),
    (ViewRule.TWO_SOURCES, "$.datasets[0].id", family({**ROADS, "id": "ROAD-0000"})),
]


@pytest.mark.parametrize(("rule", "path", "line"), BROKEN)
def test_what_is_wrong_with_a_family_is_named_with_its_place(
    tmp_path: Path, rule: str, path: str, line: bytes | dict[str, Any]
) -> None:
    first = family({**ROADS, "id": "road-0000"}, source={**ROADS, "id": "road-0001"})
    last = family({**ROADS, "id": "road-9998"}, source={**ROADS, "id": "road-9999"})
    loader = written(tmp_path, first, line, last)
    good, bad, other = loader.records()

    assert good.problem is other.problem is None
    assert bad.problem is not None
    assert (bad.problem.rule, bad.problem.path, bad.place) == (rule, path, "views.2012-06.ndjson: line 2")
    assert bad.problem.message
    assert bad.problem.remedy
    assert not bad.nodes + bad.edges
    assert bad.raw


def test_every_rule_of_a_family_has_a_broken_one() -> None:
    of_the_file = {ViewRule.NOT_GZIP, ViewRule.SIZE, ViewRule.NO_FAMILY}
    assert set(ViewRule) - of_the_file <= {rule for rule, _, _ in BROKEN}


@pytest.mark.parametrize(
    ("rule", "content"),
    [
        (ViewRule.NO_FAMILY, b""),
        (ViewRule.NO_FAMILY, b"\n \n"),
        (ViewRule.NOT_GZIP, gzip.compress(json.dumps(family(ROADS)).encode())[:-9]),
        (ViewRule.NOT_GZIP, b"\x1f\x8b" + b"no gzip at all"),
        (ViewRule.SIZE, gzip.compress(bytes(64 * 2**20)) * 9),
    ],
    ids=["empty", "blank", "cut off", "no gzip", "a bomb"],
)
def test_a_file_that_is_none_is_refused_by_a_rule(tmp_path: Path, rule: ViewRule, content: bytes) -> None:
    (tmp_path / "views.ndjson.gz").write_bytes(content)
    with pytest.raises(LoaderError, match=rf"^{rule}: .*views\.ndjson\.gz"):
        SocrataViewsLoader.open(str(tmp_path / "views.ndjson.gz"))


def test_it_is_read_compressed_in_pieces_or_plain_alike(tmp_path: Path) -> None:
    lines = [json.dumps(family(source={**ROADS, "id": f"road-{n:04}"})).encode() for n in range(40)]
    contents = {
        "plain": b"\n".join(lines),
        "with a mark and ends of lines as on Windows": b"\xef\xbb\xbf" + b"\r\n".join(lines) + b"\r\n",
        "gzip": gzip.compress(b"\n".join(lines)),
        "several gzips": b"".join(gzip.compress(line + b"\n") for line in lines),
    }
    found: dict[str, list[Any]] = {}
    for name, content in contents.items():
        (tmp_path / "views.ndjson").write_bytes(content)
        loader = SocrataViewsLoader.open(str(tmp_path / "views.ndjson"))
        assert loader.expected == 40
        found[name] = [(r.place, r.nodes, r.edges) for r in loader.records()]
    assert all(records == found["plain"] for records in found.values())


@pytest.fixture(scope="module")
def real(real_data: Path) -> list[Record]:
    return list(SocrataViewsLoader.open(str(real_data / FILE)).records())


def _families(real_data: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(real_data / FILE, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def test_the_real_file_is_loaded_whole(real: list[Record], real_data: Path) -> None:
    expected = {
        ((f["source"]["portal"], f["source"]["id"]), (view["portal"], view["id"]))
        for f in _families(real_data)
        for view in f["datasets"]
        if view["id"] != f["source"]["id"]
    }
    assert len(expected) == 8537

    assert [record.problem for record in real if record.problem] == []
    assert len(real) == 1983
    feeds = [(e.tail, e.head) for r in real for e in r.edges if e.relation is Dataset.downstream]
    named = {tuple(tuple(urn.split(":")[-2:]) for urn in pair) for pair in feeds}
    assert (len(feeds), named) == (8537, expected)
    counts = Counter(type(n.entity).__name__ for r in real for n in r.nodes)
    assert (counts["Dataset"], counts["Flow"]) == (10_520, 8_537)
    assert len({p.urn for r in real for p in entities(r, Portal)}) == 55
    assert Counter(f.mode for r in real for f in entities(r, Flow)) == {None: 8503, FlowMode.PUBLICATION: 34}


def test_no_flow_of_the_real_file_begins_before_its_source(real: list[Record]) -> None:
    begun = {d.urn: d.issued for r in real for d in entities(r, Dataset)}
    feeds = [e for r in real for e in r.edges if e.relation is Dataset.downstream]
    assert sum(begun[e.tail] is not None and (begun[e.head] or date.max) < begun[e.tail] for e in feeds) > 2800
    assert [e for e in feeds if e.valid_from and e.valid_from < max(begun[e.tail], begun[e.head])] == []
