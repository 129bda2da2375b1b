"""Plan files and lists of agencies, each with one rule broken, and what must be said of it in one line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["LISTS", "PLANS", "Broken"]


@dataclass(frozen=True)
class Broken:
    """A file, and what must be said of it. An ellipsis stands for words that are somebody else's, or grow."""

    rule: str
    content: str | bytes
    place: str
    path: str
    says: str
    remedy: str
    name: str = "file.yaml"
    command: tuple[str, ...] = ("load", "waypost")
    """What takes the name of the file, and what comes after it."""
    after: tuple[str, ...] = ()
    beside: Mapping[str, str] = field(default_factory=dict[str, str])
    """Files that the command needs besides, by name."""
    keeps_out: bool = False
    """Whether a record is kept out rather than the file refused."""
    code: int = 4
    """With what the command ends: 0 where something else of the file was read."""

    @property
    def line(self) -> str:
        """The line: of a record that is kept out its place comes first, of a file that is refused the rule."""
        where = f"{self.place}: {self.path}" if self.path else self.place
        if self.keeps_out:
            return f"  kept out: {where}: {self.rule}: {self.says}: {self.remedy}"
        return f"waypost: {self.rule}: {where}: {self.says}: {self.remedy}"


_SOURCE = "source: {urn: 'urn:waypost:source:key:t', title: T}\n"
_PLAN = f"waypost_plan: 1\n{_SOURCE}key: xx:2021-2022\nplan: {{title: A plan}}\n"
_GOALS = "goals:\n- {key: g1, number: 1, title: A}\n"
_KEPT = (
    '{"quarantine":1,"kind":"%s","source":{"urn":"urn:waypost:source:key:%s","title":"T"},"day":"2022-01-01","run":"r"}\n'
    '{"place":"p","identifier":null,"problem":{"rule":"r","path":"","message":"m","remedy":"r"},"raw":"%s"}\n'
)
"""What an earlier load kept out: the kind and the key of its source, and the record."""


def _item(rule: str, more: str, where: tuple[int, str], says: str, remedy: str) -> Broken:
    """A plan file of which an item is kept out; ``more`` begins on line 5."""
    line, path = where
    item = path.partition("]")[0] + "]"
    place = f"file.yaml:{line}: {item}"
    return Broken(rule, _PLAN + more, place, path, says, remedy, command=("load", "plan"), keeps_out=True, code=0)


PLANS = [
    _item(
        "item-key",
        "goals:\n- {number: 1, title: A}",
        (6, "goals[0].key"),
        "'key' is missing",
        "write letters, digits, '.', '-' and '_', such as g1, in quotes where it is all digits",
    ),
    Broken(
        "item-key",
        _PLAN.replace("xx:2021-2022", "'?'"),
        "file.yaml:3",
        "key",
        "'?' is no key",
        "write what the plan is called by, widest part first, such as xx:2021-2022",
        command=("load", "plan"),
    ),
    _item(
        "duplicate-item-key",
        f"{_GOALS}- {{key: g1, number: 2, title: B}}",
        (7, "goals[1].key"),
        "'g1' is the key of another item already (file.yaml:6: goals[0])",
        "give each item of the file a key of its own",
    ),
    _item(
        "duplicate-number",
        f"{_GOALS}- {{key: g2, number: 1, title: B}}",
        (7, "goals[1].number"),
        "number 1 is that of 'g1' already",
        "give each a number of its own",
    ),
    _item(
        "duplicate-code",
        "metrics:\n- {key: m1, code: M, text: A}\n- {key: m2, code: M, text: B}",
        (7, "metrics[1].code"),
        "code M is that of 'm1' already",
        "give each a code of its own",
    ),
    _item(
        "unknown-reference",
        f"{_GOALS}metrics:\n- {{key: m1, text: A, measures: g11}}",
        (8, "metrics[0].measures"),
        "'g11' is the key of no Goal here",
        "did you mean 'g1'?",
    ),
    _item(
        "reference-kind",
        "principles:\n- {key: p1, number: 1, text: A}\nmetrics:\n- {key: m1, text: A, measures: p1}",
        (8, "metrics[0].measures"),
        "'p1' is a Principle: expected Goal",
        "write the key of one, or the whole URN of what is elsewhere",
    ),
    Broken(
        "size",
        _PLAN + "goals:\n" + "- {}\n" * 500,
        "file.yaml:1",
        "the file",
        "it has 501 items, over 500",
        "state one plan version a file",
        command=("load", "plan"),
    ),
    Broken(
        "version",
        _PLAN.replace("waypost_plan: 1", "waypost_plan: 2"),
        "file.yaml:1",
        "waypost_plan",
        "'waypost_plan' is 2, and this program reads version 1",
        "write 'waypost_plan: 1' on the first line",
        command=("load", "plan"),
    ),
    Broken(
        "quarantine",
        _KEPT % ("plan", "t", "key: g1"),
        "kept.ndjson",
        "",
        "record 1 is no item of a plan file (\u2026)",
        "mend nothing but the 'text' of 'raw'",
        "kept.ndjson",
        ("replay",),
    ),
]

_MAPPING = f"""\
agencies_mapping: 1
{_SOURCE}prefix: xx
jurisdiction: Nowhere
sections:
  1-1: {{law: {{urn: 'urn:waypost:law:key:xx:1-1', citation: N.S. 1-1}}}}
agencies:
  roads: {{name: Roads, abbreviation: DR}}
  water: {{name: Water, abbreviation: WA}}
"""
_HEADER = "section,order,text,agency,abbreviation,note"
_ROADS = "1-1,1,Chief,Roads,DR,"
_BESIDE = ("--mapping", "mapping.yaml")
_LOAD = ("load", "agencies")


def _row(rule: str, row: str, column: str, says: str, remedy: str, *, line: int = 2, code: int = 4) -> Broken:
    """A CSV of which a row is kept out."""
    content, beside = f"{_HEADER}\n{row}\n", {"mapping.yaml": _MAPPING}
    return Broken(
        rule, content, f"list.csv:{line}", column, says, remedy, "list.csv", _LOAD, _BESIDE, beside, True, code
    )


def _list(rule: str, content: str, line: int, says: str, remedy: str) -> Broken:
    """A CSV that is refused."""
    beside = {"mapping.yaml": _MAPPING}
    return Broken(
        rule, content, f"list.csv:{line}", "the file", says, remedy, "list.csv", _LOAD, _BESIDE, beside=beside
    )


def _mapping(rule: str, change: tuple[str, str], where: tuple[int, str], says: str, remedy: str) -> Broken:
    """A mapping that is refused."""
    content, beside = f"{_HEADER}\n{_ROADS}\n", {"mapping.yaml": _MAPPING.replace(*change)}
    return Broken(
        rule, content, f"mapping.yaml:{where[0]}", where[1], says, remedy, "list.csv", _LOAD, _BESIDE, beside=beside
    )


def _replay(rule: str, source: str, raw: str, *, place: str, says: str, remedy: str, keeps_out: bool) -> Broken:
    """A row that is played again."""
    content, beside = _KEPT % ("agencies", source, raw), {"mapping.yaml": _MAPPING}
    return Broken(
        rule, content, place, "", says, remedy, "kept.ndjson", ("replay",), _BESIDE, beside, keeps_out=keeps_out
    )


LISTS = [
    _row(
        "unknown-section",
        "1-2,1,Chief,Roads,DR,",
        "section",
        "'1-2' is no section of mapping.yaml",
        "write 1-1, or add the section to the mapping",
    ),
    _row(
        "unknown-agency",
        "1-1,1,Chief,Road,,",
        "agency",
        "mapping.yaml knows no 'Road'",
        "did you mean 'Roads'? else add the agency to the mapping",
    ),
    _row(
        "ragged",
        "1-1,1,Chief",
        "",
        "it has 3 cells, and there are 6 columns",
        "put a text with a comma in quotes, and leave no cell out",
    ),
    _row(
        "order",
        "1-1,one,Chief,Roads,DR,",
        "order",
        "'one' is no number",
        "write the entry's number in the list, in digits",
    ),
    _row(
        "other-agency",
        "1-1,1,Chief,Roads,WA,",
        "abbreviation",
        "'WA' does not mean Roads",
        "write DR, or mend the mapping",
    ),
    _row(
        "duplicate-row",
        f"{_ROADS}\n{_ROADS}",
        "agency",
        "list.csv:2 lists that agency in that section",
        "keep one row for each agency of a section",
        line=3,
        code=0,
    ),
    _row("required", "1-1,1,Chief,,DR,", "agency", "it is blank", "state it"),
    _list(
        "csv",
        f'{_HEADER}\n1-1,"',
        2,
        "the row that begins here cannot be read (\u2026)",
        "pair its quotes",
    ),
    _list("header", "section;order", 1, "the header is 'section;order'", f"write {_HEADER}"),
    _mapping(
        "too-many",
        ("abbreviation: DR", "part_of: [water, roads]"),
        (8, "agencies.roads.part_of"),
        "there are 2, and one is taken",
        "leave the one that holds",
    ),
    _mapping(
        "unknown-agency",
        ("abbreviation: DR", "part_of: way"),
        (8, "agencies.roads.part_of"),
        "'way' is the key of no agency of this mapping",
        "write the key of one, or add it to the table",
    ),
    _mapping(
        "ambiguous",
        ("name: Water", "name: Roads"),
        (9, "agencies.water"),
        "'Roads' is what 'roads' is called as well",
        "leave it with one of the two",
    ),
    _mapping(
        "version",
        ("agencies_mapping: 1", "agencies_mapping: x"),
        (1, "agencies_mapping"),
        "'agencies_mapping' is 'x', and this program reads version 1",
        "write 'agencies_mapping: 1' on the first line",
    ),
    _replay(
        "rows",
        "t",
        f"{_ROADS}\\n{_ROADS}",
        place="kept.ndjson: record 1",
        says="there are 2 rows",
        remedy="write one row",
        keeps_out=True,
    ),
    _replay(
        "source",
        "other",
        _ROADS,
        place="mapping.yaml",
        says="it is the mapping of urn:waypost:source:key:t, and kept.ndjson holds rows of another",
        remedy="give the mapping of urn:waypost:source:key:other",
        keeps_out=False,
    ),
]
