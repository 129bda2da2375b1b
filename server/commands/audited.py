"""What an audit of a store found, as ``waypost audit`` tells it to scripts; to people: ``audit_table``."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, tzinfo
from typing import NamedTuple

import msgspec

from catalog.errors import CatalogError
from catalog.findings import Severity
from catalog.loads import OpenRun, open_runs
from catalog.stores.port import Store
from catalog.text import one_line
from lineage.audit.day import DayAudit
from lineage.audit.named import named, read_titles
from lineage.audit.recall import current, grown_old, keep
from lineage.audit.report import Report, count, report, severity_of
from server.commands.outcome import json_text, say

__all__ = ["LINES", "Audited", "as_csv", "as_json", "audited", "named_in_csv", "named_in_json", "severities"]
__all__ += ["summary", "warn"]

LINES = 100
"""What is not in order that is printed for people; JSON has all."""
_FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet takes for a formula begins with one of these."""
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


class Audited(NamedTuple):
    """What was found on a day, as of a revision, and what that which an answer names is called."""

    revision: int
    day: date
    report: Report
    titles: dict[str, str]
    """Titles by URN, in the order of URNs; what is called nothing is not there."""
    open_runs: list[OpenRun]
    """Loads of which a part may be missing from all of it."""

    def has(self, severity: Severity) -> bool:
        """Whether there is a finding of this severity, or of a graver one."""
        return self.report.has(severity) or (bool(self.open_runs) and severity is not Severity.ERROR)

    def called(self, urn: str) -> str:
        """A URN for people: after the title in quotes, where it has one, so that nobody takes words of a title for ours."""
        if urn not in self.titles:
            return urn
        title = self.titles[urn].replace("\\", "\\\\").replace('"', '\\"')
        return f'"{title}" {urn}'


async def audited(
    store: Store,
    day: date,
    zone: tzinfo,
    *,
    names: Callable[[Report], Iterable[str]],
    tell: Callable[[Audited], None],
    anew: bool = False,
) -> Audited:
    """Audit all that a store holds; ``anew``: without what an earlier audit kept there. What this one found is kept in its place.

    ``names``: the URNs that the answer will name, the titles of which are read with it. ``tell`` is called with what was found before
    that is kept: who stops waiting then has it.
    """
    await store.check()
    # Asked before and after: of a load that ends, or begins, while the graph is read a part may be missing as well.
    before = await open_runs(store)
    now = await current(store, day, zone, anew=anew)
    gathered = now.gathered
    runs = {run.run: run for run in (*before, *await open_runs(store))}
    audit = DayAudit(gathered.facts, day, earlier=now.earlier)
    answer = report(audit)
    wanted = sorted(set(names(answer)))
    titles = gathered.titles | await read_titles(store, wanted, day)
    told = {urn: titles[urn] for urn in wanted if urn in titles}
    found = Audited(gathered.revision, day, answer, told, list(runs.values()))
    tell(found)
    left = audit.found()
    if left is not None and grown_old(now.age, gathered.revision, day, datetime.now(zone).date()):
        # Who may only read has audited all the same: the next audit takes as long as this one, and no more is lost.
        with suppress(CatalogError):
            await keep(store, gathered, left, zone)
    return found


def warn(found: Audited) -> None:
    """Say on standard error which loads have not ended, whatever the format: what they lack nothing else can tell."""
    for run in found.open_runs[:LINES]:
        say(f"WARNING OPEN_LOAD: {one_line(str(run))}: a part of {run.source} may be missing; run it again to its end")
    if len(found.open_runs) > LINES:
        say(f"... and {len(found.open_runs) - LINES} more: --format json lists them all")


def named_in_json(found: Report) -> Iterator[str]:
    """The URNs of all datasets, systems, flows and agreements that are named in JSON, some of them again and again."""
    for row in found.rows():
        yield from named(row)


def as_json(found: Audited) -> str:
    """All of it, as JSON; each row with how bad it is, null where it is in order."""
    answer = msgspec.to_builtins(found.report)
    told = (row for name in ("flows", "leaks", "classes", "holders", "lapses") for row in answer[name])
    for each, row in zip(told, found.report.rows(), strict=True):
        each["severity"] = severity_of(row)
    for flow, row in zip(answer["flows"], found.report.flows, strict=True):
        flow["title"] = found.titles.get(row.flow, "")
    counts = count(found.report.flows)
    runs = [{**msgspec.to_builtins(run), "severity": Severity.WARNING} for run in found.open_runs]
    said = {"revision": found.revision, "asOf": found.day, "counts": counts, "severities": severities(found)}
    return json_text({**said, "open_loads": runs, **answer, "titles": found.titles})


def named_in_csv(found: Report) -> Iterator[str]:
    """The URNs of which CSV tells the titles: those of the flows."""
    return (row.flow for row in found.flows)


def as_csv(found: Audited) -> str:
    """One line a flow; lists have blanks between their parts. Only the title is free text."""
    text = io.StringIO()
    written = csv.writer(text, lineterminator="\n")
    written.writerow(_COLUMNS)
    for row in found.report.flows:
        ends = (row.source, row.target, row.provider, row.recipient, row.purpose)
        lists = (" ".join(each) for each in (row.by, row.reasons, row.why))
        failing = " ".join(f"{each.agreement} {each.code}" for each in row.failing_claims)
        title = _inert(one_line(found.titles.get(row.flow, "")))
        written.writerow([row.flow, title, *ends, row.verdict, severity_of(row) or "", *lists, failing])
    return text.getvalue()


def summary(found: Audited, place: str) -> str:
    """How many flows have which verdict, in a line: the last that people are told."""
    words = ", ".join(f"{number} {verdict}" for verdict, number in count(found.report.flows).items())
    return f"{place} at revision {found.revision}, {len(found.report.flows)} flows on {found.day}: {words}"


def severities(found: Audited) -> dict[Severity, int]:
    """How much there is of each severity, the gravest first."""
    numbers = Counter(map(severity_of, found.report.rows()))
    numbers[Severity.WARNING] += len(found.open_runs)
    return {severity: numbers[severity] for severity in Severity}


def _inert(text: str) -> str:
    """The text as a cell that no spreadsheet calculates: with an apostrophe before what looks like a formula."""
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text
