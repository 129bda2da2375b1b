"""What agreements are used for: the pairs of agencies that they connect, what none uses, what only an amendment covers.

Domain 9, 10 (8, 9, 13); 9.2 F2, F6.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from msgspec import Struct, structs

from catalog.model.enums_sharing import AgreementKind
from lineage.audit.papers import Paper
from lineage.audit.verdicts import Audit, Verdict
from lineage.audit.words import VerdictKind

__all__ = ["Pair", "alike", "by_amendment", "exchanges", "pairs", "under_enterprise", "unused"]


class Pair(Struct, frozen=True):
    """Two agencies, in order, and the agreements that connect them."""

    agencies: tuple[str, str]
    agreements: tuple[str, ...]


def pairs(audit: Audit) -> list[Pair]:
    """The pairs of agencies that active agreements connect, in order (9.2 F2)."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for paper in audit.papers.all.values():
        if paper.terms and paper.inactive() is None:
            gives = [agency for agency, signed in paper.gives.items() if signed and agency is not None]
            receives = [agency for agency, signed in paper.receives.items() if signed and agency is not None]
            for one in gives:
                for other in receives:
                    if one != other:
                        found[min(one, other), max(one, other)].add(paper.id)
    return [Pair(two, tuple(sorted(found[two]))) for two in sorted(found)]


def exchanges(audit: Audit, verdicts: Mapping[str, Verdict]) -> Mapping[tuple[str, str], int]:
    """How many live flows that need cover, or may, go between each two agencies that are known, in either direction.

    ``verdicts`` are those of the live flows.
    """
    found: dict[tuple[str, str], int] = defaultdict(int)
    for flow in audit.ground.live:
        provider, recipient = audit.ends(flow)
        needed = verdicts[flow.id].kind is not VerdictKind.NOT_NEEDED
        if needed and provider is not None and recipient is not None:
            found[min(provider, recipient), max(provider, recipient)] += 1
    return found


def under_enterprise(audit: Audit, pair: Pair) -> bool:
    """Whether an agreement that connects two agencies is, or stands under, an enterprise agreement that binds both."""
    papers = [audit.papers.all[each] for each in pair.agreements]
    return any(_is_enterprise(paper) and paper.inactive(*pair.agencies) is None for paper in papers)


def _is_enterprise(paper: Paper) -> bool:
    return any(each.agreement.kind is AgreementKind.ENTERPRISE_MOU for each in (paper, *paper.above))


def unused(audit: Audit) -> set[str]:
    """The agreements with terms that cover no live flow that needs cover, neither directly nor onward (9.2 F6)."""
    used = {id_ for each in audit.verdicts(audit.ground.live).values() for id_ in each.by}
    return audit.papers.index.with_terms - used


def by_amendment(audit: Audit, verdicts: Mapping[str, Verdict]) -> dict[str, tuple[str, ...]]:
    """The live flows that are covered, and would not be without amendments, each with the amended agreements that cover it.

    ``verdicts`` are those of the live flows. An agreement without its amendments is what was first agreed (9.2 D5).
    """
    amended = {
        id_
        for id_, paper in audit.papers.all.items()
        if any(each.on <= audit.day for each in paper.agreement.amendments)
    }
    found = {id_: tuple(each for each in verdict.by if each in amended) for id_, verdict in verdicts.items()}
    asked = [flow for flow in audit.ground.live if found[flow.id] and verdicts[flow.id].kind is VerdictKind.COVERED]
    if not asked:
        return {}
    plain = [structs.replace(each.agreement, amendments=()) for each in audit.papers.all.values()]
    before = Audit(audit.flowed, audit, day=audit.day, agreements=plain).verdicts(asked)
    return {id_: found[id_] for id_ in sorted(before) if before[id_].kind is not VerdictKind.COVERED}


def alike(audit: Audit, pair: Pair) -> list[tuple[str, ...]]:
    """Those of the agreements of a pair that list the same parties in the same roles, two at least, in order."""
    found: dict[frozenset[tuple[str | None, str]], list[str]] = defaultdict(list)
    for id_ in pair.agreements:
        parties = audit.papers.all[id_].agreement.parties
        found[frozenset((audit.asof.agency_of(each.party), each.role) for each in parties)].append(id_)
    return sorted(tuple(each) for each in found.values() if len(each) > 1)
