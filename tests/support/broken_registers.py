"""Registers and their mappings, each with one rule broken, and what must be said of it in one line."""

from __future__ import annotations

from tests.support.broken_files import Broken

__all__ = ["REGISTERS"]

_MAPPING = """\
register_mapping: 1
source: {urn: 'urn:waypost:source:key:t', title: T}
prefix: xx
register: r
provider: roads
columns: {release: 'No', recipient: To, dataset: What, class: Kind, basis: Basis, purpose: Use, agreement: Paper,
  executed_on: Signed, first_seen: 'On', last_seen: Until}
agencies: {roads: {name: Roads}}
classes: {counts: PUBLIC}
laws: {act: {urn: 'urn:waypost:law:key:xx:act', citation: Act}}
bases: {the Act: act}
purposes: {audit: {urn: 'urn:waypost:purpose:key:xx:audit', label: Audit}}
"""
_HEADER = "No,To,What,Kind,Basis,Use,Paper,Signed,On,Until"
_GOOD = "1,Uni,Trips,counts,the Act,audit,A,2020-01-01,2020-03-01,2020-03-01"


def _broken(
    rule: str, content: str, mapping: str = _MAPPING, *, where: tuple[str, str], says: str, remedy: str, out: bool
) -> Broken:
    return Broken(
        rule,
        content,
        *where,
        says,
        remedy,
        name="2020.csv",
        command=("load", "register"),
        after=("--mapping", "mapping.yaml"),
        beside={"mapping.yaml": mapping},
        keeps_out=out,
        code=0 if out else 4,
    )


def _row(rule: str, change: tuple[str, str], column: str, says: str, remedy: str) -> Broken:
    """A second row that is kept out: a change of the first."""
    row = _GOOD.replace("1,", "2,", 1).replace(*change)
    content, where = f"{_HEADER}\n{_GOOD}\n{row}\n", ("2020.csv:3", column)
    return _broken(rule, content, where=where, says=says, remedy=remedy, out=True)


def _mapping(rule: str, change: tuple[str, str], where: tuple[int, str], says: str, remedy: str) -> Broken:
    """A mapping that is refused."""
    content, place = f"{_HEADER}\n{_GOOD}\n", (f"mapping.yaml:{where[0]}", where[1])
    return _broken(rule, content, _MAPPING.replace(*change), where=place, says=says, remedy=remedy, out=False)


REGISTERS = [
    _row(
        "unknown-class",
        ("counts", "count"),
        "Kind",
        "mapping.yaml does not say what 'count' means",
        "did the register mean 'counts'? mend the word, or add it to the mapping",
    ),
    _row(
        "unknown-basis",
        ("the Act", "custom"),
        "Basis",
        "mapping.yaml does not say what 'custom' means",
        "mend the word, or add it to the mapping",
    ),
    _row(
        "unknown-purpose",
        ("audit", "fun"),
        "Use",
        "mapping.yaml does not say what 'fun' means",
        "mend the word, or add it to the mapping",
    ),
    _row(
        "day",
        (",2020-01-01", ",2020-01-32"),
        "Signed",
        "'2020-01-32' is no day",
        "write it as 2022-03-31, or say in the mapping how it is written or that it stands for none",
    ),
    _row(
        "backwards",
        (",2020-03-01,2020-03-01", ",2020-03-01,2020-02-29"),
        "Until",
        "it says 2020-02-29, and 'first_seen' says 2020-03-01, which is later",
        "mend the one that is wrong, or leave it out",
    ),
    _row(
        "contradiction",
        (",2020-01-01", ",2020-01-02"),
        "",
        "'A, executed_on 2020-01-02', and 2020.csv:2 says 'A, executed_on 2020-01-01'",
        "mend the one that is wrong; what is said of an agreement is the same in all its rows",
    ),
    _row("duplicate-row", ("2,", "1,"), "", "2020.csv:2 tells of it already", "keep one row for each"),
    _row(
        "ragged",
        ("Trips", "Trips, long"),
        "",
        "it has 11 cells, and there are 10 columns",
        "put a text with a comma in quotes, and leave no cell out",
    ),
    _row("required", ("Uni", " "), "To", "it is blank", "state it"),
    _row("size", ("A,", f"{'A' * 301},"), "Paper", "it has 301 characters", "keep it under 300 bytes"),
    _broken(
        "header",
        f"{_HEADER.replace('Kind', 'Kinds')}\n{_GOOD}\n",
        where=("2020.csv:1", "the file"),
        says="no column is called 'kind', which is to be the column 'class'",
        remedy="did you mean 'kinds'? mend 'columns' in mapping.yaml",
        out=False,
    ),
    _broken(
        "header",
        f"{_HEADER},Kind\n{_GOOD},\n",
        where=("2020.csv:1", "the file"),
        says="'kind' and others could be the column 'class'",
        remedy="mend 'columns' in mapping.yaml",
        out=False,
    ),
    _mapping(
        "unknown-law",
        ("the Act: act", "the Act: law"),
        (11, "bases.the Act"),
        "'law' is the key of no law of this mapping",
        "write the key of one, or add it to 'laws'",
    ),
    _mapping(
        "ambiguous",
        ("{roads: {name: Roads}}", "{roads: {name: Roads}, ways: {name: ROADS}}"),
        (8, "agencies.ways"),
        "'ROADS' is what 'roads' is called as well",
        "leave it with one of the two",
    ),
    _mapping(
        "ambiguous",
        ("counts: PUBLIC", "counts: PUBLIC, '(counts)': PERSONAL"),
        (9, "classes.(counts)"),
        "'(counts)' differs by punctuation only from a word that means another class",
        "let both mean the same",
    ),
    _mapping(
        "ambiguous",
        ("the Act: act", "the Act: act, The  act: []"),
        (11, "bases.The  act"),
        "'The  act' stands there already, but for case or white space",
        "keep one of the two",
    ),
    _mapping(
        "enum",
        ("PUBLIC", "PUBLICK"),
        (9, "classes.counts"),
        "'PUBLICK' is no Classification",
        "did you mean PUBLIC?",
    ),
    _mapping(
        "required",
        ("provider: roads\n", ""),
        (1, "provider"),
        "'provider' is None: one agency provides, or each row says which",
        "write the key of one of 'agencies', or map the column 'provider'; one of the two",
    ),
    _mapping(
        "required",
        ("recipient: To, ", ""),
        (6, "columns"),
        "'recipient' is missing: a row says what moves to whom, and which release or agreement it is",
        "state its header",
    ),
    _mapping(
        "unknown-key",
        ("basis: Basis", "bases: Basis"),
        (6, "columns.bases"),
        "'bases' is not known here",
        "did you mean 'basis'?",
    ),
    _mapping(
        "type",
        ("purposes:", "dates: {formats: ['%d.%m']}\npurposes:"),
        (12, "dates.formats"),
        "'%d.%m' is no format of a day",
        "write one of strptime with day, month and year, such as '%d/%m/%Y'",
    ),
    _mapping(
        "type",
        ("purposes:", "agreement: {covers: 'yes'}\npurposes:"),
        (12, "agreement.covers"),
        "'yes' is not true or false",
        "write true or false, without quotes",
    ),
    _mapping(
        "type",
        ("purposes:", "agreement: {version_after: 1}\npurposes:"),
        (12, "agreement.version_after"),
        "1 is no text",
        "write what stands before a version, such as '-v'",
    ),
    _mapping(
        "type",
        ("counts: PUBLIC", "counts: []"),
        (9, "classes.counts"),
        "[] is not a class, or a list of those that hold at once",
        "write a class, or a list of those that hold at once there",
    ),
    _mapping(
        "version",
        ("register_mapping: 1", "register_mapping: 2"),
        (1, "register_mapping"),
        "'register_mapping' is 2, and this program reads version 1",
        "write 'register_mapping: 1' on the first line",
    ),
    Broken(
        "unknown-mapping",
        f"{_HEADER}\n{_GOOD}\n",
        "phe",
        "",
        "it is neither a file nor the name of a packaged mapping",
        "give a path, or one of nhs-digital-releases, phe-releases",
        name="2020.csv",
        command=("load", "register"),
        after=("--mapping", "phe"),
    ),
]
