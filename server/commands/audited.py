"""What an audit of a store found, as ``waypost audit`` prints it."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, tzinfo
from itertools import groupby
from typing import NamedTuple

import msgspec
import typer

from catalog.errors import CatalogError
from catalog.findings import Severity
from catalog.loads import OpenRun, open_runs
from catalog.stores.port import Store
from catalog.text import one_line
from lineage.audit.day import DayAudit
from lineage.audit.image import Left
from lineage.audit.recall import current, grown_old, keep
from lineage.audit.report import (
    LAPSE_DAYS,
    ClassRow,
    FlowFindingRow,
    FlowRow,
    LeakRow,
    Report,
    Row,
    count,
    report,
    severity_of,
)
from lineage.audit.words import FindingRule, Grade, Reason, Why
from server.commands.outcome import echo_json, say

__all__ = ["Audited", "audited", "echo", "echo_csv", "show", "warn"]

_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for a formula begins with one of these."""
_LINES = 100
"""What is not in order that is printed for people; JSON has all."""
_COLUMNS = (
    "flow",
    "title",
    "source",
    "target",
    "provider",
    "recipient",
    "purpose",
    "verdict",
    "severity",
    "by",
    "reasons",
    "why",
    "failing_claims",
)
_MEANINGS = {
    **{str(each): each.doc for kind in (Reason, Why, FindingRule) for each in kind},
    **{f"LEAK {grade}": grade.doc for grade in Grade},
    "LAPSE": f"What covers flows ends within {LAPSE_DAYS} days.",
}


class Audited(NamedTuple):
    """What was found on a day, as of a revision, and what flows are called."""

    revision: int
    day: date
    report: Report
    titles: dict[str, str]
    open_runs: list[OpenRun]
    """Loads of which a part may be missing from all of it."""

    def has(self, severity: Severity) -> bool:
        """Whether there is a finding of this severity, or of a graver one."""
        return self.report.has(severity) or (bool(self.open_runs) and severity is not Severity.ERROR)

    def title(self, row: FlowRow) -> str:
        """What a flow is called; empty where it is called nothing."""
        return self.titles.get(row.flow, "")

    def shown_title(self, row: FlowRow) -> str:
        """The same in one line: a title is anybody's words, and might forge lines or steer a terminal."""
        return one_line(self.title(row))


async def audited(store: Store, day: date, zone: tzinfo, *, anew: bool = False) -> Audited:
    """Audit all that a store holds; ``anew``: without what an earlier audit kept there. What this one found is kept in its place."""
    await store.check()
    # Asked before and after: of a load that ends, or begins, while the graph is read a part may be missing as well.
    before = await open_runs(store)
    now = await current(store, zone, anew=anew)
    gathered = now.gathered
    runs = {run.run: run for run in (*before, *await open_runs(store))}
    audit = DayAudit(gathered.facts, day, earlier=now.earlier)
    found = Audited(gathered.revision, day, report(audit), gathered.titles, list(runs.values()))
    left = audit.left()
    if left is not None and grown_old(now.age, gathered.revision, day):
        # Who may only read has audited all the same: the next audit takes as long as this one, and no more is lost.
        with suppress(CatalogError):
            await keep(store, Left(gathered, day, left), zone)
    return found


def warn(found: Audited) -> None:
    """Say on standard error which loads have not ended, whatever the format: what they lack nothing else can tell."""
    for run in found.open_runs[:_LINES]:
        say(f"WARNING OPEN_LOAD: {one_line(str(run))}: a part of {run.source} may be missing; run it again to its end")
    if len(found.open_runs) > _LINES:
        say(f"... and {len(found.open_runs) - _LINES} more: --format json lists them all")


def echo(found: Audited) -> None:
    """All of it, as JSON; each row with how bad it is, null where it is in order."""
    answer = msgspec.to_builtins(found.report)
    told = (row for name in ("flows", "leaks", "classes", "holders", "lapses") for row in answer[name])
    for each, row in zip(told, found.report.rows(), strict=True):
        each["severity"] = severity_of(row)
    for flow, row in zip(answer["flows"], found.report.flows, strict=True):
        flow["title"] = found.title(row)
    counts, severities = count(found.report.flows), _severities(found)
    runs = [{**msgspec.to_builtins(run), "severity": Severity.WARNING} for run in found.open_runs]
    said = {"revision": found.revision, "asOf": found.day, "counts": counts, "severities": severities}
    echo_json({**said, "open_loads": runs, **answer})


def echo_csv(found: Audited) -> None:
    """One line a flow; lists have blanks between their parts. Only the title is free text."""
    # Printed at once: what is still in a buffer at the exit fails there, on a full disk or where nobody reads on.
    text = io.StringIO()
    written = csv.writer(text, lineterminator="\n")
    written.writerow(_COLUMNS)
    for row in found.report.flows:
        ends = (row.source, row.target, row.provider, row.recipient, row.purpose)
        lists = (" ".join(each) for each in (row.by, row.reasons, row.why))
        failing = " ".join(f"{each.agreement} {each.code}" for each in row.failing_claims)
        title = _inert(found.shown_title(row))
        written.writerow([row.flow, title, *ends, row.verdict, severity_of(row) or "", *lists, failing])
    typer.echo(text.getvalue(), nl=False)


def show(found: Audited, place: str) -> None:
    """What is not in order, the gravest first, then how often there was what."""
    wrong = [(severity, row) for row in found.report.rows() if (severity := severity_of(row)) is not None]
    wrong.sort(key=lambda pair: list(Severity).index(pair[0]))
    for severity, row in wrong[:_LINES]:
        for number, line in enumerate(_lines(row, found)):
            typer.echo(f"  {line}" if number else f"{severity} {line}")
    if len(wrong) > _LINES:
        typer.echo(f"... and {len(wrong) - _LINES} more: --format json lists them all")
    flows = found.report.flows
    if found.report.leaks_unfinished:
        typer.echo(
            f"not all leaks into {found.report.leaks_unfinished} open datasets were looked for: there are too many"
        )
    _sum_up([row for _, row in wrong])
    typer.echo(", ".join(f"{number} {severity}" for severity, number in _severities(found).items()))
    words = ", ".join(f"{number} {verdict}" for verdict, number in count(flows).items())
    typer.echo(f"{place} at revision {found.revision}, {len(flows)} flows on {found.day}: {words}")


def _severities(found: Audited) -> dict[Severity, int]:
    """How much there is of each severity, the gravest first."""
    numbers = Counter(map(severity_of, found.report.rows()))
    numbers[Severity.WARNING] += len(found.open_runs)
    return {severity: numbers[severity] for severity in Severity}


def _lines(row: Row, found: Audited) -> Iterator[str]:
    match row:
        case FlowRow():
            yield from _flow_lines(row, found.shown_title(row))
        case LeakRow():
            yield f"LEAK {row.grade}: {row.protected} reaches {row.open}"
            ways = ", ".join(agency for agency, _ in groupby(map(_called, row.agencies)))
            yield f"through {ways}; the last to stop it: {_called(row.last_to_stop)}"
        case ClassRow():
            yield f"{row.rule}: {row.dataset}{f', column {row.column}' if row.column else ''}"
            if row.reasons:
                yield f"protected since: {', '.join(row.reasons)}"
        case FlowFindingRow():
            yield f"{row.rule}: {row.end} of {row.flow}"
        case _:
            what = row.agreement if row.term is None else f"{row.agreement}, {row.term}"
            yield f"LAPSE on {row.day}: {what}"
            yield f"{len(row.flows)} flows are not covered from the next day, {len(row.cut_off)} datasets cut off"


def _flow_lines(row: FlowRow, title: str) -> Iterator[str]:
    yield f"{row.verdict} {', '.join(row.reasons or row.why)}: {title or row.flow}"
    yield f"{_called(row.provider)} to {_called(row.recipient)}: {row.flow}"
    for owed in row.owed:
        if owed.verdict == row.verdict and owed.tried:
            tried = ", ".join(f"{each.agreement} ({each.code or 'covers'})" for each in owed.tried)
            yield f"{'tried' if owed.direct else 'owed to ' + _called(owed.agency)}: {tried}"
    for claim in row.failing_claims:
        yield f"claims {claim.agreement}: {claim.code}"


def _inert(text: str) -> str:
    """The text as a cell that no spreadsheet calculates: with an apostrophe before what looks like a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text


def _sum_up(wrong: Iterable[Row]) -> None:
    """How often there is what, and what that means: of the flows first, then of what is found beside them."""
    of_flows, beside = Counter[str](), Counter[str]()
    for row in wrong:
        (of_flows if isinstance(row, FlowRow) else beside).update(_codes(row))
    width = max(map(len, (*of_flows, *beside)), default=0)
    for codes in (of_flows, beside):
        for code, number in sorted(codes.items(), key=lambda pair: (-pair[1], pair[0])):
            typer.echo(f"{number:6} {code:{width}}  {_MEANINGS[code]}")


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


def _called(agency: str | None) -> str:
    return agency.rpartition(":")[2] if agency else "nobody known"
