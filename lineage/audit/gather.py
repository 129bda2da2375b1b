"""The facts of an audit, read from a store at once.

One scan reads everything that the predicates rest on, of one revision. What the reader may not see is not among the facts:
an audit is for who sees all.
"""

from __future__ import annotations

from datetime import tzinfo
from typing import NamedTuple

from catalog.access import Reader
from catalog.model import MODEL
from catalog.stores.port import Scan, Scanned, Store
from catalog.uncollected import uncollected
from lineage.audit.facts import Facts
from lineage.audit.reading import facts_of

__all__ = ["KINDS", "RELATIONSHIPS", "Gathered", "gather", "gathered", "scan_for"]

_NODES: dict[str, tuple[str, ...]] = {
    "Agency": (),
    "Unit": (),
    "System": (),
    "DatasetSeries": (),
    "Program": (),
    "Law": ("required_terms",),
    "Portal": ("is_public",),
    "Dataset": ("contains_pii", "contains_phi"),
    "ClassificationDetermination": ("classes", "reasons", "open_criteria", "determined_on"),
    "HighValueDetermination": ("determined_on",),
    "Purpose": (),
    "Agreement": (
        "kind_of_agreement",
        "executed_on",
        "effective_from",
        "effective_to",
        "permits_redisclosure",
        "preconditions",
        "destroy_by",
        "breach_notice_hours",
        "stated_terms",
    ),
    "AgreementParty": ("role", "signed_on"),
    "CoverageTerm": ("effective_from", "effective_to", "conditions"),
    "StageEvent": ("stage", "occurred_on"),
    "Amendment": ("amended_on", "changes"),
    "DataRequest": ("received_on", "decision", "decided_on"),
    "Approval": ("decision", "decided_on"),
    "Job": ("declassifies", "method", "suppression_rule", "link_destroyed_on"),
    "Run": ("state", "nominal_at", "started_at", "ended_at", "wrote", "rule"),
    "DisclosureReview": ("rule", "decision", "decided_on", "withdrawn_on"),
    "Flow": ("first_seen", "last_seen", "title"),
    "Obligation": ("kind_of_obligation", "due_on", "counted_from", "within_days", "fulfilled_on"),
    "DestructionCertificate": ("destroyed_on",),
    "LinkageRun": ("fields_used", "received_on", "matched_on", "matrix_passed_on", "destroyed_on"),
    "Person": (),
    "AuthorizedUser": ("nda_signed_on", "trained_on", "effective_from", "effective_to"),
    "Incident": ("occurred_on", "notified_on"),
}

_EDGES: tuple[tuple[str, str], ...] = (
    ("Unit", "unit_of"),
    ("System", "held_by"),
    ("Dataset", "held_by"),
    ("Dataset", "controlled_by"),
    ("Dataset", "collected_under"),
    ("Dataset", "stored_in"),
    ("Dataset", "in_series"),
    ("Dataset", "version_of"),
    ("Dataset", "published_on"),
    ("Dataset", "same_as"),
    ("ClassificationDetermination", "classifies"),
    ("ClassificationDetermination", "rests_on"),
    ("HighValueDetermination", "finds_high_value"),
    ("Purpose", "broader"),
    ("Agreement", "under"),
    ("Agreement", "parties"),
    ("Agreement", "terms"),
    ("Agreement", "stages"),
    ("Agreement", "amendments"),
    ("Agreement", "permits"),
    ("Agreement", "prohibits"),
    ("Agreement", "rests_on"),
    ("Agreement", "may_pass_on"),
    ("AgreementParty", "stands_for"),
    ("CoverageTerm", "covers"),
    ("CoverageTerm", "for_purpose"),
    ("CoverageTerm", "recipients"),
    ("DataRequest", "led_to"),
    ("DataRequest", "approvals"),
    ("Approval", "given_by"),
    ("Job", "run_by"),
    ("Job", "writes"),
    ("Run", "executes"),
    ("Run", "ran_under"),
    ("Run", "outputs"),
    ("DisclosureReview", "reviews"),
    ("DisclosureReview", "saw"),
    ("Flow", "from_asset"),
    ("Flow", "to_asset"),
    ("Flow", "via"),
    ("Flow", "for_purpose"),
    ("Flow", "claims"),
    ("Flow", "provided_by"),
    ("Flow", "received_by"),
    ("Law", "part_of"),
    ("DataRequest", "asks_for"),
    ("DataRequest", "affects"),
    ("Obligation", "under"),
    ("Obligation", "owed_by"),
    ("DestructionCertificate", "under"),
    ("DestructionCertificate", "destroyed"),
    ("DestructionCertificate", "given_by"),
    ("LinkageRun", "request"),
    ("LinkageRun", "hub"),
    ("LinkageRun", "matched"),
    ("LinkageRun", "on_columns"),
    ("Person", "works_for"),
    ("AuthorizedUser", "person"),
    ("AuthorizedUser", "under"),
    ("AuthorizedUser", "may_use"),
    ("Incident", "touched"),
    ("Incident", "under"),
)

_PARTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Dataset", "columns", ("urn", "name", "personal_kind", "first_seen")),
)
_LISTS: tuple[tuple[str, str], ...] = (("Flow", "columns"),)
"""Of columns there are more than of anything else: they are read by dataset and by flow."""
_JOINS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("ColumnFlow", ("part_of_flow", "from_column", "to_column"), ("derivation", "masking")),
)


KINDS = frozenset(
    (*_NODES, *(kind for kind, _, _ in _JOINS), *(MODEL.relation(kind, name).heads[0] for kind, name, _ in _PARTS))
)
"""Those on whose nodes a fact may rest."""
RELATIONSHIPS = (
    *_EDGES,
    *((kind, name) for kind, name, _ in _PARTS),
    *_LISTS,
    *((kind, name) for kind, names, _ in _JOINS for name in names),
)
"""Those on which a fact may rest: kinds, and names that are declared on them."""


class Gathered(NamedTuple):
    """Facts, and the revision of which they are."""

    revision: int
    facts: Facts
    titles: dict[str, str]
    """What flows are called, by urn; those that are called nothing are not there."""


def scan_for(reader: Reader, only: tuple[str, ...] | None = None) -> Scan:
    """What to scan for the facts that this reader sees, or for those of ``only`` some nodes."""
    return Scan(tuple(_NODES.items()), _EDGES, reader, _PARTS, _LISTS, _JOINS, only)


def gathered(scanned: Scanned, zone: tzinfo) -> Gathered:
    """What was scanned, as facts; timestamps become days of the zone (9.2 D8)."""
    titles = {urn: title for urn, *_, title in scanned.nodes["Flow"] if title}
    with uncollected():
        return Gathered(scanned.revision, facts_of(scanned, zone), titles)


async def gather(store: Store, reader: Reader, zone: tzinfo) -> Gathered:
    """Everything that an audit rests on, as this reader sees it."""
    return gathered(await store.scan(scan_for(reader)), zone)
