"""The search for paths against an oracle that lists them one by one, and the shapes that would make a search explode."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import InvalidSelection
from lineage import paths as real_paths
from lineage import simple_paths as real_simple_paths
from lineage.paths import MAX_EDGES, MAX_LENGTH, MAX_NODES, MAX_PATHS, LineagePathCut, PathBudget, Paths, PathSearch
from lineage.traverse import Ask, LineageDirection
from tests.support.effort import calls
from tests.support.simple_paths import EVER, Pairs, check_paths, every_path, expand, searched

USUAL = PathBudget()
_MOST_CALLS = 1_500_000
"""Of one search here: well below two seconds."""


def d(name: str) -> str:
    return f"urn:waypost:dataset:key:test:{name}"


def flows(*chains: str) -> Pairs:
    """Edges between datasets of one letter: "abc" flows from a through b into c."""
    return frozenset((d(a), d(b)) for chain in chains for a, b in pairwise(chain))


def found(pairs: Pairs, ends: str, budget: PathBudget = USUAL, levels: int = EVER) -> Paths:
    start, end = map(d, ends)
    return searched(pairs, PathSearch(start, end, budget), levels)


def told(answer: Paths) -> list[str]:
    return ["".join(id_[-1] for id_ in path) for path in answer.paths]


_IDS = [*map(d, "abcdef"), "veiled:1", "veiled:2"]
_GRAPHS = st.frozensets(st.tuples(st.sampled_from(_IDS), st.sampled_from(_IDS)), max_size=22)
_NAMES = st.frozensets(st.tuples(st.sampled_from(_IDS), st.sampled_from(_IDS)), max_size=4)
_ENDS = st.tuples(st.sampled_from(_IDS[:4]), st.sampled_from(_IDS[:4]))


@given(_GRAPHS, _ENDS, st.integers(1, 6))
def test_a_search_finds_what_the_whole_graph_says(pairs: Pairs, ends: tuple[str, str], first: int) -> None:
    answer = searched(pairs, PathSearch(*ends, PathBudget(first)))
    whole = every_path(pairs, *ends)
    assert list(answer.paths) == whole[:first]
    more = whole[first:]
    assert answer.completeness.reasons == ((LineagePathCut.PATHS,) if more else ())
    assert answer.completeness.complete_to_length == (len(more[0]) - 2 if more else None)


@given(
    _GRAPHS,
    _ENDS,
    st.builds(
        PathBudget,
        first=st.integers(1, 6),
        length=st.integers(1, 8) | st.just(MAX_LENGTH),
        nodes=st.integers(9, 12) | st.integers(1, 8),
        edges=st.integers(0, 24) | st.just(MAX_EDGES),
        steps=st.integers(0, 200) | st.just(USUAL.steps),
    ),
    st.integers(0, 6) | st.just(EVER),
)
def test_nothing_is_left_out_in_silence(pairs: Pairs, ends: tuple[str, str], budget: PathBudget, levels: int) -> None:
    check_paths(pairs, ends, budget, levels, searched(pairs, PathSearch(*ends, budget), levels))


@given(_GRAPHS, _NAMES, _ENDS, st.integers(1, 6), st.integers(0, 6) | st.just(EVER))
def test_what_is_one_under_several_names_is_met_once(
    pairs: Pairs, same: Pairs, ends: tuple[str, str], first: int, levels: int
) -> None:
    budget = PathBudget(first)
    answer = searched(pairs, PathSearch(*ends, budget), levels, same)
    check_paths(pairs, ends, budget, levels, answer, same=same)
    if levels == EVER:
        assert list(answer.paths) == every_path(pairs, *ends, same)[:first]


@given(_GRAPHS, _ENDS)
def test_each_node_is_asked_once_from_each_end(pairs: Pairs, ends: tuple[str, str]) -> None:
    search = PathSearch(*ends, USUAL)
    asked: list[tuple[LineageDirection, str]] = []
    while asks := search.asks():
        asked += [(ask.direction, id_) for ask in asks for id_ in ask.frontier]
        search.take([expand(pairs, ask) for ask in asks])
    assert len(asked) == len(set(asked))


# Faults planted in the text of the search: the oracle finds each of them.


@dataclass(frozen=True)
class _Fault:
    """What is wrong, and how to write it."""

    name: str
    right: str
    wrong: str


_FAULTS = [
    _Fault("the longest come first", "heappush(self._open, (length, path))", "heappush(self._open, (-length, path))"),
    _Fault("the order among the equally long is any", "(length, path))", "(length, path[::-1]))"),
    _Fault("nodes are met again", "None if node in met else self._far", "self._far"),
    _Fault("a blocked way is given up", "self._around(node, met)\n", "None\n"),
    _Fault("a way around is a hop too long", "        seen, level, far = {*met, node}, [node], 0", "        seen, level, far = {*met, node}, [node], 1"),
    _Fault("the longest is a hop too short", "if length > self._longest", "if length >= self._longest"),
    _Fault("longer ones are kept secret", "self.longer = True", "self.longer = False"),
    _Fault("spent steps are kept secret", "return self._left < 0", "return False"),
    _Fault("one path too few", "if len(paths) == budget.first", "if len(paths) + 1 == budget.first"),
    _Fault("one path too many", "if len(paths) == budget.first", "if len(paths) > budget.first"),
    _Fault("nodes are counted a path at a time", "len(nodes.keys() | path)", "len(path)"),
    _Fault("one walk is enough", "any(way.ended for way in self._ways)", "any(not way.frontier for way in self._ways)"),
    _Fault("a cut level counts as seen", "self.levels += not self.cut", "self.levels += 1"),
    _Fault("what is cut is forgotten", "return not self.frontier and not self.cut", "return not self.frontier"),
    _Fault("the walks are longer than they are", "sum(way.levels for way in self._ways)", "1 + sum(way.levels for way in self._ways)"),
    _Fault("edges against the flow are not turned", "((hop.end, hop.start) for hop", "((hop.start, hop.end) for hop"),
    _Fault("only the walk with the flow is used", "for way in self._ways:\n            for", "for way in self._ways[:1]:\n            for"),
    _Fault("what lies between is not gone on from", "sorted(ends - self.visited)", "sorted(ends - self.visited)[1:]"),
    _Fault("the end is left out of the order", "sorted(following)", "sorted(following, reverse=True)[:1]"),
    _Fault("complete a hop too far", "wanted - 1 if stopped", "wanted if stopped"),
    _Fault("an answer cut by edges is said to be whole", "known < wanted and any(way.cut", "known > wanted and any(way.cut"),
    _Fault("an answer cut by time is said to be whole", "known < wanted and self._late", "known > wanted and self._late"),
    _Fault("there may be longer ones, and nothing says so", "or (known == wanted and not self._knows_all)", ""),
    _Fault("other names of an end are not begun at", "if names and not self.cut:", "if False:"),
    _Fault("what waits is forgotten", "self.visited -= self.waiting", "pass"),
    _Fault("names lead nowhere", "under_all_names((hop.end for hop in found.hops), found.same)", "{hop.end for hop in found.hops}"),
    _Fault("each name is met", "firsts = _by_first_names(after, names) if names else after", "firsts = after"),
    _Fault("names are a hop apart", "lengths.append(len(by_first_names) - 1)", "lengths.append(len(path) - 1)"),
    _Fault("an end is one before it is asked", "for way in self._ways) if self._asked else -1", "for way in self._ways)"),
    _Fault("hidden nodes are not told of", "sum(not kind_of(id_)", "sum(bool(kind_of(id_))"),
]  # fmt: skip


def _planted(fault: _Fault, patch: pytest.MonkeyPatch) -> type[PathSearch]:
    """The search with a fault in it."""
    made: dict[str, ModuleType] = {}
    texts = [Path(module.__file__ or "").read_text(encoding="utf-8") for module in (real_simple_paths, real_paths)]
    assert any(fault.right in text for text in texts), "write the fault anew"
    for name, text in zip(("simple_paths", "paths"), texts, strict=True):
        module = made[name] = ModuleType(f"faulty_{name}")
        patch.setitem(sys.modules, module.__name__, module)
        wrong = text.replace(fault.right, fault.wrong).replace("from lineage.simple_paths", "from faulty_simple_paths")
        exec(compile(wrong, module.__name__, "exec"), module.__dict__)  # noqa: S102 - our own text
    return made["paths"].PathSearch


def _worlds(rng: random.Random) -> Iterator[tuple[Pairs, tuple[str, str], PathBudget, int, Pairs]]:
    """A graph of which a walk soon has everything, and random ones, each asked about within random bounds."""
    yield flows("abcdefghz", *(f"a{name}" for name in "cdefgh")), (d("a"), d("z")), PathBudget(length=5), EVER, ()
    named = random.Random(11)
    for _ in range(2_000):
        pairs = {(rng.choice(_IDS), rng.choice(_IDS)) for _ in range(rng.randint(6, 26))}
        ends = (rng.choice(_IDS[:4]), rng.choice(_IDS[:5]))
        budget = PathBudget(
            rng.choice([1, 3, 6]),
            rng.choice([1, 2, 3, 4, 5, 6, MAX_LENGTH, MAX_LENGTH]),
            rng.choice([3, 5, MAX_NODES, MAX_NODES]),
            rng.choice([1, 3, 5, 9, MAX_EDGES, MAX_EDGES]),
            rng.choice([5, 20, 60, USUAL.steps, USUAL.steps]),
        )
        levels = rng.choice([0, 1, 2, EVER, EVER])
        yield pairs, ends, budget, levels, ()
        if named.random() < 0.5:
            same = {(named.choice(_IDS), named.choice(_IDS)) for _ in range(named.choice([1, 3]))}
            yield pairs, ends, budget, levels, same


def _is_wrong(search: type[PathSearch]) -> bool:
    for pairs, ends, budget, levels, same in _worlds(random.Random(7)):
        try:
            found = searched(pairs, search(*ends, budget), levels, same)
            check_paths(pairs, ends, budget, levels, found, same=same)
        except (AssertionError, LookupError, TypeError):
            return True
    return False


def test_without_a_fault_nothing_is_found() -> None:
    assert not _is_wrong(PathSearch)


@pytest.mark.parametrize("fault", _FAULTS, ids=lambda fault: fault.name)
def test_planted_fault_is_found(fault: _Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _is_wrong(_planted(fault, monkeypatch))


# By hand.


def test_the_shortest_come_first_and_ties_go_by_the_ids_along_them() -> None:
    pairs = flows("abz", "acz", "adez", "az", "ay", "xz", "za")
    answer = found(pairs, "az")
    assert told(answer) == ["az", "abz", "acz", "adez"]
    assert "".join(id_[-1] for id_ in answer.nodes) == "azbcde"
    assert answer.completeness.is_complete
    assert answer.completeness.complete_to_length is None
    some = found(pairs, "az", PathBudget(2))
    assert told(some) == ["az", "abz"]
    assert some.completeness.reasons == (LineagePathCut.PATHS,)
    assert some.completeness.complete_to_length == 1, "of two hops there is one more"


def test_against_the_flow_there_is_no_way() -> None:
    answer = found(flows("abz"), "za")
    assert answer.paths == ()
    assert answer.completeness.is_complete


def test_from_a_node_to_itself_there_is_one_path_of_no_hop() -> None:
    search = PathSearch(d("a"), d("a"), USUAL)
    assert search.asks() == []
    assert search.answer().paths == ((d("a"),),)
    assert search.answer().completeness.is_complete


def test_hidden_nodes_are_on_the_path_and_come_last() -> None:
    pairs = {(d("a"), "veiled:1"), ("veiled:1", d("z")), (d("a"), d("y")), (d("y"), d("z"))}
    answer = found(pairs, "az")
    assert answer.paths == ((d("a"), d("y"), d("z")), (d("a"), "veiled:1", d("z")))
    assert answer.completeness.hidden_nodes == 1


def test_a_path_is_not_longer_than_asked_for() -> None:
    pairs = flows("az", "abcz")
    assert told(found(pairs, "az", PathBudget(length=3))) == ["az", "abcz"]
    cut = found(pairs, "az", PathBudget(length=2))
    assert told(cut) == ["az"]
    assert cut.completeness.reasons == (LineagePathCut.LENGTH,)
    assert cut.completeness.complete_to_length == 2


# The shapes that graphs of lineage have, and that must not explode.


def _ladder(rungs: int) -> Pairs:
    """Diamonds one after the other: a path for each choice of a side, rung by rung."""
    sides = [(rung, side) for rung in range(rungs) for side in "xy"]
    into = {(d(f"{rung:02}"), d(f"{rung:02}{side}")) for rung, side in sides}
    return into | {(d(f"{rung:02}{side}"), d(f"{rung + 1:02}")) for rung, side in sides}


def _effort(pairs: Pairs, start: str, end: str, budget: PathBudget = USUAL) -> Paths:
    """The answer of a search that may take no more than so many calls, those for its hops left out."""
    search = PathSearch(d(start), d(end), budget)
    after: dict[str, list[str]] = {}
    before: dict[str, list[str]] = {}
    for upstream, downstream in sorted(pairs):
        after.setdefault(upstream, []).append(downstream)
        before.setdefault(downstream, []).append(upstream)

    def hops(ask: Ask) -> Pairs:
        if ask.direction is LineageDirection.DOWNSTREAM:
            return [(id_, end) for id_ in ask.frontier for end in after.get(id_, ())]
        return [(end, id_) for id_ in ask.frontier for end in before.get(id_, ())]

    while asks := search.asks():
        search.take([expand(hops(ask), ask) for ask in asks])
    count, answer = calls(search.answer)
    assert count < _MOST_CALLS
    return answer


def test_a_ladder_of_forty_diamonds_is_answered_from_its_beginning() -> None:
    """It has 2 ** 40 paths, all of eighty hops."""
    answer = _effort(_ladder(40), "00", "40", PathBudget(MAX_PATHS))
    assert len(answer.paths) == MAX_PATHS
    assert {len(path) for path in answer.paths} == {81}
    assert list(answer.paths) == sorted(answer.paths)
    assert answer.completeness.reasons == (LineagePathCut.PATHS,)
    assert answer.completeness.complete_to_length == 79
    # The last seven rungs are counted through in twos.
    assert answer.paths[99][-14::2] == tuple(d(f"{33 + n}{'yx'[bit == '0']}") for n, bit in enumerate(f"{99:07b}"))


def test_a_chain_longer_than_a_path_may_be_is_cut() -> None:
    chain = list(pairwise(d(f"{n:04}") for n in range(5_001)))
    assert _effort(chain, "0000", "5000").completeness.reasons == (LineagePathCut.LENGTH,)
    near = _effort(chain, "2000", "2100")
    assert [len(path) for path in near.paths] == [101]
    assert _effort(chain, "2000", "2101").paths == ()


def test_a_hub_on_one_side_costs_nothing() -> None:
    star = {(d("hub"), d(f"{n:05}")) for n in range(50_000)}
    answer = _effort(star, "hub", "49999")
    assert [len(path) for path in answer.paths] == [2]
    assert answer.completeness.is_complete
    assert _effort(star, "00000", "49999").completeness.is_complete


def test_between_two_hubs_what_was_seen_is_shown_and_what_was_not_is_told() -> None:
    middle = [d(f"{n:05}") for n in range(MAX_EDGES + 1)]
    pairs = {(d("from"), each) for each in middle} | {(each, d("to")) for each in middle}
    answer = _effort(pairs, "from", "to")
    assert [path[1] for path in answer.paths] == middle[: USUAL.first]
    assert answer.completeness.reasons == (LineagePathCut.EDGES, LineagePathCut.PATHS)
    assert answer.completeness.complete_to_length == 0


def test_a_knot_of_cycles_beside_the_way_leads_nobody_astray() -> None:
    """Twenty nodes that all lead to each other, and back only to where one came from."""
    knot = [d(f"k{n:02}") for n in range(20)]
    pairs = {(a, b) for a in knot for b in knot} | {(d("m"), a) for a in knot} | {(a, d("m")) for a in knot}
    answer = _effort([*pairs, *flows("amz")], "a", "z")
    assert told(answer) == ["amz"]
    assert answer.completeness.is_complete


def test_of_a_knot_of_cycles_on_the_way_the_shortest_are_shown() -> None:
    knot = [d(f"k{n:02}") for n in range(30)]
    pairs = {(a, b) for a in knot for b in knot}
    answer = _effort(pairs, "k00", "k29", PathBudget(MAX_PATHS))
    assert answer.paths[:2] == ((knot[0], knot[29]), (knot[0], knot[1], knot[29]))
    assert answer.completeness.reasons == (LineagePathCut.PATHS,)
    assert answer.completeness.complete_to_length == 2


def test_many_nodes_are_cut_between_paths() -> None:
    chains = [[d("a"), *(d(f"{chain}-{n:02}") for n in range(90)), d("z")] for chain in range(7)]
    pairs = {pair for chain in chains for pair in pairwise(chain)}
    answer = _effort(pairs, "a", "z")
    assert len(answer.paths) == 5
    assert len(answer.nodes) == 5 * 90 + 2
    assert answer.completeness.reasons == (LineagePathCut.NODES,)
    assert answer.completeness.complete_to_length == 90


def test_a_search_that_takes_too_many_steps_shows_what_it_found() -> None:
    answer = _effort(_ladder(40), "00", "40", PathBudget(MAX_PATHS, steps=20_000))
    assert 0 < len(answer.paths) < MAX_PATHS
    assert answer.completeness.reasons == (LineagePathCut.EFFORT,)
    assert answer.completeness.complete_to_length == 79


@pytest.mark.parametrize("first", [0, -1, MAX_PATHS + 1])
def test_a_budget_has_bounds(first: int) -> None:
    with pytest.raises(InvalidSelection, match=f"'first' is {first}: one asks for 1 to {MAX_PATHS} paths"):
        PathBudget(first)
    assert PathBudget(MAX_PATHS).first == MAX_PATHS
