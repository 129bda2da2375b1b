"""Lists of agencies in: what a row and its mapping state, and each way in which one of them can be wrong."""

from __future__ import annotations

import csv
import random
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import loaders.demo
from catalog.access import Audience
from catalog.model.enums import AgencyBasis, Branch, PersonRole
from catalog.model.people import Agency, AgencyListing, Appointment
from catalog.model.sharing import Law
from loaders.agencies import rows as rows_module
from loaders.agencies.loader import AgenciesLoader
from loaders.errors import LoaderError
from loaders.record import Record
from loaders.waypost_file import written as written_module

DEMO = Path(loaders.demo.__file__).parent
HEADER = "section,order,text,agency,abbreviation,note"
ROADS = "1-1,1,Commissioner of Roads,Department of Roads,DR,"
MAPPING = """\
agencies_mapping: 1
day: 2022-12-31
source: {urn: 'urn:waypost:source:key:t', title: T}
prefix: xx
jurisdiction: Nowhere
sections:
  1-1:
    basis: STATUTORY_LIST
    note: It names an officer.
    law: {urn: 'urn:waypost:law:key:xx:1-1', citation: N.S. 1-1}
  1-2: {law: {urn: 'urn:waypost:law:key:xx:1-2', citation: N.S. 1-2, jurisdiction: federal}}
agencies:
  roads:
    name: Department of Roads
    abbreviation: DR
    aliases: [Road Department]
    branch: EXECUTIVE
    valid_from: 1901-01-01
    listed: {1-1: {valid_from: 1990-07-01, valid_to: 2024-01-01}}
  ways:
    name: Board of Ways
    valid_to: 1901-01-01
    succeeded_by: [roads]
  bridges: {name: Office of Bridges, part_of: roads}
  water: {name: Water Authority, abbreviation: WA}
seats:
  roads-1: {agency: roads, title: Data officer of Roads, valid_from: 2016-01-08, valid_to: 2020-01-01}
  roads-2: {agency: roads, valid_from: 2020-01-01}
"""


def opened(tmp_path: Path, *lines: str, mapping: str = MAPPING, as_of: date | None = None) -> AgenciesLoader:
    return read(tmp_path, "\n".join([HEADER, *lines]).encode(), mapping, as_of)


def read(tmp_path: Path, content: bytes, mapping: str = MAPPING, as_of: date | None = None) -> AgenciesLoader:
    (tmp_path / "list.csv").write_bytes(content)
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    return AgenciesLoader.open(str(tmp_path / "list.csv"), str(tmp_path / "mapping.yaml"), as_of=as_of)


def entities(record: Record, kind: type[Any]) -> dict[str, Any]:
    """The nodes of a kind that a record states, by the last segment of the URN."""
    return {n.entity.urn.rpartition(":")[2]: n.entity for n in record.nodes if isinstance(n.entity, kind)}


# What a row says


def test_a_row_states_the_listing_its_law_and_the_agency_with_all_that_is_mapped_to_it(tmp_path: Path) -> None:
    loader = opened(tmp_path, "1-1,1, Commissioner of Roads ,Department of Roads,DR,moved from 1-3.")
    (record,) = loader.records()

    assert (loader.source.urn, loader.day, loader.expected) == ("urn:waypost:source:key:t", date(2022, 12, 31), 1)
    assert (record.problem, record.place, record.identifier) == (None, "list.csv:2", "1-1:roads")
    (listing,) = entities(record, AgencyListing).values()
    assert listing == AgencyListing(
        urn=listing.urn,
        basis=AgencyBasis.STATUTORY_LIST,
        section="1-1",
        listed_as="Commissioner of Roads",
        note="It names an officer. In the source: moved from 1-3.",
    )
    assert listing.urn == "urn:waypost:agency-listing:key:xx:1-1:roads"
    (law,) = entities(record, Law).values()
    assert (law.urn, law.citation, law.jurisdiction) == ("urn:waypost:law:key:xx:1-1", "N.S. 1-1", "Nowhere")
    agencies = entities(record, Agency)
    assert set(agencies) == {"roads", "ways", "bridges"}
    roads = agencies["roads"]
    assert (roads.urn, roads.name, roads.branch) == (
        "urn:waypost:agency:key:xx:roads",
        "Department of Roads",
        Branch.EXECUTIVE,
    )
    seats = entities(record, Appointment)
    assert {(name, seat.role, seat.title) for name, seat in seats.items()} == {
        ("roads-1", PersonRole.AGENCY_DATA_OFFICER, "Data officer of Roads"),
        ("roads-2", PersonRole.AGENCY_DATA_OFFICER, None),
    }
    assert {n.entity.urn.rpartition(":")[2] + f" {n.valid_from} {n.valid_to}" for n in record.nodes} == {
        "roads 1990-07-01 2024-01-01",  # the listing
        "roads 1901-01-01 None",
        "ways None 1901-01-01",
        "bridges None None",
        "1-1 None None",
        "roads-1 2016-01-08 2020-01-01",
        "roads-2 2020-01-01 None",
    }
    assert {n.audience for n in record.nodes} == {Audience.PUBLIC}
    assert {f"{e.tail} {e.relation.name} {e.head}".replace("urn:waypost:", "") for e in record.edges} == {
        "agency-listing:key:xx:1-1:roads rests_on law:key:xx:1-1",
        "agency:key:xx:roads listed_in agency-listing:key:xx:1-1:roads",
        "agency:key:xx:ways succeeded_by agency:key:xx:roads",
        "agency:key:xx:bridges part_of agency:key:xx:roads",
        "appointment:key:xx:roads-1 within agency:key:xx:roads",
        "appointment:key:xx:roads-2 within agency:key:xx:roads",
        "agency:key:xx:roads data_officer appointment:key:xx:roads-1",
        "agency:key:xx:roads data_officer appointment:key:xx:roads-2",
    }
    officers = {(e.head[-1], e.valid_from, e.valid_to) for e in record.edges if e.relation is Agency.data_officer}
    assert officers == {("1", date(2016, 1, 8), date(2020, 1, 1)), ("2", date(2020, 1, 1), None)}


def test_what_is_not_stated_is_left_out(tmp_path: Path) -> None:
    (record,) = opened(tmp_path, "1-2,,Chief of Water,Water Authority,,").records()
    (listing,) = entities(record, AgencyListing).values()
    assert (listing.basis, listing.note) == (None, None)
    assert [law.jurisdiction for law in entities(record, Law).values()] == ["federal"]
    assert set(entities(record, Agency)) == {"water"}
    assert entities(record, Appointment) == {}


def test_the_day_is_the_one_given_then_the_mappings_then_today(tmp_path: Path) -> None:
    assert opened(tmp_path, ROADS, as_of=date(2021, 1, 1)).day == date(2021, 1, 1)
    assert opened(tmp_path, ROADS, mapping=MAPPING.replace("day: 2022-12-31\n", "")).day >= date(2026, 1, 1)


def test_an_agency_is_known_by_each_of_its_names(tmp_path: Path) -> None:
    lines = ("1-1,1,A,road  department,dr,", "1-2,1,A,DEPARTMENT OF ROADS,,", "1-2,2,A,WA,Water Authority,")
    found = [record.identifier for record in opened(tmp_path, *lines).records()]
    assert found == ["1-1:roads", "1-2:roads", "1-2:water"]


def test_a_row_is_found_where_it_stands_and_kept_as_it_stood(tmp_path: Path) -> None:
    """With a byte order mark, a header as spreadsheets drift, two kinds of line end, blank lines and a break in a cell."""
    content = (
        "\ufeffSection , Order,TEXT,agency,abbreviation,note\r\n\r\n"
        '1-1,1,"Commissioner,\r\nof Roads",Department of Roads,DR,\r\n'
        ",,,,,\n  \n"
        "1-9,1,X,Department of Roads,DR,\n"
    )
    first, second = read(tmp_path, content.encode()).records()
    (listing,) = entities(first, AgencyListing).values()
    assert (first.place, listing.listed_as) == ("list.csv:3", "Commissioner,\r\nof Roads")
    assert first.raw == '1-1,1,"Commissioner,\r\nof Roads",Department of Roads,DR,'
    assert (second.place, second.raw) == ("list.csv:7", "1-9,1,X,Department of Roads,DR,")


# What keeps a row out


@pytest.mark.parametrize(
    ("line", "rule", "column", "says"),
    [
        ("1-1,1,X,Department of Roads,DR", "ragged", "", "5 cells"),
        ("1-1,1,X,Department of Roads, of Ways,DR,", "ragged", "", "7 cells"),
        ("1-1,1,X\0,Department of Roads,DR,", "encoding", "text", "U+0000"),
        (f"1-1,1,{'x' * 2001},Department of Roads,DR,", "size", "text", "2001 characters"),
        (",1,X,Department of Roads,DR,", "required", "section", "blank"),
        ("1-1,1, ,Department of Roads,DR,", "required", "text", "blank"),
        ("1-1,1,X,,DR,", "required", "agency", "blank"),
        ("1-1,first,X,Department of Roads,DR,", "order", "order", "'first' is no number"),
        ("1-9,1,X,Department of Roads,DR,", "unknown-section", "section", "write 1-1 or 1-2"),
        ("1-1,1,X,Department of Road,,", "unknown-agency", "agency", "did you mean 'Department of Roads'?"),
        ("1-1,1,X,Quite another,QA,", "unknown-agency", "agency", "add the agency to the mapping"),
        ("1-1,1,X,Department of Roads,WA,", "other-agency", "abbreviation", "write DR"),
        ("1-1,1,X,Board of Ways,BW,", "other-agency", "abbreviation", "write nothing"),
        ("1-1,1,X,Road Works,DR,", "other-agency", "agency", "write 'Department of Roads'"),
    ],
)
def test_what_breaks_a_rule_is_kept_out_with_its_place(
    tmp_path: Path, line: str, rule: str, column: str, says: str
) -> None:
    bad, good = opened(tmp_path, line, ROADS).records()
    assert good.problem is None
    assert bad.problem is not None
    assert (bad.problem.rule, bad.problem.path, bad.place, bad.raw) == (rule, column, "list.csv:2", line)
    assert bad.problem.remedy
    assert says in f"{bad.problem.message}: {bad.problem.remedy}"
    assert (bad.nodes, bad.edges, bad.restates) == ([], [], [])


def test_a_second_entry_for_an_agency_is_kept_out_by_the_place_of_the_first(tmp_path: Path) -> None:
    broken = "1-1,x,Commissioner of Roads,Department of Roads,DR,"
    found = list(opened(tmp_path, broken, ROADS, ROADS, ROADS.replace("1-1", "1-2")).records())
    assert [r.problem.rule if r.problem else None for r in found] == ["order", None, "duplicate-row", None]
    assert found[2].problem is not None
    assert "list.csv:3 lists that agency" in found[2].problem.message


def test_a_key_that_makes_no_urn_is_kept_out(tmp_path: Path) -> None:
    long = "é" * 180
    mapping = MAPPING.replace("  1-2:", f"  {long}:").replace("water:", f"{long}:")
    bad, good = opened(tmp_path, f"{long},1,X,Water Authority,WA,", ROADS, mapping=mapping).records()
    assert good.problem is None
    assert bad.problem is not None
    assert bad.problem.rule == "urn"


# What refuses a list


@pytest.mark.parametrize(
    ("content", "rule", "says"),
    [
        (b"", "header", "list.csv:1: the file: the header is ''"),
        (b"section,order,text,agency,abbreviation\n", "header", f"write {HEADER}"),
        (b"section;order;text;agency;abbreviation;note\n", "header", "list.csv:1"),
        (f"{HEADER}\n\n1-1,1,Caf".encode() + b"\xe9,Department of Roads,DR,\n", "encoding", "list.csv:3: "),
        (f'{HEADER}\n{ROADS}\n1-1,1,"X,Department of Roads,DR,\n'.encode(), "csv", "list.csv:3: "),
        (f'{HEADER}\n1-1,1,"X"Y,Department of Roads,DR,\n'.encode(), "csv", "list.csv:2: "),
        (f"{HEADER}\n{'x' * 200_000}\n".encode(), "csv", "list.csv:2: "),
    ],
)
def test_what_is_no_list_is_refused_with_its_line(tmp_path: Path, content: bytes, rule: str, says: str) -> None:
    with pytest.raises(LoaderError, match=rf"^{rule}: ") as raised:
        read(tmp_path, content)
    assert says in str(raised.value)


def test_what_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "MAX_CSV_BYTES", 50)
    with pytest.raises(LoaderError, match=r"size: list\.csv:1: the file: it has \d+ bytes"):
        opened(tmp_path, ROADS)
    monkeypatch.setattr(written_module, "MAX_FILE_BYTES", 50)
    with pytest.raises(LoaderError, match=r"size: mapping\.yaml:1: the file: it has \d+ bytes"):
        opened(tmp_path, ROADS)


def test_no_bytes_at_all_do_more_than_refuse(tmp_path: Path) -> None:
    """Cut and flipped bytes of either file end in records and problems, or in a LoaderError: nothing else."""
    chance = random.Random(5)
    whole = {"list.csv": "\n".join([HEADER, ROADS, *["1-2,1,Chief,Water Authority,WA,"] * 9]), "mapping.yaml": MAPPING}
    outcomes = Counter[str]()
    for turn in range(200):
        files = {name: bytearray(text.encode()) for name, text in whole.items()}
        broken = list(files.values())[turn % 2]
        for _ in range(chance.randrange(1, 4)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        try:
            loader = AgenciesLoader.open(*(str(tmp_path / name) for name in files))
            assert len(list(loader.records())) == loader.expected
            outcomes["read"] += 1
        except LoaderError:
            outcomes["refused"] += 1
    assert min(outcomes["read"], outcomes["refused"]) > 20


# What refuses a mapping


@pytest.mark.parametrize(
    ("old", "new", "rule", "where"),
    [
        ("agencies_mapping: 1", "agencies_mapping: 2", "version", "1: agencies_mapping"),
        ("agencies_mapping: 1", "agencies_mapping: true", "version", "1: agencies_mapping"),
        ("day: 2022-12-31", "day: 2022-12-32", "type", "2: day"),
        ("title: T}", "titel: T}", "unknown-key", "3: source.titel"),
        ("prefix: xx", "prefix: ' '", "required", "4: prefix"),
        ("prefix: xx", "prefx: xx", "required", "1: prefix"),
        ("jurisdiction: Nowhere\n", "", "required", "1: jurisdiction"),
        ("basis: STATUTORY_LIST", "basis: STATUTE", "enum", "8: sections.1-1.basis"),
        ("    law: {urn: 'urn:waypost:law:key:xx:1-1', citation: N.S. 1-1}\n", "", "type", "7: sections.1-1.law"),
        ("'urn:waypost:law:key:xx:1-1'", "'urn:waypost:agency:key:x'", "urn-kind", "10: sections.1-1.law.urn"),
        (", citation: N.S. 1-1}", "}", "required", "10: sections.1-1.law"),
        ("citation: N.S. 1-2,", "citaton: N.S. 1-2,", "unknown-key", "11: sections.1-2.law.citaton"),
        ("    name: Department of Roads\n", "", "required", "13: agencies.roads"),
        ("abbreviation: DR", "abbr: DR", "unknown-key", "15: agencies.roads.abbr"),
        ("valid_from: 1901-01-01", "valid_from: 1901", "type", "18: agencies.roads.valid_from"),
        ("valid_from: 1901-01-01", "valid_from: 1901-02-29", "type", "18: agencies.roads.valid_from"),
        ("valid_to: 2024-01-01}", "valid_to: 1990-07-01}", "span", "19: agencies.roads.listed.1-1.valid_to"),
        ("listed: {1-1:", "listed: {1-3:", "unknown-section", "19: agencies.roads.listed.1-3"),
        ("listed: {1-1:", "listed: [1-1] #", "type", "19: agencies.roads.listed"),
        ("succeeded_by: [roads]", "succeeded_by: [rods]", "unknown-agency", "23: agencies.ways.succeeded_by"),
        ("succeeded_by: [roads]", "succeeded_by: {roads: 1}", "unknown-agency", "23: agencies.ways.succeeded_by"),
        ("part_of: roads", "part_of: [roads, ways]", "too-many", "24: agencies.bridges.part_of"),
        ("name: Water Authority", "name: DR", "ambiguous", "25: agencies.water"),
        ("  water:", "  roads:", "duplicate-key", "13: agencies.roads"),
        ("  water:", "  '':", "urn", "25: agencies."),
        ("agency: roads, title", "agency: rods, title", "unknown-agency", "27: seats.roads-1.agency"),
        ("agency: roads, title", "agency: [roads], title", "unknown-agency", "27: seats.roads-1.agency"),
        ("valid_to: 2020-01-01}", "valid_to: 2016-01-01}", "span", "27: seats.roads-1.valid_to"),
        ("valid_from: 2016-01-08, ", "", "open-start", "27: seats.roads-1"),
        (
            "  roads-2: {agency: roads,",
            "  roads-2: {agency: roads, holder: Ann,",
            "unknown-key",
            "28: seats.roads-2.holder",
        ),
        ("seats:", "seats: []\nrest:", "type", "26: seats"),
    ],
)
def test_a_mapping_that_is_wrong_is_refused_with_line_and_path(
    tmp_path: Path, old: str, new: str, rule: str, where: str
) -> None:
    assert MAPPING.count(old) == 1
    with pytest.raises(LoaderError) as raised:
        opened(tmp_path, ROADS, mapping=MAPPING.replace(old, new))
    assert str(raised.value).startswith(f"{rule}: mapping.yaml:{where}: "), raised.value
    assert raised.value.rule == rule


def test_a_mapping_that_is_none_is_refused(tmp_path: Path) -> None:
    for mapping, rule in (("", "empty"), ("- 1", "version"), ("a: [", "yaml")):
        with pytest.raises(LoaderError, match=rf"^{rule}: mapping\.yaml:"):
            opened(tmp_path, ROADS, mapping=mapping)
    with pytest.raises(LoaderError, match=r"^unreadable: .*none\.yaml"):
        AgenciesLoader.open(str(tmp_path / "list.csv"), str(tmp_path / "none.yaml"))


def test_of_several_flaws_the_first_is_said_and_the_others_are_counted(tmp_path: Path) -> None:
    mapping = MAPPING.replace("day: 2022-12-31", "day: x").replace("part_of: roads", "part_of: x")
    with pytest.raises(LoaderError, match=r"^type: mapping\.yaml:2: day: .* \(and 1 more\)$"):
        opened(tmp_path, ROADS, mapping=mapping)


# The lists of a state


@pytest.mark.real_data
def test_the_real_lists_are_accounted_for_with_the_packaged_mapping(real_data: Path) -> None:
    path = real_data / "agencies" / "ct-departments.csv"
    found = list(AgenciesLoader.open(str(path), str(DEMO / "agencies-mapping.yaml")).records())
    assert [r.problem for r in found if r.problem] == []
    assert [r.place for r in found] == [f"ct-departments.csv:{line}" for line in range(2, 55)]
    with path.open(encoding="utf-8", newline="") as file:
        expected = [(r["section"], r["text"], r["agency"], r["abbreviation"]) for r in csv.DictReader(file)]
    stated = [(next(iter(entities(r, AgencyListing).values())), entities(r, Agency)) for r in found]
    got = [(li.section, li.listed_as, a[k := li.urn.rpartition(":")[2]].name, a[k].abbreviation) for li, a in stated]
    assert got == expected
    sections = Counter(listing.section for listing, _ in stated)
    assert sections == {"4-5": 29, "4-38c": 24}


@pytest.mark.real_data
def test_the_packaged_list_says_what_the_real_one_does(real_data: Path) -> None:
    def facts(path: Path) -> list[list[str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return sorted(csv.reader(file))

    assert facts(DEMO / "agencies.csv") == facts(real_data / "agencies" / "ct-departments.csv")
