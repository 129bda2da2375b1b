"""Sharing: agreements with their parties, terms, stages and amendments; purposes and laws (domain 3.4 and 8)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from catalog.access import Audience
from catalog.model.declare import Entity, Relation, entity, prop, rel
from catalog.model.enums import AgreementKind, AgreementStage, LawKind, PartyRole, Redisclosure
from catalog.model.plan import in_accord_with, serves

__all__ = ["Agreement", "AgreementParty", "Amendment", "CoverageTerm", "Law", "Purpose", "StageEvent"]


@entity(group="sharing", audience=Audience.STAFF)
class Agreement(Entity):
    """A paper under which data is shared. Whether it is in force is derived, never typed (domain 3.4, 8.2, L179)."""

    reference: str | None = prop("Number or key that its register gives it, with the version.", index=True)
    title: str = prop("Title.", required=True, order=True, search="title")
    description: str | None = prop("What it is about; plain text.", search="text")
    kind_of_agreement: AgreementKind | None = prop("What kind of paper it is.", facet=True)
    stated_stage: AgreementStage | None = prop("Stage as its register states it; the rules look at events.", facet=True)
    requested_on: date | None = prop("Day it was asked for.")
    executed_on: date | None = prop("Day on which the last party signed.", order=True)
    effective_from: date | None = prop("First day in force; unknown counts as not yet.", order=True)
    effective_to: date | None = prop("Last day in force; counts. None: until ended.", order=True)
    renewal: str | None = prop("How it is carried on; plain text.")
    termination_notice_days: int | None = prop("Notice by which a party may end it.", unit="days")
    permits_redisclosure: Redisclosure | None = prop("What may be passed on; none stated counts as nothing.")
    publication_review: str | None = prop("Who must see results before they are published; plain text.")
    suppression_rule: str | None = prop("How small cells are to be kept back; plain text.")
    breach_notice_hours: int | None = prop("Time within which a breach must be told.", unit="hours")
    fees: str | None = prop("What it costs; plain text.")
    security_requirements: str | None = prop("How the data must be kept; plain text.")
    destroy_by: date | None = prop("Last day on which the data may be kept.")
    stated_terms: tuple[str, ...] = prop(
        "What laws ask for that its text states, each as the law's required terms word it.", default=()
    )
    document: str | None = prop("Where the text can be read; URL or file name.")
    durable: bool | None = prop("Whether it is made to outlast a single request.")
    preconditions: str | None = prop(
        "What must be fulfilled first; JSON text, a list of {kind, fulfilledOn, expiresOn} with days YYYY-MM-DD."
    )

    under: ClassVar[Relation] = rel(
        "UNDER",
        "Agreement",
        "The agreement above it, without which it is not in force.",
        inverse="agreements_under",
        one=True,
        acyclic=True,
    )
    parties: ClassVar[Relation] = rel("HAS_PARTY", "AgreementParty", "Its parties.", inverse="party_of", one_tail=True)
    terms: ClassVar[Relation] = rel("HAS_TERM", "CoverageTerm", "What it covers.", inverse="term_of", one_tail=True)
    stages: ClassVar[Relation] = rel(
        "HAS_STAGE", "StageEvent", "What happened to it.", inverse="stage_of", one_tail=True
    )
    amendments: ClassVar[Relation] = rel(
        "AMENDED_BY", "Amendment", "What changed it.", inverse="amendment_of", one_tail=True
    )
    permits: ClassVar[Relation] = rel("PERMITS", "Purpose", "Purposes it permits.", inverse="permitted_by")
    prohibits: ClassVar[Relation] = rel("PROHIBITS", "Purpose", "Purposes it rules out.", inverse="prohibited_by")
    rests_on: ClassVar[Relation] = rel("RESTS_ON", "Law", "The laws it rests on.", inverse="agreements")
    may_pass_on: ClassVar[Relation] = rel(
        "PERMITS_REDISCLOSURE_OF",
        "Dataset",
        "The datasets that may be passed on, where it lists them.",
        inverse="redisclosable_under",
    )
    serves: ClassVar[Relation] = serves("serving_agreements")
    in_accord_with: ClassVar[Relation] = in_accord_with("agreements_in_accord")


@entity(group="sharing", audience=Audience.STAFF)
class AgreementParty(Entity):
    """An agency's part in an agreement, in one role, and its signature (domain 3.4, 9.2 D4, L179)."""

    role: PartyRole = prop("What it does under the agreement.", required=True, order=True, facet=True)
    signed_on: date | None = prop("Day of its signature; none is not signed.", order=True)
    signatory: str | None = prop("Who signed for it; a name or an office.")

    stands_for: ClassVar[Relation] = rel(
        "STANDS_FOR", "Agency", "The agency that is party.", inverse="party_to", one=True
    )


@entity(group="sharing", audience=Audience.STAFF)
class CoverageTerm(Entity):
    """A clause that says which data an agreement covers, for what, for whom, from when to when (domain 3.4, 9)."""

    title: str | None = prop("What it is called, such as exhibit and line.", order=True, search="title")
    effective_from: date | None = prop("First day it covers; none: with the agreement.", order=True)
    effective_to: date | None = prop("Last day it covers; counts. None: with the agreement.", order=True)
    conditions: str | None = prop(
        "What must be fulfilled first; JSON text, a list of {kind, fulfilledOn, expiresOn} with days YYYY-MM-DD."
    )

    covers: ClassVar[Relation] = rel(
        "COVERS",
        ("Dataset", "DatasetSeries", "System", "Column"),
        "The data it names; columns are of the datasets it names, none named means all.",
        inverse="coverage_terms",
    )
    for_purpose: ClassVar[Relation] = rel(
        "FOR_PURPOSE",
        "Purpose",
        "What the data may be used for; none: as the agreement permits.",
        inverse="coverage_terms",
    )
    recipients: ClassVar[Relation] = rel(
        "FOR_RECIPIENT",
        "Agency",
        "Who may receive it; none named: any recipient of the agreement.",
        inverse="recipient_in",
    )


@entity(group="sharing", audience=Audience.STAFF)
class StageEvent(Entity):
    """A dated step in the life of an agreement, effective from the beginning of its day (domain 3.4, 9.2 D2-D3, L236)."""

    stage: AgreementStage = prop("The step.", required=True, order=True, facet=True)
    occurred_on: date | None = prop("The day of it.", order=True)
    actor: str | None = prop("Who took it; a name or an office.")
    note: str | None = prop("Remarks; plain text.")


@entity(group="sharing", audience=Audience.STAFF)
class Amendment(Entity):
    """A change of an agreement's text, effective from its day and not before (domain 3.4, 9.2 D5)."""

    title: str | None = prop("What it is called.", search="title")
    amended_on: date = prop("The day from which it has effect.", required=True, order=True)
    changes: str | None = prop(
        "What it changes; JSON text {effectiveTo, addTerms, endTerms}: a last day YYYY-MM-DD, URNs of terms of the agreement."
    )
    note: str | None = prop("The change in words; plain text.")


@entity(group="sharing")
class Purpose(Entity):
    """What data is used for; a narrower purpose is permitted where a broader one is (domain 3.4, 9.2 E5, L104, L119)."""

    label: str = prop("Name of the purpose.", required=True, order=True, search="title")
    definition: str | None = prop("What falls under it; plain text.", search="text")
    concept: str | None = prop("The concept of a published vocabulary that it equals; IRI.")

    broader: ClassVar[Relation] = rel(
        "HAS_BROADER", "Purpose", "Purposes that include it.", inverse="narrower", acyclic=True
    )


@entity(group="sharing")
class Law(Entity):
    """A legal text that protects data, or on which collecting or sharing it rests (domain 3.4, 8.3, L107, L260)."""

    citation: str = prop("How it is cited.", required=True, order=True, index=True, search="title")
    title: str | None = prop("What it is called.", search="title")
    jurisdiction: str | None = prop("Whose law it is, such as federal or the name of a state.", facet=True)
    kind_of_law: LawKind | None = prop("What kind of text it is.", facet=True)
    protects: str | None = prop("Which data it protects; plain text.", search="text")
    required_terms: tuple[str, ...] = prop("What a sharing record under it must state, a text each.", default=())
    url: str | None = prop("Where it can be read; URL.")

    part_of: ClassVar[Relation] = rel(
        "PART_OF", "Law", "The text it is a section of.", inverse="sections", one=True, acyclic=True
    )
