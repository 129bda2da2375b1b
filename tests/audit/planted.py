"""Faults to plant in the engine of the audit: each a slip that somebody could make, and no suite should miss.

A fault is a function of the engine whose text says something else at one place, so an engine that says it in other words
needs other faults here: the test of each fails when its text is not there.
"""

from __future__ import annotations

import inspect
import sys
import textwrap
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any

from lineage.audit import (
    asof,
    coverage,
    flowed,
    inflow,
    lapse,
    leaks,
    levels,
    network,
    onward,
    origins,
    own,
    papers,
    pathways,
    raised,
    scope,
    verdicts,
    whereabouts,
)
from lineage.audit import findings as found

__all__ = ["FAULTS", "Fault"]


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and in which random world it shows."""

    name: str
    owner: type | ModuleType
    function: str
    right: str
    wrong: str
    world: int

    def planted(self) -> Any:
        """The function with the fault."""
        function = vars(self.owner)[self.function]
        assert isinstance(function, FunctionType)
        text = textwrap.dedent(inspect.getsource(function))
        assert text.count(self.right) == 1, f"{self.name}: the text is not there"
        names = dict(vars(sys.modules[function.__module__]))
        code = compile("from __future__ import annotations\n" + text.replace(self.right, self.wrong), self.name, "exec")
        exec(code, names)  # noqa: S102 - the text is that of the engine itself
        return names[self.function]


FAULTS = [
    Fault(
        "a run to come has happened",
        flowed.Flowed,
        "_that_ran",
        "if run.on <= day and _ran(run)",
        "if _ran(run)",
        0,
    ),
    Fault(
        "a run that says what it wrote wrote everything",
        flowed.Flowed,
        "_that_ran",
        " if run.outputs is None",
        "",
        31,
    ),
    Fault(
        "a review on the day of the run was before it",
        flowed,
        "_stands",
        "review.on < run.on",
        "review.on <= run.on",
        45,
    ),
    Fault(
        "an aggregation without a rule declassifies",
        flowed.Flowed,
        "declassifies",
        "return process.suppression_rule is not None",
        "return True",
        49,
    ),
    Fault("the last day of a span is counted in", asof, "holds", "day < end", "day <= end", 17),
    Fault("control is forgotten", asof.AsOf, "owner", "if dataset in self._controlled", "if False", 0),
    Fault("the oldest determination holds", asof.AsOf, "determined", "latest = max(", "latest = min(", 0),
    Fault(
        "a column of the day of a determination was not there",
        own.OwnClasses,
        "_was_there",
        "column.first_day <= said.on",
        "column.first_day < said.on",
        38,
    ),
    Fault("what is undecided is public", levels, "restricted", "Known.UNKNOWN if", "Known.NO if", 0),
    Fault(
        "classes go one step",
        inflow.Inflow,
        "_raise_all",
        "raised = frozenset(fed).intersection(members) if fed else ()",
        "raised = ()",
        13,
    ),
    Fault(
        "a column flow feeds every column",
        inflow.Inflow,
        "_each",
        "if passage.pairs and not (passage.even and passage.source not in self.single):",
        "if False:",
        3,
    ),
    Fault(
        "a program collects nothing",
        origins.Origins,
        "_is_origin",
        "root or dataset in self._asof.collected",
        "root",
        1,
    ),
    Fault("a circle is no root", origins.Origins, "_walk", ".difference(members)", "", 3),
    Fault("what stops is applied first", papers, "_in_turn", "each.stage in _STOPS)", "each.stage not in _STOPS)", 789),
    Fault("of two ends the later holds", papers, "end_of", "return min(", "return max(", 1183),
    Fault("the last day of a term is not counted", papers, "terms_in_force", "day <= term.to", "day < term.to", 7),
    Fault("all sign an enterprise agreement", papers, "_all_signed", "any(signed) or not signed", "all(signed)", 2),
    Fault(
        "who has not signed what stands above is bound",
        papers.Paper,
        "inactive",
        "self.unbound.isdisjoint(agencies)",
        "True",
        2,
    ),
    Fault(
        "redisclosure is always permitted",
        coverage.Coverage,
        "_onward_parties",
        "self._scope.redisclosed(paper, asked.flowing.datasets)",
        "True",
        24,
    ),
    Fault(
        "nothing is prohibited",
        coverage.Coverage,
        "_purpose",
        "by_agreement and wider.isdisjoint(paper.prohibits)",
        "by_agreement",
        26,
    ),
    Fault("the recipient approves", coverage, "_approves", " & ~agencies.bit(asked.recipient)", "", 11),
    Fault(
        "terms name no recipients",
        coverage.Coverage,
        "_data",
        "asked.recipient in paper.recipients.get(term.id, (asked.recipient,))",
        "True",
        10,
    ),
    Fault("an input that is public ends the walk", scope.Scope, "_walk_up", "continue", "return None", 431),
    Fault("one run under the agreement is enough", scope.Scope, "_ran_under", "return all(", "return any(", 72),
    Fault(
        "a dataset does not name its versions",
        asof.AsOf,
        "names",
        "frozenset((*bases, *groups))",
        "frozenset((dataset, *groups))",
        26,
    ),
    Fault(
        "who is missing is taken for the other",
        onward.Onward,
        "_codes_of_source",
        "codes |= _RECIPIENT if",
        "codes |= _PARTY if",
        19,
    ),
    Fault(
        "an agreement that names data of an origin agency is tried for nobody",
        onward.Pairs,
        "codes",
        "codes |= _RECIPIENT if",
        "codes |= 0 if",
        62,
    ),
    Fault(
        "who permits is among those that do not",
        onward.Onward,
        "permits",
        "owed & ~self._agencies.bits(by) if by else owed",
        "owed",
        16,
    ),
    Fault(
        "an agreement about data of an agency is none to it",
        onward.Onward,
        "permits",
        " & ~self._about.agencies(asked.flowing.datasets)",
        "",
        173,
    ),
    Fault(
        "an origin agency that has not signed what stands above is bound",
        onward.Onward,
        "_said",
        "codes[_PARENT] |= stance.gives & ~bound",
        "pass",
        497,
    ),
    Fault(
        "what is unknown outweighs what is not covered",
        verdicts,
        "_worst",
        "order = VerdictKind.UNCOVERED, VerdictKind.UNKNOWN,",
        "order = VerdictKind.UNKNOWN, VerdictKind.UNCOVERED,",
        3,
    ),
    Fault(
        "the output of anybody's process crosses",
        verdicts.Audit,
        "_is_output",
        "runner is None or runner != provider or",
        "",
        0,
    ),
    Fault("a dataset leaks into itself", leaks.Leaks, "found", " - {goal}", "", 1),
    Fault("what others hold lapses too", lapse.Lapses, "of", " and owed.after <= ending", "", 7),
    Fault(
        "what others feed is cut off",
        lapse.Lapses,
        "_downstream",
        "below - self._reach(fed, lapsing)",
        "set(below)",
        10,
    ),
    Fault("a step that is not known lacks nothing", verdicts.Audit, "lacks", "int(need is Known.UNKNOWN)", "0", 0),
    Fault("the new transfer comes last", pathways, "pathways", "(new.missing, 1)", "(new.missing, 99)", 86),
    Fault("a class comes from any column", raised.Raised, "_ways", "if own & mask", "if mask", 0),
    Fault(
        "data stops at a system of its holder", whereabouts.Whereabouts, "_arrived", "provider != recipient", "True", 9
    ),
    Fault("an agency holds its own data", whereabouts.Whereabouts, "_held", "each.holder != owner", "True", 0),
    Fault(
        "the last cut is shown",
        network.Network,
        "first_cut",
        'if node.startswith("f:"))',
        'if node.startswith("f:"))[::-1]',
        38,
    ),
    Fault("a stated agency that differs is no finding", found, "_of_flow", "agency != holder", "agency == holder", 0),
]
