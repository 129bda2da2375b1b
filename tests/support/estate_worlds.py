"""Random estates: datasets that feed each other, their systems, flows and holders; and what a reader finds there on a day."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalog.access import Audience, Reader
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Dataset, System
from catalog.model.lineage import Flow
from catalog.urn import Urn, key
from tests.support.flow_worlds import DAYS, FlowWorld, make_flow_world, said_of

__all__ = ["EstateWorld", "Move", "make_estate_world", "said_of_estates"]


@dataclass(frozen=True)
class Move:
    """A flow as it is stated: who may see it, its ends (datasets or systems) and its days."""

    audience: Audience
    source: Urn
    target: Urn
    first_seen: date | None
    last_seen: date | None

    def is_live(self, day: date) -> bool:
        """Whether it goes on on a day; its last day counts."""
        return (self.first_seen or day) <= day <= (self.last_seen or day)


@dataclass(frozen=True)
class EstateWorld:
    """One estate: its datasets with what feeds what, its systems with who may see them, what they keep, and its flows."""

    feeds: FlowWorld
    systems: dict[Urn, Audience]
    kept: dict[Urn, Urn]
    """Dataset to the system that keeps it."""
    moves: dict[Urn, Move]

    def live(self, reader: Reader, day: date) -> dict[Urn, Move]:
        """The flows that the reader sees whole and that are live: both their ends are at least known of, on whatever day."""
        known = {*reader.full, *reader.placeholder}
        return {
            urn: move
            for urn, move in self.moves.items()
            if move.audience in reader.full
            and move.is_live(day)
            and all(self._audience(end) in known for end in (move.source, move.target))
        }

    def ends(self, reader: Reader, day: date) -> dict[str, list[str]]:
        """The datasets that the reader sees whole on the day, as roots, leaves, orphans and ``between``, by URN."""
        pairs = self.feeds.pairs(reader, day)
        live = self.live(reader, day).values()
        leaving, coming = {move.source for move in live}, {move.target for move in live}
        found: dict[str, list[str]] = {"roots": [], "leaves": [], "orphans": [], "between": []}
        for urn, id_ in sorted(self.feeds.ids(reader, day).items()):
            if urn != id_:
                continue
            own: set[Urn] = {urn}
            system = self.kept.get(urn)
            if system is not None and self.systems[system] in reader.full:
                own.add(system)
            feeds = bool(own & leaving) or any(tail == urn for tail, _ in pairs)
            fed = bool(own & coming) or any(head == urn for _, head in pairs)
            name = ("between" if fed else "roots") if feeds else ("leaves" if fed else "orphans")
            found[name].append(urn)
        return found

    def _audience(self, end: Urn) -> Audience:
        return self.systems[end] if end in self.systems else self.feeds.nodes[end][0]


def make_estate_world(seed: int) -> EstateWorld:
    """An estate, the same for the same seed; nodes of another seed have other URNs."""
    rng = random.Random(f"estate/{seed}")
    made = make_flow_world(seed)
    # Few datasets feed each other, so that some stand outside.
    edges = {edge: span for edge, span in made.edges.items() if rng.random() < 0.35}
    feeds = FlowWorld(made.nodes, edges)
    datasets = list(feeds.nodes)
    systems = {key("system", "test", f"w{seed}-{n}"): _audience(rng) for n in range(2)}
    kept = {urn: rng.choice(list(systems)) for urn in datasets if rng.random() < 0.3}
    moves: dict[Urn, Move] = {}
    for number in range(rng.randint(1, 4)):
        source, target = (rng.choice(list(systems)) if rng.random() < 0.3 else rng.choice(datasets) for _ in "12")
        first, last = rng.choice([(None, None), (None, None), (DAYS[1], None), (None, DAYS[1]), (DAYS[0], DAYS[1])])
        moves[key("flow", "test", f"w{seed}-{number}")] = Move(_audience(rng), source, target, first, last)
    return EstateWorld(feeds, systems, kept, moves)


def _audience(rng: random.Random) -> Audience:
    return Audience.STAFF if rng.random() < 0.25 else Audience.PUBLIC


def said_of_estates(worlds: Iterable[EstateWorld]) -> list[Batch]:
    """What two sources say of all of them."""
    worlds = list(worlds)
    first, second = said_of(world.feeds for world in worlds)
    for world in worlds:
        first.nodes += [NodeStatement(System(urn=urn, name="System"), who) for urn, who in world.systems.items()]
        first.edges += [EdgeStatement(Dataset.stored_in, urn, system) for urn, system in world.kept.items()]
        for urn, move in world.moves.items():
            flow = Flow(urn=urn, first_seen=move.first_seen, last_seen=move.last_seen)
            first.nodes.append(NodeStatement(flow, move.audience))
            first.edges.append(EdgeStatement(Flow.from_asset, urn, move.source))
            first.edges.append(EdgeStatement(Flow.to_asset, urn, move.target))
    return [first, second]
