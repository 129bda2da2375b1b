"""The verdict of a flow on a day, with its witnesses (domain 9; 9.2 B2, C4, C5, E9, E10)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tests.audit.oracle.agreements import Reason, all_terms, party_rows
from tests.audit.oracle.classes import Known
from tests.audit.oracle.coverage import FROM, INTO, Failure, failures
from tests.audit.oracle.crossing import crosses_as_output, flowing_restricted, needs
from tests.audit.oracle.facts import Agreement, Flow, PartyRole
from tests.audit.oracle.origins import origin_agencies
from tests.audit.oracle.scope import source_datasets
from tests.audit.oracle.steps import Lineage

__all__ = ["Claim", "Kind", "Part", "Tried", "Verdict", "Why", "claims", "owed", "verdict"]


class Kind(StrEnum):
    """The four verdicts."""

    NOT_NEEDED = "NOT_NEEDED"
    COVERED = "COVERED"
    UNCOVERED = "UNCOVERED"
    UNKNOWN = "UNKNOWN"


class Why(StrEnum):
    """What is not known."""

    PROVIDER_UNKNOWN = "PROVIDER_UNKNOWN"
    RECIPIENT_UNKNOWN = "RECIPIENT_UNKNOWN"
    CLASS_UNDETERMINED = "CLASS_UNDETERMINED"
    ORIGIN_UNKNOWN = "ORIGIN_UNKNOWN"


@dataclass(frozen=True)
class Tried:
    """An agreement that was tried, and every clause at which it fails; the first gives the reason."""

    agreement: str
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Part:
    """What is owed to one: directly, or to an origin agency."""

    direct: bool
    agency: str | None
    """Of the direct part the provider, of another the origin agency; None: not known."""
    kind: Kind
    tried: tuple[Tried, ...]
    """By agreement."""

    @property
    def by(self) -> frozenset[str]:
        """The agreements that cover."""
        return frozenset(one.agreement for one in self.tried if not one.failures)

    @property
    def reasons(self) -> frozenset[Reason]:
        """Of an uncovered part: the first code of each agreement tried, or that there is none (9.2 E9)."""
        if self.kind is not Kind.UNCOVERED:
            return frozenset()
        return frozenset(one.failures[0].code for one in self.tried) or frozenset({Reason.NO_AGREEMENT})


@dataclass(frozen=True)
class Verdict:
    """The verdict of a flow: the worst of its parts, with the union of what they say (9.2 C5)."""

    kind: Kind
    by: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    why: tuple[Why, ...] = ()
    parts: tuple[Part, ...] = ()
    """The direct one first, then by origin agency. Of an UNKNOWN need only the direct one, for its witnesses (9.2 B2)."""


@dataclass(frozen=True)
class Claim:
    """An agreement that the flow claims, and the code at which it fails; None: the claim holds (9.2 E10)."""

    agreement: str
    code: Reason | None


def verdict(lineage: Lineage, flow: Flow) -> Verdict:
    """The verdict of any flow at t, whether it has happened or not (9.2 A11, B2)."""
    flow = lineage.view.joined(flow)
    need = needs(lineage, flow)
    if need is Known.NO:
        return Verdict(Kind.NOT_NEEDED)
    direct = _part(lineage, flow, None)
    if need is Known.UNKNOWN:
        return Verdict(Kind.UNKNOWN, why=tuple(sorted(_why(lineage, flow))), parts=(direct,))
    parts = [direct]
    agencies = owed(lineage, flow)
    parts += [_part(lineage, flow, agency) for agency in sorted(one for one in agencies if one is not None)]
    if None in agencies:
        parts.append(Part(direct=False, agency=None, kind=Kind.UNKNOWN, tried=()))
    kinds = {part.kind for part in parts}
    return Verdict(
        next(kind for kind in (Kind.UNCOVERED, Kind.UNKNOWN, Kind.COVERED) if kind in kinds),
        tuple(sorted({one for part in parts for one in part.by})),
        tuple(sorted({one for part in parts for one in part.reasons})),
        (Why.ORIGIN_UNKNOWN,) if Kind.UNKNOWN in kinds else (),
        tuple(parts),
    )


def owed(lineage: Lineage, flow: Flow) -> set[str | None]:
    """The origin agencies to which cover is owed besides the direct one; None: one that is not known (9.2 C3, C4).

    None is owed where the provider's reviewed, declassifying process stands between (domain 9, Onward; 9.2 B3).
    """
    if crosses_as_output(lineage, flow):
        return set()
    near = {one for one in (lineage.view.provider(flow), lineage.view.recipient(flow)) if one is not None}
    return set(origin_agencies(lineage, source_datasets(lineage, flow))) - near


def _why(lineage: Lineage, flow: Flow) -> set[Why]:
    found: set[Why] = set()
    if lineage.view.provider(flow) is None:
        found.add(Why.PROVIDER_UNKNOWN)
    if lineage.view.recipient(flow) is None:
        found.add(Why.RECIPIENT_UNKNOWN)
    if flowing_restricted(lineage, flow) is Known.UNKNOWN:
        found.add(Why.CLASS_UNDETERMINED)
    return found


def _part(lineage: Lineage, flow: Flow, origin: str | None) -> Part:
    """What is owed directly, or to one origin agency that is known."""
    tried = tuple(
        Tried(agreement.id, failures(lineage, agreement, flow, origin))
        for agreement in sorted(lineage.view.world.agreements, key=lambda one: one.id)
        if _is_tried(lineage, agreement, flow, origin)
    )
    kind = Kind.UNCOVERED if all(one.failures for one in tried) else Kind.COVERED
    return Part(origin is None, lineage.view.provider(flow) if origin is None else origin, kind, tried)


def _is_tried(lineage: Lineage, agreement: Agreement, flow: Flow, origin: str | None) -> bool:
    """Whether the agreement is about this flow (9.2 E9)."""
    if agreement.id in flow.claims:
        return True
    terms = all_terms(agreement)
    if not terms:
        return False
    sources = source_datasets(lineage, flow)
    data = set(sources)
    if origin is not None:
        data |= origin_agencies(lineage, sources).get(origin, set())
    if any(lineage.view.term_names(term, dataset) for term in terms for dataset in data):
        return True
    if any(lineage.wrote_under(agreement.id, source) for source in sources):
        return True
    giving = lineage.view.provider(flow) if origin is None else origin
    return _plays(lineage, agreement, giving, FROM) and _plays(lineage, agreement, lineage.view.recipient(flow), INTO)


def _plays(lineage: Lineage, agreement: Agreement, agency: str | None, roles: tuple[PartyRole, ...]) -> bool:
    return agency is not None and any(row.role in roles for row in party_rows(lineage.view, agreement, agency))


def claims(lineage: Lineage, flow: Flow) -> tuple[Claim, ...]:
    """What the flow claims, checked where needs is not NO (9.2 E10)."""
    flow = lineage.view.joined(flow)
    if needs(lineage, flow) is Known.NO:
        return ()
    known = {one.id: one for one in lineage.view.world.agreements}
    found: list[Claim] = []
    for id_ in sorted(flow.claims):
        if id_ not in known:
            found.append(Claim(id_, Reason.NO_AGREEMENT))
        else:
            failed = failures(lineage, known[id_], flow)
            found.append(Claim(id_, failed[0].code if failed else None))
    return tuple(found)
