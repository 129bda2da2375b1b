"""The command that audits sharing: which flows are not covered by an agreement on a day, and why."""

import asyncio
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from catalog.findings import Severity
from catalog.stores.port import Store
from lineage.audit.report import FlowRow
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


class _Format(StrEnum):
    TABLE = "table"
    JSON = "json"
    CSV = "csv"


class _FailOn(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NEVER = "never"


def add_audit(app: typer.Typer) -> None:
    """Add the command to the root."""
    add_command(app, "audit", audit, "waypost audit", "waypost audit --as-of 2022-05-09 --format csv > audit.csv")


def audit(
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="The day; today where none is given.")
    ] = None,
    format: Annotated[  # noqa: A002 - the word of the option
        _Format, typer.Option("--format", help="For people (what is not in order, at most 100), or for a script (all).")
    ] = _Format.TABLE,
    fail_on: Annotated[
        _FailOn, typer.Option("--fail-on", help="End with 1 where there is such a flow, or a worse one.")
    ] = _FailOn.ERROR,
) -> None:
    """Say of every flow that goes on on a day whether an agreement covers it, and why not.

    A flow that leaves its agency with data that is not public needs one. Not covered, or a claim that does not hold, is an
    error; what cannot be told for want of a class or a holder is a warning. Reads everything, and changes nothing.
    """
    settings = load_settings()
    zone = ZoneInfo(settings.zone)
    day = as_of.date() if as_of else datetime.now(UTC).astimezone(zone).date()

    async def work(store: Store) -> tuple[int, list[FlowRow], dict[str, str]]:
        return await _audited(store, day, zone)

    revision, rows, titles = asyncio.run(with_store(settings, work, make=False))
    if format is _Format.JSON:
        _echo_rows(revision, day, rows, titles)
    elif format is _Format.CSV:
        _write_csv(rows, titles)
    else:
        _show(settings.store, revision, day, rows, titles)
    _end(rows, fail_on)


async def _audited(store: Store, day: date, zone: ZoneInfo) -> tuple[int, list[FlowRow], dict[str, str]]:
    from catalog.access import STAFF_READER
    from catalog.selection import MAX_PAGE, Compare, Op, Select
    from catalog.stores.paging import every_row
    from lineage.audit.gather import gather
    from lineage.audit.report import report

    await store.check()
    gathered = await gather(store, STAFF_READER, zone)
    rows = report(gathered.facts, day)
    titles: dict[str, str] = {}
    urns = [row.flow for row in rows]
    for start in range(0, len(urns), MAX_PAGE):
        some = Compare("urn", Op.IN, tuple(urns[start : start + MAX_PAGE]))
        async for found in every_row(store, Select("Flow", ("title",), some, ever=True), day):
            titles[found["urn"]] = found["title"] or ""
    return gathered.revision, rows, titles


def _echo_rows(revision: int, day: date, rows: Sequence[FlowRow], titles: dict[str, str]) -> None:
    import msgspec

    from lineage.audit.report import count

    flows = [{**msgspec.to_builtins(row), "title": titles.get(row.flow, "")} for row in rows]
    echo_json({"revision": revision, "asOf": day, "counts": count(rows), "flows": flows})


def _write_csv(rows: Iterable[FlowRow], titles: dict[str, str]) -> None:
    """One line a flow; lists have blanks between their parts."""
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(_COLUMNS)
    for row in rows:
        ends = (row.source, row.target, row.provider, row.recipient, row.purpose)
        lists = (" ".join(each) for each in (row.by, row.reasons, row.why))
        failing = " ".join(f"{each.agreement} {each.code}" for each in row.failing_claims)
        written.writerow([row.flow, titles.get(row.flow, ""), *ends, row.verdict, *lists, failing])


def _show(place: str, revision: int, day: date, rows: Sequence[FlowRow], titles: dict[str, str]) -> None:
    from lineage.audit.report import count, severity_of

    wrong = [(severity, row) for row in rows if (severity := severity_of(row)) is not None]
    wrong.sort(key=lambda pair: (pair[0] is not Severity.ERROR, pair[1].flow))
    for severity, row in wrong[:_LINES]:
        typer.echo(f"{severity} {row.verdict} {', '.join(row.reasons or row.why)}: {titles.get(row.flow) or row.flow}")
        typer.echo(f"  {_called(row.provider)} to {_called(row.recipient)}: {row.flow}")
        for owed in row.owed:
            if owed.verdict == row.verdict and owed.tried:
                tried = ", ".join(f"{each.agreement} ({each.code or 'covers'})" for each in owed.tried)
                typer.echo(f"  {'owed to ' + _called(owed.agency) if not owed.direct else 'tried'}: {tried}")
        for claim in row.failing_claims:
            typer.echo(f"  claims {claim.agreement}: {claim.code}")
    if len(wrong) > _LINES:
        typer.echo(f"... and {len(wrong) - _LINES} more: --format json or csv lists them all")
    reasons = Counter(reason for row in rows for reason in (*row.reasons, *row.why))
    for reason, number in sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0])):
        typer.echo(f"{number:6} {reason}")
    words = ", ".join(f"{number} {verdict}" for verdict, number in count(rows).items())
    typer.echo(f"{place} at revision {revision}, {len(rows)} flows on {day}: {words}")


def _called(agency: str | None) -> str:
    return agency.rpartition(":")[2] if agency else "nobody known"


def _end(rows: Sequence[FlowRow], fail_on: _FailOn) -> None:
    from lineage.audit.report import worst

    found = worst(rows)
    fails = {_FailOn.NEVER: (), _FailOn.ERROR: (Severity.ERROR,), _FailOn.WARNING: (Severity.ERROR, Severity.WARNING)}
    if found in fails[fail_on]:
        raise typer.Exit(ExitCode.FAILED)
