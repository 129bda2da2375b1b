"""Root fields that ask the audit what may be, and what would be."""

from __future__ import annotations

import strawberry

from graphql_schema.audit.foreseen import ForeseenChanges
from graphql_schema.audit.inputs import ProposedAgreement, ProposedClasses, ProposedEnd
from graphql_schema.audit.transfers import LawfulPathways, ShareAnswer
from graphql_schema.core.audits import FindAnswer, FindAudited
from graphql_schema.core.declare import AS_OF, PAGE, asked, roots
from graphql_schema.core.foreseen import what_if
from graphql_schema.core.named import MAX_NAMED
from graphql_schema.core.telling import FIRST
from graphql_schema.core.transfers import lawful_pathways, share

__all__ = ["TransferQuery"]

_PURPOSE = (
    "purpose",
    strawberry.ID | None,
    "For what, by the URN of the purpose; unless told: not stated, which no agreement permits.",
)


@roots
class TransferQuery:
    """See the fields."""

    may_share: ShareAnswer = asked(
        FindAnswer(share),
        "May this data be sent to an agency for a purpose on the day? Answers the verdict of such a flow, and of every agreement"
        " that was tried each clause that fails.",
        ("dataset", strawberry.ID, "The dataset, by its URN."),
        (
            "columns",
            list[strawberry.ID] | None,
            f"Columns of it, by their URNs, at most {MAX_NAMED}; unless told: all.",
        ),
        ("to", strawberry.ID, "The agency that is to get it, by its URN."),
        _PURPOSE,
        AS_OF,
    )
    lawful_pathways: LawfulPathways = asked(
        FindAudited(lawful_pathways),
        "Is there a covered way on the day for a dataset to an agency for a purpose, and if not, which lacks the fewest agreements?",
        ("dataset", strawberry.ID, "The dataset, by its URN."),
        ("to", strawberry.ID, "The agency that is to get it, by its URN."),
        _PURPOSE,
        FIRST,
        AS_OF,
    )
    what_if: ForeseenChanges = asked(
        FindAudited(what_if),
        "What would change of the verdicts of live flows if agreements were made or ended, or data were classed otherwise? Each flow"
        " whose verdict would be another, with the one that it has. Nothing is written.",
        (
            "agreements",
            list[ProposedAgreement] | None,
            f"Agreements that would be in the catalog besides, at most {MAX_NAMED}; unless told: none.",
        ),
        (
            "end_agreements",
            list[ProposedEnd] | None,
            f"Agreements that would be terminated, at most {MAX_NAMED}; unless told: none.",
        ),
        (
            "reclassify",
            list[ProposedClasses] | None,
            f"Datasets and columns that would be of other classes, at most {MAX_NAMED}; unless told: none.",
        ),
        *PAGE,
        AS_OF,
    )
