"""What the audit rests on, as plain values: data, who has it, what flowed, and what was agreed (domain 3, 8 and 9).

Ids are strings, unique over all kinds. Two spans occur (9.2 A7): ``valid_from`` and ``valid_to`` are half open; a *last
day* (``effective_to``, ``to``, ``expires_on``, ``last_seen``) counts. ``None`` as the beginning of a span means ever, as
its end still, unless its field says otherwise. Days are those of the zone of the state (9.2 D8).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import repeat
from typing import TypeVar

from msgspec import Struct

from catalog.model.enums import RunState, TransformationKind
from catalog.model.enums_data import Classification, PersonalKind
from catalog.model.enums_sharing import AgreementKind, AgreementStage, PartyRole
from lineage.audit.records import Records

__all__ = [
    "Agreement",
    "Amendment",
    "Approval",
    "Broader",
    "Column",
    "ColumnFlow",
    "ColumnRef",
    "Columns",
    "Condition",
    "CoverageTerm",
    "Dataset",
    "Determination",
    "DisclosureReview",
    "Facts",
    "Flow",
    "Holding",
    "Membership",
    "NewEnd",
    "Party",
    "Process",
    "Publication",
    "Redisclosure",
    "Run",
    "SameAs",
    "StageEvent",
    "System",
    "Written",
]

_T = TypeVar("_T")

ColumnRef = tuple[str, str]
"""A column: its dataset and its name."""


class Broader(Struct, frozen=True, gc=False):
    """One purpose is broader than another, on [valid_from, valid_to) only (9.2 A7, E5)."""

    purpose: str
    broader: str
    valid_from: date | None = None
    valid_to: date | None = None


class System(Struct, frozen=True, gc=False):
    """A system and its holder (9.2 A13)."""

    id: str
    agency: str | None
    """An agency or a unit. None: unknown."""


class Column(Struct, frozen=True, gc=False):
    """A column of the catalog, there on [first_day, valid_to) (9.2 A5)."""

    ref: ColumnRef
    first_day: date | None = None
    """None: of the dataset's first load, there all along."""
    valid_to: date | None = None
    personal_kind: PersonalKind | None = None
    """None: nobody said."""
    id: str | None = None
    """By which the catalog knows it."""

    @property
    def personal(self) -> bool:
        """Whether it says something about a person (domain R14)."""
        return self.personal_kind not in {None, PersonalKind.NONE}


class Columns(Struct, frozen=True, gc=False):
    """The columns of a dataset. To walk through it is to walk through ``Column``, each made as it is met.

    Of there being ten times as many columns as datasets, and most of them alike, what is known of them is kept together:
    a value of each in the order of ``refs``, or None where it is None of all.
    """

    refs: tuple[ColumnRef, ...] = ()
    first_days: tuple[date | None, ...] | None = None
    valid_tos: tuple[date | None, ...] | None = None
    personal_kinds: tuple[PersonalKind | None, ...] | None = None
    ids: Iterable[str | None] | None = None

    @classmethod
    def of(cls, columns: Iterable[Column]) -> Columns:
        """Some columns."""
        given = tuple(columns)
        return cls(
            tuple(each.ref for each in given),
            _known(each.first_day for each in given),
            _known(each.valid_to for each in given),
            _known(each.personal_kind for each in given),
            _known(each.id for each in given),
        )

    def __iter__(self) -> Iterator[Column]:
        """Each, in order."""
        parts = (self.first_days, self.valid_tos, self.personal_kinds, self.ids)
        return map(Column, self.refs, *(repeat(None) if part is None else part for part in parts))

    def __len__(self) -> int:
        """How many there are."""
        return len(self.refs)

    @property
    def dated(self) -> bool:
        """Whether any was not there all along."""
        return self.first_days is not None or self.valid_tos is not None


def _known(values: Iterable[_T | None]) -> tuple[_T | None, ...] | None:
    found = tuple(values)
    return None if all(value is None for value in found) else found


class Dataset(Struct, frozen=True, gc=False):
    """A dataset with its columns. A version is a dataset that is a version of another."""

    id: str
    columns: Columns = Columns()
    version_of: str | None = None
    declared_personal: bool = False
    """containsPII or containsPHI (domain R14)."""
    high_value_on: date | None = None
    """The first day of a high value determination."""
    planned_on: date | None = None
    """The first day of an open data access plan that lists it."""


class Membership(Struct, frozen=True, gc=False):
    """The dataset is in a series or a system (9.2 A13, E12)."""

    dataset: str
    group: str
    valid_from: date | None = None
    valid_to: date | None = None


class SameAs(Struct, frozen=True, gc=False):
    """Two datasets that are one (9.2 E11)."""

    one: str
    other: str
    stated: bool
    """False: only proposed or denied, which joins nothing."""
    valid_from: date | None = None
    valid_to: date | None = None
    denied: bool = False
    """Whether it says that they are not: then nobody's word joins the two."""


class Holding(Struct, frozen=True, gc=False):
    """A dataset in the custody or control of an agency or unit, or collected under a program or law."""

    dataset: str
    by: str
    valid_from: date | None = None
    valid_to: date | None = None


class Publication(Struct, frozen=True, gc=False):
    """A dataset on a portal (9.2 A14)."""

    dataset: str
    public: bool
    """Whether the portal is a public one."""
    valid_from: date | None = None
    valid_to: date | None = None


class Determination(Struct, frozen=True, gc=False):
    """The classes of a dataset or of one of its columns, in force on [on, valid_to) (9.2 A1, A5, A6)."""

    dataset: str
    column: str | None
    """None: the dataset as a whole."""
    classes: frozenset[Classification]
    on: date | None
    """None: undated, and older than any dated one."""
    valid_to: date | None = None
    reasons: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()
    open_criteria: tuple[str, ...] = ()
    """Those that it finds met (domain R11)."""


class Condition(Struct, frozen=True, gc=False):
    """A precondition of an agreement or a condition of a term (9.2 E8)."""

    kind: str
    fulfilled_on: date | None
    """None: not fulfilled."""
    expires_on: date | None = None


class Party(Struct, frozen=True, gc=False):
    """One role of one party to an agreement."""

    party: str
    """An agency, a unit, or a partner outside."""
    role: PartyRole
    signed_on: date | None
    """None: not signed (9.2 D4)."""


class CoverageTerm(Struct, frozen=True, gc=False):
    """What an agreement covers, named downwards (9.2 E12)."""

    id: str
    names: tuple[str, ...] = ()
    """Datasets, series and systems."""
    columns: tuple[ColumnRef, ...] = ()
    """Of the datasets named. Empty: all (9.2 A12)."""
    purposes: tuple[str, ...] = ()
    """Empty: it states none (9.2 E5)."""
    recipients: tuple[str, ...] = ()
    """Empty: any."""
    from_: date | None = None
    to: date | None = None
    conditions: tuple[Condition, ...] = ()


class StageEvent(Struct, frozen=True, gc=False):
    """A stage that an agreement reached (9.2 D2, D3)."""

    stage: AgreementStage
    on: date


class NewEnd(Struct, frozen=True, gc=False):
    """What an amendment makes of effectiveTo. None: until ended."""

    effective_to: date | None


class Amendment(Struct, frozen=True, gc=False):
    """A change of the text from its day on (9.2 D5)."""

    on: date
    new_end: NewEnd | None = None
    add_terms: tuple[CoverageTerm, ...] = ()
    end_terms: tuple[str, ...] = ()


class Redisclosure(Struct, frozen=True, gc=False):
    """permitsRedisclosure (9.2 C4): none, all, or a list."""

    all: bool = False
    names: tuple[str, ...] = ()
    """Datasets, series and systems, named downwards as in terms."""


class Agreement(Struct, frozen=True, gc=False):
    """An agreement as it was made; its state is derived (9.2 D)."""

    id: str
    kind: AgreementKind
    under: tuple[str, ...] = ()
    executed_on: date | None = None
    effective_from: date | None = None
    """None: unknown, so not yet (9.2 D1)."""
    effective_to: date | None = None
    parties: tuple[Party, ...] = ()
    terms: tuple[CoverageTerm, ...] = ()
    events: tuple[StageEvent, ...] = ()
    amendments: tuple[Amendment, ...] = ()
    permits: tuple[str, ...] = ()
    prohibits: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    redisclosure: Redisclosure = Redisclosure()
    preconditions: tuple[Condition, ...] = ()
    requests: tuple[str, ...] = ()
    """The requests that led to it (9.2 E7)."""
    valid_from: date | None = None
    valid_to: date | None = None
    """On [valid_from, valid_to) that is what is said of it. Of the facts of one agreement one holds on each day."""


class Approval(Struct, frozen=True, gc=False):
    """The decision of an agency on a request (9.2 E7)."""

    request: str
    agency: str
    approved: bool
    on: date | None
    """None: unknown, so by no day."""
    valid_to: date | None = None
    """From then on it is taken back."""


class Process(Struct, frozen=True, gc=False):
    """A process, or job (9.2 A9)."""

    id: str
    agency: str | None = None
    declassifies: bool = False
    method: TransformationKind | None = None
    suppression_rule: str | None = None
    link_destroyed_on: date | None = None


class Written(Struct, frozen=True, gc=False):
    """What one run wrote of one dataset."""

    dataset: str
    columns: tuple[str, ...] | None = None
    """None: all."""


class Run(Struct, frozen=True, gc=False):
    """A run of a process (9.2 A10, A11, E4)."""

    id: str
    process: str
    on: date
    """The day on which it started."""
    state: RunState
    outputs: tuple[Written, ...] | None = None
    """None: not stated; then a COMPLETED run wrote all that its process writes, any other nothing."""
    rule: str | None = None
    """None: that of its process."""
    agreement: str | None = None


class DisclosureReview(Struct, frozen=True, gc=False):
    """What a review saw of a process, and how it decided (9.2 A10)."""

    process: str
    columns: tuple[ColumnRef, ...] | None
    """None: all."""
    rule: str | None
    approved: bool
    on: date | None
    """None: unknown, so before no run."""
    withdrawn_on: date | None = None


class ColumnFlow(Struct, frozen=True, gc=False):
    """One column feeds another (9.2 A4)."""

    from_: ColumnRef
    to: ColumnRef
    direct: bool
    masked: bool = False


class Flow(Struct, frozen=True, gc=False):
    """Data that goes from a dataset or system to another (domain 3.5)."""

    id: str
    source: str
    target: str
    process: str | None = None
    columns: tuple[ColumnRef, ...] = ()
    """Those that it states. Empty: none (9.2 A12)."""
    column_flows: tuple[ColumnFlow, ...] = ()
    purpose: str | None = None
    provider: str | None = None
    """Stated; stands in where the holder is not known (9.2 C1)."""
    recipient: str | None = None
    claims: tuple[str, ...] = ()
    first_seen: date | None = None
    """None: only planned, as far as no run says otherwise."""
    last_seen: date | None = None

    @property
    def carried(self) -> set[str]:
        """The source, and the datasets of which the columns are that it carries."""
        columns = [*self.columns, *[each.from_ for each in self.column_flows]]
        return {self.source, *[dataset for dataset, _ in columns]}

    @property
    def fed(self) -> set[str]:
        """The target, and the datasets of which the columns are that it feeds."""
        return {self.target, *[each.to[0] for each in self.column_flows]}


class Facts(Struct, frozen=True):
    """All that is known. An empty tuple: nothing of that kind."""

    units: tuple[tuple[str, str | None], ...] = ()
    """Each unit with its agency, None where that is not known."""
    systems: tuple[System, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    members: tuple[Membership, ...] = ()
    same_as: tuple[SameAs, ...] = ()
    held_by: tuple[Holding, ...] = ()
    controlled_by: tuple[Holding, ...] = ()
    collected_under: tuple[Holding, ...] = ()
    publications: tuple[Publication, ...] = ()
    determinations: tuple[Determination, ...] = ()
    purposes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Each purpose with the broader ones, but for those that ``broader`` tells."""
    broader: tuple[Broader, ...] = ()
    """What was broader than these on some days only."""
    agreements: tuple[Agreement, ...] = ()
    approvals: tuple[Approval, ...] = ()
    processes: tuple[Process, ...] = ()
    runs: tuple[Run, ...] = ()
    reviews: tuple[DisclosureReview, ...] = ()
    flows: tuple[Flow, ...] = ()
    records: Records = Records()
    others: frozenset[str] = frozenset()
    """The ids of what else can be named: agencies, series, laws and requests."""
