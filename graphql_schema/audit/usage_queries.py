"""Root fields of what agreements are used for, and of how verdicts change."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_schema.audit.usage import AgreementPairs, AmendedFlows, UnusedAgreements, VerdictChanges
from graphql_schema.core.audits import FindAudited
from graphql_schema.core.declare import AS_OF, PAGE, asked, only, roots
from graphql_schema.core.usage import agreement_pairs, flows_under_amendment, unused_agreements
from graphql_schema.core.verdict_changes import VerdictTurn, verdict_changes

__all__ = ["UsageQuery"]


@roots
class UsageQuery:
    """See the fields."""

    agreement_pairs: AgreementPairs = asked(
        FindAudited(agreement_pairs),
        "The pairs of agencies that agreements in force connect, or between which flows go that need one, or may. Tests hold"
        " together.",
        only("agency", strawberry.ID, "with this agency, by its URN"),
        (
            "more_than",
            int | None,
            "Only connected by more agreements than this: 3 is many; unless told: by any number.",
        ),
        (
            "without_enterprise",
            bool,
            "Only those that exchange such data, and not under an enterprise agreement that binds both; unless told: false.",
            False,
        ),
        *PAGE,
        AS_OF,
    )
    unused_agreements: UnusedAgreements = asked(
        FindAudited(unused_agreements),
        "The agreements with terms that cover no flow that is live on the day and needs an agreement, for its sender or for an"
        " agency whose data it passes on.",
        ("in_force", bool, "Only those that are in force on the day; unless told: true.", True),
        *PAGE,
        AS_OF,
    )
    flows_under_amendment: AmendedFlows = asked(
        FindAudited(flows_under_amendment),
        "The flows that are live and covered on the day, and would not be if the agreements were as they were first made.",
        *PAGE,
        AS_OF,
    )
    verdict_changes: VerdictChanges = asked(
        FindAudited(verdict_changes),
        "The flows whose verdict on a day is another than before: those covered when they ran and not now, and the reverse.",
        (
            "from",
            date | None,
            (
                "The first day: of the flows that were live on it. Unless told: of each flow the day on which it last ran by"
                " the second day, so that it completed or wrote; of one without recorded runs, when it was first seen."
            ),
        ),
        ("to", date | None, "The second day; unless told: that of the answer."),
        only("turns", list[VerdictTurn], "such differences"),
        *PAGE,
        AS_OF,
    )
