"""What was scanned of a store, as the facts of an audit (``facts``). Pure.

Where a relationship that leads to one thing was another before, the one that stands holds; where a fact lacks what it is about,
it shows nothing and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date, datetime, tzinfo
from functools import partial
from itertools import repeat
from operator import attrgetter, itemgetter, ne
from typing import Any, TypeVar, cast

from catalog.model.enums import (
    Decision,
    Derivation,
    RunState,
    TransformationKind,
)
from catalog.model.enums_data import Classification
from catalog.stores.port import Scanned
from catalog.values import day_before
from lineage.audit.facts import (
    Broader,
    ColumnFlow,
    Columns,
    Dataset,
    Determination,
    DisclosureReview,
    Facts,
    Flow,
    Holding,
    Membership,
    Process,
    Publication,
    Run,
    SameAs,
    System,
    Written,
)
from lineage.audit.reading_agreements import agreements_of, approvals_of
from lineage.audit.reading_records import records_of
from lineage.audit.rows import Rows

__all__ = ["facts_of"]

_T = TypeVar("_T")

_OTHERS = ("Agency", "DatasetSeries", "Law", "DataRequest")
"""Kinds of which no fact is made, and that an agreement can name."""

_STATES: dict[str | None, RunState] = {str(state): state for state in RunState}


def facts_of(scanned: Scanned, zone: tzinfo) -> Facts:
    """What ``gather`` scanned, as facts. Timestamps become days of the zone (9.2 D8)."""
    return _Facts(scanned, zone).all()


class _DaysOf(dict[str | None, date | None]):
    """The days of stored instants in a zone (9.2 D8), each of which is read once."""

    def __init__(self, zone: tzinfo) -> None:
        super().__init__()
        self._zone = zone

    def __missing__(self, instant: str | None) -> date | None:
        found = self[instant] = datetime.fromisoformat(instant).astimezone(self._zone).date() if instant else None
        return found


class _Facts(Rows):
    """Puts facts together."""

    def __init__(self, scanned: Scanned, zone: tzinfo) -> None:
        super().__init__(scanned)
        self.day_of = _DaysOf(zone)

    def all(self) -> Facts:
        """Everything, in the order of what each fact names first. Rows of which there are many are let go once they are used."""
        held = [Holding(*each) for each in self.dated("System", "held_by")]
        broader = tuple(Broader(*each) for each in self.dated("Purpose", "broader"))
        return Facts(
            flows=self.made(self.flows(), "Flow"),
            runs=self.made(self.runs(), "Run"),
            processes=self.made(self.processes(), "Job"),
            reviews=_by("process", self.reviews()),
            datasets=tuple(self.datasets()),
            determinations=_by("dataset", self.made(self.determinations(), "ClassificationDetermination")),
            units=tuple((urn, self.one("Unit", "unit_of", urn)) for urn, *_ in self.nodes["Unit"]),
            systems=tuple(self.systems(held)),
            members=_by(
                "dataset",
                (
                    Membership(tail, head, self.day[since], self.day[until])
                    for name in ("stored_in", "in_series")
                    for tail, head, since, until in self.ordered("Dataset", name)
                ),
            ),
            same_as=tuple(
                SameAs(
                    *(tail, head, status in (None, "STATED"), self.day[since], self.day[until]),
                    denied=status == "DENIED",
                )
                for tail, head, since, until, status, *_ in self.ordered("Dataset", "same_as")
            ),
            # Systems stand after all datasets by urn.
            held_by=(*self.holdings("held_by"), *held),
            controlled_by=self.holdings("controlled_by"),
            collected_under=self.holdings("collected_under"),
            publications=self.publications(),
            purposes=tuple(self.purposes(broader)),
            broader=broader,
            agreements=tuple(agreements_of(self)),
            approvals=_by("request", approvals_of(self)),
            records=records_of(self),
            others=frozenset(row[0] for kind in _OTHERS for row in self.nodes[kind]),
        )

    def datasets(self) -> Iterable[Dataset]:
        valued = self._first_valued()
        version_of, columns, none = self.ends("Dataset", "version_of"), self.columns, Columns()
        urns, _, _, has_pii, has_phi = self.nodes["Dataset"].columns
        return map(
            Dataset,
            urns,
            map(columns.get, urns, repeat(none)),
            map(version_of.get, urns),
            (bool(pii or phi) for pii, phi in zip(has_pii, has_phi, strict=True)),
            map(valued.get, urns),
        )

    def _first_valued(self) -> dict[str, date]:
        """The first day on which each dataset was determined to be of high value: as of a day long ago later ones do not count."""
        kind = "HighValueDetermination"
        urns, since, _, decided = self.nodes[kind].columns
        found: dict[str, date] = {}
        for dataset, start, said in zip(self.heads(kind, "finds_high_value", urns), since, decided, strict=True):
            on = self.day[said or start]
            if dataset is not None and on is not None:
                found[dataset] = min(on, found.get(dataset, on))
        return found

    def holdings(self, name: str) -> tuple[Holding, ...]:
        tails, heads, since, until = self.ordered("Dataset", name).columns
        day = self.day.__getitem__
        return tuple(map(Holding, tails, heads, map(day, since), map(day, until)))

    def systems(self, held: Iterable[Holding]) -> Iterable[System]:
        """The holders of one that changed hands are told by ``held``."""
        changing = {each.dataset for each in held}
        for urn, *_ in self.nodes["System"]:
            yield System(urn, None if urn in changing else self.one("System", "held_by", urn))

    def purposes(self, broader: Iterable[Broader]) -> Iterable[tuple[str, tuple[str, ...]]]:
        """Each with the broader ones, but for those of which ``broader`` tells them."""
        changing = {each.purpose for each in broader}
        for urn, *_ in self.nodes["Purpose"]:
            yield urn, () if urn in changing else self.several("Purpose", "broader", urn)

    def dated(self, kind: str, name: str) -> list[tuple[str, str, date | None, date | None]]:
        """Where a relationship leads from nodes of which it has a first day or an end; in order (9.2 A7)."""
        rows = self.ordered(kind, name)
        dated = {tail for tail, _, since, until, *_ in rows if since or until}
        return [
            (tail, head, self.day[since], self.day[until]) for tail, head, since, until, *_ in rows if tail in dated
        ]

    def publications(self) -> tuple[Publication, ...]:
        day = self.day
        public = {row[0]: row[3] is True for row in self.nodes["Portal"]}
        rows = self.ordered("Dataset", "published_on")
        return tuple(Publication(row[0], public[row[1]], day[row[2]], day[row[3]]) for row in rows)

    def determinations(self) -> Iterable[Determination]:
        kind, day = "ClassificationDetermination", self.day
        urns, since, until, classes, reasons, met, decided = self.nodes[kind].columns
        column = cast("Callable[[Hashable, Any], Any]", self.refs.get)
        ends = [column(thing, (thing, None)) for thing in self.heads(kind, "classifies", urns)]
        held = {said: frozenset(map(Classification, said)) for said in set(classes)}
        found = map(
            Determination,
            map(itemgetter(0), ends),
            map(itemgetter(1), ends),
            map(held.__getitem__, classes),
            (day[start or said] for start, said in zip(since, decided, strict=True)),
            map(day.__getitem__, until),
            reasons,
            map(self.all_ends(kind, "rests_on").get, urns, repeat(())),
            met,
        )
        return (each for each in found if cast("str | None", each.dataset) is not None)

    def processes(self) -> Iterable[Process]:
        run_by = self.ends("Job", "run_by")
        for urn, _, _, declassifies, method, rule, destroyed in self.nodes["Job"]:
            done = TransformationKind(method) if method else None
            yield Process(urn, run_by.get(urn), bool(declassifies), done, rule, self.day[destroyed])

    def runs(self) -> Iterable[Run]:
        """When a run was, or of what, nobody can tell of some: these show nothing."""
        urns, _, _, states, nominal, started, ended, wrote, rules = self.nodes["Run"].columns
        processes = list(self.heads("Run", "executes", urns))
        outputs: Iterable[tuple[Written, ...] | None] = repeat(None)
        stated = self.all_ends("Run", "outputs")
        if stated or any(wrote):
            outputs = map(self.outputs, urns, processes, wrote)
        days = (
            self.day_of[first or planned or last] for first, planned, last in zip(started, nominal, ended, strict=True)
        )
        kinds = map(_STATES.get, states, repeat(RunState.OTHER))
        found = map(Run, urns, processes, days, kinds, outputs, rules, self.heads("Run", "ran_under", urns))
        return (run for run in found if run.process and cast("date | None", run.on))

    def outputs(self, run: str, process: str | None, wrote: bool | None) -> tuple[Written, ...] | None:
        """What a run is said to have written: of a dataset of which columns are named, these; None where nothing is said."""
        named: dict[str, list[str]] = {}
        for urn in self.several("Run", "outputs", run):
            dataset, column = self.refs.get(urn, (urn, None))
            named.setdefault(dataset, []).extend([] if column is None else [column])
        if not named and wrote and process is not None:
            return tuple(Written(dataset) for dataset in self.several("Job", "writes", process))
        return tuple(Written(dataset, tuple(columns) or None) for dataset, columns in named.items()) or None

    def reviews(self) -> Iterable[DisclosureReview]:
        for urn, _, gone, rule, decision, on, withdrawn in self.nodes["DisclosureReview"]:
            process = self.one("DisclosureReview", "reviews", urn)
            if process is not None:
                saw = self.columns_of("DisclosureReview", "saw", urn) or None
                approved = decision == Decision.APPROVED
                # One that is taken back stands no more.
                ends = filter(None, (self.day[withdrawn], self.day[gone]))
                yield DisclosureReview(process, saw, rule, approved, self.day[on], min(ends, default=None))

    def flows(self) -> Iterable[Flow]:
        """Column by column: the quickest way to make a hundred thousand of them."""
        urns, _, gone, first, last, _ = self.nodes["Flow"].columns
        source, target, via, purpose, provider, recipient = (
            self.heads("Flow", name, urns)
            for name in ("from_asset", "to_asset", "via", "for_purpose", "provided_by", "received_by")
        )
        carried, fed, claims = (
            map(several.get, urns, repeat(()))
            for several in (self.lists("Flow", "columns"), self.column_flows(), self.all_ends("Flow", "claims"))
        )
        began = map(self.day.__getitem__, first)
        ended = (self._ended(day, end) if day or end else None for day, end in zip(last, gone, strict=True))
        stated = purpose, provider, recipient, claims, began, ended
        found = map(Flow, urns, source, target, via, carried, fed, *stated)
        return [flow for flow in found if flow.source and flow.target]

    def _ended(self, last: str | None, gone: str | None) -> date | None:
        return min(filter(None, (self.day[last], day_before(self.day[gone]))), default=None)

    def column_flows(self) -> dict[str, tuple[ColumnFlow, ...]]:
        """The parts of each flow."""
        flows, starts, ends, derivations, maskings = self.joined("ColumnFlow", 3)
        ref = cast("Callable[[Hashable], Any]", self.refs.get)
        direct = map(partial(ne, str(Derivation.INDIRECT)), derivations)
        found: dict[str, list[ColumnFlow]] = defaultdict(list)
        steps = map(ColumnFlow, map(ref, starts), map(ref, ends), direct, map(bool, maskings))
        for flow, step in zip(flows, steps, strict=True):
            if step.from_ and step.to:
                found[flow].append(step)
        return {flow: tuple(some) for flow, some in found.items()}


def _by(name: str, facts: Iterable[_T]) -> tuple[_T, ...]:
    """Facts by what they are about; those about one thing stay in their order."""
    return tuple(sorted(facts, key=attrgetter(name)))
