"""Values that have broken a store before, or could: what random worlds are filled with and random questions ask for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

__all__ = [
    "DAYS",
    "INSTANTS",
    "INTEGERS",
    "ISSUED",
    "PREFIXES",
    "QUERIES",
    "REALS",
    "SHORT_TEXTS",
    "TITLES",
    "URN_NAMES",
]

DAYS = [
    date(2020, 1, 1),
    date(2021, 6, 15),
    date(2022, 3, 19),
    date(2022, 3, 20),
    date(2022, 3, 21),
    date(2023, 1, 1),
    date(2024, 2, 29),
]
"""Few, and next to each other: a span ends on the day that is asked about, or begins on it."""

_LONG = "a title of one hundred and sixty characters " * 4
"""Cut at 160, two titles that begin with it are equal; what tells them apart is their URN."""

TITLES = [
    "State data",
    "state  DATA",
    "State data of Connecticut",
    "The data of the state",
    "data",
    "Data",
    "dat",
    "data data",
    "database",
    "Zoë",
    "Zoe",
    "ZOE\u0308",
    "École normale",
    "ecole NORMALE",
    "straße",
    "STRASSE",
    "\u0130stanbul",
    "\ufb01nance",
    "finance",
    "\uff26\uff55\uff4c\uff4c width",
    "\u4e2d\u6587 data",
    "\u4e2d",
    "\U0001f600 data",
    "\U0001f600",
    "\U0001d4b3 science",
    "\U00010348 gothic",
    "\U0010ffff last",
    "\ufa0e data",
    "\uffee half",
    "\ufffd spelled",
    "\ue000 private",
    "\uffffedge",
    "\u0645\u062f\u0631\u0633\u0629",
    "100% of_them",
    "100 of them",
    'it\'s "quoted" \\ {braced} $dollar `tick`',
    "a\tb\nc",
    "-- comment; DROP",
    "title:data AND (",
    "\x1f control",
    "\u2028 line",
    "",
    " ",
    "...",
    "ab",
    "abc",
    "abcd",
    "ABC",
    "0",
    "00",
    "10",
    "9",
    "null",
    _LONG + "b",
    _LONG + "a",
]

SHORT_TEXTS = [
    "data",
    "Data",
    "school",
    "\U0001f600",
    "\U00010348",
    "\uffee",
    "",
    " ",
    "a",
    "b",
    "École",
    "ecole",
    "a,b",
    "[]",
]
"""Members of lists, areas, contacts: few, so that they are shared. Beyond the basic plane and below: their order
differs by UTF-16 unit and by code point."""

PREFIXES = [
    "",
    " ",
    "s",
    "State",
    "STATE D",
    "zo",
    "zoë",
    "École",
    "\u4e2d",
    "\U0001f600",
    "100%",
    "100_",
    "a",
    "A ",
    "%",
    "_",
]
PREFIXES += [
    "[",
    "*",
    "\\",
    "'",
    "it's",
    "\ufffd",
    "fi",
    "\ufb01",
    "strass",
    "\ue000",
    "a title of one hundred and sixty",
]

QUERIES = [
    "",
    "  ",
    "data",
    "Data",
    "dat",
    "da",
    "d",
    "state",
    "state data",
    "data state",
    "sta",
    "st",
    "State DAT",
    "zoe",
]
QUERIES += [
    "Zoë",
    "école",
    "ecole nor",
    "normale ecole",
    "\u4e2d",
    "\u4e2d\u6587",
    "\U0001f600",
    "\U0001d4b3",
    "x sci",
    "ab",
]
QUERIES += [
    "abc",
    "abcd",
    "10",
    "100 of",
    "data data",
    "AND OR NOT",
    "title:data AND (",
    "data*",
    '"data',
    "NEAR(data)",
]
QUERIES += [
    "strasse",
    "istanbul",
    "fin",
    "\ufb01nance",
    "school",
    "a",
    "b",
    "hundred",
    "no such word",
    "...",
    "of the",
    "gothic",
]

INTEGERS = [0, 1, -1, 2, 3, 3, 5, 7, 10, 100, 2**31, 2**53 + 1, 2**53, 2**63 - 2, 2**63 - 1, -(2**63), -(2**63) + 1]

REALS = [0.0, 0.1 + 0.2, 0.3, 1 / 3, 2.5, 2.5, 1.0, -1.0, -1.5, 100.0, 1e22, 2.0**53 + 2, 1e308, 1.7976931348623157e308]
REALS += [5e-324, -5e-324, -1e308, 123456789.123456789, 1e-7]

ISSUED = [date(1, 1, 1), date(1999, 12, 31), date(2021, 6, 15), date(2022, 3, 20), date(2022, 3, 20), date(2023, 1, 1)]
ISSUED += [date(9999, 12, 31)]

_EAST = timezone(timedelta(hours=5, minutes=30))
INSTANTS = [
    datetime(2022, 3, 20, tzinfo=UTC),
    datetime(2022, 3, 20, 5, 30, tzinfo=_EAST),  # the same instant
    datetime(2022, 3, 20, 0, 0, 0, 1, tzinfo=UTC),
    datetime(2022, 3, 19, 23, 59, 59, 999999, tzinfo=UTC),
    datetime(1999, 1, 1, tzinfo=_EAST),
    datetime(2101, 1, 1, 12, 30, tzinfo=UTC),
]

URN_NAMES = [
    "a",
    "A",
    "b",
    "B",
    "Z",
    "z",
    "9",
    "10",
    "a/b",
    "a b",
    "é",
    "\U0001f600",
    "~",
    "_",
    "a-b",
    "a.b",
    "'",
    "(x)",
]
"""Endings of URNs, so that their order is not that of creation: capitals before small letters, escapes before both."""
