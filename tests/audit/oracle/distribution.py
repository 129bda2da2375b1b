"""What the random worlds come to: `python -m tests.audit.oracle.distribution 10000` prints how often each verdict occurs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.audit.oracle.agreements import Reason
from tests.audit.oracle.lapse import lineage_of
from tests.audit.oracle.verdicts import Kind, Why, verdict
from tests.audit.oracle.worlds import make_scenario

__all__ = ["Distribution", "distribution"]


@dataclass(frozen=True)
class Distribution:
    """Flows of many worlds by their verdicts."""

    kinds: Counter[Kind] = field(default_factory=Counter[Kind])
    reasons: Counter[Reason] = field(default_factory=Counter[Reason])
    why: Counter[Why] = field(default_factory=Counter[Why])

    def share(self, kind: Kind) -> float:
        """The percentage of all flows that have this verdict."""
        return 100 * self.kinds[kind] / self.kinds.total()

    def lines(self) -> Iterable[str]:
        """One line for each verdict, reason and unknown, those that never occur among them."""
        yield from (f"{kind:<28} {self.share(kind):5.1f} %" for kind in Kind)
        yield from (f"{reason:<28} {self.reasons[reason]:7}" for reason in Reason)
        yield from (f"{why:<28} {self.why[why]:7}" for why in Why)


def distribution(seeds: Iterable[int]) -> Distribution:
    """The verdicts of every flow of the worlds of these seeds."""
    found = Distribution()
    for seed in seeds:
        scenario = make_scenario(seed)
        lineage = lineage_of(scenario.world, scenario.day)
        for flow in scenario.world.flows:
            judged = verdict(lineage, flow)
            found.kinds[judged.kind] += 1
            found.reasons.update(judged.reasons)
            found.why.update(judged.why)
    return found


if __name__ == "__main__":
    for line in distribution(range(int(sys.argv[1]))).lines():
        sys.stdout.write(f"{line}\n")
