"""Questions about lineage at every level of random graphs, and whether they are answered as the oracle says."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from catalog.access import PUBLIC_READER, STAFF_READER
from catalog.model import MODEL
from catalog.urn import kind_of
from graphql_schema.core.levels import FILTERED
from lineage.levels import LEVELS, LineageLevel
from tests.contract.workshop import Workshop
from tests.graphql.graph import VEILED_READER, Asker, asker_of
from tests.support.flow_worlds import DAYS
from tests.support.level_worlds import LevelWorld, Question, make_level_world, said_of_levels

__all__ = ["LINEAGE", "WORLDS_AT_ONCE", "compare", "opened"]

READERS = [PUBLIC_READER, VEILED_READER, STAFF_READER]

LINEAGE = """
query (
  $urn: ID!, $level: LineageLevel!, $direction: LineageDirection!, $depth: Int!, $first: Int!, $after: String
  $filter: LineageFilter, $asOf: Date
) {
  lineage(
    urn: $urn, level: $level, direction: $direction, depth: $depth, first: $first, after: $after
    filter: $filter, asOf: $asOf
  ) {
    root level asOf endCursor
    nodes {
      id urn hiddenId depth direction
      dataset { urn } column { urn } job { urn } agency { urn }
    }
    edges {
      upstream downstream depth flows
      assertions { source since until dataset job { urn } lastRun { urn } }
      steps { urn }
    }
    sameAs { one other assertions { source since until rule } }
    completeness { isComplete reasons omittedNodes filteredNodes hiddenNodes frontier }
  }
}
"""

WORLDS_AT_ONCE = 50


def opened(workshop: Workshop, seeds: range) -> tuple[Asker, dict[int, LevelWorld]]:
    """Who asks about so many worlds."""
    worlds = {seed: make_level_world(seed) for seed in seeds}
    return asker_of(workshop, said_of_levels(worlds.values())), worlds


def _question(rng: random.Random, world: LevelWorld, level: LineageLevel) -> Question:
    """Mostly about a node that leads somewhere."""
    direction = rng.choice(["UPSTREAM", "DOWNSTREAM", "BOTH", "BOTH"])
    reader, day = rng.choice(READERS), rng.choice(DAYS)
    depth, first = rng.choice([1, 2, 20, 20]), rng.choice([1, 2, 4, 800, 800, 800])
    slug = MODEL.kinds[LEVELS[level].root].slug
    roots = [urn for urn in world.nodes if kind_of(urn) == slug and urn != world.apart]
    asked = Question(level, rng.choice(roots), direction, depth, first, reader, day)
    ends = {"UPSTREAM": [1], "DOWNSTREAM": [0], "BOTH": [0, 1]}[direction]
    tied = {world.id_of(pair[end], asked) for pair in world.pairs(asked) for end in ends}
    found = [urn for urn in roots if urn in tied]
    root = rng.choice(found) if found and rng.random() < 0.95 else asked.root
    datasets = [urn for urn in world.nodes if kind_of(urn) == "dataset" and world.roots(replace(asked, root=urn))]
    if datasets and rng.random() < 0.2:
        root = rng.choice(datasets)
    passing = None
    if rng.random() < 0.25:
        kind = MODEL.kinds[LEVELS[level].kind].slug
        nodes = [urn for urn in world.nodes if kind_of(urn) == kind]
        # The root is spared by the filter: that is to be seen where it does not pass.
        passing = frozenset(urn for urn in nodes if rng.random() < (0.4 if urn == root else 0.75))
    between = LEVELS[level].between
    via = None
    if between and rng.random() < 0.2:
        slug = MODEL.kinds[between].slug
        via = frozenset(urn for urn in world.nodes if kind_of(urn) == slug and rng.random() < 0.75)
    return Question(level, root, direction, depth, first, reader, day, passing, via)


def variables(asked: Question) -> dict[str, Any]:
    """What a question is in GraphQL."""
    found: dict[str, Any] = {
        "urn": asked.root,
        "level": str(asked.level),
        "direction": asked.direction,
        "depth": asked.depth,
        "first": asked.first,
        "asOf": asked.day.isoformat(),
    }
    if asked.passing is not None:
        found["filter"] = {LEVELS[asked.level].kind.lower(): {"urn": {"in": sorted(asked.passing)}}}
    if asked.via is not None:
        (name,) = (name for name, tested in FILTERED[asked.level].items() if tested.between)
        found["filter"] = {**found.get("filter", {}), name: {"urn": {"in": sorted(asked.via)}}}
    return found


def _pages(asker: Asker, asked: Question, cursor: str | None) -> list[dict[str, Any]]:
    """The answers that follow one, to the end."""
    found: list[dict[str, Any]] = []
    while cursor is not None:
        answer = asker.data(LINEAGE, reader=asked.reader, **variables(asked), after=cursor)["lineage"]
        found.append(answer)
        cursor = answer["endCursor"]
    return found


def _check_pages(asker: Asker, world: LevelWorld, asked: Question, begun: dict[str, Any], cursor: str) -> None:
    """All answers together are the whole, each node once, and each edge unless both ways lead to it."""
    whole = world.expected(replace(asked, depth=20, first=1000))
    assert whole is not None
    answers = [begun, *_pages(asker, asked, cursor)]
    for name in ("nodes", "edges", "sameAs"):
        # A later answer may find another way to a node that an earlier one showed.
        told = [repr({**each, "direction": None}) for answer in answers for each in answer[name]]
        right = [repr({**each, "direction": None}) for each in whole[name]]
        assert set(told) == set(right), f"{name} of {asked}"
        assert len(told) == len(right) or (name == "edges" and asked.direction == "BOTH"), f"{name} of {asked}"
    assert {*answers[-1]["completeness"]["reasons"]} <= {"FILTER"}


def compare(asker: Asker, worlds: dict[int, LevelWorld]) -> tuple[int, int]:
    """Ask about each world at each level; answers how many questions there were, and in how many answers was an edge."""
    asked = found = 0
    for seed, world in worlds.items():
        rng = random.Random(f"levels/{seed}/asked")
        for level in LineageLevel:
            question = _question(rng, world, level)
            right = world.expected(question)
            answer = asker.data(LINEAGE, reader=question.reader, **variables(question))["lineage"]
            cursor = answer.pop("endCursor") if answer else None
            assert answer == right, f"world {seed}: {question}"
            if answer and right:
                more = {*right["completeness"]["reasons"]} - {"FILTER"}
                assert (cursor is None) is not bool(more), f"world {seed}: {question}"
            if cursor:
                _check_pages(asker, world, question, answer, cursor)
            asked += 1
            found += bool(right and (right["edges"] or question.first == 1))
    return asked, found
