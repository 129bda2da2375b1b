"""Random runs of jobs that write datasets which are promised to be updated, and what is to be said of both on a day."""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.enums import RunState, UpdateFrequency
from catalog.model.lineage import Job, Run
from catalog.urn import Urn, key
from tests.support.flow_worlds import DAYS

__all__ = ["DAYS_BETWEEN", "RunWorld", "make_run_world", "said_of_runs"]

DAYS_BETWEEN = {
    "REAL_TIME": ("PT1S", 0),
    "DAILY": ("P1D", 1),
    "EVERY_WEEKDAY": ("P1D", 3),
    "WEEKLY": ("P1W", 7),
    "BIWEEKLY": ("P2W", 14),
    "MONTHLY": ("P1M", 31),
    "BIMONTHLY": ("P2M", 31 + 31),
    "QUARTERLY": ("P3M", 31 + 30 + 31),
    "TWICE_A_YEAR": ("P6M", 31 + 31 + 30 + 31 + 30 + 31),
    "ANNUALLY": ("P1Y", 366),
    "EVERY_TWO_YEARS": ("P2Y", 366 + 365),
}
"""What is promised, and the most days from one update to the next (July and August, August to October, July to December)."""
_WHY = {"AS_NEEDED": "AS_NEEDED", "NOT_UPDATED": "NOT_UPDATED", "OTHER": "OTHER_RHYTHM"}


@dataclass(frozen=True)
class Ran:
    """A run as it is stated."""

    audience: Audience
    job: Urn
    state: RunState | None
    started_at: datetime | None
    ended_at: datetime | None
    wrote: tuple[Urn, ...]


@dataclass(frozen=True)
class Promised:
    """A dataset as it is stated."""

    audience: Audience
    frequency: UpdateFrequency | None
    modified: date | None


@dataclass(frozen=True)
class RunWorld:
    """Jobs with their runs, and the datasets that these write."""

    jobs: tuple[Urn, ...]
    runs: dict[Urn, Ran]
    datasets: dict[Urn, Promised]

    def seen(self, job: Urn, reader: Reader) -> dict[Urn, Ran]:
        """The runs of a job that the reader sees."""
        return {urn: run for urn, run in self.runs.items() if run.job == job and run.audience in reader.full}

    def summary(self, job: Urn, first: int, since: date | None, reader: Reader, day: date) -> dict[str, Any]:
        """How the latest runs of a job went."""
        seen = self.seen(job, reader)
        began = {urn: run.started_at or run.ended_at for urn, run in seen.items()}
        known = {urn: at for urn, at in began.items() if at and (since or date.min) <= at.date() <= day}
        latest = sorted(known, key=lambda urn: (known[urn], urn))[-first:]
        states: list[str] = []
        seconds: list[float] = []
        for urn in latest:
            run = seen[urn]
            over = run.ended_at is None or run.ended_at.date() <= day
            states.append((run.state or "OTHER") if over else "RUNNING")
            if states[-1] == "COMPLETED" and run.started_at and run.ended_at and run.started_at <= run.ended_at:
                seconds.append((run.ended_at - run.started_at) / timedelta(seconds=1))
        ended = [state for state in states if state in ("COMPLETED", "FAILED", "ABORTED")]
        return {
            "runCount": len(latest),
            "totalCount": len(known),
            "states": [{"state": s.value, "count": states.count(s)} for s in RunState if s in states],
            "failureRate": ended.count("FAILED") / len(ended) if ended else None,
            "medianSeconds": statistics.median(seconds) if seconds else None,
            "p95Seconds": min(
                (s for s in seconds if 20 * sum(t <= s for t in seconds) >= 19 * len(seconds)), default=None
            ),
            "lastSuccess": self._last(seen, "COMPLETED", day),
            "lastFailure": self._last(seen, "FAILED", day),
        }

    def _last(self, runs: dict[Urn, Ran], state: str, day: date) -> dict[str, Any] | None:
        found = [(run.ended_at, urn) for urn, run in runs.items() if str(run.state) == state and run.ended_at]
        by_day = [(at, urn) for at, urn in found if at.date() <= day]
        return {"urn": max(by_day)[1]} if by_day else None

    def staleness(self, dataset: Urn, reader: Reader, day: date, tolerance: float) -> dict[str, Any]:
        """How a dataset stands on a day."""
        said = self.datasets[dataset]
        written = [
            run.ended_at.date()
            for run in self.runs.values()
            if run.audience in reader.full and dataset in run.wrote and str(run.state) == "COMPLETED" and run.ended_at
        ]
        updates = [(on, "RUN") for on in written if on <= day]
        if said.modified and said.modified <= day:
            updates = [(on, by) for on, by in updates if on > said.modified] or [(said.modified, "MODIFIED")]
        updated, by = max(updates, default=(None, None))
        period = DAYS_BETWEEN.get(str(said.frequency))
        unknown = None
        if period is None:
            unknown = _WHY.get(str(said.frequency), "NO_FREQUENCY")
        elif updated is None:
            unknown = "NO_UPDATE"
        late = None if unknown or updated is None or period is None else (day - updated).days - period[1]
        due = None if late is None else day - timedelta(days=late)
        return {
            "period": period and period[0],
            "lastUpdatedOn": updated and updated.isoformat(),
            "lastUpdatedBy": by,
            "dueOn": due and due.isoformat(),
            "daysOverdue": None if late is None else max(late, 0),
            "isStale": None if late is None or period is None else late > period[1] * tolerance + 1,
            "unknown": unknown,
        }

    def stale(self, reader: Reader, day: date, tolerance: float) -> list[dict[str, Any]]:
        """The datasets that the reader sees and that are stale."""
        found = [
            {"node": {"urn": urn}, "staleness": self.staleness(urn, reader, day, tolerance)}
            for urn in sorted(self.datasets)
            if self.datasets[urn].audience in reader.full
        ]
        late = [each for each in found if each["staleness"]["isStale"]]
        return sorted(late, key=lambda each: -each["staleness"]["daysOverdue"])


def make_run_world(seed: int) -> RunWorld:
    """A world, the same for the same seed; nodes of another seed have other URNs."""
    rng = random.Random(f"runs/{seed}")
    jobs = tuple(key("job", "test", f"w{seed}-{n}") for n in range(2))
    datasets: dict[Urn, Promised] = {}
    for number in range(rng.randint(5, 9)):
        frequency = rng.choice([None, *UpdateFrequency, *UpdateFrequency])
        # Mostly about as long ago as is promised, so that a day more or less decides.
        days = DAYS_BETWEEN.get(str(frequency), ("", 30))[1]
        late = rng.choice([-400, -3, 0, days // 10, days // 10 + 1, days // 10 + 2, 500])
        modified = None if rng.random() < 0.3 else rng.choice(DAYS) - timedelta(days=days + late)
        datasets[key("dataset", "test", f"w{seed}-{number}")] = Promised(_audience(rng), frequency, modified)
    runs: dict[Urn, Ran] = {}
    for number in range(rng.randint(0, 40)):
        started = rng.choice([None, _instant(rng), _instant(rng), _instant(rng)])
        lasted = timedelta(seconds=rng.choice([-60, 0, 1.5, 30, 60, 90, 600, 7_200, 86_400, 3 * 86_400]))
        ended = None if rng.random() < 0.15 else (started or _instant(rng)) + lasted
        state = rng.choice([None, *RunState, RunState.COMPLETED, RunState.COMPLETED, RunState.FAILED])
        wrote = tuple(urn for urn in datasets if rng.random() < 0.1)
        runs[key("run", "test", f"w{seed}-{number}")] = Ran(
            _audience(rng), rng.choice(jobs), state, started, ended, wrote
        )
        for urn in wrote:
            if ended and rng.random() < 0.3:
                datasets[urn] = replace(datasets[urn], modified=ended.date())
    return RunWorld(jobs, runs, datasets)


def _audience(rng: random.Random) -> Audience:
    return Audience.STAFF if rng.random() < 0.2 else Audience.PUBLIC


def _instant(rng: random.Random) -> datetime:
    """Around the days that are asked about, now and then at their very beginning."""
    day = rng.choice(DAYS) + timedelta(days=rng.choice([-400, -30, -2, -1, 0, 0, 1, 1, 2]))
    seconds = rng.choice([0, 1, 43_200, 86_399.5, rng.randrange(86_400)])
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=seconds)


def said_of_runs(worlds: Iterable[RunWorld]) -> Batch:
    """What a source says of all of them."""
    at = datetime(2020, 1, 1, tzinfo=UTC)
    said = Batch(key("source", "test", "runs"), "test", at, at.date())
    for world in worlds:
        for job in world.jobs:
            said.nodes.append(NodeStatement(Job(urn=job, namespace="test", name=job[-4:]), Audience.PUBLIC))
        for urn, promised in world.datasets.items():
            dataset = Dataset(urn=urn, title=urn[-4:], update_frequency=promised.frequency, modified=promised.modified)
            said.nodes.append(NodeStatement(dataset, promised.audience))
        for urn, ran in world.runs.items():
            run = Run(urn=urn, state=ran.state, started_at=ran.started_at, ended_at=ran.ended_at)
            said.nodes.append(NodeStatement(run, ran.audience))
            said.edges.append(EdgeStatement(Run.executes, urn, ran.job))
            said.edges += [EdgeStatement(Run.outputs, urn, dataset) for dataset in ran.wrote]
    return said
