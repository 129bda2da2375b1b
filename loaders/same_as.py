"""Rules that find one dataset under several names, and state it by ``SAME_AS`` (domain E11, question 62).

A rule speaks as a source of its own, so that what it says is told apart, compared and taken back as any source's. It is
conservative: within one catalog two entries are two datasets, and what too many share says nothing. Where anybody says that
two are not the same (status DENIED), it says nothing of the two. What it finds no more has its last day.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from itertools import combinations
from urllib.parse import urlsplit

from catalog.batch import PRECEDENCE, Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.enums import AssertionStatus, SourceKind
from catalog.model.own import Source
from catalog.selection import MAX_PAGE, Has, Related, Row, Select
from catalog.stores.paging import every_row
from catalog.stores.port import Store
from catalog.urn import Urn, key, parse

__all__ = ["RULES", "NameRule", "NameRules", "SameAsReport", "join_names", "rule_source"]

_MOST = 8
"""Datasets that may share a key: more is a default or a portal's front page, and says nothing."""
_EDGES = 5_000
"""Statements of one write."""
_FOUR_BY_FOUR = re.compile(r"[a-z0-9]{4}-[a-z0-9]{4}")
_ASSETS = ("/api/views/", "/d/")
"""Paths under which Socrata portals answer an asset by its four-by-four alone."""


class NameRules(StrEnum):
    """The names of the rules."""

    SOCRATA_ID = "socrata-id"
    LANDING_PAGE = "landing-page"


@dataclass(frozen=True, slots=True)
class NameRule:
    """A rule: what a dataset is known by, and what it amounts to that two are known by the same."""

    name: NameRules
    status: AssertionStatus
    because: str
    """Why two are the same, with the key in the place of ``{}``."""
    keys: Callable[[Row], Iterable[str]]
    """What a dataset is known by: of its ``urn``, ``identifier`` and ``landing_page``."""


@dataclass(slots=True)
class SameAsReport:
    """What came of one rule; counts of pairs of datasets."""

    rule: NameRules
    found: int = 0
    """Pairs that it finds: ``found == stated + denied``."""
    stated: int = 0
    denied: int = 0
    """Pairs of which somebody says that they are not the same."""
    ended: int = 0
    """Pairs that it stated before and finds no more, or was denied since."""
    ambiguous: int = 0
    """Keys that two entries of one catalog share, or too many datasets: nothing is said."""
    changed: bool = False
    """Whether anything was, or would be, written."""


def rule_source(name: NameRules) -> Urn:
    """The URN of the source as which a rule speaks."""
    return key("source", "waypost", "rule", name)


def _socrata_ids(row: Row) -> Iterator[str]:
    parts = parse(row["urn"])
    if parts.scheme == "socrata":
        yield ":".join(parts.segments)
    for text in (row["identifier"], row["landing_page"]):
        url = _split(text)
        if url is None:
            continue
        host, path, _ = url
        for begins in _ASSETS:
            found = path.removeprefix(begins).rstrip("/").lower()
            if path.startswith(begins) and _FOUR_BY_FOUR.fullmatch(found):
                yield f"{host}:{found}"


def _landing_pages(row: Row) -> Iterator[str]:
    url = _split(row["landing_page"])
    if url and url[1].strip("/"):
        yield f"{url[0]}{url[1].rstrip('/')}{url[2]}"


def _split(text: str | None) -> tuple[str, str, str] | None:
    """Host, path and query of a web address; None of what is none."""
    try:
        url = urlsplit(text or "")
        host = url.hostname
    except ValueError:
        return None
    if url.scheme not in ("http", "https") or not host or url.username:
        return None
    return host, url.path, f"?{url.query}" if url.query else ""


RULES: tuple[NameRule, ...] = (
    NameRule(
        NameRules.SOCRATA_ID,
        AssertionStatus.STATED,
        "Both are the asset {} of one Socrata portal.",
        _socrata_ids,
    ),
    NameRule(
        NameRules.LANDING_PAGE,
        AssertionStatus.PROPOSED,
        "Both are presented by the page {}; nobody has looked.",
        _landing_pages,
    ),
)
"""Every rule, in the order in which they are run."""


@dataclass(slots=True)
class _Said:
    """What is said already: pairs that somebody denies, and what each rule stated that goes on."""

    denied: set[frozenset[str]] = field(default_factory=set[frozenset[str]])
    stated: dict[str, set[tuple[str, str]]] = field(default_factory=lambda: defaultdict(set))


async def join_names(
    store: Store,
    rules: Iterable[NameRule] = RULES,
    *,
    is_dry: bool = False,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> list[SameAsReport]:
    """State what the rules find, and end what they find no more; answers what came of each. Raises what the store raises.

    The same again writes nothing. ``is_dry`` writes nothing at all.
    """
    at = now()
    day = at.date()
    said = await _said(store, day)
    reports: list[SameAsReport] = []
    entries = Select("Dataset", ("identifier", "landing_page"))
    known = [row async for row in every_row(store, entries, day)]
    for rule in rules:
        report = SameAsReport(rule.name)
        pairs = _found(rule, known, said, report)
        await _write(store, rule, pairs, said, report, at=None if is_dry else at)
        reports.append(report)
    return reports


async def _said(store: Store, day: date) -> _Said:
    said = _Said()
    other = Related("other", "same_as", Select("Dataset", first=MAX_PAGE), ("status", "source"))
    async for row in every_row(store, Select("Dataset", where=Has("same_as"), related=(other,)), day):
        for found in row["other"].rows:
            edge = found["@edge"]
            if edge["status"] == AssertionStatus.DENIED:
                said.denied.add(frozenset((row["urn"], found["urn"])))
            said.stated[edge["source"]].add((row["urn"], found["urn"]))
    return said


def _found(rule: NameRule, known: Iterable[Row], said: _Said, report: SameAsReport) -> dict[tuple[str, str], str]:
    """The pairs that a rule finds, each with why; the URN that comes later is the tail."""
    by_key: dict[str, list[str]] = defaultdict(list)
    for row in known:
        for found in dict.fromkeys(rule.keys(row)):
            by_key[found].append(row["urn"])
    pairs: dict[tuple[str, str], str] = {}
    for name, urns in sorted(by_key.items()):
        if len(urns) == 1:
            continue
        if len(urns) > _MOST or len({_catalog(urn) for urn in urns}) < len(urns):
            report.ambiguous += 1
            continue
        for head, tail in combinations(sorted(urns), 2):
            pairs.setdefault((tail, head), rule.because.format(name))
    report.found = len(pairs)
    kept = {pair: why for pair, why in pairs.items() if frozenset(pair) not in said.denied}
    report.denied = len(pairs) - len(kept)
    report.stated = len(kept)
    return kept


def _catalog(urn: str) -> tuple[str, ...]:
    """What gave a dataset its name: two entries of one are two datasets."""
    parts = parse(urn)
    return parts.scheme, *parts.segments[:-1]


async def _write(
    store: Store,
    rule: NameRule,
    pairs: dict[tuple[str, str], str],
    said: _Said,
    report: SameAsReport,
    *,
    at: datetime | None,
) -> None:
    """State pairs, and all that the rule says of their tails; ``at`` None writes nothing."""
    urn = rule_source(rule.name)
    before = said.stated.get(urn, set())
    report.ended = len(before - pairs.keys())
    report.changed = before != pairs.keys()
    if at is None:
        return
    source = Source(
        urn=urn,
        title=f"Rule {rule.name}",
        kind_of_source=SourceKind.DERIVED,
        description=rule.because.format("X"),
    )
    tails = sorted({tail for tail, _ in (*pairs, *before)})
    heads: dict[str, list[str]] = defaultdict(list)
    for tail, head in pairs:
        heads[tail].append(head)
    report.changed = False
    for start in range(0, len(tails), _EDGES):
        batch = Batch(urn, "waypost same-as", at, at.date(), PRECEDENCE, [NodeStatement(source)])
        for tail in tails[start : start + _EDGES]:
            batch.restates.add((Urn(tail), Dataset.same_as))
            for head in heads[tail]:
                props = {"status": rule.status, "evidence": pairs[(tail, head)], "rule": str(rule.name)}
                batch.edges.append(EdgeStatement(Dataset.same_as, Urn(tail), Urn(head), props=props))
        report.changed |= (await store.write(batch)).changed
