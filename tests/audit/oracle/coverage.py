"""Whether an agreement covers a flow, clause by clause (domain 9, Covered and Onward; 9.2 C4, E)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.audit.oracle.agreements import Reason, above, inactive, party_rows, signed, terms_in_force
from tests.audit.oracle.classes import Known
from tests.audit.oracle.crossing import flowing_restricted
from tests.audit.oracle.facts import Agreement, AgreementKind, Condition, CoverageTerm, Flow, Party, PartyRole
from tests.audit.oracle.origins import origin_agencies
from tests.audit.oracle.scope import scope, source_datasets
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.view import Cell, View

__all__ = ["FROM", "INTO", "Failure", "failures", "narrower"]

FROM = (PartyRole.PROVIDER, PartyRole.HUB)
INTO = (PartyRole.RECIPIENT, PartyRole.HUB)


@dataclass(frozen=True)
class Failure:
    """One clause that fails, with its first code (9.2 D1)."""

    clause: int
    code: Reason


def failures(lineage: Lineage, agreement: Agreement, flow: Flow, origin: str | None = None) -> tuple[Failure, ...]:
    """Every clause that fails, in order; none: it covers the flow, or permits it onward for an origin agency.

    A clause is judged on what the clauses before it left, so that each says only what is its own.
    """
    asked = _Asked(lineage, agreement, flow, origin)
    codes = [
        asked.active(),
        asked.parties(),
        asked.data(),
        asked.purpose(),
        asked.legal_basis(),
        asked.approvals(),
        asked.preconditions(),
    ]
    return tuple(Failure(clause, code) for clause, code in enumerate(codes, 1) if code is not None)


class _Asked:
    """One agreement and one flow; the clauses are asked in their order, since clauses 3, 4 and 7 narrow the terms."""

    def __init__(self, lineage: Lineage, agreement: Agreement, flow: Flow, origin: str | None) -> None:
        self.lineage = lineage
        self.view = lineage.view
        self.agreement = agreement
        self.flow = flow
        self.origin = origin
        self.provider = self.view.provider(flow)
        self.recipient = self.view.recipient(flow)
        self.terms = terms_in_force(agreement, lineage.t)
        self.wanted: set[Cell] = set()

    def active(self) -> Reason | None:
        """Clause 1 (9.2 D)."""
        bound = {one for one in (self.provider, self.recipient, self.origin) if one is not None}
        return inactive(self.view, self.agreement, bound)

    def parties(self) -> Reason | None:
        """Clause 2 (9.2 C4, E1, E2)."""
        redisclosed = self._permits_redisclosure()
        if self.origin is None:
            roles = (*FROM, PartyRole.RECIPIENT) if redisclosed else FROM
            giving = [self._rows(self.provider, roles)]
        else:
            giving = [self._rows(self.origin, FROM), self._rows(self.provider, tuple(PartyRole))]
        taking = self._rows(self.recipient, INTO)
        if not all(giving):
            return Reason.PARTY_MISSING
        if not taking:
            return Reason.RECIPIENT_NOT_PERMITTED
        if not all(any(signed(self.agreement, row, self.view.t) for row in rows) for rows in (*giving, taking)):
            return Reason.UNSIGNED
        return Reason.REDISCLOSURE_NOT_PERMITTED if self.origin is not None and not redisclosed else None

    def _rows(self, agency: str | None, roles: tuple[PartyRole, ...]) -> list[Party]:
        if agency is None:
            return []
        return [row for row in party_rows(self.view, self.agreement, agency) if row.role in roles]

    def _permits_redisclosure(self) -> bool:
        permitted = self.agreement.redisclosure
        return permitted.all or all(
            any(self.view.dataset_names(named, source) for named in permitted.datasets)
            for source in source_datasets(self.lineage, self.flow)
        )

    def data(self) -> Reason | None:
        """Clause 3 (9.2 E1, E3, E4)."""
        wanted = scope(self.lineage, self.agreement, self.flow, self.origin)
        if wanted is None:
            self.terms = []
            return Reason.DATASET_OUT_OF_SCOPE
        self.wanted = wanted
        self.terms = [term for term in self.terms if self._for_recipient(term)]
        named = {dataset for dataset, _ in wanted}
        if not all(any(self.view.term_names(term, dataset) for term in self.terms) for dataset in named):
            self._all_held()
            return Reason.RECIPIENT_NOT_PERMITTED
        return None if self._all_held() else Reason.COLUMN_OUT_OF_SCOPE

    def _for_recipient(self, term: CoverageTerm) -> bool:
        return not term.recipients or any(
            self.recipient is not None and self.view.same_agency(one, self.recipient) for one in term.recipients
        )

    def _all_held(self) -> bool:
        """Whether the terms left together hold what is wanted; what they do not hold is wanted no more (9.2 E3)."""
        held = {cell for cell in self.wanted if any(self.view.term_holds(term, cell) for term in self.terms)}
        complete = held == self.wanted
        self.wanted = held
        return complete

    def purpose(self) -> Reason | None:
        """Clause 4 (9.2 E5)."""
        purpose = self.flow.purpose
        if purpose is None:
            return Reason.PURPOSE_UNKNOWN
        permits = self.agreement.permits
        self.terms = [term for term in self.terms if term.purposes or permits]
        self.terms = [term for term in self.terms if not term.purposes or _among(self.view, purpose, term.purposes)]
        prohibited = any(
            _among(self.view, purpose, one.prohibits) for one in (self.agreement, *above(self.view, self.agreement))
        )
        permitted = not permits or _among(self.view, purpose, permits)
        return None if self._all_held() and permitted and not prohibited else Reason.PURPOSE_NOT_PERMITTED

    def legal_basis(self) -> Reason | None:
        """Clause 5 (9.2 E6)."""
        asked = flowing_restricted(self.lineage, self.flow) is Known.YES
        return Reason.NO_LEGAL_BASIS if asked and not self.agreement.rests_on else None

    def approvals(self) -> Reason | None:
        """Clause 6 (9.2 C4, E7)."""
        requests = [one.id for one in self.view.world.requests if one.led_to == self.agreement.id]
        framed = any(one.kind is AgreementKind.ENTERPRISE_MOU for one in above(self.view, self.agreement))
        if not framed and not requests:
            return None
        agencies: set[str | None] = {self.origin}
        if self.origin is None:
            sources = source_datasets(self.lineage, self.flow)
            agencies = set(origin_agencies(self.lineage, sources)) - {self.recipient or ""}
        approved = all(any(_approved(self.view, request, one) for request in requests) for one in agencies)
        return None if approved else Reason.APPROVAL_MISSING

    def preconditions(self) -> Reason | None:
        """Clause 7 (9.2 E8)."""
        t = self.view.t
        self.terms = [term for term in self.terms if all(_met(one, t) for one in term.conditions)]
        met = all(_met(one, t) for one in self.agreement.preconditions)
        return None if self._all_held() and met else Reason.PRECONDITION_UNMET


def narrower(view: View, purpose: str, other: str) -> bool:
    """Whether a purpose is equal to or narrower than another (9.2 E5)."""
    found = [purpose]
    for id_ in found:
        for one in view.world.purposes:
            found += [broader for broader in one.broader if one.id == id_ and broader not in found]
    return other in found


def _among(view: View, purpose: str, stated: tuple[str, ...]) -> bool:
    return any(narrower(view, purpose, one) for one in stated)


def _met(condition: Condition, t: date) -> bool:
    """9.2 E8."""
    fulfilled = condition.fulfilled_on is not None and condition.fulfilled_on <= t
    return fulfilled and (condition.expires_on is None or t <= condition.expires_on)


def _approved(view: View, request: str, agency: str | None) -> bool:
    """Whether the latest decision of an agency on a request by t is APPROVED; of one day the negative counts (9.2 E7)."""
    decisions = [
        (one.on, one.approved)
        for one in view.world.approvals
        if one.request == request
        and agency is not None
        and view.same_agency(one.agency, agency)
        and one.on is not None
        and one.on <= view.t
    ]
    latest = max((on for on, _ in decisions), default=None)
    return bool(decisions) and all(approved for on, approved in decisions if on == latest)
