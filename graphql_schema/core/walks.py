"""How a domain declares the root fields that walk along lineage or count it: ``declare`` has the words for all others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import strawberry

from catalog.model import MODEL
from graphql_schema.core.agency_flows import FindAgencyFlows
from graphql_schema.core.declare import AS_OF, Argument, asked, only
from graphql_schema.core.impact import FindImpact
from graphql_schema.core.levels import FILTERED, FindLineage
from graphql_schema.core.lists import filter_of, tests_of
from graphql_schema.core.paths import FindPaths
from lineage.agency_flows import DEFAULT_CELLS, MAX_CELLS
from lineage.levels import LEVELS, LineageLevel, Steps
from lineage.paths import DEFAULT_PATHS, MAX_PATHS
from lineage.traverse import DEFAULT_DEPTH, DEFAULT_FIRST, MAX_DEPTH, MAX_FIRST, MAX_REACH, MAX_WALKED, LineageDirection

__all__ = ["agency_flows", "column_lineage", "impact", "lineage", "paths"]


_SLUG = "`urn:waypost:{}:...`"


def lineage(filter: type, kinds: Mapping[str, type], description: str) -> Any:
    """The root field that walks along lineage at any level; ``kinds`` says what of the filter is of which kind's filter."""
    tests = {name: tests_of(each) for name, each in kinds.items()}
    takes = "; ".join(f"{level} takes {', '.join(f'`{name}`' for name in names)}" for level, names in FILTERED.items())
    begins = (
        f"Where it begins; a URN of the kind that `level` is of: {_begins()}. Or that of a dataset at any level: then it begins"
        " at its columns (at most 1,000), at the agency that holds it, or at the jobs that write or read it, all at depth 0."
    )
    filtered = (
        "What nodes must pass, save those that it begins at: one that does not is left out and not walked through, and so is a"
        " hidden one; `completeness` counts them. At level AGENCY it is the datasets on both ends of a flow; `step`, and `dataset`"
        f" at level JOB, test what is between two nodes. {takes}. Unless told: every node passes. At most 198 tests."
    )
    return asked(
        FindLineage(tests),
        description,
        ("urn", strawberry.ID, begins),
        ("level", LineageLevel, f"What the nodes are; unless told: {LineageLevel.DATASET}.", LineageLevel.DATASET),
        *_walked("nodes"),
        ("filter", filter | None, filtered),
        AS_OF,
    )


def column_lineage(description: str) -> Any:
    """The root field that walks along lineage from column to column."""
    level = LineageLevel.COLUMN
    begins = _urn("column", LEVELS[level].root, "Its URN")
    return asked(FindLineage({}, level), description, begins, *_walked("columns"), AS_OF)


def _walked(nodes: str) -> tuple[Argument, ...]:
    """Arguments that say how far is walked."""
    both = LineageDirection.BOTH
    depth = (
        f"How many hops at most, from the root or, with `after`, from where the answer before ended: 1 to {MAX_DEPTH}"
    )
    first = f"How many {nodes} at most, the root among them: 1 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}."
    after = (
        "Go on after this place: `endCursor` of an answer before, asked with the same arguments save `depth` and `first`."
        " Depths are counted from the root all the same, and no node comes twice."
        f" In all answers together at most {MAX_REACH} hops and {MAX_WALKED:,} {nodes}. Unless told: begin."
    )
    return (
        ("direction", LineageDirection, f"Which way to walk; unless told: {both}.", both),
        ("depth", int, f"{depth}; unless told: {DEFAULT_DEPTH}.", DEFAULT_DEPTH),
        ("first", int, first, DEFAULT_FIRST),
        ("after", str | None, after),
    )


def _begins() -> str:
    return ", ".join(f"`{MODEL.kinds[steps.root].slug}` for {level}" for level, steps in LEVELS.items())


def paths(kind: str, upstream: str, downstream: str, description: str, *, same: str | None = None) -> Any:
    """A root field that looks for the ways from one node of a kind to another along the step downstream.

    ``same`` is the step by which nodes are one under several names, where they may be.
    """
    most = f"1 to {MAX_PATHS}; unless told: {DEFAULT_PATHS}"
    return asked(
        FindPaths(_steps(kind, upstream, downstream, same)),
        description,
        _urn("from", kind, "URN of the one that data flows from"),
        _urn("to", kind, "URN of the one that it flows to"),
        ("first", int, f"How many paths at most: {most}.", DEFAULT_PATHS),
        AS_OF,
    )


def impact(kind: str, upstream: str, downstream: str, description: str, *, same: str | None = None) -> Any:
    """A root field that counts what stands downstream of the node of a kind; ``same`` as that of ``paths``."""
    nodes = f"1 to {MAX_FIRST}; unless told: {DEFAULT_FIRST}"
    return asked(
        FindImpact(_steps(kind, upstream, downstream, same)),
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
        ("agency", strawberry.ID | None, concerned),
        ("crossing", bool, between, False),
        only("filter", narrowed, "flows of which it is true", "all. At most 190 tests"),
        ("first", int, f"How many edges at most: {edges}.", DEFAULT_CELLS),
        ("after", str | None, "Go on after this place: `endCursor` of the page before. Unless told: begin."),
        AS_OF,
    )


def _urn(name: str, kind: str, words: str) -> Argument:
    return name, strawberry.ID, f"{words}: {_SLUG.format(MODEL.kinds[kind].slug)}."


def _steps(kind: str, upstream: str, downstream: str, same: str | None) -> Steps:
    """The steps. Raises where the model has none of such a name that leads to the same kind."""
    for step in (upstream, downstream, *([] if same is None else [same])):
        MODEL.step(kind, step, kind)
    return Steps(kind, upstream, downstream, same=same)
