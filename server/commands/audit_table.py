"""What an audit found as a table for people: what is not in order, and what that means."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from catalog.findings import Severity
from catalog.text import one_line
from lineage.audit.report import (
    LAPSE_DAYS,
    ClassRow,
    FlowFindingRow,
    FlowRow,
    LeakRow,
    OwedRow,
    Report,
    Row,
    severity_of,
)
from lineage.audit.words import FindingRule, Grade, Reason, Why
from server.commands.audited import LINES, Audited, severities, summary

__all__ = ["named_in_table", "table"]

_MEANINGS = {
    **{str(each): each.doc for kind in (Reason, Why, FindingRule) for each in kind},
    **{f"LEAK {grade}": grade.doc for grade in Grade},
    "LAPSE": f"What covers flows ends within {LAPSE_DAYS} days.",
}


def named_in_table(report: Report) -> Iterator[str]:
    """The URNs of the datasets, flows and agreements that a table of this names; bounded as the table is, whatever else a row holds."""
    for _, row in _wrong(report)[:LINES]:
        match row:
            case FlowRow():
                yield row.flow
                yield from (tried.agreement for owed in _tried(row) for tried in owed.tried)
                yield from (claim.agreement for claim in row.failing_claims)
            case LeakRow():
                yield from (row.protected, row.open)
            case ClassRow():
                yield row.dataset
            case FlowFindingRow():
                yield row.flow
            case _:
                yield row.agreement


def table(found: Audited, place: str) -> str:
    """What is not in order, the gravest first and LINES at most, then how often there was what; each line is ended."""
    # Titles and names of columns are anybody's words, and might forge lines or steer a terminal.
    return "".join(f"{one_line(line)}\n" for line in _table(found, place))


def _table(found: Audited, place: str) -> Iterator[str]:
    wrong = _wrong(found.report)
    for severity, row in wrong[:LINES]:
        for number, line in enumerate(_lines(row, found)):
            yield f"  {line}" if number else f"{severity} {line}"
    if len(wrong) > LINES:
        yield f"... and {len(wrong) - LINES} more: --format json lists them all"
    unfinished = found.report.leaks_unfinished
    if unfinished:
        yield f"not all leaks into {unfinished} open datasets were looked for: there are too many"
    yield from _sum_up([row for _, row in wrong])
    yield ", ".join(f"{number} {severity}" for severity, number in severities(found).items())
    yield summary(found, place)


def _wrong(report: Report) -> list[tuple[Severity, Row]]:
    """What is not in order, the gravest first."""
    wrong = [(severity, row) for row in report.rows() if (severity := severity_of(row)) is not None]
    wrong.sort(key=lambda pair: list(Severity).index(pair[0]))
    return wrong


def _lines(row: Row, found: Audited) -> Iterator[str]:
    called = found.called
    match row:
        case FlowRow():
            yield from _flow_lines(row, found)
        case LeakRow():
            yield f"LEAK {row.grade}: {called(row.protected)} reaches {called(row.open)}"
            ways = ", ".join(agency for agency, _ in groupby(map(_short, row.agencies)))
            yield f"through {ways}; the last to stop it: {_short(row.last_to_stop)}"
        case ClassRow():
            yield f"{row.rule}: {called(row.dataset)}{f', column {row.column}' if row.column else ''}"
            if row.reasons:
                yield f"protected since: {', '.join(row.reasons)}"
        case FlowFindingRow():
            yield f"{row.rule}: {row.end} of {called(row.flow)}"
        case _:
            what = called(row.agreement) if row.term is None else f"{called(row.agreement)}, {row.term}"
            yield f"LAPSE on {row.day}: {what}"
            yield f"{len(row.flows)} flows are not covered from the next day, {len(row.cut_off)} datasets cut off"


def _flow_lines(row: FlowRow, found: Audited) -> Iterator[str]:
    yield f"{row.verdict} {', '.join(row.reasons or row.why)}: {found.titles.get(row.flow, row.flow)}"
    yield f"{_short(row.provider)} to {_short(row.recipient)}: {row.flow}"
    for owed in _tried(row):
        tried = ", ".join(f"{found.called(each.agreement)} ({each.code or 'covers'})" for each in owed.tried)
        yield f"{'tried' if owed.direct else 'owed to ' + _short(owed.agency)}: {tried}"
    for claim in row.failing_claims:
        yield f"claims {found.called(claim.agreement)}: {claim.code}"


def _tried(row: FlowRow) -> Iterator[OwedRow]:
    """For whom something was tried, in vain as the verdict is."""
    return (owed for owed in row.owed if owed.verdict == row.verdict and owed.tried)


def _sum_up(wrong: Iterable[Row]) -> Iterator[str]:
    """How often there is what, and what that means: of the flows first, then of what is found beside them."""
    of_flows, beside = Counter[str](), Counter[str]()
    for row in wrong:
        (of_flows if isinstance(row, FlowRow) else beside).update(_codes(row))
    width = max(map(len, (*of_flows, *beside)), default=0)
    for codes in (of_flows, beside):
        for code, number in sorted(codes.items(), key=lambda pair: (-pair[1], pair[0])):
            yield f"{number:6} {code:{width}}  {_MEANINGS[code]}"


def _codes(row: Row) -> Iterator[str]:
    match row:
        case FlowRow():
            yield from row.reasons
            yield from row.why
            if row.failing_claims:
                yield FindingRule.CLAIM_FAILS
        case LeakRow():
            yield f"LEAK {row.grade}"
        case ClassRow() | FlowFindingRow():
            yield row.rule
        case _:
            yield "LAPSE"


def _short(agency: str | None) -> str:
    return agency.rpartition(":")[2] if agency else "nobody known"
