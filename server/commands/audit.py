"""The command that audits sharing: which flows are not covered by an agreement on a day, and why."""

import asyncio
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from catalog.findings import Severity
from catalog.stores.port import Store
from lineage.audit.report import FlowRow, Report, Row
from server.commands.outcome import ExitCode, add_command, echo_json
from server.commands.work import with_store
from server.settings import load_settings

__all__ = ["add_audit"]

_LINES = 100
"""Flows that are printed for people; the other formats have all."""
_COLUMNS = (
    "flow",
    "title",
    "source",
    "target",
    "provider",
    "recipient",
    "purpose",
    "verdict",
    "by",
    "reasons",
    "why",
    "failing_claims",
)


_Audited = tuple[int, Report, dict[str, str]]
"""The revision, what was found as of it, and the titles of flows by urn."""


class _Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class _FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"
    NEVER = "never"


def add_audit(app: typer.Typer) -> None:
    """Add the command to the root."""
    add_command(app, "audit", audit, "waypost audit", "waypost audit --as-of 2022-05-09 --format csv > audit.csv")


def audit(
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day; today where none is given.")
    ] = None,
    format: Annotated[  # noqa: A002 - the word of the option
        _Format,
        typer.Option(
            "--format", help="For people (what is not in order, at most 100), or for a script (csv: the flows)."
        ),
    ] = _Format.TABLE,
    fail_on: Annotated[
        _FailOn, typer.Option("--fail-on", help="End with 1 where there is such a finding, or a worse one.")
    ] = _FailOn.ERROR,
) -> None:
    """Say of every flow that goes on on a day whether an agreement covers it, and why not; and what else is not in order.

    Errors: a flow that is not covered, a claim that does not hold, a severe leak of protected data into an open dataset, classes
    that exclude each other. Warnings: what cannot be told, other leaks, what lapses within 30 days, classes that lack
    something. Reads everything, and changes nothing.
    """
    settings = load_settings()
    zone = ZoneInfo(settings.zone)
    day = as_of.date() if as_of else datetime.now(UTC).astimezone(zone).date()

    async def work(store: Store) -> _Audited:
        return await _audited(store, day, zone)

    revision, found, titles = asyncio.run(with_store(settings, work, make=False))
    if format is _Format.JSON:
        _echo(revision, day, found, titles)
    elif format is _Format.CSV:
        _write_csv(found.flows, titles)
    else:
        _show(found, titles)
        _sum_up(found.flows)
        words = ", ".join(f"{number} {verdict}" for verdict, number in _count(found).items())
        typer.echo(f"{settings.store} at revision {revision}, {len(found.flows)} flows on {day}: {words}")
    _end(found, fail_on)


async def _audited(store: Store, day: date, zone: ZoneInfo) -> _Audited:
    from catalog.access import STAFF_READER
    from catalog.selection import MAX_PAGE, Compare, Op, Select
    from catalog.stores.paging import every_row
    from lineage.audit.gather import gather
    from lineage.audit.report import report

    await store.check()
    gathered = await gather(store, STAFF_READER, zone)
    found = report(gathered.facts, day)
    titles: dict[str, str] = {}
    urns = [row.flow for row in found.flows]
    for start in range(0, len(urns), MAX_PAGE):
        some = Compare("urn", Op.IN, tuple(urns[start : start + MAX_PAGE]))
        async for flow in every_row(store, Select("Flow", ("title",), some, ever=True), day):
            titles[flow["urn"]] = flow["title"] or ""
    return gathered.revision, found, titles


def _echo(revision: int, day: date, found: Report, titles: dict[str, str]) -> None:
    import msgspec

    answer = msgspec.to_builtins(found)
    for flow in answer["flows"]:
        flow["title"] = titles.get(flow["flow"], "")
    echo_json({"revision": revision, "asOf": day, "counts": _count(found), **answer})


def _write_csv(rows: Iterable[FlowRow], titles: dict[str, str]) -> None:
    """One line a flow; lists have blanks between their parts."""
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(_COLUMNS)
    for row in rows:
        ends = (row.source, row.target, row.provider, row.recipient, row.purpose)
        lists = (" ".join(each) for each in (row.by, row.reasons, row.why))
        failing = " ".join(f"{each.agreement} {each.code}" for each in row.failing_claims)
        written.writerow([row.flow, titles.get(row.flow, ""), *ends, row.verdict, *lists, failing])


def _show(found: Report, titles: dict[str, str]) -> None:
    """What is not in order, the gravest first."""
    from lineage.audit.report import severity_of

    wrong = [(severity, row) for row in found.rows() if (severity := severity_of(row)) is not None]
    wrong.sort(key=lambda pair: list(Severity).index(pair[0]))
    for severity, row in wrong[:_LINES]:
        for number, line in enumerate(_lines(row, titles)):
            typer.echo(f"  {line}" if number else f"{severity} {line}")
    if len(wrong) > _LINES:
        typer.echo(f"... and {len(wrong) - _LINES} more: --format json lists them all")


def _lines(row: Row, titles: dict[str, str]) -> Iterator[str]:
    from lineage.audit.report import ClassRow, FlowRow, LeakRow

    match row:
        case FlowRow():
            yield from _flow_lines(row, titles)
        case LeakRow():
            yield f"LEAK {row.grade}: {row.protected} reaches {row.open}"
            yield f"through {', '.join(map(_called, row.agencies))}; the last to stop it: {_called(row.last_to_stop)}"
        case ClassRow():
            yield f"{row.rule}: {row.dataset}{f', column {row.column}' if row.column else ''}"
        case _:
            what = row.agreement if row.term is None else f"{row.agreement}, {row.term}"
            yield f"LAPSE on {row.day}: {what}"
            yield f"{len(row.flows)} flows are not covered from the next day, {len(row.cut_off)} datasets cut off"


def _flow_lines(row: FlowRow, titles: dict[str, str]) -> Iterator[str]:
    yield f"{row.verdict} {', '.join(row.reasons or row.why)}: {titles.get(row.flow) or row.flow}"
    yield f"{_called(row.provider)} to {_called(row.recipient)}: {row.flow}"
    for owed in row.owed:
        if owed.verdict == row.verdict and owed.tried:
            tried = ", ".join(f"{each.agreement} ({each.code or 'covers'})" for each in owed.tried)
            yield f"{'tried' if owed.direct else 'owed to ' + _called(owed.agency)}: {tried}"
    for claim in row.failing_claims:
        yield f"claims {claim.agreement}: {claim.code}"


def _sum_up(rows: Iterable[FlowRow]) -> None:
    reasons = Counter(reason for row in rows for reason in (*row.reasons, *row.why))
    for reason, number in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        typer.echo(f"{number:6} {reason}")


def _count(found: Report) -> Mapping[str, int]:
    from lineage.audit.report import count

    return count(found.flows)


def _called(agency: str | None) -> str:
    return agency.rpartition(":")[2] if agency else "nobody known"


def _end(found: Report, fail_on: _FailOn) -> None:
    from lineage.audit.report import worst

    gravest_first = [each.value.lower() for each in Severity]
    grave = gravest_first[: gravest_first.index(fail_on) + 1] if fail_on is not _FailOn.NEVER else []
    gravest = worst(found.rows())
    if gravest is not None and gravest.lower() in grave:
        raise typer.Exit(ExitCode.FAILED)
