"""What the rows of a register tell, as statements (domain 3.4, 3.5, 8.4, 9).

A release is a flow: from a body of data that its provider holds, in the form in which it is given out and of the class that
this form has, to an edition of it that the recipient holds. That the register names an agreement beside it is a claim
(9.2 E10), and no term: what an agreement covers is stated only where the mapping says that rows tell it. What the register
lacks (a day, a signature, a purpose) is not stated, and so fails at its clause.

What several rows speak of (an agency, a body of data, an agreement) is stated whole with the first of them.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.data import Dataset
from catalog.model.declare import Entity, Relation
from catalog.model.determinations import ClassificationDetermination
from catalog.model.enums import Classification, PartyRole
from catalog.model.lineage import Flow
from catalog.model.own import Source
from catalog.model.sharing import Agreement, AgreementParty, CoverageTerm
from catalog.urn import Urn, key, parse, part
from lineage.flows import feeds
from loaders.own_words import keep_words
from loaders.record import Record
from loaders.registers.mapping import AGREEMENT_DAYS, RegisterMapping
from loaders.registers.names import segment
from loaders.registers.parse import Data, Entry, Paper

__all__ = ["Register", "record_urn"]


def record_urn(source: Source, release: str) -> Urn:
    """The URN of what one file of a register says of a release."""
    return key("catalog-record", *parse(source.urn).segments, release)


class Register:
    """The rows of a file that break no rule, as records.

    ``whole`` says that these are all rows of the file: then what it says no more of a body of data or an agreement is
    closed. Otherwise a row that was kept out may still say it.
    """

    def __init__(self, entries: Iterable[Entry], mapping: RegisterMapping, source: Source, *, whole: bool) -> None:
        self._mapping = mapping
        self._source = source
        self._whole = whole
        self._said: set[Urn] = set()
        self._of_data: dict[Urn, list[Entry]] = defaultdict(list)
        self._of_paper: dict[Urn, list[tuple[Entry, Paper]]] = defaultdict(list)
        for entry in entries:
            self._of_data[self._data_urn(entry.data)].append(entry)
            if entry.paper is not None:
                self._of_paper[self._key("agreement", *entry.paper.reference)].append((entry, entry.paper))

    def state(self, entry: Entry, record: Record) -> None:
        """Add to its record what a row tells, with all that rows share and none before it stated. Raises InvalidUrn."""
        source = self._data(entry.data, record)
        agreement = None
        if entry.paper is not None:
            agreement = self._key("agreement", *entry.paper.reference)
            self._agreement(agreement, record)
            if self._mapping.covers:
                self._term(self._term_urn(agreement, entry), entry, record)
        if entry.release is not None:
            self._release(entry, entry.release, source, agreement, record)

    # What rows share

    def _data(self, data: Data, record: Record) -> Urn:
        """A body of data in one form, its holder, its class, and all that it flows into."""
        urn = self._data_urn(data)
        if not self._first(urn):
            return urn
        title = f"{data.title} ({data.form})" if data.form else data.title
        self._node(record, Dataset(urn=urn, title=title, contains_pii=_is_personal(data)))
        self._agency(data.provider, record)
        self._edge(record, Dataset.held_by, urn, [data.provider.urn])
        if data.classes:
            note = f"The register calls it: {data.form}"
            decided = part(urn, "classification-determination", "registered")
            self._node(record, ClassificationDetermination(urn=decided, classes=data.classes, note=note))
            self._edge(record, ClassificationDetermination.classifies, decided, [urn])
        record.edges += [self._feeds(urn, entry) for entry in self._of_data[urn] if entry.release is not None]
        if self._whole:
            record.restates.append((urn, Dataset.downstream))
        return urn

    def _agreement(self, urn: Urn, record: Record) -> None:
        """An agreement with its parties, its laws, and the terms that rows tell of it."""
        if not self._first(urn):
            return
        told = self._of_paper[urn]
        paper = told[0][1]
        named = " version ".join(paper.reference)
        days = dict(zip(AGREEMENT_DAYS, paper.days, strict=True))
        reference = (
            paper.number if paper.version is None else f"{paper.number}{self._mapping.version_after}{paper.version}"
        )
        self._node(record, Agreement(urn=urn, reference=reference, title=paper.title or named, **days))
        entries = [entry for entry, _ in told]
        self._edge(record, Agreement.parties, urn, self._parties(urn, entries, record), shared=True)
        laws = {law.urn: law for entry in entries for law in entry.laws}
        for law in laws.values():
            if self._first(law.urn):
                self._node(record, law)
        self._edge(record, Agreement.rests_on, urn, list(laws), shared=True)
        if self._mapping.covers:
            terms = dict.fromkeys(self._term_urn(urn, entry) for entry in entries)
            self._edge(record, Agreement.terms, urn, list(terms), shared=True)

    def _parties(self, agreement: Urn, entries: Sequence[Entry], record: Record) -> list[Urn]:
        found = [(PartyRole.PROVIDER, entry.data.provider) for entry in entries]
        found += [(PartyRole.RECIPIENT, entry.recipient) for entry in entries]
        made: dict[Urn, None] = {}
        for role, agency in found:
            urn = part(agreement, "agreement-party", role.lower(), parse(agency.urn).segments[-1])
            if urn not in made:
                made[urn] = None
                self._agency(agency, record)
                self._node(record, AgreementParty(urn=urn, role=role))
                self._edge(record, AgreementParty.stands_for, urn, [agency.urn])
        return list(made)

    def _term(self, urn: Urn, entry: Entry, record: Record) -> None:
        """What a row tells that its agreement covers."""
        if self._first(urn):
            self._node(record, CoverageTerm(urn=urn, title=entry.data.title))
            self._edge(record, CoverageTerm.covers, urn, [self._data_urn(entry.data)])
            self._edge(record, CoverageTerm.recipients, urn, [entry.recipient.urn])
            self._edge(record, CoverageTerm.for_purpose, urn, self._purpose(entry, record))

    def _term_urn(self, agreement: Urn, entry: Entry) -> Urn:
        """A digest, since what a term is about may be longer than a key can be."""
        purpose = "" if entry.purpose is None else entry.purpose.urn
        about = f"{self._data_urn(entry.data)} {entry.recipient.urn} {purpose}"
        return part(agreement, "coverage-term", hashlib.blake2b(about.encode(), digest_size=8).hexdigest())

    def _agency(self, agency: Entity, record: Record) -> None:
        if self._first(agency.urn):
            self._node(record, agency)

    def _purpose(self, entry: Entry, record: Record) -> list[Urn]:
        if entry.purpose is None:
            return []
        if self._first(entry.purpose.urn):
            self._node(record, entry.purpose)
        return [entry.purpose.urn]

    # What a row alone speaks of

    def _release(self, entry: Entry, release: str, source: Urn, agreement: Urn | None, record: Record) -> None:
        """The flow, what it leaves at the recipient, and the row word for word."""
        target, flow = self._key("dataset", release), self._key("flow", release)
        self._agency(entry.recipient, record)
        title = f"{release}: {entry.data.title}"
        received = Dataset(urn=target, identifier=release, title=title, contains_pii=_is_personal(entry.data))
        self._node(record, received)
        self._edge(record, Dataset.held_by, target, [entry.recipient.urn])
        self._edge(record, Dataset.version_of, target, [source])
        moved = Flow(
            urn=flow,
            title=title,
            description=entry.description,
            schedule=entry.schedule,
            first_seen=entry.first_seen,
            last_seen=entry.last_seen,
        )
        self._node(record, moved)
        self._edge(record, Flow.from_asset, flow, [source])
        self._edge(record, Flow.to_asset, flow, [target])
        self._edge(record, Flow.claims, flow, [] if agreement is None else [agreement])
        self._edge(record, Flow.for_purpose, flow, self._purpose(entry, record))
        keep_words(
            record,
            entry.row.raw,
            urn=record_urn(self._source, release),
            identifier=release,
            dataset=target,
            source=self._source.urn,
            variant="register",
        )

    def _feeds(self, source: Urn, entry: Entry) -> EdgeStatement:
        """The edge that a release amounts to, on the days of it (domain 9.2 A7)."""
        release = str(entry.release)
        last = entry.last_seen
        edge = feeds(self._key("flow", release), source, None, self._key("dataset", release), entry.first_seen)
        if last is None or last == date.max:
            return edge
        return replace(edge, valid_to=last + timedelta(days=1))

    # How it is written down

    def _key(self, kind: str, *names: str) -> Urn:
        return key(kind, self._mapping.prefix, self._mapping.register, *names)

    def _data_urn(self, data: Data) -> Urn:
        """A key with the provider in it, so that no release is called the same."""
        provider = parse(data.provider.urn).segments[-1]
        return self._key("dataset", provider, segment(data.title), *([segment(data.form)] if data.form else []))

    def _first(self, urn: Urn) -> bool:
        """Whether no record has stated it yet; from now on one has."""
        if urn in self._said:
            return False
        self._said.add(urn)
        return True

    def _node(self, record: Record, entity: Entity) -> None:
        record.nodes.append(NodeStatement(entity, self._mapping.audience))

    def _edge(
        self, record: Record, relation: Relation, tail: Urn, heads: Sequence[Urn], *, shared: bool = False
    ) -> None:
        """The edges of one relationship, of which there are no others, unless rows that were kept out may tell more."""
        record.edges += [EdgeStatement(relation, tail, head) for head in heads]
        if self._whole or not shared:
            record.restates.append((tail, relation))


def _is_personal(data: Data) -> bool | None:
    """Whether the register declares that data to identify persons (domain R14); None where it does not say so."""
    return True if Classification.PERSONAL in data.classes else None
