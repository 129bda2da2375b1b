"""What an audit read and found is the same once it was packed and unpacked, and nothing else is ever unpacked."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

import catalog
import lineage
from catalog.model.enums_sharing import AgreementKind
from lineage.audit import columnar, image
from lineage.audit.day import DayAudit
from lineage.audit.earlier import Earlier
from lineage.audit.facts import Agreement, Column, ColumnFlow, Columns, Dataset, Facts, Flow
from lineage.audit.gather import Gathered
from lineage.audit.image import Age, Left, code_of, maker, packed, unpacked
from lineage.audit.recall import grown_old
from lineage.audit.turning import later
from lineage.audit.zipped import Zipping, unzipping
from tests.audit.adapted import adapted
from tests.audit.answers import given_of
from tests.audit.oracle.worlds import make_scenario
from tests.audit.planted import Fault
from tests.audit.test_since import changed
from tests.support.patience import PATIENCE

CHUNK = 10
USUAL = 8 * CHUNK
DAY = date(2022, 6, 1)


class _Before:
    """An audit of which only what is left is known."""

    def __init__(self, earlier: Earlier) -> None:
        self._earlier = earlier

    def left(self) -> Earlier:
        return self._earlier


def _left(facts: Facts, day: date = DAY) -> Left:
    """Facts with the audits of a day and of the next, which takes of that what still holds."""
    days: list[Earlier] = []
    for each in (day, later(day)):
        audit = DayAudit(facts, each, earlier=days[-1] if days else None)
        assert audit.verdicts is not None
        left = audit.left()
        assert left is not None
        days.append(left)
    return Left(Gathered(7, facts, {"urn:f": "A title"}), tuple(days))


def _again(left: Left) -> Left:
    found = unpacked(packed(left))
    assert found is not None
    return found


def differs(seed: int) -> str | None:
    """What is not as it was in what is unpacked of a world, or in an audit after it when the world changes; None: nothing."""
    rng = random.Random(seed)
    scenario = make_scenario(seed)
    facts, day = adapted(scenario.world), scenario.day
    left = _again(_left(facts, day))
    if (left.gathered, left.age) != (Gathered(7, facts, {"urn:f": "A title"}), Age(7, day)):
        return f"world {seed}: the facts"
    if any(each.verdicts != DayAudit(facts, each.day).verdicts for each in left.days):
        return f"world {seed}: the verdicts"
    facts = left.gathered.facts
    if rng.random() < 0.7:
        facts = changed(facts, adapted(make_scenario(seed + 1).world), rng)
    if rng.random() < 0.5:
        day += timedelta(days=rng.choice((-90, -20, -3, -1, 1, 3, 20, 90)))
    wanted, found = given_of(facts, day), given_of(facts, day, cast("DayAudit", _Before(left.near(day))))
    return next((f"world {seed}, changed: {part}" for part in wanted if found[part] != wanted[part]), None)


@pytest.mark.parametrize(
    "first",
    [pytest.param(first, marks=[pytest.mark.long] if first >= USUAL else []) for first in range(0, 100 * CHUNK, CHUNK)],
)
def test_what_is_unpacked_is_what_was_packed_and_holds_as_much(first: int) -> None:
    assert [found for seed in range(first, first + CHUNK) if (found := differs(seed))] == []


A = Dataset("a", Columns.of([Column(("a", "x"), DAY, id="1"), Column(("a", "y"), personal_kind=None, id="2")]))
WIDE = Facts(
    datasets=(
        A,
        Dataset("b", Columns.of([Column(("elsewhere", "x"))]), version_of="a", high_value_on=DAY),
        Dataset("c"),
    ),
    flows=(
        Flow("whole", "a", "b", columns=A.columns.refs, first_seen=DAY),
        Flow("all", "a", "b", columns=(("a", "y"), ("a", "x")), first_seen=DAY),
        Flow("some", "a", "b", columns=(("a", "y"), ("elsewhere", "x"), ("nobody", "z")), first_seen=DAY),
        Flow("none", "c", "b", claims=("agreement",), first_seen=DAY),
        Flow(
            "pairs",
            "a",
            "b",
            column_flows=(
                ColumnFlow(("a", "x"), ("b", "x"), direct=True),
                ColumnFlow(("a", "y"), ("elsewhere", "x"), direct=False, masked=True),
            ),
        ),
    ),
    others=frozenset({"agency", "law"}),
)


def test_columns_of_every_kind_come_back() -> None:
    found = _again(_left(WIDE)).gathered.facts
    assert found == WIDE
    assert [list(each.columns) for each in found.datasets] == [list(each.columns) for each in WIDE.datasets]


def test_what_is_one_object_is_one_again() -> None:
    """An audit takes a flow of all columns of a dataset by looking whether they are these very ones."""
    left = _again(_left(WIDE))
    facts = left.gathered.facts
    (refs, _, _) = (each.columns.refs for each in facts.datasets)
    assert facts.flows[0].columns is refs
    assert facts.flows[2].columns[0] is refs[1]
    assert facts.flows[4].column_flows[0].from_ is refs[0]
    flows = {id(each) for each in facts.flows}
    for day in left.days:
        assert day.inflow.passages
        assert {id(each.flow) for each in day.inflow.passages} <= flows
        assert day.facts is facts


def _under(number: int, above: Callable[[int], int | None]) -> Facts:
    """Agreements by number, each under another; None: under none."""
    kind = AgreementKind.MOU
    ids = [f"agreement {each:04}" for each in range(number)]
    parents = [above(each) for each in range(number)]
    under = [() if parent is None else (ids[parent],) for parent in parents]
    return structs.replace(WIDE, agreements=tuple(map(Agreement, ids, [kind] * number, under)))


@pytest.mark.parametrize(
    "facts",
    [_under(1000, lambda each: each + 1 if each < 999 else None), _under(400, lambda each: (each + 1) % 400)],
    ids=["a ladder", "a circle"],
)
def test_agreements_may_stand_under_as_many_others_as_they_like(facts: Facts) -> None:
    left = _left(facts)
    was, found = (each.days[0].papers.all for each in (left, _again(left)))
    assert list(found) == list(was)
    for id_, paper in found.items():
        assert [each.id for each in paper.above] == [each.id for each in was[id_].above]
        assert all(each is found[each.id] for each in paper.above)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("a flow carries other columns", columnar, "_flows_together", "datasets[some].", "datasets[some - 1].", 0),
        Fault("columns are of no dataset", columnar, "_datasets_together", "if some and", "if not some and", 0),
        Fault("column flows are of the next flow", columnar, "_flows_together", "islice(pairs, number)", "()", 0),
        Fault(
            "facts are told by other numbers",
            image,
            "_spoken_of",
            "*facts.flows, *facts",
            "*facts.flows[1:], *facts",
            0,
        ),
    ],
    ids=lambda fault: fault.name,
)
def test_a_planted_fault_is_found(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = fault.planted()
    content = packed(_left(WIDE))
    monkeypatch.setattr(fault.owner, fault.function, wrong)
    found = unpacked(content)
    assert found is None or found.gathered.facts != WIDE or not _speaks_of_the_same(found.days[0])


def _speaks_of_the_same(earlier: Earlier) -> bool:
    return [each.flow.id for each in earlier.inflow.passages] == [
        each.flow.id for each in _left(WIDE).days[0].inflow.passages
    ]


class _Harm:
    """What a pickle may say to have something done."""

    def __init__(self, *what: Any) -> None:
        self._what = what

    def __reduce__(self) -> Any:
        return self._what


def _summed(content: bytes) -> bytes:
    return hashlib.sha256(content).digest() + content


def _zipped(content: bytes) -> bytes:
    file = Zipping()
    file.write(content)
    file.cut()
    return _summed(file.content())


def _harms(file: Path) -> list[_Harm]:
    return [
        _Harm(os.mkdir, (str(file),)),
        _Harm(exec, (f"open({str(file)!r}, 'w').close()",)),
        _Harm(Path.touch, (file,)),
        _Harm(image.packed, (None,)),
        _Harm(bytearray, (10,)),
    ]


def _named(module: str, name: str, *given: bytes) -> bytes:
    """What calls a global of a module, as a pickle says it."""
    return _called(f"c{module}\n{name}\n".encode(), *given)


def _called(what: bytes, *given: bytes) -> bytes:
    return b"%b(%btR" % (what, b"".join(given))


def _text(text: str) -> bytes:
    return b"X" + len(text.encode()).to_bytes(4, "little") + text.encode()


@pytest.mark.parametrize("module", ["lineage.audit.merged", "operator"])
def test_what_a_module_of_the_audit_imports_is_not_unpacked(module: str, tmp_path: Path) -> None:
    """With what reads attributes and items all that Python can do is found from any class."""
    file = tmp_path / "done"
    named = _called(_named(module, "attrgetter", _text("__init__.__globals__")), b"clineage.audit.day\nDayAudit\n")
    for item in ("__builtins__", "exec"):
        named = _called(_named(module, "itemgetter", _text(item)), named)
    harmful = b"\x80\x04" + _called(named, _text(f"open({str(file)!r}, 'w').close()")) + b"."
    pickle.loads(harmful.replace(module.encode(), b"operator"))  # noqa: S301 - what it does is the point
    assert file.exists()
    file.unlink()
    assert unpacked(_zipped(harmful)) is None
    assert not file.exists()


@pytest.mark.parametrize("number", range(5))
def test_what_does_something_is_not_unpacked(number: int, tmp_path: Path) -> None:
    file = tmp_path / "done"
    harmful = pickle.dumps(_harms(file)[number])
    assert unpacked(_zipped(harmful)) is None
    with unzipping(packed(_left(WIDE))[32:]) as parts:
        whole = b"".join(iter(lambda: parts.read(-1), b""))
    assert unpacked(_zipped(whole)) is not None
    assert unpacked(_zipped(harmful + whole)) is None
    assert not file.exists()


def test_parts_are_read_as_one_and_to_read_nothing_passes_over_nothing() -> None:
    file = Zipping()
    for part in (b"one\ntwo", b"", b"three"):
        file.write(part)
        file.cut()
    with unzipping(file.content()) as parts:
        assert (parts.read(0), parts.readinto(bytearray())) == (b"", 0)
        assert (parts.read(2), parts.readline(), parts.read(3)) == (b"on", b"e\n", b"two")
        assert (parts.read(0), parts.readinto(bytearray())) == (b"", 0)
        buffer = bytearray(5)
        assert (parts.read(9), parts.readinto(buffer), bytes(buffer)) == (b"", 5, b"three")
        assert (parts.read(1), parts.readline(), parts.readinto(buffer)) == (b"", b"", 0)


def test_what_is_broken_is_not_unpacked() -> None:
    content = packed(_left(WIDE))
    assert unpacked(content) is not None
    for length in (0, 1, 20, 40, len(content) // 2, len(content) - 20):
        assert unpacked(content[:length]) is None, length
        assert unpacked(_summed(content[32 : max(length, 33)])) is None, length
    assert unpacked(content + b"more") is None
    rng = random.Random(1)
    for _ in range(200):
        place = rng.randrange(len(content))
        assert unpacked(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]) is None, place


def test_the_maker_is_the_code_and_the_zone(tmp_path: Path) -> None:
    assert maker(ZoneInfo("America/New_York")) == maker(ZoneInfo("America/New_York")) != maker(UTC)
    codes: set[str] = set()
    for name, text in (("a.py", "1"), ("a.py", "2"), ("b.py", "2"), ("sub/b.py", "2")):
        folder = tmp_path / str(len(codes))
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_text(text)
        codes.add(code_of([folder]))
        assert code_of([folder]) in codes
    assert len(codes) == 4


def test_the_maker_is_the_code_that_runs_whatever_is_installed_meanwhile(tmp_path: Path) -> None:
    for package in (catalog, lineage):
        (folder,) = package.__path__
        shutil.copytree(folder, tmp_path / Path(folder).name, ignore=shutil.ignore_patterns("__pycache__"))
    runs = """
from datetime import UTC
from pathlib import Path
from lineage.audit.image import maker
if input():
    with Path("lineage/audit/facts.py").open("a") as file:
        file.write("# another version")
print(maker(UTC))
"""

    def told(installed: str) -> str:
        command = [sys.executable, "-c", runs]
        return subprocess.run(
            command, cwd=tmp_path, input=f"{installed}\n", capture_output=True, check=True, text=True, timeout=PATIENCE
        ).stdout

    before = told("")
    assert told("another version") == before
    assert told("") != before


@pytest.mark.parametrize(
    ("revisions", "days_ago", "now_days_ago", "worth"),
    [
        (0, 0, 0, False),
        (499, 0, 0, False),
        (500, 0, 0, True),
        (-500, 0, 0, True),
        (500, 0, 3000, True),
        (0, 1, 0, True),
        (0, -1, 0, True),
        (0, 0, 1, False),
        (0, 0, 3000, False),
        (0, 3000, 0, True),
        (0, 3000, 2999, True),
        (0, 3000, 3000, False),
        (0, 8, -8, False),
    ],
)
def test_what_is_kept_grows_old(revisions: int, days_ago: int, now_days_ago: int, worth: bool) -> None:
    """By revisions, and for a day that is nearer to today: so that today and a day long ago do not take turns."""
    age = Age(1000, DAY - timedelta(days_ago))
    assert grown_old(age, 1000 + revisions, DAY - timedelta(now_days_ago), DAY) is worth
    assert grown_old(None, 1000 + revisions, DAY - timedelta(now_days_ago), DAY)
