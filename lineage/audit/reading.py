"""What was scanned of a store, as the facts of an audit (``facts``). Pure.

Where a relationship that leads to one thing was another before, the one that stands holds; where a fact lacks what it is about,
it shows nothing and is left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, cast

import msgspec

from catalog.model.enums import AgreementKind, AgreementStage, Decision, PartyRole, RunState, TransformationKind
from catalog.model.enums_data import Classification, OpenCriterion, PersonalKind
from catalog.stores.port import Scanned
from lineage.audit.facts import (
    Agreement,
    Amendment,
    Approval,
    Column,
    ColumnFlow,
    ColumnRef,
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

__all__ = ["facts_of"]

_OTHERS = ("Agency", "DatasetSeries", "Law", "DataRequest")
"""Kinds of which no fact is made, and that an agreement can name."""

_LETTERS = dict(zip(OpenCriterion, "ABCDE", strict=True))
"""The letters of the criteria (domain 2)."""


def facts_of(scanned: Scanned, zone: tzinfo) -> Facts:
    """What ``gather`` scanned, as facts. Timestamps become days of the zone (9.2 D8)."""
    return _Facts(scanned, zone).all()


class _Facts:
    """Puts facts together."""

    def __init__(self, scanned: Scanned, zone: tzinfo) -> None:
        self.zone = zone
        self.nodes = scanned.nodes
        self.edges = scanned.edges
        self.ends = {named: _by_tail(rows) for named, rows in scanned.edges.items()}
        self.refs: dict[str, ColumnRef] = {}
        """Columns by urn."""
        names = {row[0]: row[3] for row in scanned.nodes["Column"]}
        for dataset, column, *_ in scanned.edges["Dataset", "columns"]:
            self.refs[column] = (dataset, names[column])

    def all(self) -> Facts:
        edges = self.edges
        return Facts(
            units=tuple((urn, self.one("Unit", "unit_of", urn)) for urn, *_ in self.nodes["Unit"]),
            systems=tuple(System(urn, self.one("System", "held_by", urn)) for urn, *_ in self.nodes["System"]),
            datasets=tuple(self.datasets()),
            members=tuple(
                Membership(tail, head, _day(since), _day(until))
                for name in ("stored_in", "in_series")
                for tail, head, since, until in edges["Dataset", name]
            ),
            same_as=tuple(
                SameAs(tail, head, status != "PROPOSED") for tail, head, _, _, status, *_ in edges["Dataset", "same_as"]
            ),
            held_by=self.holdings("held_by"),
            controlled_by=self.holdings("controlled_by"),
            collected_under=self.holdings("collected_under"),
            publications=self.publications(),
            determinations=tuple(self.determinations()),
            purposes=tuple((urn, self.several("Purpose", "broader", urn)) for urn, *_ in self.nodes["Purpose"]),
            agreements=tuple(self.agreements()),
            approvals=tuple(self.approvals()),
            processes=tuple(self.processes()),
            runs=tuple(self.runs()),
            reviews=tuple(self.reviews()),
            flows=tuple(self.flows()),
            records=records_of(self),
            others=frozenset(row[0] for kind in _OTHERS for row in self.nodes[kind]),
        )

    def by_urn(self, kind: str) -> dict[str, Sequence[Any]]:
        """The rows of a kind."""
        return {row[0]: row for row in self.nodes[kind]}

    def one(self, kind: str, name: str, tail: str) -> str | None:
        """The one that stands; of several over time the latest, of several at once the first."""
        rows = self.ends[kind, name].get(tail, ())
        last = max(rows, key=lambda row: row[3] or "~", default=None)
        return None if last is None else min(row[1] for row in rows if row[3] == last[3])

    def several(self, kind: str, name: str, tail: str) -> tuple[str, ...]:
        """All, whenever they stand; each once."""
        return tuple(sorted({row[1] for row in self.ends[kind, name].get(tail, ())}))

    def columns_of(self, kind: str, name: str, tail: str) -> tuple[ColumnRef, ...]:
        """The columns among what a relationship leads to."""
        return tuple(self.refs[urn] for urn in self.several(kind, name, tail) if urn in self.refs)

    def datasets(self) -> Iterable[Dataset]:
        known = self.by_urn("Column")
        seen = _by_tail(self.edges["Dataset", "columns"])
        criteria = self._latest("ClassificationDetermination", "classifies", 5)
        valued = self._latest("HighValueDetermination", "finds_high_value", 3)
        for urn, _, _, has_pii, has_phi in self.nodes["Dataset"]:
            columns = (self._column(known[row[1]], row) for row in seen.get(urn, ()))
            met = criteria.get(urn)
            yield Dataset(
                urn,
                tuple(sorted(columns, key=lambda column: column.ref)),
                self.one("Dataset", "version_of", urn),
                bool(has_pii or has_phi),
                None if met is None else frozenset(_LETTERS[OpenCriterion(name)] for name in met),
                _day(valued.get(urn)),
            )

    def _column(self, node: Sequence[Any], edge: Sequence[Any]) -> Column:
        urn, _, gone, name, personal, first_seen = node
        until = min((day for day in (gone, edge[3]) if day), default=None)
        kind = PersonalKind(personal) if personal else None
        return Column((edge[0], name), _day(first_seen), _day(until), kind, urn)

    def _latest(self, kind: str, name: str, place: int) -> dict[str, Any]:
        """Of what each node of a kind is about: what the latest of them says in a place of its row."""
        found: dict[str, tuple[str, Any]] = {}
        for node in self.nodes[kind]:
            about = self.one(kind, name, node[0])
            if about is not None and found.get(about, ("",))[0] <= (node[1] or ""):
                found[about] = (node[1] or "", node[place])
        return {about: said for about, (_, said) in found.items()}

    def holdings(self, name: str) -> tuple[Holding, ...]:
        rows = self.edges["Dataset", name]
        return tuple(Holding(tail, head, _day(since), _day(until)) for tail, head, since, until, *_ in rows)

    def publications(self) -> tuple[Publication, ...]:
        public = {row[0]: row[3] is True for row in self.nodes["Portal"]}
        rows = self.edges["Dataset", "published_on"]
        return tuple(Publication(row[0], public[row[1]], _day(row[2]), _day(row[3])) for row in rows)

    def determinations(self) -> Iterable[Determination]:
        for urn, since, until, classes, reasons, _, decided in self.nodes["ClassificationDetermination"]:
            about = self.one("ClassificationDetermination", "classifies", urn)
            if about is None:
                continue
            dataset, column = self.refs.get(about, (about, None))
            laws = self.several("ClassificationDetermination", "rests_on", urn)
            held = frozenset(map(Classification, classes))
            yield Determination(dataset, column, held, _day(since or decided), _day(until), tuple(reasons), laws)

    def agreements(self) -> Iterable[Agreement]:
        amended, events, parties = map(self.by_urn, ("Amendment", "StageEvent", "AgreementParty"))
        terms = {row[0]: self.term(row) for row in self.nodes["CoverageTerm"]}
        requests = _by_head(self.edges["DataRequest", "led_to"])
        for urn, _, _, kind, executed, since, until, passed_on, preconditions, *_ in self.nodes["Agreement"]:
            changes = [self.amendment(amended[each], terms) for each in self.several("Agreement", "amendments", urn)]
            added = {term.id for change in changes for term in change.add_terms}
            stages = (events[each] for each in self.several("Agreement", "stages", urn))
            yield Agreement(
                urn,
                AgreementKind(kind) if kind else AgreementKind.MOU,
                self.several("Agreement", "under", urn),
                _day(executed),
                _day(since),
                _day(until),
                tuple(self.parties(urn, parties)),
                tuple(terms[each] for each in self.several("Agreement", "terms", urn) if each not in added),
                tuple(StageEvent(AgreementStage(stage), _known(on)) for _, _, _, stage, on in stages if on),
                tuple(changes),
                self.several("Agreement", "permits", urn),
                self.several("Agreement", "prohibits", urn),
                self.several("Agreement", "rests_on", urn),
                Redisclosure(passed_on == "ALL", self.several("Agreement", "may_pass_on", urn)),
                _conditions(preconditions),
                tuple(sorted(requests.get(urn, ()))),
            )

    def parties(self, agreement: str, rows: Mapping[str, Sequence[Any]]) -> Iterable[Party]:
        for urn in self.several("Agreement", "parties", agreement):
            _, _, _, role, signed = rows[urn]
            agency = self.one("AgreementParty", "stands_for", urn)
            # One of whom the catalog does not know who it is counts among those who must sign.
            yield Party(agency or urn, PartyRole(role), _day(signed))

    def term(self, row: Sequence[Any]) -> CoverageTerm:
        urn, _, _, since, until, conditions = row
        covered = self.several("CoverageTerm", "covers", urn)
        return CoverageTerm(
            urn,
            tuple(each for each in covered if each not in self.refs),
            tuple(self.refs[each] for each in covered if each in self.refs),
            self.several("CoverageTerm", "for_purpose", urn),
            self.several("CoverageTerm", "recipients", urn),
            _day(since),
            _day(until),
            _conditions(conditions),
        )

    def amendment(self, row: Sequence[Any], terms: dict[str, CoverageTerm]) -> Amendment:
        _, _, _, on, changes = row
        said = _object(changes)
        end = NewEnd(_day(said["effectiveTo"])) if "effectiveTo" in said else None
        added = tuple(terms[urn] for urn in _texts(said.get("addTerms")) if urn in terms)
        return Amendment(_known(on), end, added, tuple(_texts(said.get("endTerms"))))

    def approvals(self) -> Iterable[Approval]:
        requests = {approval: tail for tail, approval, *_ in self.edges["DataRequest", "approvals"]}
        for urn, _, _, decision, on in self.nodes["Approval"]:
            agency = self.one("Approval", "given_by", urn)
            if urn in requests and agency is not None:
                yield Approval(requests[urn], agency, decision == Decision.APPROVED, _day(on))

    def processes(self) -> Iterable[Process]:
        for urn, _, _, declassifies, method, rule, destroyed in self.nodes["Job"]:
            by = self.one("Job", "run_by", urn)
            done = TransformationKind(method) if method else None
            yield Process(urn, by, bool(declassifies), done, rule, _day(destroyed))

    def runs(self) -> Iterable[Run]:
        for urn, _, _, state, nominal, started, ended, wrote, rule in self.nodes["Run"]:
            process = self.one("Run", "executes", urn)
            moment = started or nominal or ended
            if process is None or moment is None:
                # When it was, or of what, nobody can tell: it shows nothing.
                continue
            outputs = self.outputs(urn)
            if outputs is None and wrote:
                outputs = tuple(Written(dataset) for dataset in self.several("Job", "writes", process))
            agreement = self.one("Run", "ran_under", urn)
            kind = RunState(state) if state else RunState.OTHER
            yield Run(urn, process, self.day_of(moment), kind, outputs, rule, agreement)

    def outputs(self, run: str) -> tuple[Written, ...] | None:
        """What a run is said to have written: of a dataset of which columns are named, these; None where nothing is said."""
        named: dict[str, list[str]] = {}
        for urn in self.several("Run", "outputs", run):
            dataset, column = self.refs.get(urn, (urn, None))
            named.setdefault(dataset, []).extend([] if column is None else [column])
        return tuple(Written(dataset, tuple(columns) or None) for dataset, columns in named.items()) or None

    def reviews(self) -> Iterable[DisclosureReview]:
        for urn, _, _, rule, decision, on, withdrawn in self.nodes["DisclosureReview"]:
            process = self.one("DisclosureReview", "reviews", urn)
            if process is not None:
                saw = self.columns_of("DisclosureReview", "saw", urn) or None
                approved = decision == Decision.APPROVED
                yield DisclosureReview(process, saw, rule, approved, _day(on), _day(withdrawn))

    def flows(self) -> Iterable[Flow]:
        parts = self.column_flows()
        for urn, _, gone, first, last, _ in self.nodes["Flow"]:
            source, target = (self.one("Flow", end, urn) for end in ("from_asset", "to_asset"))
            if source is None or target is None:
                continue
            ended = min(filter(None, (_day(last), _last_day(gone))), default=None)
            yield Flow(
                urn,
                source,
                target,
                self.one("Flow", "via", urn),
                self.columns_of("Flow", "columns", urn),
                tuple(parts.get(urn, ())),
                self.one("Flow", "for_purpose", urn),
                self.one("Flow", "provided_by", urn),
                self.one("Flow", "received_by", urn),
                self.several("Flow", "claims", urn),
                _day(first),
                ended,
            )

    def column_flows(self) -> dict[str, list[ColumnFlow]]:
        """The parts of each flow."""
        found: dict[str, list[ColumnFlow]] = defaultdict(list)
        for urn, _, _, derivation, masking in self.nodes["ColumnFlow"]:
            flow = self.one("ColumnFlow", "part_of_flow", urn)
            start, end = (self.one("ColumnFlow", name, urn) for name in ("from_column", "to_column"))
            if flow and start in self.refs and end in self.refs:
                step = ColumnFlow(self.refs[start], self.refs[end], derivation != "INDIRECT", bool(masking))
                found[flow].append(step)
        return found

    def day_of(self, moment: str) -> date:
        """The day of a stored instant in the zone (9.2 D8)."""
        return datetime.fromisoformat(moment).astimezone(self.zone).date()


def _by_tail(rows: Iterable[Sequence[Any]]) -> dict[str, list[Sequence[Any]]]:
    found: dict[str, list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(row)
    return found


def _by_head(rows: Iterable[Sequence[Any]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        found[row[1]].add(row[0])
    return found


def _day(text: str | None) -> date | None:
    return None if not text else date.fromisoformat(text[:10])


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


def _conditions(text: str | None) -> tuple[Condition, ...]:
    """The conditions of a JSON text. One that cannot be read is not met: what cannot be shown fails (9.2 B2)."""
    if not text:
        return ()
    try:
        said = msgspec.json.decode(text, type=list[dict[str, str | None]])
        return tuple(
            Condition(each.get("kind") or "", _day(each.get("fulfilledOn")), _day(each.get("expiresOn")))
            for each in said
        )
    except (msgspec.MsgspecError, ValueError):
        return (Condition("unreadable", None),)
