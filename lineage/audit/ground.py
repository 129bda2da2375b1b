"""What the data is as of a day, whatever was agreed: classes, origins, and what feeds what. Worked out once for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property

from msgspec import Struct

from lineage.audit.classes import Classes
from lineage.audit.condense import condense
from lineage.audit.earlier import Earlier
from lineage.audit.facts import Flow
from lineage.audit.flowed import Flowed
from lineage.audit.origins import Origins
from lineage.audit.since import Since

__all__ = ["Feed", "Ground"]


class Feed(Struct, frozen=True, gc=False):
    """A dataset fed another by a live flow."""

    source: str
    target: str
    flow: str


class Ground:
    """The data as of a day."""

    def __init__(self, flowed: Flowed, earlier: Earlier | None = None) -> None:
        """``earlier`` is an audit of other facts: as far as nothing differs, what was found there is taken."""
        self.flowed = flowed
        self.since = None if earlier is None else earlier.since(flowed.asof)
        """What differs; None where it may be everything."""
        self._lived = None if earlier is None or self.since is None else _still(self.since, earlier)
        if earlier is not None and earlier.ground is not None:
            self.classes, self.origins = earlier.ground.classes, earlier.ground.origins
        else:
            self.classes = Classes(flowed, earlier, self.since)
            self.origins = Origins(self.classes, earlier)

    @cached_property
    def live(self) -> list[Flow]:
        """The flows that are live (9.2 A11)."""
        lived, self._lived = self._lived, None
        if lived is not None:
            return [flow for flow in self.flowed.asof.facts.flows if flow.id in lived]
        return [flow for flow in self.flowed.asof.facts.flows if self.flowed.live(flow)]

    @cached_property
    def feeds(self) -> list[Feed]:
        """What fed what by live flows that have happened, stopped steps too (9.2 F1); once for each flow and two datasets."""
        found = {
            Feed(passage.source, passage.target, flow.id)
            for flow in self.live
            if self.flowed.happened(flow)
            for passage in self.classes.passages_of(flow, stopped_too=True)
        }
        return list(found)

    @cached_property
    def feeding(self) -> dict[str, list[Feed]]:
        """``feeds`` by source."""
        found: dict[str, list[Feed]] = defaultdict(list)
        for each in self.feeds:
            found[each.source].append(each)
        return found

    @cached_property
    def fed(self) -> dict[str, list[Feed]]:
        """``feeds`` by target."""
        found: dict[str, list[Feed]] = defaultdict(list)
        for each in self.feeds:
            found[each.target].append(each)
        return found

    @cached_property
    def roots(self) -> set[str]:
        """Datasets with nothing upstream but what they feed, and those COLLECTED_UNDER something (9.2 C3)."""
        into = {end: set[str]() for each in self.feeds for end in (each.source, each.target)}
        for each in self.feeds:
            into[each.target].add(each.source)
        found = set(self.flowed.asof.collected)
        for members in condense(into, into):
            if all(into[each] <= set(members) for each in members):
                found.update(members)
        return found


def _still(since: Since, earlier: Earlier) -> Collection[str] | None:
    """The flows that are live as they were: of none of them, nor of a run, is anything else said. None where that is not so."""
    return earlier.verdicts.keys() if earlier.verdicts and not since.flows else None
