"""The oracle of paths: every simple path, one by one, with no budget and no cleverness; and what an answer has to keep to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from catalog.stores.port import Expansion, Hop
from lineage.paths import LineagePathCut, PathBudget, Paths, PathSearch
from lineage.traverse import Ask, LineageDirection

__all__ = ["EVER", "Pairs", "check_paths", "every_path", "expand", "first_names", "hops_of", "leads_to", "searched"]

Pairs = Collection[tuple[str, str]]
"""Edges, each from where data comes to where it goes."""

EVER = 999
"""Levels that no search here has."""


def first_names(same: Pairs) -> dict[str, str]:
    """The first name of each node that is one with another."""
    ties = {*same, *((b, a) for a, b in same)}
    return {id_: min(leads_to(ties, id_)) for pair in ties for id_ in pair}


def hops_of(path: tuple[str, ...], firsts: Mapping[str, str]) -> int:
    """The length of a path: between two names of one node there is none."""
    return sum(firsts.get(a, a) != firsts.get(b, b) for a, b in pairwise(path))


def every_path(pairs: Pairs, start: str, end: str, same: Pairs = ()) -> list[tuple[str, ...]]:
    """All paths that meet no node twice, ordered by their length, then by the first names along them.

    What is one under several names (``same``, pairs that are) is one node. Of the ways along its names the shortest is told,
    and of those the first.
    """
    firsts = first_names(same)
    spelled: dict[tuple[str, ...], tuple[str, ...]] = {}
    for path in sorted(_from(pairs, same, firsts, (start,), end), key=lambda path: (len(path), path)):
        spelled.setdefault(tuple(dict.fromkeys(firsts.get(id_, id_) for id_ in path)), path)
    return [spelled[nodes] for nodes in sorted(spelled, key=lambda nodes: (len(nodes), nodes))]


def _from(
    pairs: Pairs, same: Pairs, firsts: Mapping[str, str], path: tuple[str, ...], end: str
) -> Iterator[tuple[str, ...]]:
    if path[-1] == end:
        yield path
        return
    met = {firsts.get(id_, id_) for id_ in path}
    following = {b for a, b in pairs if a == path[-1] and firsts.get(b, b) not in met}
    following |= {b for pair in same for a, b in (pair, pair[::-1]) if a == path[-1] and b not in path}
    for each in following:
        yield from _from(pairs, same, firsts, (*path, each), end)


def leads_to(pairs: Pairs, start: str) -> set[str]:
    """Everything that data of a node reaches, itself among it."""
    found = {start}
    while more := {downstream for upstream, downstream in pairs if upstream in found} - found:
        found |= more
    return found


def expand(pairs: Pairs, ask: Ask, same: Pairs = ()) -> Expansion:
    """What a store answers: ``catalog/stores/port.py``, ``expand`` clauses 3 and 5."""
    turned = ((b, a) for a, b in pairs) if ask.direction is LineageDirection.UPSTREAM else iter(pairs)
    found = sorted({pair for pair in turned if pair[0] in ask.frontier})
    hops = [Hop(*pair) for pair in found[: ask.limit]]
    ties = {*same, *((b, a) for a, b in same)}
    met = {hop.end for hop in hops}.union(ask.frontier if ask.begins else ())
    steps = sorted(Hop(*tie) for tie in ties if any(tie[0] in leads_to(ties, id_) for id_ in met))
    same_cut = len(steps) > ask.limit
    return Expansion(hops, len(found) > ask.limit, [] if same_cut else steps, same_cut)


def searched(pairs: Pairs, search: PathSearch, levels: int = EVER, same: Pairs = ()) -> Paths:
    """The answer of a search that has time for so many levels."""
    while asks := search.asks():
        if not levels:
            search.stop()
            break
        search.take([expand(pairs, ask, same) for ask in asks])
        levels -= 1
    return search.answer()


def check_paths(
    pairs: Pairs, ends: tuple[str, str], budget: PathBudget, levels: int, found: Paths, *, same: Pairs = ()
) -> None:
    """An answer, however it was cut, says what is so and leaves nothing out in silence."""
    whole, firsts = every_path(pairs, *ends, same), first_names(same)
    told, shown = found.completeness, list(found.paths)
    if not (same and LineagePathCut.EDGES in told.reasons):
        # Where names were cut off, what is one is not known to be, and what is shown is no more than so.
        by_firsts = [tuple(dict.fromkeys(firsts.get(id_, id_) for id_ in path)) for path in shown]
        every = [tuple(dict.fromkeys(firsts.get(id_, id_) for id_ in path)) for path in whole]
        assert [path for path in every if path in set(by_firsts)] == by_firsts
        assert list(found.lengths) == [hops_of(path, firsts) for path in shown]
        sure = len(every) if told.complete_to_length is None else told.complete_to_length
        assert {path for path in shown if hops_of(path, firsts) <= sure} <= set(whole)
    steps = {*pairs, *same, *((b, a) for a, b in same)}
    assert all(step in steps for path in shown for step in pairwise(path))
    assert len(shown) <= budget.first
    assert all(length <= budget.length for length in found.lengths)
    assert found.nodes == tuple(dict.fromkeys(node for path in shown for node in path))
    assert len(found.nodes) <= budget.nodes
    assert told.hidden_nodes == sum(not node.startswith("urn:") for node in found.nodes)
    _check_reasons(whole, budget, levels, found)
    assert (told.complete_to_length is None) is told.is_complete is not told.reasons
    if told.complete_to_length is None:
        assert shown == whole
    elif not (same and LineagePathCut.EDGES in told.reasons):
        assert {path for path in whole if hops_of(path, firsts) <= told.complete_to_length} <= set(shown)
    if not {LineagePathCut.EDGES, LineagePathCut.EFFORT, LineagePathCut.TIME}.intersection(told.reasons):
        _check_order(whole, budget, found, firsts)


def _check_reasons(whole: list[tuple[str, ...]], budget: PathBudget, levels: int, found: Paths) -> None:
    reasons = found.completeness.reasons
    assert list(reasons) == sorted(set(reasons))
    usual = PathBudget()
    assert LineagePathCut.EDGES not in reasons or budget.edges < usual.edges
    assert LineagePathCut.EFFORT not in reasons or budget.steps < usual.steps
    assert LineagePathCut.LENGTH not in reasons or budget.length < usual.length
    assert LineagePathCut.TIME not in reasons or levels < EVER
    if LineagePathCut.PATHS in reasons:
        assert len(found.paths) == budget.first < len(whole)


def _check_order(whole: list[tuple[str, ...]], budget: PathBudget, found: Paths, firsts: Mapping[str, str]) -> None:
    """Where every edge was seen that matters, the first in order are shown, and it is known where they end."""
    told = found.completeness
    short = [path for path in whole if hops_of(path, firsts) <= budget.length]
    room = [n for n in range(1, len(short) + 1) if len({node for path in short[:n] for node in path}) <= budget.nodes]
    most = min(len(room), budget.first)
    assert list(found.paths) == short[:most]
    stopped = {LineagePathCut.PATHS, LineagePathCut.NODES}.intersection(told.reasons)
    assert bool(stopped) is (most < len(short))
    if stopped:
        assert told.complete_to_length == hops_of(short[most], firsts) - 1
        assert (LineagePathCut.PATHS in stopped) is (most == budget.first)
    elif len(short) < len(whole):
        assert told.reasons == (LineagePathCut.LENGTH,)
        assert told.complete_to_length == budget.length
