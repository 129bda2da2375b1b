"""``waypost audit`` on the demo catalog: what it prints for people and for scripts, and how it ends."""

from __future__ import annotations

import asyncio
import csv
import errno
import io
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from catalog.errors import StoreUnavailable
from catalog.model import MODEL
from catalog.stores.layout import Tables
from catalog.stores.sqlite.store import SqliteStore
from server.cli import app
from server.demo import load_demo
from tests.support.own_files import ENDS, own_file, stated, whole_readings

FLOW = "urn:waypost:flow:key:ct:5-linked-file-to-uconn"
DSA_A = '"Data sharing agreement A: education and SNAP" urn:waypost:agreement:key:ct:dsa-a'
CALLED = re.compile(r"urn:waypost:(?:agreement|dataset|flow|system):[^\s,\"]*[^\s,\":]")
"""A URN of what is told with its title."""


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a store that holds the demo catalog."""
    path = tmp_path_factory.mktemp("audit") / "demo.db"

    async def fill() -> None:
        store = SqliteStore.open(path, Tables(MODEL))
        await load_demo(store)
        await store.close()

    asyncio.run(fill())
    return f"sqlite:{path}"


@pytest.fixture
def audit(demo: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    def run(*words: str, store: str = demo, command: str = "audit") -> Any:
        monkeypatch.setenv("WAYPOST_STORE", store)
        monkeypatch.setenv("WAYPOST_ZONE", "America/New_York")
        return CliRunner().invoke(app, [command, *words])

    return run


def test_for_people_it_says_what_is_not_in_order_and_why(audit: Any) -> None:
    done = audit("--as-of", "2022-05-09")
    assert done.exit_code == 1
    assert (
        "ERROR UNCOVERED PURPOSE_NOT_PERMITTED: 5: Linked file to the researchers\n"
        f"  dol to uconn: {FLOW}\n"
        f"  tried: {DSA_A} (PURPOSE_NOT_PERMITTED)\n"
        f"  owed to dss: {DSA_A} (PURPOSE_NOT_PERMITTED)\n"
        f"  owed to sde: {DSA_A} (PURPOSE_NOT_PERMITTED)\n"
    ) in done.stdout
    assert "WARNING UNKNOWN CLASS_UNDETERMINED: 12: New file to DOL\n" in done.stdout
    assert "1: Enrollment to the hub" not in done.stdout
    *_, last = done.stdout.splitlines()
    assert " flows on 2022-05-09: " in last


def test_scripts_get_every_flow(audit: Any) -> None:
    answer = json.loads(audit("--as-of", "2022-05-09", "--format", "json").stdout)
    by_flow = {row["flow"]: row for row in answer["flows"]}
    assert list(by_flow) == sorted(by_flow)
    assert sum(answer["counts"].values()) == len(by_flow) > 250
    assert by_flow[FLOW]["title"] == "5: Linked file to the researchers"
    assert by_flow[FLOW]["owed"][1] == {
        "direct": False,
        "agency": "urn:waypost:agency:key:ct:dss",
        "verdict": "UNCOVERED",
        "tried": [{"agreement": "urn:waypost:agreement:key:ct:dsa-a", "code": "PURPOSE_NOT_PERMITTED"}],
    }
    assert by_flow[FLOW]["severity"] == "ERROR"
    assert {row["severity"] for row in answer["flows"] if row["verdict"] in {"COVERED", "NOT_NEEDED"}} == {None}
    # Nobody has said that it may, and the agreement that it claims does not cover it.
    assert by_flow["urn:waypost:flow:key:ct:police-departments-to-imrp-traffic-stops"]["severity"] == "ERROR"
    assert {(each["rule"], each["severity"]) for each in answer["classes"]} >= {("R15", "WARNING"), ("R16", "NOTE")}
    lines = list(csv.DictReader(io.StringIO(audit("--as-of", "2022-05-09", "--format", "csv").stdout)))
    assert [line["flow"] for line in lines] == list(by_flow)
    for line in lines:
        row = by_flow[line["flow"]]
        assert {**row, **line, "by": line["by"].split(), "reasons": line["reasons"].split()} == {
            **row,
            **{name: row[name] or "" for name in ("provider", "recipient", "purpose", "severity")},
            "why": " ".join(row["why"]),
            "failing_claims": " ".join(f"{each['agreement']} {each['code']}" for each in row["failing_claims"]),
        }


def _loaded(audit: Any, folder: Path, text: str) -> str:
    """The address of a store in a folder, after a file of our own format was loaded into it."""
    file, store = folder / "file.json", f"sqlite:{folder / 'own.db'}"
    file.write_text(text, encoding="utf-8")
    assert audit("waypost", str(file), store=store, command="load").exit_code == 0
    return store


def test_the_next_audit_reads_little_and_says_the_same(
    audit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = whole_readings(monkeypatch)
    words = ("--as-of", "2022-05-09", "--format", "json", "--fail-on", "never")
    for flows, reads in ((2, [1, 0, 1]), (3, [0, 0, 1])):
        store = _loaded(audit, tmp_path, stated("abc"[:flows]))
        said: list[str] = []
        for more, read in zip(((), (), ("--anew",)), reads, strict=True):
            whole.clear()
            done = audit(*words, *more, store=store)
            assert done.exit_code == 0, done.output
            assert len(whole) == read, "whether everything was read"
            said.append(done.stdout)
        assert len(json.loads(said[0])["flows"]) == flows
        assert said == said[:1] * 3


def test_it_takes_the_time_that_it_needs(audit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Unlike a question of a server: nobody else waits for it."""
    monkeypatch.setenv("WAYPOST_QUERY_TIMEOUT_SECONDS", "0.0001")
    assert audit("--as-of", "2022-05-09", "--anew", "--fail-on", "never").exit_code == 0


def test_the_answer_is_there_before_anything_is_kept(
    audit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = _loaded(audit, tmp_path, stated(["a"]))

    async def stopped(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(SqliteStore, "keep_image", stopped)
    done = audit("--as-of", "2022-05-09", "--fail-on", "never", store=store)
    assert "1 flows on 2022-05-09" in done.stdout
    answer = tmp_path / "answer.txt"
    audit("--as-of", "2022-05-09", "--fail-on", "never", "--output", str(answer), store=store)
    assert "1 flows on 2022-05-09" in answer.read_text(encoding="utf-8")


def test_who_may_only_read_audits_all_the_same(audit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = _loaded(audit, tmp_path, stated(["a"]))

    async def refused(*_: Any) -> None:
        raise StoreUnavailable("may not write")

    monkeypatch.setattr(SqliteStore, "keep_image", refused)
    for _ in range(2):
        done = audit("--as-of", "2022-05-09", "--fail-on", "never", store=store)
        assert done.exit_code == 0
        assert "1 flows on 2022-05-09" in done.stdout
        assert done.stderr == ""


@pytest.mark.parametrize(
    ("title", "cell", "line"),
    [
        ('=HYPERLINK("http://x")', '\'=HYPERLINK("http://x")', '=HYPERLINK("http://x")'),
        (" +1+1", "' +1+1", " +1+1"),
        ("-1", "'-1", "-1"),
        ("@SUM(1)", "'@SUM(1)", "@SUM(1)"),
        ("a\rb,c\nERROR: d", "a\\rb,c\\nERROR: d", "a\\rb,c\\nERROR: d"),
        ("\x1b]0;a\x07\u202eb", "\\x1b]0;a\\x07\\u202eb", "\\x1b]0;a\\x07\\u202eb"),
        ("Café", "Café", "Café"),
    ],
)
def test_a_title_is_no_formula_no_line_of_its_own_and_no_word_to_a_terminal(
    audit: Any, tmp_path: Path, title: str, cell: str, line: str
) -> None:
    store = _loaded(audit, tmp_path, stated([title]))

    def told(form: str) -> str:
        return audit("--as-of", "2022-05-09", "--fail-on", "never", "--format", form, store=store).stdout

    (_, row) = csv.reader(io.StringIO(told("csv"), newline=""), strict=True)
    assert row[:2] == ["urn:waypost:flow:key:0", cell]
    assert f"UNKNOWN CLASS_UNDETERMINED, PROVIDER_UNKNOWN, RECIPIENT_UNKNOWN: {line}\n" in told("table")
    assert json.loads(told("json"))["flows"][0]["title"] == title


def test_what_is_named_is_told_with_its_title(audit: Any) -> None:
    """Of everything of the demo: it all has one."""
    answer = json.loads(audit("--as-of", "2023-02-10", "--format", "json").stdout)
    titles = answer.pop("titles")
    assert set(titles) == set(re.findall(f'"({CALLED.pattern})"', json.dumps(answer)))
    assert list(titles) == sorted(titles)
    assert {urn.split(":")[2] for urn in titles} == {"agreement", "dataset", "flow", "system"}
    assert {row["title"] for row in answer["flows"]} == {titles[row["flow"]] for row in answer["flows"]}
    of_what: set[str] = set()
    for day in ("2021-12-10", "2022-07-20", "1990-01-01"):
        titles = json.loads(audit("--as-of", day, "--format", "json").stdout)["titles"]
        for line in audit("--as-of", day).stdout.splitlines():
            # The title of a flow stands in the line above this one.
            if re.match(r"  (?:\w+|nobody known) to (?:\w+|nobody known): urn:waypost:flow:", line):
                continue
            for found in CALLED.finditer(line):
                assert line[: found.start()].endswith(f'"{titles[found[0]]}" '), line
                of_what |= set(re.findall(r"^(?:  )?(?:[A-Z]+ )?(\w+)", line))
    assert of_what >= {"tried", "owed", "claims", "LEAK", "LAPSE", "R15"}


def _leaking(title: str) -> str:
    """A file of our own format in which whatever can be called anything is called this: a leak, a claim, a column's class."""
    agreement, column = "urn:waypost:agreement:key:a", "urn:waypost:column:key:from#c"
    nodes: list[Any] = [{"kind": "Dataset", "urn": urn, "title": title} for urn in ENDS.values()]
    nodes[0]["links"] = {"columns": column}
    nodes.append({"kind": "Column", "urn": column, "name": title})
    nodes.append({"kind": "Agreement", "urn": agreement, "title": title})
    links = {**ENDS, "claims": agreement}
    nodes.append(
        {"kind": "Flow", "urn": "urn:waypost:flow:key:f", "title": title, "first_seen": "2021-01-01", "links": links}
    )
    for number, (thing, found) in enumerate(
        [(ENDS["from_asset"], "PERSONAL"), (ENDS["to_asset"], "OPEN"), (column, "PRIVATE")]
    ):
        urn = f"urn:waypost:classification-determination:key:{number}"
        said = {"classes": [found], "valid_from": "2020-01-01", "links": {"classifies": thing}}
        nodes.append({"kind": "ClassificationDetermination", "urn": urn, **said})
    return own_file(nodes)


@pytest.mark.parametrize(
    ("title", "quoted", "line"),
    [
        ("a\nERROR R12: b\r\u2028c", r'"a\nERROR R12: b\r\u2028c"', r"a\nERROR R12: b\r\u2028c"),
        ("\x1b[2J\u202eb", r'"\x1b[2J\u202eb"', r"\x1b[2J\u202eb"),
        ('a" urn:waypost:dataset:key:b', r'"a\" urn:waypost:dataset:key:b"', 'a" urn:waypost:dataset:key:b'),
        ("a\\", r'"a\\"', "a\\"),
        ("Schüler [red]", '"Schüler [red]"', "Schüler [red]"),
    ],
)
def test_a_title_forges_nothing_wherever_it_is_told(
    audit: Any, tmp_path: Path, title: str, quoted: str, line: str
) -> None:
    store = _loaded(audit, tmp_path, _leaking(title))
    dataset, flow = f"{quoted} urn:waypost:dataset:key", f"{quoted} urn:waypost:flow:key:f"
    told = audit("--as-of", "2022-05-09", store=store).stdout
    assert told.partition("\n     1 ")[0].split("\n") == [
        f"ERROR UNKNOWN PROVIDER_UNKNOWN, RECIPIENT_UNKNOWN: {line}",
        "  nobody known to nobody known: urn:waypost:flow:key:f",
        f"  claims {quoted} urn:waypost:agreement:key:a: NOT_YET",
        f"WARNING LEAK POSSIBLE: {dataset}:from reaches {dataset}:to",
        "  through nobody known; the last to stop it: nobody known",
        f"WARNING R14_LAW: {dataset}:from, column {line}",
        f"WARNING R14_PERSONAL: {dataset}:from",
        f"WARNING R14_REASON: {dataset}:from",
        f"WARNING R14_REASON: {dataset}:from, column {line}",
        f"WARNING R15: {dataset}:from",
        f"WARNING R15: {dataset}:to",
        f"NOTE R11: {dataset}:to",
        f"NOTE HOLDER_UNKNOWN: provider of {flow}",
        f"NOTE HOLDER_UNKNOWN: recipient of {flow}",
    ]
    answer = json.loads(audit("--as-of", "2022-05-09", "--format", "json", store=store).stdout)
    urns = [f"urn:waypost:{each}" for each in ("agreement:key:a", "dataset:key:from", "dataset:key:to", "flow:key:f")]
    assert answer["titles"] == dict.fromkeys(urns, title)


@pytest.mark.parametrize(("form", "round_trips"), [("csv", 0), ("table", 1), ("json", 1)])
def test_titles_are_read_at_once_and_only_of_what_is_told(
    audit: Any, monkeypatch: pytest.MonkeyPatch, form: str, round_trips: int
) -> None:
    asked: list[set[str]] = []
    select_all = SqliteStore.select_all

    async def noted(store: SqliteStore, roots: Any, *given: Any) -> Any:
        asked.append({urn for root in roots for urn in root.where.value})
        return await select_all(store, roots, *given)

    monkeypatch.setattr(SqliteStore, "select_all", noted)
    told = audit("--as-of", "2023-02-10", "--format", form).stdout
    assert len(asked) == round_trips
    for urns in asked:
        # Those of the flows came with the facts.
        assert urns == {urn for urn in CALLED.findall(told) if ":flow:" not in urn}


def test_what_has_no_title_is_told_by_its_urn(audit: Any, tmp_path: Path) -> None:
    store = _loaded(audit, tmp_path, stated([None]))
    told = audit("--as-of", "2022-05-09", store=store).stdout
    assert "RECIPIENT_UNKNOWN: urn:waypost:flow:key:0\n" in told
    assert "NOTE HOLDER_UNKNOWN: provider of urn:waypost:flow:key:0\n" in told
    answer = json.loads(audit("--as-of", "2022-05-09", "--format", "json", store=store).stdout)
    assert answer["flows"][0]["title"] == ""
    assert list(answer["titles"]) == ["urn:waypost:dataset:key:from", "urn:waypost:dataset:key:to"]


def test_leaks_lapses_and_contradictions_are_told(audit: Any) -> None:
    dataset, agency = "urn:waypost:dataset:key:ct:", "urn:waypost:agency:key:ct:"
    enrollment, outcomes = f"{dataset}sde:enrollment", f"{dataset}dol:outcomes-by-town"

    def answer(day: str) -> Any:
        return json.loads(audit("--as-of", day, "--format", "json").stdout)

    # Rows 7 and 8 of domain 9.1: the second run wrote a column that nobody reviewed.
    assert not [each for each in answer("2022-06-20")["leaks"] if each["open"] == outcomes]
    (leak,) = (
        each for each in answer("2022-07-20")["leaks"] if (each["protected"], each["open"]) == (enrollment, outcomes)
    )
    assert (leak["grade"], leak["last_to_stop"]) == ("POSSIBLE", f"{agency}dol")
    assert leak["datasets"] == [enrollment, f"{dataset}dol:linked-file", f"{dataset}dol:outcomes-aggregate", outcomes]

    found = answer("2023-02-10")
    (lapse,) = (each for each in found["lapses"] if each["agreement"] == "urn:waypost:agreement:key:ct:dsa-a")
    assert (lapse["day"], lapse["term"]) == ("2023-02-28", None)
    assert lapse["flows"] == [f"urn:waypost:flow:key:ct:{name}" for name in ("1-enrollment-to-hub", "2-snap-to-hub")]
    assert set(lapse["cut_off"]) == {
        f"{dataset}dol:{name}" for name in ("linked-file", "outcomes-aggregate", "outcomes-by-town")
    }
    assert set(lapse["thinned"]) == {f"{dataset}uconn:analysis-copy", f"{dataset}opm:dashboard-input"}
    shown = audit("--as-of", "2023-02-10").stdout
    assert "more: --format json lists them all" in shown
    assert {"R11", "R16"} <= {each["rule"] for each in found["classes"]}


@pytest.mark.parametrize(
    ("day", "fail_on", "code"),
    [
        ("2022-05-09", "error", 1),
        ("2022-05-09", "warning", 1),
        ("2022-05-09", "never", 0),
        # Nothing of the demo flowed yet; that nobody had classed anything is a note.
        ("1990-01-01", "warning", 0),
        ("1990-01-01", "note", 1),
    ],
)
def test_it_ends_as_was_asked(audit: Any, day: str, fail_on: str, code: int) -> None:
    assert audit("--as-of", day, "--fail-on", fail_on, "--format", "csv").exit_code == code


@pytest.mark.parametrize("form", ["table", "json", "csv"])
def test_it_ends_as_was_asked_though_nobody_reads_it(demo: str, form: str) -> None:
    # As small as it is, CSV stays in a buffer until somebody flushes it.
    words = ["audit", "--as-of", "1990-01-01", "--fail-on", "note", "--format", form]
    command = [sys.executable, "-c", "from server.main import main; main()", *words]
    reads, writes = os.pipe()
    os.close(reads)
    # Python buffers its output unless it is told not to, as it may be where tests run.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    environment |= {"WAYPOST_STORE": demo}
    done = subprocess.run(command, stdout=writes, stderr=subprocess.PIPE, env=environment, text=True, check=False)
    os.close(writes)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize(("fail_on", "code"), [("error", 1), ("never", 0)])
def test_the_answer_goes_into_a_file_and_its_sum_to_who_asked(
    audit: Any, tmp_path: Path, form: str, fail_on: str, code: int
) -> None:
    words = ("--as-of", "2022-05-09", "--format", form, "--fail-on", fail_on)
    printed = audit(*words)
    for _ in range(2):  # into a new file, then in the place of one
        done = audit(*words, "--output", str(tmp_path / "answer"))
        assert (done.exit_code, done.stdout, printed.exit_code) == (code, "", code)
        assert re.fullmatch(r"waypost: sqlite:\S+ at revision \d+, \d+ flows on 2022-05-09: .* UNKNOWN\n", done.stderr)
        assert (tmp_path / "answer").read_text(encoding="utf-8") == printed.stdout
        assert [each.name for each in tmp_path.iterdir()] == ["answer"]


def test_a_file_in_no_folder_is_refused_before_anything_is_read(audit: Any, tmp_path: Path) -> None:
    done = audit("--output", str(tmp_path / "none" / "audit.csv"), "--fail-on", "never", store="sqlite:nope.db")
    place = tmp_path / "none"
    assert done.stderr == (
        f"waypost: {place}/audit.csv cannot be written, since there is no folder {place}: make it first\n"
    )
    assert (done.exit_code, done.stdout, list(tmp_path.iterdir())) == (1, "", [])


@pytest.mark.parametrize("place", [".", "/dev/null"])
def test_what_is_there_and_no_file_is_left_as_it_is(audit: Any, place: str) -> None:
    done = audit("--output", place, "--fail-on", "never")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.startswith(f"waypost: {place} is no file and is left as it is")
    assert not Path(place).is_file()


def test_a_file_that_cannot_be_written_stays_as_it_was(
    audit: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    file = tmp_path / "audit.csv"
    file.write_text("of yesterday", encoding="utf-8")
    monkeypatch.setattr(Path, "replace", full)
    done = audit("--output", str(file), "--as-of", "1990-01-01", "--fail-on", "never")
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr == (
        f"waypost: {file} cannot be written (No space left on device): name a file in a folder of yours\n"
    )
    assert [(each.name, each.read_text(encoding="utf-8")) for each in tmp_path.iterdir()] == [
        ("audit.csv", "of yesterday")
    ]


def test_for_people_it_says_how_often_there_is_what_and_what_that_means(audit: Any) -> None:
    words = ("--as-of", "2023-02-10")
    told = audit(*words).stdout
    found = json.loads(audit(*words, "--format", "json").stdout)
    lines = re.findall(r"^ +(\d+) ((?:LEAK )?\w+)  +[A-Z].+\.$", told, re.MULTILINE)
    counts = {code: int(number) for number, code in lines}
    expected = Counter(
        [
            *(code for row in found["flows"] for code in (*row["reasons"], *row["why"])),
            *("CLAIM_FAILS" for row in found["flows"] if row["failing_claims"]),
            *(f"LEAK {each['grade']}" for each in found["leaks"]),
            *(each["rule"] for each in (*found["classes"], *found["holders"])),
            *("LAPSE" for each in found["lapses"] if each["flows"]),
        ]
    )
    assert counts == expected
    assert "R15                         What flowed into it, or one of its columns, is stricter" in told
    # Who holds several datasets of a path is named once.
    assert re.search(r"^  through dol, decd; the last to stop it: decd$", told, re.MULTILINE)


@pytest.mark.parametrize(
    ("day", "trouble"),
    [
        ("yesterday", "'yesterday' is no day of the calendar: write it as in 2022-03-31"),
        ("05/09/2022", "'05/09/2022' is no day of the calendar: write it as in 2022-03-31"),
        ("20220509", "'20220509' is no day of the calendar: write it as in 2022-03-31"),
        ("2022-02-30", "'2022-02-30' is no day of the calendar: write it as in 2022-03-31"),
    ],
)
def test_a_day_that_is_none_is_told_with_its_remedy(
    audit: Any, monkeypatch: pytest.MonkeyPatch, day: str, trouble: str
) -> None:
    # An error is laid out for the terminal that it is read in.
    monkeypatch.setenv("COLUMNS", "200")
    done = audit("--as-of", day)
    assert done.exit_code == 2
    assert trouble in done.stderr


def test_trouble_is_told_in_a_sentence(audit: Any, tmp_path: Path) -> None:
    done = audit(store=f"sqlite:{tmp_path / 'none.db'}")
    assert done.exit_code == 3
    assert "run 'waypost migrate'" in done.stderr


def test_it_says_how_much_there_is_of_each_severity(audit: Any) -> None:
    answer = json.loads(audit("--as-of", "2022-05-09", "--format", "json").stdout)
    rows = [row for name in ("flows", "leaks", "classes", "holders", "lapses") for row in answer[name]]
    numbers = {each: sum(row["severity"] == each for row in rows) for each in ("ERROR", "WARNING", "NOTE")}
    assert list(answer["severities"].items()) == list(numbers.items())
    assert min(numbers.values()) > 0
    *_, told, _ = audit("--as-of", "2022-05-09").stdout.splitlines()
    assert told == ", ".join(f"{number} {severity}" for severity, number in numbers.items())


def test_a_day_without_anything_has_nothing_of_any_severity(audit: Any, tmp_path: Path) -> None:
    empty = f"sqlite:{tmp_path}/empty.db"
    assert audit(store=empty, command="migrate").exit_code == 0
    assert json.loads(audit("--format", "json", store=empty).stdout)["severities"] == {
        "ERROR": 0,
        "WARNING": 0,
        "NOTE": 0,
    }
    assert audit(store=empty).stdout.splitlines()[0] == "0 ERROR, 0 WARNING, 0 NOTE"
