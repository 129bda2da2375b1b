"""Faults to plant in the text that a store compiles: each a slip that somebody could make, and no suite should miss.

A pattern stands for what the statement says, so a compiler that says it in other words needs other patterns here: the
test of each fails when its pattern matches no text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["FAULTS", "Fault"]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and how to write it."""

    name: str
    pattern: str
    wrong: str | Callable[[re.Match[str]], str]

    def plant(self, text: str) -> str:
        """The statement with the fault."""
        return re.sub(self.pattern, self.wrong, text)


_FULL = r"\(SELECT value FROM json_each\(:full\)\)"
_SEEN = r"\(SELECT value FROM json_each\(:seen\)\)"
_SQL_NEED = (
    r'EXISTS \(SELECT 1 FROM "e_T_(?:FROM|INTO)" AS e\d+ CROSS JOIN "\w+" AS h\d+ ON h\d+\.id = e\d+\.head'
    r" WHERE e\d+\.tail = n\.id AND e\d+\.retracted_at = '~' AND h\d+\.audience IN \(SELECT value FROM json_each\(:\w+\)\)\)"
)


def _count_seen(found: re.Match[str]) -> str:
    return found[0].replace(":full", ":seen")


def _reversed(found: re.Match[str]) -> str:
    return found[0].removesuffix(" DESC") if found[0].endswith(" DESC") else f"{found[0]} DESC"


SQLITE = [
    Fault("placeholders are shown whole", "json_each\\(:full\\)", "json_each(:seen)"),
    Fault("placeholders are not shown", "json_each\\(:seen\\)", "json_each(:full)"),
    Fault("the audience is forgotten", rf"\+?\b\w+\.audience IN {_FULL}", "1"),
    Fault("the audience of related nodes is forgotten in filters", rf"\+?\bx\d+\.audience IN {_FULL}", "1"),
    Fault("what a kind needs is forgotten", _SQL_NEED, "1"),
    Fault(
        "what is needed must be seen whole",
        rf"(\bh\d+\.audience IN ){_SEEN}",
        r"\1(SELECT value FROM json_each(:full))",
    ),
    Fault("the last day is counted in", r":day < (\w+)\.valid_to", r":day <= \1.valid_to"),
    Fault("the first day is left out", r"(\w+)\.valid_from <= :day", r"\1.valid_from < :day"),
    Fault("the days of edges are forgotten", r"\be\.valid_from <= :day AND :day < e\.valid_to", "1"),
    Fault("the days of edges are forgotten in filters", r"\be\d+\.valid_from <= :day AND :day < e\d+\.valid_to", "1"),
    Fault("the days of nodes are forgotten", r"\bn\.valid_from <= :day AND :day < n\.valid_to", "1"),
    Fault("retracted nodes stand", r"\bn\.retracted_at = '~'", "1"),
    Fault("retracted edges stand", r"\be\.retracted_at = '~'", "1"),
    Fault("retracted edges stand in filters", r"\be\d+\.retracted_at = '~'", "1"),
    Fault("ties are reversed", r'(?<=ORDER BY n\.)"\w+"(?: DESC)?, n\.urn(?: DESC)?', _reversed),
    Fault("ties below the root are reversed", r"(?<=ORDER BY k)(?: DESC)?, u(?: DESC)?(?=,)", _reversed),
    Fault("ties of edges are reversed", r"\be(?: DESC)?(?= LIMIT)", _reversed),
    Fault("down is up", " DESC", ""),
    Fault("a page is one row short", r"LIMIT (:p\d+)", r"LIMIT \1 - 1"),
    Fault("the cursor's row comes again", r"(?<=, 0\) )([<>])(?= \()", r"\1="),
    Fault("the cursor forgets ties", r"\((n\.\S+), n\.urn, 0\) ([<>]) \((:p\d+), :p\d+, :p\d+\)", r"\1 \2 \3"),
    Fault("the cursor forgets edges", r"\(k, u, e\) ([<>]) \((:p\d+), (:p\d+), :p\d+\)", r"(k, u) \1 (\2, \3)"),
    Fault("not of unknown is unknown", "IS NOT TRUE", "IS FALSE"),
    Fault("placeholders are counted", r"\(SELECT count\(\*\) FROM .*?\|\| '\]'", _count_seen),
    Fault("at most is below", r'(\."\w+") <= (:p\d+)', r"\1 < \2"),
    Fault("unequal is true of what is missing", r'(\."\w+") <> (:p\d+)', r"\1 IS NOT \2"),
    Fault("lists are searched without regard to case", r"WHERE value = (:p\d+)", r"WHERE value = \1 COLLATE NOCASE"),
    Fault("a beginning has no end", r'AND n\."\w+_sort" < :p\d+ \|\| char\(65535\)', ""),
    Fault("placeholders stand where their values would", r"CASE WHEN w THEN k0 ELSE \S+ END AS k", "k0 AS k"),
    Fault("placeholders say their URN", r"json_array\(NULL, o", "json_array(NULL, u0"),
    Fault("steps are walked the other way", r"ON n\.id = e\.head WHERE e\.tail", "ON n.id = e.tail WHERE e.head"),
    Fault("one of several is all of them", " OR ", " AND "),
    Fault("reals lose their last digits", r"json\(exact\((\w+)\)\)", r"\1"),
]

_NEED = r"EXISTS \{ MATCH \(\w+\)-\[:T_(?:FROM|INTO)\]->\(\w+:[\w|]+\) WHERE [^{}]*\}"
_KEYSET = r"\((\w+)k ([<>]) (\$p\d+) OR \(\w+ = \$p\d+ AND \((\w+) [<>] (\$p\d+) OR \(\w+ = \$p\d+ AND \w+\.id [<>] \$p\d+\)\)\)\)"

NEO4J = [
    Fault("placeholders are shown whole", r"\$full", "$seen"),
    Fault("placeholders are not shown", r"\$seen", "$full"),
    Fault("the audience is forgotten", r"\b\w+\.audience IN \$full", "true"),
    Fault("the audience of related nodes is forgotten in filters", r" AND \w+x\.audience IN \$full", ""),
    Fault("what a kind needs is forgotten", f" AND {_NEED}", ""),
    Fault("what is needed must be seen whole", r"(\w+h\.audience IN )\$seen", r"\1$full"),
    Fault("the last day is counted in", r"\$day < (\w+)\.valid_to", r"$day <= \1.valid_to"),
    Fault("the first day is left out", r"(\w+)\.valid_from <= \$day", r"\1.valid_from < $day"),
    Fault("the days of edges are forgotten", r" AND (\w+rm?)\.valid_from <= \$day AND \$day < \1\.valid_to", ""),
    Fault(
        "the days of edges are forgotten in filters", r"(\w+e)\.valid_from <= \$day AND \$day < \1\.valid_to AND ", ""
    ),
    Fault("the days of nodes are forgotten", r" AND (n\d*m?)\.valid_from <= \$day AND \$day < \1\.valid_to", ""),
    Fault("retracted nodes stand", r"\bnm?\.retracted_at = '~' AND ", ""),
    Fault("ties are reversed", r"(?<=ORDER BY n\.)\w+(?: DESC)?, n\.urn(?: DESC)?", _reversed),
    Fault("ties below the root are reversed", r"(?<!ORDER BY )\bn\d+(?:u|m\.urn)(?: DESC)?(?=, n\d+rm\.id)", _reversed),
    Fault("ties of edges are reversed", r"\bn\d+rm\.id(?: DESC)?(?= LIMIT)", _reversed),
    Fault("down is up", " DESC", ""),
    Fault("a page is one row short", r"LIMIT (\$p\d+)", r"LIMIT \1 - 1"),
    Fault("the cursor's row comes again", r"n\.urn (<|>)= (\$p\d+)\)", r"n.urn \1 \2)"),
    Fault("the cursor forgets ties", r"AND NOT \(n\.(\w+) = (\$p\d+) AND n\.urn [<>]= \$p\d+\)", r"AND n.\1 <> \2"),
    Fault("the cursor forgets edges", _KEYSET, r"(\1k \2 \3 OR (\1k = \3 AND \4 \2 \5))"),
    Fault("not of unknown is unknown", r"coalesce\(((?:[^(),]|\([^()]*\))*), false\)", r"(\1)"),
    Fault("placeholders are counted", r"(COUNT \{ MATCH \(n\d*\)[^{}]*\bn\d+\.audience IN) \$full", r"\1 $seen"),
    Fault("at most is below", r"(\bn\w*\.\w+) <= (\$p\d+)", r"\1 < \2"),
    Fault("equal is true of what is missing", r"(\bn\w*\.(?!urn|\w+_sort)\w+) = (\$p\d+)", r"coalesce(\1, \2) = \2"),
    Fault("a list holds what is in another", r"(\$p\d+) IN (\w+\.keywords)", r"size(\2) > 0"),
    Fault("placeholders stand where their values would", r"CASE WHEN \w+f THEN (\w+\.\w+_sort) ELSE \S+ END", r"\1"),
    Fault("placeholders say their URN", r"ELSE \[null, (\w+)\.opaque", r"ELSE [null, \1.urn"),
    Fault("steps are walked the other way", r"\)-\[(\w+:\w+)\]->\(", r")<-[\1]-("),
    Fault("one of several is all of them", " OR ", " AND "),
    Fault("a beginning is anywhere", "STARTS WITH", "CONTAINS"),
]

FAULTS = {"sqlite": SQLITE, "neo4j": NEO4J}
