"""What flows into each dataset: classes passed on with the stream, and where datasets feed each other until nothing is new.

Classes are a lattice of small height, so the least fixpoint is found by passing on what is new until nothing is (domain
7; 9.2 A3 to A5, A10); a cycle ends like anything else. What flows into every column of a dataset is kept once for the
dataset, so that a flow costs one join whatever the number of its columns.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any

from msgspec import Struct

from lineage.audit.asof import Cell, grouped_by
from lineage.audit.condense import with_the_stream
from lineage.audit.facts import ColumnFlow, Flow
from lineage.audit.own import OwnClasses
from lineage.audit.since import Since

__all__ = ["Inflow", "Names", "Passage"]

Names = frozenset[str | None] | None
"""Columns of a dataset; None: every one."""


class Passage(Struct, frozen=True, gc=False):
    """What one flow carries from one dataset to another."""

    flow: Flow
    source: str
    target: str
    cells: tuple[Cell, ...]
    """The columns of the source that it carries."""
    own: int
    """The join of their own classes, as bits."""
    into: Names
    """The columns of the target that they feed."""
    pairs: tuple[ColumnFlow, ...] = ()
    """Which feeds which, where column flows say so. Empty: it is known of the datasets only, and each feeds every one."""
    even: bool = False
    """Whether each of the columns has the own class ``own``."""

    def split(self) -> Iterator[Passage]:
        """The same column flow by column flow, where there are any."""
        if not self.pairs:
            yield self
        for each in self.pairs:
            yield Passage(
                self.flow, self.source, self.target, (each.from_,), self.own, frozenset((each.to[1],)), (each,)
            )


Ends = dict[str, tuple[Passage, ...]]


class Inflow:
    """What flows into datasets by passages. It keeps nothing else of an audit, so that it can be left for another."""

    def __init__(
        self, own: OwnClasses, passages: list[Passage], before: Inflow | None = None, since: Since | None = None
    ) -> None:
        """``before`` and ``since``: what was joined of other facts, and what differs; ``passages`` are those of flows that do."""
        self.passages = passages
        """Everything that is carried."""
        self.into: Ends
        """The same by target."""
        self.after: Ends
        """The same by source."""
        self.anew: set[str] | None = None
        """The datasets of which it was joined anew, and all that they feed; None: all."""
        self.common: dict[str, int] = {}
        """What flows into every column of a dataset, as bits."""
        self.single: dict[str, dict[str | None, int]] = {}
        """What else flows into some columns."""
        if before is None or since is None:
            self.into = grouped_by(passages, attrgetter("target"))
            self.after = after = grouped_by(passages, attrgetter("source"))
            into = self.into
        else:
            into, after = self._take(before, since.flows)
        self.order = list(with_the_stream(into, after))
        """The datasets that feed or are fed, each after all that feeds it; those that feed each other together.

        Of what was not joined anew those alone that feed what was.
        """
        self._raise_all(own, after)

    def __getstate__(self) -> dict[str, Any]:
        """Without the order and what was joined anew, by which the rest was found: no later audit asks for these."""
        return {**vars(self), "order": [], "anew": None}

    def _take(self, before: Inflow, differs: Collection[str]) -> tuple[Ends, Ends]:
        """Take over all but what flows that differ lead to; answer the passages into that, by target and by source."""
        if not differs:
            self.passages, self.into, self.after = before.passages, before.into, before.after
            self.common, self.single, self.anew = before.common, before.single, set()
            return {}, {}
        come = self.passages
        gone = [each for each in before.passages if each.flow.id in differs]
        self.passages = [each for each in before.passages if each.flow.id not in differs] + come
        self.into = _replaced(before.into, gone, come, attrgetter("target"))
        self.after = _replaced(before.after, gone, come, attrgetter("source"))
        # Their sources too: they may feed nothing any more, or be fed by nothing and not have fed anything before.
        ends = (end for each in (*gone, *come) for end in (each.source, each.target))
        self.anew = anew = _downstream(ends, self.after)
        self.common, self.single = dict(before.common), dict(before.single)
        for each in anew:
            self.common.pop(each, None)
            self.single.pop(each, None)
        into = {each: self.into[each] for each in anew if each in self.into}
        return into, grouped_by([each for some in into.values() for each in some], attrgetter("source"))

    def _raise_all(self, own: OwnClasses, after: Ends) -> None:
        """Pass on what is new, with the stream, and where datasets feed each other until nothing is."""
        for members in self.order:
            raised: Collection[str] = members
            while raised:
                fed = [
                    target for source in raised if source in after for target in self._raise(own, source, after[source])
                ]
                raised = frozenset(fed).intersection(members) if fed else ()

    def _raise(self, own: OwnClasses, source: str, passages: Iterable[Passage]) -> list[str]:
        """Join what is in a dataset to what flows into each that it feeds; answer those to which that was new."""
        common = self.common
        shared, columns = common.get(source, 0), self.single.get(source)
        raised: list[str] = []
        for passage in passages:
            target, mask = passage.target, passage.own | shared
            if columns is not None:
                for cell in passage.cells:
                    mask |= columns.get(cell[1], 0)
            had = common.get(target, 0)
            missing = mask & ~had
            if not missing:
                continue
            if passage.into is None:
                common[target] = had | mask
            elif not self._raise_some(own, passage, missing):
                continue
            raised.append(target)
        return raised

    def _raise_some(self, own: OwnClasses, passage: Passage, missing: int) -> bool:
        """Join it to what flows into some columns of the target; whether that was new."""
        target = passage.target
        columns = self.single.get(target)
        if columns is None:
            self.single[target] = self._each(own, passage, missing)
            return True
        new = False
        for name, more in self._each(own, passage, missing).items():
            had = columns.get(name, 0)
            if more & ~had:
                columns[name] = had | more
                new = True
        return new

    def _each(self, own: OwnClasses, passage: Passage, missing: int) -> dict[str | None, int]:
        """What of that flows into each column."""
        if passage.pairs and not (passage.even and passage.source not in self.single):
            shared, single = self.common.get(passage.source, 0), self.single.get(passage.source, {})
            found: dict[str | None, int] = defaultdict(int)
            for each in passage.pairs:
                found[each.to[1]] |= own.of_cell(each.from_) | shared | single.get(each.from_[1], 0)
            return {name: mask & missing for name, mask in found.items()}
        return dict.fromkeys(passage.into or (), missing)


def _replaced(before: Ends, gone: Iterable[Passage], come: Iterable[Passage], end: Callable[[Passage], str]) -> Ends:
    """Passages by one end, with those that have come after those that have stayed."""
    left = defaultdict[str, list[int]](list)
    new = defaultdict[str, list[Passage]](list)
    for each in gone:
        left[end(each)].append(id(each))
    for each in come:
        new[end(each)].append(each)
    found = dict(before)
    for node in left.keys() | new.keys():
        lost = left.get(node, ())
        now = (*[each for each in before.get(node, ()) if id(each) not in lost], *new.get(node, ()))
        if now:
            found[node] = now
        else:
            found.pop(node, None)
    return found


def _downstream(starts: Iterable[str], after: Mapping[str, Iterable[Passage]]) -> set[str]:
    """Some datasets, and all that they feed over any number of passages."""
    found = set(starts)
    waiting = list(found)
    while waiting:
        for each in after.get(waiting.pop(), ()):
            if each.target not in found:
                found.add(each.target)
                waiting.append(each.target)
    return found
