"""Faults planted in what lineage at every level is made of: each is found by the questions that no fault answers wrong."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from importlib import import_module

import pytest

from tests.contract.backends import BACKENDS
from tests.contract.workshop import Workshop
from tests.graphql.graph import Asker
from tests.graphql.levels import WORLDS_AT_ONCE, opened
from tests.graphql.levels import compare as compared
from tests.support.level_worlds import LevelWorld
from tests.support.planted import planted

_STORE = "catalog.stores.sqlite.expand"
_WALK = "lineage.traverse"
_WAY = "lineage.way"
_LINKS = "graphql_schema.core.links"
_LEVELS = "lineage.levels"
_SERVED = "graphql_schema.core.levels"
_FAULTS: dict[str, tuple[str, str, str]] = {
    "the depth is one too many": (_WALK, "if self._depth > self._last:", "if self._depth > self._last + 1:"),
    "the last are shown": (_WALK, "rest = new[: self._room]", "rest = new[-self._room :]"),
    "a node that is left out is walked through": (_WAY, "[hop for hop in passing if hop.pairs]", "found.hops"),
    "what is left out is no reason": (_WALK, "LineageCut.FILTER: bool(left)", "LineageCut.FILTER: False"),
    "an edge is told the other way": (
        _WALK,
        "links[tail].append(_link((tail, start,",
        "links[start].append(_link((start, tail,",
    ),
    "what is shown both ways was reached one way": (
        _WALK,
        "LineageDirection.BOTH if other is not one and id_ in other.visited else one.direction",
        "one.direction",
    ),
    "an edge is as far as its farther end": (_WALK, "1 + min(depth, known[head])", "1 + max(depth, known[head])"),
    "an answer that goes on repeats the last": (
        _WALK,
        "or self._place(id_) > self._after]",
        "or self._place(id_) >= self._after]",
    ),
    "edges come twice": (_WALK, "if self._begins\n                else [", "if True\n                else ["),
    "edges of a cycle come twice": (_WALK, "list(set(found))", "found"),
    "an edge is missed that another way leads to": (
        _WALK,
        "self._placed(way.visited[hop.start], hop.start)",
        "self._placed(self._known[hop.start], hop.start)",
    ),
    "hidden nodes are not walked through": (
        _WAY,
        "self.frontier = sorted(admitted)\n\n    def leave",
        "self.frontier = sorted(i for i in admitted if i.startswith('urn:'))\n\n    def leave",
    ),
    "other names of the root are not walked from": (
        _WAY,
        "self.frontier = sorted(admitted)\n\n    def steps",
        "self.frontier = []\n\n    def steps",
    ),
    "names are not looked for": (_WAY, "under_all_names(self.met, found.same)", "self.met"),
    "names that do not pass are left out in silence": (
        _WALK,
        "way.barred.union(end for _, end, pairs in steps if not pairs)",
        "way.barred",
    ),
    "there is nothing behind names that are not shown": (
        _WALK,
        "way.passed.union(end for _, end, pairs in steps if pairs)",
        "way.passed",
    ),
    "names are told of that are not shown": (
        _WALK,
        "shown = each.one in self._known and each.other in self._known",
        "shown = each.one in self._known",
    ),
    "names come twice": (_WALK, "shown and (self._begins or max(map", "shown and (self._begins or min(map"),
    "a proposal makes one": (_STORE, ", 'STATED') = 'STATED'\"", ", 'STATED') <> 'DENIED'\""),
    "a denial is not heard": (_STORE, "\"d.status = 'DENIED'\"", "\"d.status = 'X'\""),
    "a denial is heard one way": (_STORE, '(("tail", "head"), ("head", "tail"))', '(("tail", "head"),)'),
    "a former denial is heard": (_STORE, 'denied.append(holds("d"))', "pass"),
    "a former statement makes one": (
        _STORE,
        '"one.i", edge, other, ever=shape.ever)',
        '"one.i", edge, other, ever=True)',
    ),
    "names lead one way": (_STORE, "forward=not same.forward", "forward=same.forward"),
    "a hidden name is told": (_STORE, "*self._seen(other)]", "]"),
    "a dataset stands for itself": (_WALK, "{root} if begins is None else set(begins[way])", "{root}"),
    "the root is filtered": (_SERVED, "Any_((passing.where, shown))", "passing.where"),
    "of a flow between agencies one end is filtered": (_STORE, '"1" if shape.by is None else self._true()', '"1"'),
    "columns are filtered for steps": (_SERVED, "between if tested.between else nodes", "nodes"),
    "what is between need not pass": (
        _STORE,
        "if shape.via is not None:\n            between",
        "if shape.where is not None and shape.via is not None:\n            between",
    ),
    "columns are walked the other way": (
        _LEVELS,
        '"column_flows_in.from_column", "column_flows_out.to_column"',
        '"column_flows_out.to_column", "column_flows_in.from_column"',
    ),
    "jobs are tied by what they read": (_LEVELS, '"writes.read_by"', '"reads.read_by"'),
    "agencies are those that control": (_LEVELS, 'by="held_by"', 'by="controlled_by"'),
    "what is between may have ended": (_STORE, "*([] if shape.ever else [holds(end)]), *seen", "*seen"),
    "an edge may have ended": (_STORE, 'f"e{number}", end, ever=shape.ever)', 'f"e{number}", end, ever=True)'),
    "what is between is seen whole or not at all": (
        _STORE,
        "if leg.placeholders else made.whole(end, leg.needs)",
        "if leg.placeholders and end == 'n' else made.whole(end, leg.needs)",
    ),
    "a former holder is told": (_STORE, '"ge", "gx", ever=self.shape.ever)', '"ge", "gx", ever=True)'),
    "who holds a hidden dataset is told": (
        _STORE,
        "THEN {whole} ELSE {node}.opaque END",
        "THEN {whole} ELSE {whole} END",
    ),
    "a hidden node passes the filter": (_STORE, "found += [*self.whole, self._true()]", "found += [self._true()]"),
    "flows are not counted": (_STORE, "sum(w) AS p", "max(w) AS p"),
    "runs to come are told": (
        _LINKS,
        "datetime.combine(day + timedelta(days=1)",
        "datetime.combine(day + timedelta(days=900)",
    ),
    "what is read is told for what is written": (
        _LINKS,
        'yield reader["urn"], writes._replace(dataset',
        'yield reader["urn"], reads._replace(dataset',
    ),
    "who says it is in no order": (_LINKS, "for key in sorted(found)", "for key in reversed(sorted(found))"),
}


_USED: dict[str, list[tuple[str, str]]] = {
    _WAY: [(_WALK, "way_of")],
    _WALK: [(_SERVED, "Walk"), (_SERVED, "LineageDirection"), (_LEVELS, "LineageDirection")],
    _LEVELS: [(_SERVED, "LEVELS")],
    _SERVED: [(_SERVED, "FindLineage.answer"), (_SERVED, "FindLineage._passing")],
    _STORE: [("catalog.stores.sqlite.store", "expand")],
    _LINKS: [(_SERVED, "LinksRead"), (_SERVED, "read_jobs"), (_LINKS, "_started")],
}
"""What of each module is used where."""


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Asker, dict[int, LevelWorld]]]:
    """Random graphs in a SQLite file, and who asks about them: what is at fault is the same for both stores, or one's own."""
    with asyncio.Runner() as runner:
        workshop = Workshop(BACKENDS["sqlite"], runner, tmp_path_factory, None)
        yield opened(workshop, range(100, 100 + WORLDS_AT_ONCE))
        workshop.close()


def _plant(monkeypatch: pytest.MonkeyPatch, place: str, right: str, wrong: str) -> None:
    """Put a fault into the text of a module, and what is made of that text where it is used."""
    module = planted(monkeypatch, import_module(place), right, wrong)
    for user, name in _USED[place]:
        owner, _, attribute = name.rpartition(".")
        holders = (import_module(user), module)
        target, made = (getattr(holder, owner) if owner else holder for holder in holders)
        monkeypatch.setattr(target, attribute, getattr(made, attribute))


@pytest.mark.parametrize("place", _USED)
def test_the_same_text_makes_no_fault(
    asked: tuple[Asker, dict[int, LevelWorld]], place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(monkeypatch, place, "from __future__ import annotations", "from __future__ import annotations  # again")
    compared(*asked)


@pytest.mark.parametrize("name", _FAULTS)
def test_a_planted_fault_is_found(
    asked: tuple[Asker, dict[int, LevelWorld]], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _plant(monkeypatch, *_FAULTS[name])
    with pytest.raises(AssertionError):
        compared(*asked)
