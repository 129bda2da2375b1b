"""Loading files of OpenLineage events (domain 3.5, 12)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Self

import msgspec

from catalog.model.enums import LoadState, SourceKind
from catalog.model.own import Source
from catalog.stores.port import Store
from catalog.urn import key
from lineage.openlineage.event import Event, EventProblem, decode, read_event
from loaders.account import Account
from loaders.fetch import Content, open_content, shown
from loaders.openlineage.files import texts_of
from loaders.openlineage.intake import Intake
from loaders.quarantine import Quarantine, Quarantined
from loaders.record import Problem
from loaders.report import LoadReport

__all__ = ["BATCH_EVENTS", "OpenLineageLoader", "Read", "events_source", "load_events", "problem_of"]

BATCH_EVENTS = 500
"""Events that are taken in at once: many enough to meet the same datasets, few enough to interrupt."""
BATCH_BYTES = 8_000_000
"""Size of the texts of events that are taken in at once."""


@dataclass(frozen=True, slots=True)
class Read:
    """One event as it was read, or the problem that keeps it out."""

    place: str
    text: bytes
    event: Event | None = None
    problem: Problem | None = None

    @property
    def raw(self) -> Any:
        """The event as it came: its value, or its text where that is no JSON."""
        try:
            return decode(self.text)
        except EventProblem:
            return self.text.decode(errors="backslashreplace")


def events_source(catalog: str, precedence: int | None = None) -> Source:
    """The source of events that is known under this key."""
    urn = key("source", "openlineage", catalog)
    return Source(urn=urn, title=catalog, kind_of_source=SourceKind.EVENTS, format="openlineage", precedence=precedence)


def problem_of(error: EventProblem) -> Problem:
    """Why an event is kept out, as every load tells it."""
    return Problem(str(error.rule), error.path, error.message, error.remedy)


class OpenLineageLoader:
    """The events of files: ``open`` reads files, ``replay`` those events that were kept out of some."""

    kind = "openlineage"

    def __init__(
        self, source: Source, location: str, digest: str, texts: Callable[[], Iterator[tuple[str, bytes]]]
    ) -> None:
        self.source, self.location, self.digest = source, location, digest
        self.expected: int | None = None
        self._texts = texts

    @classmethod
    def open(cls, locations: Sequence[str], *, catalog: str = "events", precedence: int | None = None) -> Self:
        """Files by path or address. Raises LoaderError where one cannot be read.

        ``catalog`` is the key of the source whose events they are, ``precedence`` its rank: by default what was stated
        of it before.
        """
        contents = [open_content(location) for location in locations]
        for content in contents:
            # What is no file of events is refused before anything of another is written.
            next(texts_of(content), None)
        names = [shown(location) for location in locations]
        digest = hashlib.sha256()
        for content in contents:
            for block in content.blocks():
                digest.update(block)
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return cls(
            events_source(catalog, precedence),
            f"{names[0]}{more}",
            digest.hexdigest(),
            lambda: _of_files(contents, names),
        )

    @classmethod
    def replay(cls, quarantine: Quarantine, location: str) -> Self:
        """What an earlier load kept out, as someone mended it; ``location`` is where that stands."""
        texts = [(kept.place, _mended(kept)) for kept in quarantine.records]
        digest = hashlib.sha256(b"\n".join(text for _, text in texts)).hexdigest()
        return cls(quarantine.source, shown(location), digest, lambda: iter(texts))

    def events(self) -> Iterator[Read]:
        """The events, in the order of the files."""
        for place, text in self._texts():
            yield _read(place, text)


def _of_files(contents: Sequence[Content], names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for content, name in zip(contents, names, strict=True):
        for place, text in texts_of(content):
            yield name + place, text


def _read(place: str, text: bytes) -> Read:
    try:
        return Read(place, text, read_event(decode(text)))
    except EventProblem as error:
        return Read(place, text, problem=problem_of(error))


def _mended(kept: Quarantined) -> bytes:
    """The text of an event that is played again. One that was no JSON was kept as text, and is mended as text."""
    return kept.raw.encode() if isinstance(kept.raw, str) else msgspec.json.encode(kept.raw)


async def load_events(
    loader: OpenLineageLoader,
    store: Store,
    *,
    on_progress: Callable[[int], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> LoadReport:
    """Load events; answers the account of each. A load that is cut off can simply be run again.

    Raises what the store raises, and LoaderError on a file that holds no events; what was read before it stands then.
    """
    began = now()
    day = began.astimezone(UTC).date()
    # A sender says more than what one file holds.
    account = Account.of(loader, store, began, day, says_all=False)
    report = LoadReport(loader.kind, loader.source, account.run.urn, day.isoformat())
    clock = time.perf_counter()
    await account.take_rank()
    intake = Intake(store, account.source, account.run.urn, now=now)
    report.revision = await store.revision()
    for batch in _batches(loader.events()):
        begun = await account.begin()
        if begun is not None:
            report.tally(begun)
        await _take(batch, intake, report)
        if on_progress is not None:
            on_progress(report.read)
    report.seconds = time.perf_counter() - clock
    await account.end(replace(report.kept_in(account.run), state=LoadState.COMPLETED), now())
    return report


def _batches(reads: Iterable[Read]) -> Iterator[list[Read]]:
    held: list[Read] = []
    size = 0
    for read in reads:
        held.append(read)
        size += len(read.text)
        if len(held) == BATCH_EVENTS or size >= BATCH_BYTES:
            yield held
            held, size = [], 0
    if held:
        yield held


async def _take(batch: list[Read], intake: Intake, report: LoadReport) -> None:
    """Take in what can be, and account for all."""
    good = [(read, read.event) for read in batch if read.event is not None]
    taken = await intake.take([event for _, event in good])
    problems = [(read, read.problem) for read in batch]
    for (read, event), outcome in zip(good, taken.outcomes, strict=True):
        if isinstance(outcome, Problem):
            problems.append((read, outcome))
        else:
            report.written += outcome
            report.unchanged += not outcome
            report.warnings.update(event.warnings)
    report.read += len(batch)
    report.quarantined += [Quarantined(read.place, None, found, read.raw) for read, found in problems if found]
    for result in taken.results:
        report.tally(result)
