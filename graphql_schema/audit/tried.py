"""Types of what was tried, with every clause that fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from graphql_schema.core.declare import asked, part, view
from graphql_schema.core.telling import FIRST, CountOf, NodeAt, Some
from graphql_schema.core.walk import Told
from lineage.audit.words import Reason, VerdictKind

if TYPE_CHECKING:
    from graphql_schema.people.types import Agency
    from graphql_schema.sharing.types import Agreement

__all__ = ["CoverOwed", "FailedClause", "TriedInFull"]

_PEOPLE = strawberry.lazy("graphql_schema.people.types")
_SHARING = strawberry.lazy("graphql_schema.sharing.types")


@view("A clause of an agreement that does not hold.")
class FailedClause:
    """See the description."""

    clause: int = part(
        Told("clause"),
        "The number of the clause: 1 in force, 2 parties, 3 data, 4 purpose, 5 legal basis, 6 approvals, 7 preconditions.",
    )
    code: Reason = part(Told("code"), "At what it fails.")


@view("An agreement that was tried, and all that it lacks.")
class TriedInFull:
    """See the description."""

    agreement: Annotated[Agreement, _SHARING] | None = part(
        NodeAt("Agreement", "agreement"), "The agreement; null where it was closed while the answer was made."
    )
    failures: list[FailedClause] = part(
        Told("failures", listed=True),
        "Every clause that fails; empty where it covers. Each is judged on what those before left. Ordered by number.",
    )


@view("What is owed to one agency: to the one that provides the data, or to one whose data is passed on.")
class CoverOwed:
    """See the description."""

    is_direct: bool = part(Told("direct"), "Whether it is owed to the agency that provides it.")
    agency: Annotated[Agency, _PEOPLE] | None = part(
        NodeAt("Agency", "agency"), "To whom it is owed; null where that is not known."
    )
    verdict: VerdictKind = part(Told("kind"), "Whether an agreement covers it.")
    tried: list[TriedInFull] = asked(Some("tried"), "The agreements that were tried. Ordered by URN.", FIRST)
    tried_count: int = part(CountOf("tried"), "How many agreements were tried.")
