"""The walk along lineage against an oracle that knows the whole graph, and the shapes that graphs of lineage have."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidSelection
from catalog.stores.port import Expansion, Hop
from lineage.traverse import (
    MAX_DEPTH,
    MAX_FIRST,
    Ask,
    Budget,
    LineageCut,
    LineageDirection,
    LineageGraph,
    Link,
    Place,
    Reached,
    Walk,
)

UPSTREAM, DOWNSTREAM, BOTH = LineageDirection.UPSTREAM, LineageDirection.DOWNSTREAM, LineageDirection.BOTH
WAYS = {UPSTREAM: [UPSTREAM], DOWNSTREAM: [DOWNSTREAM], BOTH: [UPSTREAM, DOWNSTREAM]}

Pairs = frozenset[tuple[str, str]]
"""Edges, each from where data comes to where it goes."""

USUAL = Budget()


def d(name: str) -> str:
    return f"urn:waypost:dataset:key:test:{name}"


def flows(*chains: str) -> Pairs:
    """Edges between datasets of one letter: "abc" flows from a through b into c."""
    return frozenset((d(a), d(b)) for chain in chains for a, b in pairwise(chain))


def hops(pairs: Pairs, way: LineageDirection) -> list[Hop]:
    return sorted((Hop(b, a) if way is UPSTREAM else Hop(a, b) for a, b in pairs), key=lambda hop: (hop.start, hop.end))


def expand(pairs: Pairs, ask: Ask) -> Expansion:
    """What a store answers: ``catalog/stores/port.py``, ``expand`` clause 3."""
    found = [hop for hop in hops(pairs, ask.direction) if hop.start in ask.frontier]
    return Expansion(found[: ask.limit], len(found) > ask.limit)


def walked(
    pairs: Pairs,
    root: str,
    direction: LineageDirection = BOTH,
    budget: Budget = USUAL,
    levels: int = 99,
    *,
    after: Place | None = None,
) -> LineageGraph:
    """The graph of a walk that has time for so many levels."""
    walk = Walk(root, direction, budget, after=after)
    while asks := walk.asks():
        if not levels:
            walk.stop()
            break
        walk.take([expand(pairs, ask) for ask in asks])
        levels -= 1
    return walk.graph()


def names(ids: Iterable[str]) -> str:
    return "".join(id_[-1] for id_ in ids)


def links(graph: LineageGraph) -> Pairs:
    return frozenset((link.upstream, link.downstream) for link in graph.links)


# The oracle: how far everything is, by the ends of all paths of every length, without a visited set.


def distances(pairs: Pairs, way: LineageDirection, root: str, within: set[str] | None = None) -> dict[str, int]:
    found: dict[str, int] = {}
    ends = {root}
    for length in range(len(pairs) + 1):
        found = {**dict.fromkeys(ends, length), **found}
        ends = {hop.end for hop in hops(pairs, way) if hop.start in ends and (within is None or hop.end in within)}
    return found


def expected(pairs: Pairs, root: str, direction: LineageDirection, budget: Budget) -> LineageGraph:
    """The answer of a walk with edges and time enough."""
    far: dict[str, int] = {}
    for way in WAYS[direction]:
        for id_, distance in distances(pairs, way, root).items():
            far[id_] = min(distance, far.get(id_, distance))
    near = sorted((distance, id_) for id_, distance in far.items() if distance <= budget.depth)
    shown = {id_: distance for distance, id_ in near[: budget.first]}
    reached: dict[str, list[LineageDirection]] = {id_: [] for id_ in shown}
    found: set[Link] = set()
    omitted: set[str] = set()
    frontier: set[str] = set()
    reasons: set[LineageCut] = set()
    for way in WAYS[direction]:
        inside = {
            id_: distance
            for id_, distance in distances(pairs, way, root, set(shown)).items()
            if distance <= budget.depth
        }
        nearest: dict[str, int] = {}
        for hop in hops(pairs, way):
            if hop.start not in inside:
                continue
            if hop.end in shown:
                ends = (hop.end, hop.start) if way is UPSTREAM else (hop.start, hop.end)
                found.add(Link(*ends, 1 + min(shown[id_] for id_ in ends)))
            else:
                omitted.add(hop.end)
            if hop.end not in inside:
                frontier.add(hop.start)
                nearest[hop.end] = min(inside[hop.start] + 1, nearest.get(hop.end, 99))
        for id_ in inside:
            reached[id_].append(way)
        reasons |= {LineageCut.DEPTH if distance > budget.depth else LineageCut.NODES for distance in nearest.values()}
    nodes = tuple(
        Reached(id_, depth, ways[0] if len(ways) == 1 else BOTH)
        for (id_, depth), ways in zip(shown.items(), reached.values(), strict=True)
    )
    made = walked(frozenset(), root).completeness
    completeness = type(made)(
        tuple(sorted(reasons)),
        len(omitted),
        sum(not id_.startswith("urn:") for id_ in shown),
        tuple(id_ for id_ in shown if id_ in frontier),
        0,
        _end(nodes, budget, reasons) if frontier else None,
    )
    return LineageGraph(root, nodes, tuple(sorted(found)), completeness)


def _end(nodes: tuple[Reached, ...], budget: Budget, reasons: set[LineageCut]) -> Place:
    return Place(nodes[-1].depth, nodes[-1].id) if LineageCut.NODES in reasons else Place(budget.depth)


_IDS = [*map(d, "abcdef"), "veiled:1", "veiled:2"]
_NAMES = st.frozensets(st.tuples(st.sampled_from(_IDS), st.sampled_from(_IDS)), max_size=4)
_GRAPHS = st.frozensets(st.tuples(st.sampled_from(_IDS), st.sampled_from(_IDS)), max_size=24)
_DIRECTIONS = st.sampled_from(LineageDirection)
_BUDGETS = st.builds(Budget, depth=st.integers(1, 8), first=st.integers(1, 9))


@given(_GRAPHS, _DIRECTIONS, _BUDGETS)
def test_a_walk_finds_what_the_whole_graph_says(pairs: Pairs, direction: LineageDirection, budget: Budget) -> None:
    assert walked(pairs, d("a"), direction, budget) == expected(pairs, d("a"), direction, budget)


@given(_GRAPHS, _DIRECTIONS)
def test_a_complete_answer_is_the_whole_closure(pairs: Pairs, direction: LineageDirection) -> None:
    graph = walked(pairs, d("a"), direction, Budget(depth=len(_IDS), first=len(_IDS)))
    assert graph.completeness.is_complete
    assert {node.id for node in graph.nodes} == {
        id_ for way in WAYS[direction] for id_ in distances(pairs, way, d("a"))
    }


@given(_GRAPHS, _DIRECTIONS, _BUDGETS, st.integers(0, 12), st.integers(0, 9))
def test_nothing_is_left_out_in_silence(
    pairs: Pairs, direction: LineageDirection, budget: Budget, edges: int, levels: int
) -> None:
    graph = walked(pairs, d("a"), direction, Budget(budget.depth, budget.first, edges), levels)
    for node in graph.nodes:
        if node.id in graph.completeness.frontier:
            continue
        for way in WAYS[node.direction]:
            for hop in hops(pairs, way):
                pair = (hop.end, hop.start) if way is UPSTREAM else (hop.start, hop.end)
                assert hop.start != node.id or pair in links(graph)
    assert graph.completeness.is_complete is not bool(graph.completeness.frontier)


@given(_GRAPHS, _DIRECTIONS, _BUDGETS, st.integers(0, 12), st.integers(0, 9))
def test_what_is_shown_is_so_however_it_was_cut(
    pairs: Pairs, direction: LineageDirection, budget: Budget, edges: int, levels: int
) -> None:
    graph = walked(pairs, d("a"), direction, Budget(budget.depth, budget.first, edges), levels)
    whole = expected(pairs, d("a"), direction, Budget(MAX_DEPTH, MAX_FIRST))
    assert links(graph) <= links(whole)
    depths = {node.id: node.depth for node in graph.nodes}
    known = {node.id: node.depth for node in whole.nodes}
    assert all(known[id_] <= depth <= budget.depth for id_, depth in depths.items())
    assert len(depths) <= budget.first
    assert list(depths) == [id_ for _, id_ in sorted((depth, id_) for id_, depth in depths.items())]
    # Every node hangs on one that is nearer, by an edge that is shown.
    tied = {id_ for a, b in links(graph) for id_, other in ((a, b), (b, a)) if depths[id_] == depths[other] + 1}
    assert tied == depths.keys() - {d("a")}


@given(_GRAPHS, _DIRECTIONS, _BUDGETS)
def test_walks_that_go_on_show_the_whole_closure_each_node_once(
    pairs: Pairs, direction: LineageDirection, budget: Budget
) -> None:
    whole = walked(pairs, d("a"), direction, Budget(len(_IDS), len(_IDS)))
    graph = walked(pairs, d("a"), direction, budget)
    nodes, found = list(graph.nodes), list(graph.links)
    while graph.completeness.end:
        assert not graph.completeness.is_complete
        graph = walked(pairs, d("a"), direction, budget, after=graph.completeness.end)
        assert len(graph.nodes) <= budget.first
        nodes += graph.nodes
        found += graph.links
    assert graph.completeness.is_complete
    assert [node[:2] for node in nodes] == [node[:2] for node in whole.nodes]
    assert set(found) == set(whole.links)
    if len(WAYS[direction]) == 1:
        assert len(found) == len(whole.links)


@given(_GRAPHS, _DIRECTIONS, _BUDGETS, st.integers(0, 12))
def test_no_node_is_missed_where_the_edges_were_cut(
    pairs: Pairs, direction: LineageDirection, budget: Budget, edges: int
) -> None:
    cut = walked(pairs, d("a"), direction, Budget(budget.depth, budget.first, edges))
    end = cut.completeness.end
    if end is not None:
        whole = expected(pairs, d("a"), direction, Budget(MAX_DEPTH, MAX_FIRST))
        before = [node[:2] for node in whole.nodes if (node.depth, node.id) <= end]
        assert before == [node[:2] for node in cut.nodes if (node.depth, node.id) <= end]


@given(_GRAPHS, _DIRECTIONS)
def test_each_node_is_asked_once_a_way(pairs: Pairs, direction: LineageDirection) -> None:
    walk = Walk(d("a"), direction, Budget(depth=9))
    asked: list[tuple[LineageDirection, str]] = []
    while asks := walk.asks():
        asked += [(ask.direction, id_) for ask in asks for id_ in ask.frontier]
        walk.take([expand(pairs, ask) for ask in asks])
    assert len(asked) == len(set(asked))


# By hand.


def test_a_lone_node_is_all_there_is() -> None:
    graph = walked(flows("bc"), d("a"))
    assert graph.nodes == (Reached(d("a"), 0, BOTH),)
    assert graph.links == ()
    assert graph.completeness.is_complete


def test_both_ways_are_walked_apart_and_not_in_a_zigzag() -> None:
    # s shares the source u with a, and t shares the use v: neither is lineage of a, nor is what flows past it.
    graph = walked(flows("uav", "us", "tv", "uv"), d("a"))
    assert names(node.id for node in graph.nodes) == "auv"
    assert [node.direction for node in graph.nodes] == [BOTH, UPSTREAM, DOWNSTREAM]
    assert links(graph) == flows("uav")
    assert graph.completeness.is_complete


def test_a_diamond_is_met_once_and_keeps_its_edges() -> None:
    graph = walked(flows("abd", "acd", "ad"), d("a"), DOWNSTREAM)
    assert [(names([node.id]), node.depth) for node in graph.nodes] == [("a", 0), ("b", 1), ("c", 1), ("d", 1)]
    assert links(graph) == flows("abd", "acd", "ad")


def test_a_ladder_of_diamonds_costs_a_hop_a_rung() -> None:
    """Of twenty rungs, a million paths long; the depth shows ten of them."""
    pairs: set[tuple[str, str]] = set()
    for rung in range(20):
        for middle in ("x", "y"):
            pairs |= {(d(f"{rung:02}"), d(f"{rung:02}{middle}")), (d(f"{rung:02}{middle}"), d(f"{rung + 1:02}"))}
    graph = walked(frozenset(pairs), d("00"), DOWNSTREAM, Budget(depth=20))
    assert len(graph.nodes) == 31
    assert graph.completeness.reasons == (LineageCut.DEPTH,)
    assert graph.completeness.omitted_nodes == 2


def test_a_loop_is_an_edge_and_no_node() -> None:
    graph = walked(flows("aa"), d("a"))
    assert links(graph) == flows("aa")
    assert len(graph.nodes) == 1
    assert graph.completeness.is_complete


def test_a_cycle_ends_and_leads_both_ways() -> None:
    graph = walked(flows("abca"), d("a"))
    assert [(names([node.id]), node.depth, node.direction) for node in graph.nodes] == [
        ("a", 0, BOTH),
        ("b", 1, BOTH),
        ("c", 1, BOTH),
    ]
    assert links(graph) == flows("abca")
    assert graph.completeness.is_complete


def test_the_depth_cuts_where_there_is_more_and_says_how_much() -> None:
    pairs = flows("abcd", "bx", "cy", "zc")
    cut = walked(pairs, d("a"), DOWNSTREAM, Budget(depth=2))
    assert names(node.id for node in cut.nodes) == "abcx"
    assert cut.completeness.reasons == (LineageCut.DEPTH,)
    assert cut.completeness.omitted_nodes == 2
    assert names(cut.completeness.frontier) == "c"
    assert walked(pairs, d("a"), DOWNSTREAM, Budget(depth=3)).completeness.is_complete


def test_a_node_past_the_depth_one_way_that_is_shown_the_other_way_is_told_of() -> None:
    # c is one hop upstream. Downstream it is past the depth, and what it may feed there was not looked at.
    graph = walked(flows("abca"), d("a"), BOTH, Budget(depth=1))
    assert names(node.id for node in graph.nodes) == "abc"
    assert graph.completeness.reasons == (LineageCut.DEPTH,)
    assert graph.completeness.omitted_nodes == 0
    assert names(graph.completeness.frontier) == "bc"


def test_of_too_many_nodes_the_nearest_are_shown_in_the_order_of_their_ids() -> None:
    graph = walked(flows("ab", "ac", "ad", "bc", "bx", "cy", "dz"), d("a"), DOWNSTREAM, Budget(depth=5, first=3))
    assert names(node.id for node in graph.nodes) == "abc"
    assert links(graph) == flows("ab", "ac", "bc")
    assert graph.completeness.reasons == (LineageCut.NODES,)
    assert graph.completeness.omitted_nodes == 3, "d, x and y; z is behind d"
    assert names(graph.completeness.frontier) == "abc"


def test_hidden_nodes_come_last_and_are_walked_through() -> None:
    pairs = frozenset({(d("a"), "veiled:1"), (d("a"), d("z")), ("veiled:1", d("b"))})
    graph = walked(pairs, d("a"), DOWNSTREAM)
    assert [node.id for node in graph.nodes] == [d("a"), d("z"), "veiled:1", d("b")]
    assert [node.hidden for node in graph.nodes] == [False, False, True, False]
    assert graph.completeness.hidden_nodes == 1
    assert graph.completeness.is_complete


def test_the_edges_are_cut_in_the_order_of_their_starts() -> None:
    pairs = flows("ab", "ac", "bx", "by", "cz")
    graph = walked(pairs, d("a"), DOWNSTREAM, Budget(edges=3))
    assert names(node.id for node in graph.nodes) == "abcx"
    assert links(graph) == flows("ab", "ac", "bx")
    assert graph.completeness.reasons == (LineageCut.EDGES,)
    assert names(graph.completeness.frontier) == "bcx", "of b not all, of c and x nothing is known"
    assert walked(pairs, d("a"), DOWNSTREAM, Budget(edges=5)).completeness.is_complete


def test_each_way_has_edges_of_its_own() -> None:
    graph = walked(flows("uva", "abcd"), d("a"), BOTH, Budget(edges=2))
    assert names(node.id for node in graph.nodes) == "abvcu"
    assert graph.completeness.reasons == (LineageCut.EDGES,)
    assert names(graph.completeness.frontier) == "c"


def test_a_walk_without_time_tells_where_it_stopped() -> None:
    pairs = flows("uabc")
    none = walked(pairs, d("a"), levels=0)
    assert names(node.id for node in none.nodes) == "a"
    assert none.completeness.reasons == (LineageCut.TIME,)
    assert names(none.completeness.frontier) == "a"
    one = walked(pairs, d("a"), levels=1)
    assert names(node.id for node in one.nodes) == "abu"
    assert names(one.completeness.frontier) == "bu"
    assert one.completeness.omitted_nodes == 0, "nothing was met that is not shown"
    assert walked(pairs, d("a"), levels=3).completeness.is_complete


@pytest.mark.parametrize(
    ("depth", "first", "said"),
    [
        (0, 1, "'depth' is 0"),
        (MAX_DEPTH + 1, 1, f"takes 1 to {MAX_DEPTH}"),
        (1, 0, "'first' is 0"),
        (1, MAX_FIRST + 1, f"takes 1 to {MAX_FIRST}"),
    ],
)
def test_a_budget_has_bounds(depth: int, first: int, said: str) -> None:
    with pytest.raises(InvalidSelection, match=said):
        Budget(depth, first)
    assert Budget(MAX_DEPTH, MAX_FIRST)


# What is one under several names.


def named(pairs: Pairs, same: Pairs, ask: Ask) -> Expansion:
    """What a store answers: ``catalog/stores/port.py``, ``expand`` clause 5."""
    found = expand(pairs, ask)
    ties = sorted({*same, *((b, a) for a, b in same)})
    met = {hop.end for hop in found.hops}.union(ask.frontier if ask.begins else ())
    while more := {b for a, b in ties if a in met} - met:
        met |= more
    steps = [Hop(*tie) for tie in ties if tie[0] in met]
    cut = len(steps) > ask.limit
    return Expansion(found.hops, found.cut, [] if cut else steps, cut)


def walked_by_names(
    pairs: Pairs,
    same: Pairs,
    root: str,
    budget: Budget = USUAL,
    *,
    levels: int = 99,
    direction: LineageDirection = BOTH,
) -> LineageGraph:
    walk = Walk(root, direction, budget)
    while (asks := walk.asks()) and levels:
        walk.take([named(pairs, same, ask) for ask in asks])
        levels -= 1
    walk.stop()
    return walk.graph()


def test_a_walk_is_at_all_names_at_once() -> None:
    found = walked_by_names(flows("ab", "cd"), flows("be", "ec"), d("a"))
    assert [(node.id[-1], node.depth) for node in found.nodes] == [("a", 0), ("b", 1), ("c", 1), ("e", 1), ("d", 2)]
    assert [names(pair) for pair in found.same] == ["be", "ce"]
    assert found.completeness.is_complete


def test_past_its_time_a_walk_shows_what_it_met_before_it_went_on_from_the_names_of_its_root() -> None:
    pairs, same = flows("ab", "cd"), flows("ac")
    found = walked_by_names(pairs, same, d("a"), levels=1)
    assert [(node.id[-1], node.depth) for node in found.nodes] == [("a", 0), ("c", 0), ("b", 1)]
    assert found.completeness.reasons == (LineageCut.TIME,)
    assert names(found.completeness.frontier) == "cb"
    whole = walked_by_names(pairs, same, d("a"))
    assert names(node.id for node in whole.nodes) == "acbd"


def test_names_count_among_the_edges_that_are_looked_at() -> None:
    same = flows("bc", "bd", "be")
    short = walked_by_names(flows("ab"), same, d("a"), Budget(edges=5))
    assert (names(node.id for node in short.nodes), short.same) == ("ab", ())
    assert short.completeness.reasons == (LineageCut.EDGES,)
    enough = walked_by_names(flows("ab"), same, d("a"), Budget(edges=7))
    assert names(node.id for node in enough.nodes) == "abcde"


@given(_GRAPHS, _NAMES, _DIRECTIONS, st.integers(0, 5))
def test_however_little_time_there_is_what_is_shown_is_so(
    pairs: Pairs, same: Pairs, direction: LineageDirection, levels: int
) -> None:
    """Each node is as far as the whole graph says, and time is the only reason."""
    whole = {
        node.id: node.depth
        for node in walked_by_names(pairs, same, d("a"), Budget(depth=20), direction=direction).nodes
    }
    found = walked_by_names(pairs, same, d("a"), Budget(depth=20), levels=levels, direction=direction)
    assert all(node.depth == whole[node.id] for node in found.nodes)
    assert set(found.completeness.reasons) <= {LineageCut.TIME}
    if found.completeness.is_complete:
        assert {node.id: node.depth for node in found.nodes} == whole
