"""The oracle of paths: every simple path, one by one, with no budget and no cleverness; and what an answer has to keep to."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from catalog.stores.port import Expansion, Hop
from lineage.paths import LineagePathCut, PathBudget, Paths, PathSearch
from lineage.traverse import Ask, LineageDirection

__all__ = ["EVER", "Pairs", "check_paths", "every_path", "expand", "leads_to", "searched"]

Pairs = Collection[tuple[str, str]]
"""Edges, each from where data comes to where it goes."""

EVER = 999
"""Levels that no search here has."""


def every_path(pairs: Pairs, start: str, end: str) -> list[tuple[str, ...]]:
    """All paths that meet no node twice, ordered by their length, then by the ids along them."""
    return sorted(_from(pairs, (start,), end), key=lambda path: (len(path), path))


def _from(pairs: Pairs, path: tuple[str, ...], end: str) -> Iterator[tuple[str, ...]]:
    if path[-1] == end:
        yield path
        return
    for upstream, downstream in set(pairs):
        if upstream == path[-1] and downstream not in path:
            yield from _from(pairs, (*path, downstream), end)


def leads_to(pairs: Pairs, start: str) -> set[str]:
    """Everything that data of a node reaches, itself among it."""
    found = {start}
    while more := {downstream for upstream, downstream in pairs if upstream in found} - found:
        found |= more
    return found


def expand(pairs: Pairs, ask: Ask) -> Expansion:
    """What a store answers: ``catalog/stores/port.py``, ``expand`` clause 3."""
    turned = ((b, a) for a, b in pairs) if ask.direction is LineageDirection.UPSTREAM else iter(pairs)
    found = sorted({pair for pair in turned if pair[0] in ask.frontier})
    return Expansion([Hop(*pair) for pair in found[: ask.limit]], len(found) > ask.limit)


def searched(pairs: Pairs, search: PathSearch, levels: int = EVER) -> Paths:
    """The answer of a search that has time for so many levels."""
    while asks := search.asks():
        if not levels:
            search.stop()
            break
        search.take([expand(pairs, ask) for ask in asks])
        levels -= 1
    return search.answer()


def check_paths(pairs: Pairs, ends: tuple[str, str], budget: PathBudget, levels: int, found: Paths) -> None:
    """An answer, however it was cut, says what is so and leaves nothing out in silence."""
    whole = every_path(pairs, *ends)
    told, shown = found.completeness, list(found.paths)
    assert [path for path in whole if path in set(shown)] == shown
    assert len(shown) <= budget.first
    assert all(len(path) - 1 <= budget.length for path in shown)
    assert found.nodes == tuple(dict.fromkeys(node for path in shown for node in path))
    assert len(found.nodes) <= budget.nodes
    assert told.hidden_nodes == sum(not node.startswith("urn:") for node in found.nodes)
    _check_reasons(whole, budget, levels, found)
    assert (told.complete_to_length is None) is told.is_complete is not told.reasons
    if told.complete_to_length is None:
        assert shown == whole
    else:
        assert {path for path in whole if len(path) - 1 <= told.complete_to_length} <= set(shown)
    if not {LineagePathCut.EDGES, LineagePathCut.EFFORT, LineagePathCut.TIME}.intersection(told.reasons):
        _check_order(whole, budget, found)


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


def _check_order(whole: list[tuple[str, ...]], budget: PathBudget, found: Paths) -> None:
    """Where every edge was seen that matters, the first in order are shown, and it is known where they end."""
    told = found.completeness
    short = [path for path in whole if len(path) - 1 <= budget.length]
    room = [n for n in range(1, len(short) + 1) if len({node for path in short[:n] for node in path}) <= budget.nodes]
    most = min(len(room), budget.first)
    assert list(found.paths) == short[:most]
    stopped = {LineagePathCut.PATHS, LineagePathCut.NODES}.intersection(told.reasons)
    assert bool(stopped) is (most < len(short))
    if stopped:
        assert told.complete_to_length == len(short[most]) - 2
        assert (LineagePathCut.PATHS in stopped) is (most == budget.first)
    elif len(short) < len(whole):
        assert told.reasons == (LineagePathCut.LENGTH,)
        assert told.complete_to_length == budget.length
