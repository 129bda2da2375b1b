"""What was scanned of a store, as agreements of an audit (``facts``). Pure.

What a relationship says holds on its days (9.2 A7): what an agreement permits no more from a day on, or no more covers, it does
not from that day on. What has a day of its own (a signature, a term, an event, an amendment) is of that day, though it was
told of later, and counts until it is taken back. An agreement of which other things are said on other days is several facts
in time, a term several terms of one id.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple, cast

import msgspec

from catalog.model.enums import AgreementKind, AgreementStage, Decision, PartyRole
from catalog.rules import new_end
from catalog.values import day_before
from lineage.audit.asof import holds
from lineage.audit.facts import (
    Agreement,
    Amendment,
    Approval,
    Condition,
    CoverageTerm,
    NewEnd,
    Party,
    Redisclosure,
    StageEvent,
)
from lineage.audit.rows import Days, Rows

__all__ = ["agreements_of", "approvals_of"]

_OF_AGREEMENTS = ("under", "permits", "prohibits", "rests_on", "may_pass_on")
_OF_TERMS = ("covers", "for_purpose", "recipients")


class _Link(NamedTuple):
    """Where a relationship leads, on [valid_from, valid_to)."""

    head: Any
    valid_from: date | None
    valid_to: date | None


class _Span(NamedTuple):
    """Days between which nothing else is said: [since, until)."""

    since: date | None
    until: date | None

    @property
    def first(self) -> date:
        return self.since or date.min


def agreements_of(graph: Rows) -> Iterator[Agreement]:
    """The agreements, by urn and then in time."""
    return _Agreements(graph).all()


def approvals_of(graph: Rows) -> Iterator[Approval]:
    """The decisions of agencies, each until it is taken back."""
    asked = {
        approval: (request, until) for request, approval, _, until, *_ in graph.ordered("DataRequest", "approvals")
    }
    for urn, _, gone, decision, on in graph.nodes["Approval"]:
        agency = graph.one("Approval", "given_by", urn)
        if urn in asked and agency is not None:
            request, until = asked[urn]
            end = _earlier(graph.day[gone], graph.day[until])
            yield Approval(request, agency, decision == Decision.APPROVED, graph.day[on], end)


class _Agreements:
    """Puts agreements together."""

    def __init__(self, graph: Rows) -> None:
        self._graph = graph
        self._day = graph.day
        self._links: dict[tuple[str, str], dict[str, list[_Link]]] = {}
        self._amendments, self._events, self._parties = map(graph.by_urn, ("Amendment", "StageEvent", "AgreementParty"))
        self._terms = {row[0]: list(self._term(row)) for row in graph.nodes["CoverageTerm"]}
        self._requests: dict[str, set[str]] = defaultdict(set)
        for request, agreement, *_ in graph.edges["DataRequest", "led_to"]:
            self._requests[agreement].add(request)

    def all(self) -> Iterator[Agreement]:
        for row in self._graph.nodes["Agreement"]:
            last: Agreement | None = None
            for span in _spans(self._turns(row[0])):
                made = self._agreement(row, span)
                if last is not None and msgspec.structs.replace(last, valid_from=None, valid_to=None) == (
                    msgspec.structs.replace(made, valid_from=None, valid_to=None)
                ):
                    last = msgspec.structs.replace(last, valid_to=span.until)
                    continue
                if last is not None:
                    yield last
                last = made
            if last is not None:
                yield last

    def _led(self, kind: str, name: str, tail: str) -> list[_Link]:
        """Where a relationship leads from a node, in order."""
        found = self._links.get((kind, name))
        if found is None:
            found = self._links[kind, name] = defaultdict(list)
            for each, head, since, until, *_ in self._graph.edges[kind, name]:
                found[each].append(_Link(head, self._day[since], self._day[until]))
        return found.get(tail, [])

    def _heads(self, kind: str, name: str, tail: str, on: date) -> tuple[Any, ...]:
        """The same on a day; each once, in the order of ``several``."""
        links = self._led(kind, name, tail)
        if len(links) == 1:
            return (links[0].head,) if holds(links[0], on) else ()
        there = {each.head for each in links if holds(each, on)}
        return tuple(each for each in self._graph.several(kind, name, tail) if each in there)

    def _kept(self, name: str, tail: str, rows: dict[str, Sequence[Any]], on: date) -> Iterator[Sequence[Any]]:
        """The rows of what has a day of its own and is not taken back by a day."""
        ends = self._ends(name, tail)
        for urn in self._graph.several("Agreement", name, tail):
            end = _earlier(ends[urn], self._day[rows[urn][2]])
            if end is None or on < end:
                yield rows[urn]

    def _ends(self, name: str, agreement: str) -> dict[str, date | None]:
        """Until when an agreement has each part that it ever had; None: still."""
        found: dict[str, date | None] = {}
        for urn, _, until in self._led("Agreement", name, agreement):
            last = found.get(urn, date.min)
            found[urn] = None if last is None or until is None else max(last, until)
        return found

    def _turns(self, urn: str) -> set[date]:
        """The days on which anything else comes to be said of an agreement, but for its terms."""
        links = [each for name in _OF_AGREEMENTS for each in self._led("Agreement", name, urn)]
        days = [day for each in links for day in each[1:]]
        for name, rows in (("parties", self._parties), ("stages", self._events), ("amendments", self._amendments)):
            for each in self._led("Agreement", name, urn):
                days += [each.valid_to, self._day[rows[each.head][2]]]
                if name == "parties":
                    days += [day for one in self._led("AgreementParty", "stands_for", each.head) for day in one[1:]]
        return {day for day in days if day is not None}

    def _agreement(self, row: Sequence[Any], span: _Span) -> Agreement:
        urn, _, gone, kind, executed, since, until, passed_on, preconditions, *_ = row
        last = day_before(self._day[gone])
        own = self._own_terms(urn)
        changes = [
            self._amendment(each, own, last) for each in self._kept("amendments", urn, self._amendments, span.first)
        ]
        added = {term.id for change in changes for term in change.add_terms}
        under, permits, prohibits, rests_on, may_pass_on = (
            self._heads("Agreement", name, urn, span.first) for name in _OF_AGREEMENTS
        )
        return Agreement(
            urn,
            AgreementKind(kind) if kind else AgreementKind.MOU,
            under,
            self._day[executed],
            self._day[since],
            _earlier(self._day[until], last),
            tuple(self._party(each, span.first) for each in self._kept("parties", urn, self._parties, span.first)),
            tuple(term for some in own.values() for term in some if term.id not in added),
            tuple(
                StageEvent(AgreementStage(stage), date.fromisoformat(on))
                for _, _, _, stage, on in self._kept("stages", urn, self._events, span.first)
                if on
            ),
            tuple(changes),
            permits,
            prohibits,
            rests_on,
            Redisclosure(passed_on == "ALL", may_pass_on),
            _conditions(preconditions, self._day),
            tuple(sorted(self._requests.get(urn, ()))),
            *span,
        )

    def _party(self, row: Sequence[Any], on: date) -> Party:
        urn, _, _, role, signed = row
        there = self._heads("AgreementParty", "stands_for", urn, on)
        # Who it stands for is known, though nothing says so of that day; and one of whom nobody knows who it is must sign.
        agency = there[0] if there else self._graph.one("AgreementParty", "stands_for", urn) or urn
        return Party(agency, PartyRole(role), self._day[signed])

    def _own_terms(self, agreement: str) -> dict[str, list[CoverageTerm]]:
        """Its terms, each as far as it is not taken back."""
        found: dict[str, list[CoverageTerm]] = {}
        ends = self._ends("terms", agreement)
        for urn in self._graph.several("Agreement", "terms", agreement):
            last = day_before(ends[urn])
            found[urn] = [msgspec.structs.replace(each, to=_earlier(each.to, last)) for each in self._terms[urn]]
        return found

    def _term(self, row: Sequence[Any]) -> Iterator[CoverageTerm]:
        """What a term says on one day after another."""
        urn, _, gone, since, until, conditions = row
        links = [each for name in _OF_TERMS for each in self._led("CoverageTerm", name, urn)]
        turns = {day for each in links for day in each[1:] if day is not None}
        end = _earlier(self._day[until], day_before(self._day[gone]))
        for span in _spans(turns):
            covered, purposes, recipients = (self._heads("CoverageTerm", name, urn, span.first) for name in _OF_TERMS)
            if not covered and turns:
                # It names nothing any more, or not yet.
                continue
            refs = self._graph.refs
            yield CoverageTerm(
                urn,
                tuple(each for each in covered if each not in refs),
                tuple(refs[each] for each in covered if each in refs),
                purposes,
                recipients,
                max(filter(None, (self._day[since], span.since)), default=None),
                _earlier(end, day_before(span.until)),
                _conditions(conditions, self._day),
            )

    def _amendment(self, row: Sequence[Any], terms: dict[str, list[CoverageTerm]], last: date | None) -> Amendment:
        _, _, _, said_on, changes = row
        on = date.fromisoformat(said_on)
        said = _object(changes)
        end = NewEnd(_earlier(new_end(said["effectiveTo"], on), last)) if "effectiveTo" in said else None
        added = tuple(term for urn in _texts(said.get("addTerms")) for term in terms.get(urn, ()))
        return Amendment(on, end, added, tuple(_texts(said.get("endTerms"))))


def _spans(turns: Iterable[date]) -> list[_Span]:
    """The spans between some days, from ever to ever."""
    days = sorted(turns)
    return [_Span(*both) for both in zip([None, *days], [*days, None], strict=True)]


def _earlier(one: date | None, other: date | None) -> date | None:
    """The earlier of two ends; None: there is none."""
    return min((each for each in (one, other) if each is not None), default=None)


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
