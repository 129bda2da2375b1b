"""How a domain declares the root fields that walk along lineage or count it: ``declare`` has the words for all others."""

from __future__ import annotations

from typing import Any, Optional

import strawberry

from catalog.model import MODEL
from graphql_schema.core.agency_flows import FindAgencyFlows
from graphql_schema.core.declare import AS_OF, Argument, asked
from graphql_schema.core.impact import FindImpact
from graphql_schema.core.lists import filter_of, tests_of
from graphql_schema.core.paths import FindPaths
from graphql_schema.core.walk import FindLineage
from lineage.agency_flows import DEFAULT_CELLS, MAX_CELLS
from lineage.neighbourhood import Steps
from lineage.paths import DEFAULT_PATHS, MAX_PATHS
from lineage.traverse import DEFAULT_DEPTH, DEFAULT_FIRST, MAX_DEPTH, MAX_FIRST, LineageDirection

__all__ = ["agency_flows", "impact", "paths", "walk"]


_SLUG = "`urn:waypost:{}:...`"


def walk(kind: str, upstream: str, downstream: str, description: str) -> Any:
    """A root field that walks from the node of a kind along two steps to the same kind, one against the other."""
    nodes = f"1 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}"
    both = LineageDirection.BOTH
    return asked(
        FindLineage(_steps(kind, upstream, downstream)),
        description,
        _urn("urn", kind, "Its URN"),
        ("direction", LineageDirection, f"Which way to walk; unless told: {both}.", both),
        ("depth", int, f"How many hops at most: 1 to {MAX_DEPTH}; unless told: {DEFAULT_DEPTH}.", DEFAULT_DEPTH),
        ("first", int, f"How many nodes at most, it among them: {nodes}.", DEFAULT_FIRST),
        AS_OF,
    )


def paths(kind: str, upstream: str, downstream: str, description: str) -> Any:
    """A root field that looks for the ways from one node of a kind to another along the step downstream."""
    most = f"1 to {MAX_PATHS}; unless told: {DEFAULT_PATHS}"
    return asked(
        FindPaths(_steps(kind, upstream, downstream)),
        description,
        _urn("from", kind, "URN of the one that data flows from"),
        _urn("to", kind, "URN of the one that it flows to"),
        ("first", int, f"How many paths at most: {most}.", DEFAULT_PATHS),
        AS_OF,
    )


def impact(kind: str, upstream: str, downstream: str, description: str) -> Any:
    """A root field that counts what stands downstream of the node of a kind."""
    nodes = f"1 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}"
    return asked(
        FindImpact(_steps(kind, upstream, downstream)),
        description,
        _urn("urn", kind, "Its URN"),
        ("depth", int, f"How many hops at most: 1 to {MAX_DEPTH}; unless told: {MAX_DEPTH}.", MAX_DEPTH),
        ("first", int, f"How many datasets at most, it among them: {nodes}.", DEFAULT_FIRST),
        AS_OF,
    )


def agency_flows(description: str) -> Any:
    """A root field that counts what flows from agency to agency."""
    narrowed = filter_of("Flow")
    concerned = f"Only what flows from it or to it: {_SLUG.format('agency')}; unless told: all."
    between = "Only what flows between two different agencies, or where one is not known; unless told: false."
    edges = f"0 to {MAX_CELLS}; unless told: {DEFAULT_CELLS}"
    return asked(
        FindAgencyFlows(tests_of(narrowed)),
        description,
        ("agency", Optional[strawberry.ID], concerned),  # noqa: UP045 - a value, no annotation
        ("crossing", bool, between, False),
        ("filter", Optional[narrowed], "Only flows of which it is true; unless told: all. At most 190 tests."),  # noqa: UP045 - as above
        ("first", int, f"How many edges at most: {edges}.", DEFAULT_CELLS),
        ("after", Optional[str], "Go on after this place: `endCursor` of the page before. Unless told: begin."),  # noqa: UP045 - as above
        AS_OF,
    )


def _urn(name: str, kind: str, words: str) -> Argument:
    return name, strawberry.ID, f"{words}: {_SLUG.format(MODEL.kinds[kind].slug)}."


def _steps(kind: str, upstream: str, downstream: str) -> Steps:
    """The two steps. Raises where the model has none of such a name that leads to the same kind."""
    for step in (upstream, downstream):
        MODEL.step(kind, step, kind)
    return Steps(kind, upstream, downstream)
