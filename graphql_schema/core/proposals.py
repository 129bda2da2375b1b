"""What a client proposes, as facts of the audit. Every error names the place in the input. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from catalog.errors import InvalidSelection
from catalog.model.enums_data import Classification
from catalog.model.enums_sharing import AgreementKind, PartyRole, Redisclosure
from graphql_schema.core.consistent import OneEach, check_days
from graphql_schema.core.named import Named, bounded
from lineage.audit import facts
from lineage.audit.day import DayAudit
from lineage.audit.facts import Agreement, Approval, Condition, CoverageTerm, Determination, Party
from lineage.audit.what_if import End, Proposal

__all__ = ["PROPOSED", "proposal"]

PROPOSED = "proposed:"
"""What the ids of proposed agreements begin with; their name follows. No URN does."""

_Input = Mapping[str, Any]


def proposal(day: DayAudit, args: _Input) -> Proposal:
    """What ``agreements``, ``endAgreements`` and ``reclassify`` propose.

    Raises InvalidUrn and InvalidSelection: on a list that is too long, a name that is given twice, a URN of another kind, on
    one of what the reader does not see, and on what contradicts itself.
    """
    return _Reading(day).all(args)


class _Reading:
    def __init__(self, day: DayAudit) -> None:
        self._day = day
        self._named = Named(day)
        self._ends = OneEach("ends", "name each agreement once")
        self._classes = OneEach("has the classes", "name each dataset or column once, with all of its classes")

    def all(self, args: _Input) -> Proposal:
        given = list(_entries(args, "agreements", ""))
        names = [each["name"] for each, _ in given]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise InvalidSelection(f"agreements: two are called '{twice[:80]}': give each another name")
        return Proposal(
            tuple(self._agreement(each, place) for each, place in given),
            tuple(approval for each, place in given for approval in self._approvals(each, place)),
            tuple(self._end(each, place) for each, place in _entries(args, "endAgreements", "")),
            tuple(self._determination(each, place) for each, place in _entries(args, "reclassify", "")),
        )

    def _agreement(self, given: _Input, place: str) -> Agreement:
        id_ = PROPOSED + given["name"]
        above = given.get("under")
        check_days(given, place, "effectiveFrom", "effectiveTo")
        permits = self._some(given, "permits", place, "Purpose")
        prohibits = self._some(given, "prohibits", place, "Purpose")
        for number, purpose in enumerate(prohibits):
            if purpose in permits:
                raise InvalidSelection(
                    f"{place}.prohibits[{number}]: '{purpose[:200]}' is permitted as well: name it in one of the two"
                )
        parties = OneEach("signs", "list an agency once in each role, with one day at most")
        requests = self._some(given, "requests", place, "DataRequest")
        return Agreement(
            id_,
            AgreementKind(given.get("kind") or AgreementKind.DATA_SHARING_AGREEMENT),
            () if above is None else (self._named.one(above, f"{place}.under", "Agreement"),),
            given.get("executedOn"),
            given.get("effectiveFrom"),
            given.get("effectiveTo"),
            tuple(self._party(*each, parties) for each in _entries(given, "parties", place)),
            tuple(self._term(given, *each) for each in _entries(given, "terms", place)),
            permits=permits,
            prohibits=prohibits,
            rests_on=self._some(given, "restsOn", place, "Law"),
            redisclosure=facts.Redisclosure(
                given.get("permitsRedisclosure") == Redisclosure.ALL, self._some(given, "mayPassOn", place, "Dataset")
            ),
            preconditions=_conditions(given, "preconditions", place),
            requests=(*requests, id_) if given.get("approvals") else requests,
        )

    def _approvals(self, given: _Input, place: str) -> Iterator[Approval]:
        """Those of a request of its own, which goes by its id."""
        for each, at in _entries(given, "approvals", place):
            agency = self._named.one(each["givenBy"], f"{at}.givenBy", "Agency")
            yield Approval(PROPOSED + given["name"], agency, approved=True, on=each["decidedOn"])

    def _party(self, given: _Input, place: str, others: OneEach) -> Party:
        agency = self._named.one(given["standsFor"], f"{place}.standsFor", "Agency")
        role, signed_on = PartyRole(given["role"]), given.get("signedOn")
        others.add(
            (agency, role), signed_on, f"{place}.signedOn", f"'{agency[:200]}' as {role}", str(signed_on or "never")
        )
        return Party(agency, role, signed_on)

    def _term(self, above: _Input, given: _Input, place: str) -> CoverageTerm:
        if not given["covers"]:
            raise InvalidSelection(f"{place}.covers: a term covers something: name the data, or leave the term out")
        check_days(given, place, "effectiveFrom", "effectiveTo", above)
        covered = self._some(given, "covers", place, "Dataset", "DatasetSeries", "System", "Column")
        columns = self._day.columns
        cells = [columns[urn] for urn in covered if urn in columns]
        return CoverageTerm(
            f"{PROPOSED}{above['name']} {place}",
            tuple(urn for urn in covered if urn not in columns),
            tuple((dataset, name) for dataset, name in cells if name is not None),
            self._some(given, "forPurpose", place, "Purpose"),
            self._some(given, "recipients", place, "Agency"),
            given.get("effectiveFrom"),
            given.get("effectiveTo"),
            _conditions(given, "conditions", place),
        )

    def _end(self, given: _Input, place: str) -> End:
        agreement = self._named.one(given["agreement"], f"{place}.agreement", "Agreement")
        on = given.get("on") or self._day.day
        self._ends.add(agreement, on, f"{place}.on", f"'{agreement[:200]}'", f"on {on}")
        return End(agreement, on)

    def _determination(self, given: _Input, place: str) -> Determination:
        asset = self._named.one(given["asset"], f"{place}.asset", "Dataset", "Column")
        classes = frozenset(map(Classification, given["classes"]))
        if not classes:
            raise InvalidSelection(f"{place}.classes: none is given: name at least one, UNDETERMINED where it is open")
        dataset, column = self._day.columns.get(asset, (asset, None))
        said = ", ".join(sorted(classes))
        self._classes.add((dataset, column), classes, f"{place}.classes", f"'{asset[:200]}'", said)
        return Determination(dataset, column, classes, self._day.day)

    def _some(self, given: _Input, name: str, place: str, *kinds: str) -> tuple[str, ...]:
        return self._named.some(given.get(name), f"{place}.{name}", *kinds)


def _entries(given: _Input, name: str, place: str) -> Iterator[tuple[_Input, str]]:
    """The entries of a list of the input, each with its place."""
    at = f"{place}.{name}" if place else name
    listed: Sequence[_Input] = bounded(given.get(name), at)
    return ((each, f"{at}[{number}]") for number, each in enumerate(listed))


def _conditions(given: _Input, name: str, place: str) -> tuple[Condition, ...]:
    read: list[Condition] = []
    for each, at in _entries(given, name, place):
        check_days(each, at, "fulfilledOn", "expiresOn")
        read.append(Condition(each.get("kind") or "", each.get("fulfilledOn"), each.get("expiresOn")))
    return tuple(read)
