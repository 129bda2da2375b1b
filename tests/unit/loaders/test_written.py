"""What every file that a person writes has in common: how it begins, whose it is, and how it is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from catalog.model.own import Source
from catalog.urn import key
from loaders.agencies.loader import AgenciesLoader
from loaders.dcat_us.loader import DcatUsLoader
from loaders.errors import LoaderError
from loaders.plan.loader import PlanLoader
from loaders.plan.parse import Outline, RawItem
from loaders.quarantine import Quarantine, Quarantined
from loaders.record import Loader, Problem
from loaders.waypost_file.loader import WaypostFileLoader
from server.commands.sources import Options, SourceKind, loader_of

HEAD = "source: {urn: 'urn:waypost:source:key:t', title: T}\nday: 2022-01-31\n"
FORMATS = {
    "waypost": ("waypost: 1\n", "nodes: []\n"),
    "plan": ("waypost_plan: 1\n", "key: xx:2021-2022\nplan: {title: A plan}\n"),
    "agencies": ("agencies_mapping: 1\n", "prefix: xx\njurisdiction: Nowhere\nsections: {}\nagencies: {}\n"),
}
"""How a file of each format begins and ends; what stands between is the same in all."""


@pytest.fixture(params=FORMATS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(tmp_path: Path, kind: str) -> Callable[..., Loader]:
    """Opens a file of a format, of which the head can be another, and what stands before it."""
    version, rest = FORMATS[kind]

    def run(head: str = HEAD, before: str = "", version: str = version) -> Loader:
        written, rows = tmp_path / "file.yaml", tmp_path / "rows.csv"
        written.write_text(f"{before}{version}{head}{rest}", encoding="utf-8")
        rows.write_text("section,order,text,agency,abbreviation,note\n", encoding="utf-8")
        if kind == "agencies":
            return loader_of(SourceKind.AGENCIES, str(rows), Options(mapping=str(written)))
        return loader_of(SourceKind(kind), str(written))

    return run


def test_the_head_says_whose_it_is_and_of_which_day(opened: Callable[..., Loader]) -> None:
    loader = opened()
    assert (loader.source.urn, loader.source.title, loader.day) == (
        "urn:waypost:source:key:t",
        "T",
        date(2022, 1, 31),
    )
    assert opened(HEAD.replace("day: 2022-01-31\n", "")).day >= date(2026, 1, 1)


def test_what_a_person_writes_goes_before_what_is_harvested_unless_it_says_otherwise(
    opened: Callable[..., Loader],
) -> None:
    assert opened().source.precedence == 20
    assert opened(HEAD.replace("title: T", "title: T, precedence: 7")).source.precedence == 7


@pytest.mark.parametrize(
    ("head", "rule", "place"),
    [
        (HEAD.replace("day: 2022-01-31", "day: 31.1.2022"), "type", "file.yaml:3: day: "),
        (HEAD.replace("day:", "dya:"), "unknown-key", "file.yaml:3: dya: "),
        (HEAD.replace(", title: T", ""), "required", "file.yaml:2: source: "),
        (HEAD.replace("urn:waypost:source", "urn:waypost:agency"), "urn-kind", "file.yaml:2: source.urn: "),
        (HEAD.replace("title: T", "title: T, precedence: no"), "type", "file.yaml:2: source.precedence: "),
        ("day: 2022-01-31\n", "required", "file.yaml:1: source: "),
    ],
)
def test_what_is_wrong_in_the_head_refuses_the_file(
    opened: Callable[..., Loader], head: str, rule: str, place: str
) -> None:
    with pytest.raises(LoaderError) as raised:
        opened(head)
    assert raised.value.rule == rule
    assert str(raised.value).startswith(f"{rule}: {place}")
    assert "more)" not in str(raised.value)


def test_a_file_of_another_format_or_version_is_refused_as_that(opened: Callable[..., Loader], kind: str) -> None:
    name = FORMATS[kind][0].partition(":")[0]
    for version in (f"{name}: 2\n", f"{name}: true\n", f"{name}: '1'\n", ""):
        with pytest.raises(LoaderError, match=rf"^version: file\.yaml:1: {name}: .*write '{name}: 1' on the first"):
            opened(version=version)


def test_a_tag_or_an_anchor_on_the_file_itself_is_refused(opened: Callable[..., Loader]) -> None:
    for before in ("--- &all\n", "--- !python/object:os.system\n"):
        with pytest.raises(LoaderError, match=r"^plain: file\.yaml:1: the file: .* is not read here"):
            opened(before=before)


def test_of_several_flaws_the_first_is_said_and_the_others_are_counted(opened: Callable[..., Loader]) -> None:
    head = HEAD.replace("title: T", "titel: T").replace("2022-01-31", "today")
    with pytest.raises(LoaderError, match=r"^unknown-key: file\.yaml:2: source\.titel: .* \(and 2 more\)$"):
        opened(head)


def test_no_password_of_an_address_is_kept_where_records_are_played_again(tmp_path: Path) -> None:
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(HEAD.join(FORMATS["agencies"]), encoding="utf-8")
    source, day, problem = Source(urn=key("source", "t"), title="T"), date(2022, 1, 31), Problem("rule", "", "", "")
    item = RawItem("goals", "key: g1\nnumber: 1\ntitle: A", Outline("xx:2021-2022", None, {}))
    text, of_plan = (Quarantine("", source, day, "run", [Quarantined("", None, problem, raw)]) for raw in ("{}", item))
    where = "https://ann:secret@example.org/kept.ndjson?all=1"
    replayed: list[Loader] = [
        WaypostFileLoader.replay(text, where),
        PlanLoader.replay(of_plan, where),
        DcatUsLoader.replay(text, where),
        AgenciesLoader.replay(text, where, str(mapping)),
    ]
    for loader in replayed:
        assert loader.location == "https://example.org/kept.ndjson?all=1"
        for record in loader.records():
            assert record.place.startswith("kept.ndjson: "), loader.kind
