"""May each flow, and why: the verdict of one flow or of all, with what was tried (domain 9; 9.2 B, C5, E9, E10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from itertools import chain, islice

from msgspec import Struct

from lineage.audit.about import About
from lineage.audit.again import Again
from lineage.audit.asof import AsOf
from lineage.audit.classes import Flowing
from lineage.audit.coverage import Asked, Coverage, Failure
from lineage.audit.earlier import Earlier
from lineage.audit.facts import Agreement, Flow
from lineage.audit.flowed import Flowed
from lineage.audit.ground import Ground
from lineage.audit.levels import restricted
from lineage.audit.onward import Onward, Permits
from lineage.audit.papers import Papers
from lineage.audit.scope import Scope
from lineage.audit.tally import Share, Tally, codes_of
from lineage.audit.words import Known, Reason, VerdictKind, Why

__all__ = ["Audit", "Claim", "Ends", "Part", "Tried", "Verdict"]


class Tried(Struct, frozen=True):
    """An agreement that was tried."""

    agreement: str
    failures: tuple[Failure, ...]
    """The clauses that fail, in order. None: it covers."""


class Part(Struct, frozen=True):
    """What is owed to one: directly, or to an origin agency."""

    direct: bool
    agency: str | None
    """Of the direct part the provider, else the origin agency. None: not known."""
    kind: VerdictKind
    tried: tuple[Tried, ...]
    """By agreement."""

    @property
    def by(self) -> frozenset[str]:
        """The agreements that cover."""
        return frozenset(each.agreement for each in self.tried if not each.failures)

    @property
    def reasons(self) -> frozenset[Reason]:
        """Of an uncovered part: the first code of each agreement tried, or that there is none (9.2 E9)."""
        if self.kind is not VerdictKind.UNCOVERED:
            return frozenset()
        return frozenset(each.failures[0].code for each in self.tried) or frozenset((Reason.NO_AGREEMENT,))


class Verdict(Struct, frozen=True):
    """The verdict of a flow: the worst of its parts, with the union of what they say (9.2 C5)."""

    kind: VerdictKind
    by: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    why: tuple[Why, ...] = ()
    parts: tuple[Part, ...] = ()
    """The direct one, then those of origin agencies by id; where need is UNKNOWN the direct one only (9.2 B2)."""


class Claim(Struct, frozen=True):
    """An agreement that a flow claims, and the code at which it fails; None: it holds (9.2 E10)."""

    agreement: str
    code: Reason | None


Ends = tuple[str | None, str | None]
"""Provider and recipient, each None where it is not known."""
_NOT_NEEDED = Verdict(VerdictKind.NOT_NEEDED)


class Audit:
    """The verdicts of flows as of a day. What was worked out is kept."""

    def __init__(
        self,
        flowed: Flowed,
        beside: Audit | None = None,
        *,
        earlier: Earlier | None = None,
        day: date | None = None,
        agreements: Iterable[Agreement] | None = None,
    ) -> None:
        """``beside`` is an audit of the same data, which it shares; ``agreements`` are those of the facts unless told.

        ``earlier`` is an audit of other facts, of which it takes what still holds.
        ``day`` is that of ``flowed`` unless told: it may be another as long as the data is the same on both (``Days``).
        """
        self.flowed = flowed
        self.asof: AsOf = flowed.asof
        self.day = self.asof.day if day is None else day
        self.ground = Ground(flowed, earlier) if beside is None else beside.ground
        self.classes = self.ground.classes
        self.origins = self.ground.origins
        same = beside if agreements is None else None
        texts = self.asof.facts.agreements if agreements is None else agreements
        since = self.ground.since if earlier is not None and agreements is None else None
        if earlier is not None and since is not None and not since.agreements:
            self.papers = earlier.papers
        else:
            one = earlier if since is not None else same
            differs = None if since is None else since.agreements
            self.papers = Papers(self.asof, self.day, texts, None if one is None else one.papers, differs)
        self._again: Again | None = None
        """What has to be judged again after the earlier audit; None: everything."""
        if earlier is not None and since is not None and earlier.verdicts:
            self._again = Again(since, earlier, self.papers)
        self.scope = Scope(self.classes, self.origins)
        self.coverage = Coverage(self.asof, self.scope, self.origins.numbered, self.day)
        self.about = About(flowed, self.origins, self.papers.index) if same is None else same.about
        self._tally = Tally(self.coverage, self.papers)
        self._onward = Onward(self.coverage, self.papers, self.about, self.origins.numbered)
        self._nobody = self.origins.numbered.bit(None)
        self.said: dict[tuple[object, ...], Verdict] = {} if earlier is None else earlier.said
        """Verdicts by what they say: one for all flows of which the same is said."""

    def verdicts(self, flows: Iterable[Flow] | None = None) -> dict[str, Verdict]:
        """The verdict of each flow, of all by default, by its id, without its parts: ``verdict`` shows what was tried."""
        asked = self.asof.facts.flows if flows is None else tuple(flows)
        told: Mapping[str, Verdict] = {} if self._again is None else self._again.told(asked, self._recipients)
        return {flow.id: told.get(flow.id) or self._verdict(flow) for flow in asked}

    def verdict(self, flow: Flow, clauses: int | None = None) -> Verdict:
        """The verdict of one flow, which may be made up, with every clause that fails (9.2 F4), or the first ``clauses``."""
        asked = self._ask(flow)
        return _NOT_NEEDED if asked.needs is Known.NO else self._judge(asked, clauses)

    def needs(self, flow: Flow) -> Known:
        """Whether the flow needs cover: crosses and restricted, in three values (9.2 B1)."""
        return self._ask(flow).needs

    def covers(self, flow: Flow) -> dict[str | None, frozenset[str]]:
        """The agreements that cover it directly (None), and that permit it onward, by each known agency owed to."""
        asked = self._ask(flow)
        direct, onward = self._shares(asked)
        by = {each: onward.by.get(each, ()) for each in self._owed(asked)}
        return {None: frozenset(direct.by)} | {each: frozenset(ids) for each, ids in by.items()}

    def lacks(self, flow: Flow) -> int:
        """How many agreements it lacks: one for each to whom cover is owed and whom none gives it; UNKNOWN lacks one (9.2 F3)."""
        asked = self._ask(flow)
        need = asked.needs
        if need is not Known.YES:
            return int(need is Known.UNKNOWN)
        direct, onward = self._shares(asked)
        return (not direct.by) + asked.owed.bit_count() - len(onward.by)

    def tried(self, flow: Flow) -> frozenset[str]:
        """The agreements that are tried for it, directly and onward: no other covers it (9.2 E9)."""
        asked = self._ask(flow)
        return frozenset[str]().union(*(self._about_it(asked, each) for each in (None, *self._owed(asked))))

    def unpermitted(self, flow: Flow) -> list[str]:
        """The agencies whose data it passes on, and of which no agreement permits that, in order (9.2 C4)."""
        asked = self._ask(flow)
        if asked.needs is not Known.YES or not asked.owed:
            return []
        return sorted({*self._owed(asked)}.difference(self._shares(asked)[1].by))

    def claims(self, flow: Flow) -> tuple[Claim, ...]:
        """What the flow claims, by agreement, checked where need is not NO (9.2 E10)."""
        if not flow.claims or self.needs(flow) is Known.NO:
            return ()
        asked = self._ask(flow)
        return tuple(Claim(each, self._claimed(each, asked)) for each in sorted(set(flow.claims)))

    def _claimed(self, agreement: str, asked: Asked) -> Reason | None:
        paper = self.papers.all.get(agreement)
        if paper is None:
            return Reason.NO_AGREEMENT
        failure = self.coverage.first(paper, asked)
        return failure and failure.code

    def _verdict(self, flow: Flow) -> Verdict:
        """The verdict without its parts (9.2 C5)."""
        ends = self.ends(flow)
        if ends[0] is not None and ends[0] == ends[1]:
            return _NOT_NEEDED
        output = self._output(flow, ends[0])
        flowing = self.classes.flowing_of(flow)
        restricted = self._restricted(flowing, output)
        if restricted is Known.NO:
            return _NOT_NEEDED
        return self._sum(self._asked(flow, ends, output, flowing, restricted))

    def _sum(self, asked: Asked) -> Verdict:
        if asked.needs is Known.UNKNOWN:
            return self._say((), 0, self._why(asked))
        direct, onward = self._shares(asked)
        by = direct.by
        if onward.by:
            by = tuple(sorted({*by, *chain.from_iterable(onward.by.values())}))
        unknown = asked.owed & self._nobody
        return self._say(by, direct.codes | onward.codes, (Why.ORIGIN_UNKNOWN,) if unknown else ())

    def _shares(self, asked: Asked) -> tuple[Share, Permits]:
        """What is owed directly, and to known origin agencies."""
        about = self.about.source(asked.flowing.datasets)
        return self._tally.share(asked, about), self._onward.permits(asked, about)

    def _owed(self, asked: Asked) -> list[str]:
        """The known origin agencies to which cover is owed."""
        return [each for each in self.origins.numbered.things(asked.owed) if each is not None]

    def _say(self, by: tuple[str, ...], codes: int, why: tuple[Why, ...]) -> Verdict:
        """One verdict for all flows of which the same is said (9.2 C5)."""
        key = by, codes, why
        found = self.said.get(key)
        if found is None:
            kind = VerdictKind.UNKNOWN if why else VerdictKind.COVERED
            found = Verdict(VerdictKind.UNCOVERED if codes else kind, by, codes_of(codes), why)
            self.said[key] = found
        return found

    def ends(self, flow: Flow) -> Ends:
        """Provider and recipient, each None where it is not known (9.2 C1)."""
        held = self.asof.held
        provider, recipient = held.get(flow.source), held.get(flow.target)
        if provider is None and flow.provider is not None:
            provider = self.asof.agency_of(flow.provider)
        if recipient is None and flow.recipient is not None:
            recipient = self.asof.agency_of(flow.recipient)
        return provider, recipient

    def _recipients(self, flows: Iterable[Flow]) -> list[str | None]:
        """The recipient of each, as ``ends`` has it: most flows state none, and lead to what is held by one."""
        held = [(flow, self.asof.held.get(flow.target)) for flow in flows]
        return [to if to is not None or flow.recipient is None else self.ends(flow)[1] for flow, to in held]

    def is_output(self, flow: Flow) -> bool:
        """Whether what crosses is the output of the provider's declassifying process (9.2 B3)."""
        return self.flowed.may_stop(flow) and self._is_output(flow, self.ends(flow)[0])

    def _ask(self, flow: Flow) -> Asked:
        ends = self.ends(flow)
        output = self._output(flow, ends[0])
        flowing = self.classes.flowing_of(flow)
        return self._asked(flow, ends, output, flowing, self._restricted(flowing, output))

    def _asked(self, flow: Flow, ends: Ends, output: str | None, flowing: Flowing, restricted: Known) -> Asked:
        origins = self.origins.agencies(flowing.datasets)
        # None is owed where the provider's reviewed, declassifying process stands between (domain 9, Onward; 9.2 B3).
        owed = origins if output is None else 0
        for each in ends:
            if owed and each is not None:
                owed &= ~self.origins.numbered.bit(each)
        return Asked(flowing, *ends, flow.purpose, flow.claims, restricted, origins, owed)

    def _output(self, flow: Flow, provider: str | None) -> str | None:
        """The target, where what crosses is the output of the provider's declassifying process (9.2 B3)."""
        return flow.target if self.flowed.may_stop(flow) and self._is_output(flow, provider) else None

    def _is_output(self, flow: Flow, provider: str | None) -> bool:
        """Whether the provider runs the declassifying process, and every step of the flow is stopped (9.2 B3)."""
        process = self.flowed.process(flow)
        runner = None if process is None or process.agency is None else self.asof.agency_of(process.agency)
        if runner is None or runner != provider or not self.flowed.happened(flow):
            return False
        steps = self.classes.passages_of(flow, stopped_too=True)
        return bool(steps) and not self.classes.passages_of(flow)

    def _restricted(self, flowing: Flowing, output: str | None) -> Known:
        if output is None:
            return self.classes.restricted(flowing)
        mask = 0
        for each in self.asof.datasets_in(output):
            mask |= self.classes.own.of_dataset(each)
        return restricted(mask)

    def _judge(self, asked: Asked, clauses: int | None) -> Verdict:
        tried = self._tried(asked, None, clauses)
        direct = Part(direct=True, agency=asked.provider, kind=_kind(tried), tried=tried)
        if asked.needs is Known.UNKNOWN:
            return Verdict(VerdictKind.UNKNOWN, why=self._why(asked), parts=(direct,))
        parts = [direct]
        for agency in sorted(self._owed(asked)):
            tried = self._tried(asked, agency, clauses)
            parts.append(Part(direct=False, agency=agency, kind=_kind(tried), tried=tried))
        if asked.owed & self._nobody:
            parts.append(Part(direct=False, agency=None, kind=VerdictKind.UNKNOWN, tried=()))
        return _worst(parts)

    def _why(self, asked: Asked) -> tuple[Why, ...]:
        """Everything that is not known (9.2 B2)."""
        found = [Why.CLASS_UNDETERMINED] if asked.restricted is Known.UNKNOWN else []
        found += [Why.PROVIDER_UNKNOWN] if asked.provider is None else []
        found += [Why.RECIPIENT_UNKNOWN] if asked.recipient is None else []
        return tuple(found)

    def _about_it(self, asked: Asked, origin: str | None) -> frozenset[str]:
        """The agreements about the flow (9.2 E9)."""
        datasets = asked.flowing.datasets
        claimed = (each for each in asked.claims if each in self.papers.all)
        between = self.papers.index.between(asked.provider if origin is None else origin, asked.recipient)
        named = () if origin is None else self.about.origins_of(datasets, origin)
        return between.union(self.about.source(datasets), claimed, named)

    def _tried(self, asked: Asked, origin: str | None, clauses: int | None) -> tuple[Tried, ...]:
        """The agreements about the flow, each with where it fails."""
        found = [(each, self.papers.all[each]) for each in sorted(self._about_it(asked, origin))]
        fails = self.coverage.failures
        return tuple(Tried(each, tuple(islice(fails(paper, asked, origin), clauses))) for each, paper in found)


def _kind(tried: Iterable[Tried]) -> VerdictKind:
    return VerdictKind.COVERED if any(not each.failures for each in tried) else VerdictKind.UNCOVERED


def _worst(parts: list[Part]) -> Verdict:
    """UNCOVERED over UNKNOWN over COVERED (9.2 C5)."""
    kinds = {part.kind for part in parts}
    order = VerdictKind.UNCOVERED, VerdictKind.UNKNOWN, VerdictKind.COVERED
    return Verdict(
        next(kind for kind in order if kind in kinds),
        tuple(sorted(frozenset[str]().union(*(part.by for part in parts)))),
        tuple(sorted(frozenset[Reason]().union(*(part.reasons for part in parts)))),
        (Why.ORIGIN_UNKNOWN,) if VerdictKind.UNKNOWN in kinds else (),
        tuple(parts),
    )
