"""What was scanned of a store, as the facts of an audit (``facts``). Pure.

Where a relationship that leads to one thing was another before, the one that stands holds; where a fact lacks what it is about,
it shows nothing and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import partial
from itertools import repeat
from operator import attrgetter, itemgetter, ne
from typing import Any, TypeVar, cast

import msgspec

from catalog.model.enums import (
    AgreementKind,
    AgreementStage,
    Decision,
    Derivation,
    PartyRole,
    RunState,
    TransformationKind,
)
from catalog.model.enums_data import Classification
from catalog.stores.port import Scanned
from lineage.audit.facts import (
    Agreement,
    Amendment,
    Approval,
    ColumnFlow,
    Columns,
    Condition,
    CoverageTerm,
    Dataset,
    Determination,
    DisclosureReview,
    Facts,
    Flow,
    Holding,
    Membership,
    NewEnd,
    Party,
    Process,
    Publication,
    Redisclosure,
    Run,
    SameAs,
    StageEvent,
    System,
    Written,
)
from lineage.audit.reading_records import records_of
from lineage.audit.rows import Days, Rows

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
        return Facts(
            flows=self.made(self.flows(), "Flow"),
            runs=self.made(self.runs(), "Run"),
            processes=self.made(self.processes(), "Job"),
            reviews=_by("process", self.reviews()),
            datasets=tuple(self.datasets()),
            determinations=_by("dataset", self.made(self.determinations(), "ClassificationDetermination")),
            units=tuple((urn, self.one("Unit", "unit_of", urn)) for urn, *_ in self.nodes["Unit"]),
            systems=tuple(System(urn, self.one("System", "held_by", urn)) for urn, *_ in self.nodes["System"]),
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
            held_by=self.holdings("held_by"),
            controlled_by=self.holdings("controlled_by"),
            collected_under=self.holdings("collected_under"),
            publications=self.publications(),
            purposes=tuple((urn, self.several("Purpose", "broader", urn)) for urn, *_ in self.nodes["Purpose"]),
            agreements=tuple(self.agreements()),
            approvals=_by("request", self.approvals()),
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

    def agreements(self) -> Iterable[Agreement]:
        amended, events, parties = map(self.by_urn, ("Amendment", "StageEvent", "AgreementParty"))
        terms = {row[0]: self.term(row) for row in self.nodes["CoverageTerm"]}
        requests = _by_head(self.edges["DataRequest", "led_to"])
        for urn, _, _, kind, executed, since, until, passed_on, preconditions, *_ in self.nodes["Agreement"]:
            own = {each: terms[each] for each in self.several("Agreement", "terms", urn)}
            changes = [self.amendment(amended[each], own) for each in self.several("Agreement", "amendments", urn)]
            added = {term.id for change in changes for term in change.add_terms}
            stages = (events[each] for each in self.several("Agreement", "stages", urn))
            yield Agreement(
                urn,
                AgreementKind(kind) if kind else AgreementKind.MOU,
                self.several("Agreement", "under", urn),
                self.day[executed],
                self.day[since],
                self.day[until],
                tuple(self.parties(urn, parties)),
                tuple(term for each, term in own.items() if each not in added),
                tuple(StageEvent(AgreementStage(stage), _known(on)) for _, _, _, stage, on in stages if on),
                tuple(changes),
                self.several("Agreement", "permits", urn),
                self.several("Agreement", "prohibits", urn),
                self.several("Agreement", "rests_on", urn),
                Redisclosure(passed_on == "ALL", self.several("Agreement", "may_pass_on", urn)),
                _conditions(preconditions, self.day),
                tuple(sorted(requests.get(urn, ()))),
            )

    def parties(self, agreement: str, rows: Mapping[str, Sequence[Any]]) -> Iterable[Party]:
        for urn in self.several("Agreement", "parties", agreement):
            _, _, _, role, signed = rows[urn]
            agency = self.one("AgreementParty", "stands_for", urn)
            # One of whom the catalog does not know who it is counts among those who must sign.
            yield Party(agency or urn, PartyRole(role), self.day[signed])

    def term(self, row: Sequence[Any]) -> CoverageTerm:
        urn, _, _, since, until, conditions = row
        covered = self.several("CoverageTerm", "covers", urn)
        return CoverageTerm(
            urn,
            tuple(each for each in covered if each not in self.refs),
            tuple(self.refs[each] for each in covered if each in self.refs),
            self.several("CoverageTerm", "for_purpose", urn),
            self.several("CoverageTerm", "recipients", urn),
            self.day[since],
            self.day[until],
            _conditions(conditions, self.day),
        )

    def amendment(self, row: Sequence[Any], terms: dict[str, CoverageTerm]) -> Amendment:
        _, _, _, on, changes = row
        said = _object(changes)
        end = NewEnd(self.day[said["effectiveTo"]]) if "effectiveTo" in said else None
        added = tuple(terms[urn] for urn in _texts(said.get("addTerms")) if urn in terms)
        return Amendment(_known(on), end, added, tuple(_texts(said.get("endTerms"))))

    def approvals(self) -> Iterable[Approval]:
        requests = {approval: tail for tail, approval, *_ in self.ordered("DataRequest", "approvals")}
        for urn, _, _, decision, on in self.nodes["Approval"]:
            agency = self.one("Approval", "given_by", urn)
            if urn in requests and agency is not None:
                yield Approval(requests[urn], agency, decision == Decision.APPROVED, self.day[on])

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
        for urn, _, _, rule, decision, on, withdrawn in self.nodes["DisclosureReview"]:
            process = self.one("DisclosureReview", "reviews", urn)
            if process is not None:
                saw = self.columns_of("DisclosureReview", "saw", urn) or None
                approved = decision == Decision.APPROVED
                yield DisclosureReview(process, saw, rule, approved, self.day[on], self.day[withdrawn])

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
        return min(filter(None, (self.day[last], _last_day(gone))), default=None)

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


def _by_head(rows: Iterable[Sequence[Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row[1]].add(row[0])
    return found


def _known(text: str) -> date:
    return date.fromisoformat(text[:10])


def _last_day(end: str | None) -> date | None:
    """The last day that counts of what holds no more from a day on (9.2 A7)."""
    return None if end is None else _known(end) - timedelta(days=1)


def _object(text: str | None) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, Any])
    except msgspec.MsgspecError:
        return {}


def _texts(value: Any) -> list[str]:
    return [each for each in cast("list[Any]", value) if isinstance(each, str)] if isinstance(value, list) else []


def _conditions(text: str | None, day: Days) -> tuple[Condition, ...]:
    """The conditions of a JSON text. One that cannot be read is not met: what cannot be shown fails (9.2 B2)."""
    if not text:
        return ()
    try:
        said = msgspec.json.decode(text, type=list[dict[str, str | None]])
        return tuple(
            Condition(each.get("kind") or "", day[each.get("fulfilledOn")], day[each.get("expiresOn")]) for each in said
        )
    except (msgspec.MsgspecError, ValueError):
        return (Condition("unreadable", None),)
