"""Mutations of the sharing domain: agreements, what happens to them, and what agencies answer."""

from __future__ import annotations

from catalog.forms import Form
from catalog.model.requests import Approval as ApprovalKind
from catalog.model.requests import DataRequest
from catalog.model.sharing import Agreement as AgreementKind
from catalog.model.sharing import AgreementParty as PartyKind
from graphql_schema.core.declare import roots
from graphql_schema.core.mutations import done, mutation, thing
from graphql_schema.sharing.types import Agreement, AgreementParty, Approval, CoverageTerm, StageEvent

__all__ = ["SharingMutation"]

_PARTY = Form("AgreementParty", AgreementKind.parties, (PartyKind.stands_for,), told_by=("role",))
_SIGNATURE = Form(
    "AgreementParty",
    AgreementKind.parties,
    (PartyKind.stands_for,),
    must=("signed_on",),
    told_by=("role",),
    is_there=True,
)
_STAGE = Form("StageEvent", AgreementKind.stages, must=("occurred_on",))
_TERM = Form("CoverageTerm", AgreementKind.terms)
_APPROVAL = Form("Approval", DataRequest.approvals, (ApprovalKind.given_by,), must=("decided_on",))


@done("An agreement that was recorded, by whom and why.")
class RecordedAgreement:
    """See the description."""

    agreement: Agreement | None = thing("Agreement")


@done("A step in the life of an agreement that was recorded, by whom and why.")
class RecordedStage:
    """See the description."""

    stage_event: StageEvent | None = thing("StageEvent")


@done("A party of an agreement whose signature was recorded, by whom and why.")
class RecordedSignature:
    """See the description."""

    agreement_party: AgreementParty | None = thing("AgreementParty")


@done("An agency's answer to a request for its data that was recorded, by whom and why.")
class RecordedApproval:
    """See the description."""

    approval: Approval | None = thing("Approval")


@done("A term of an agreement that was recorded, by whom and why.")
class RecordedTerm:
    """See the description."""

    coverage_term: CoverageTerm | None = thing("CoverageTerm")


@roots
class SharingMutation:
    """See the fields."""

    record_agreement: RecordedAgreement | None = mutation(
        "recordAgreement", Form("Agreement", parts=(_PARTY,)), "Record an agreement, with its parties."
    )
    record_stage: RecordedStage | None = mutation(
        "recordStage", _STAGE, "Record a step in the life of an agreement: whether it is in force follows from these."
    )
    record_signature: RecordedSignature | None = mutation(
        "recordSignature", _SIGNATURE, "Record that a party of an agreement signed it."
    )
    record_approval: RecordedApproval | None = mutation(
        "recordApproval",
        _APPROVAL,
        "Record what an agency answers to a request for its data; its latest answer counts.",
    )
    record_term: RecordedTerm | None = mutation(
        "recordTerm",
        _TERM,
        "Record a term of an agreement: which data it covers, for what, for whom, from when to when.",
    )
