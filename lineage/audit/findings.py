"""What contradicts or is missing, beside the verdicts (domain 5 R10 to R16, 7; 9.2 A1, B1, C1, E10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from catalog.model.enums_data import Classification, OpenCriterion
from lineage.audit.asof import AsOf
from lineage.audit.classes import Classes
from lineage.audit.facts import Determination, Flow
from lineage.audit.levels import level_of, restricted
from lineage.audit.verdicts import Audit
from lineage.audit.words import FindingRule, Known

__all__ = ["Finding", "class_findings", "flow_findings"]

_CONTRADICTIONS = (FindingRule.R12, FindingRule.R13)
_PROTECTED = frozenset((Classification.PROTECTED, Classification.PERSONAL, Classification.PRIVATE))


class Finding(Struct, frozen=True, order=True):
    """One thing found."""

    rule: FindingRule
    subject: str
    """A dataset or a flow."""
    detail: str
    """The column, the end of the flow or the agreement; empty where there is none."""
    reasons: tuple[str, ...] = ()
    """Of R12 and R13: why it is protected, as those say who determined it; ordered."""


def class_findings(classes: Classes) -> list[Finding]:
    """Contradictions and gaps of the classes of all datasets, in order."""
    return sorted(found for dataset in classes.all_datasets() for found in _of_dataset(classes, dataset))


def _of_dataset(classes: Classes, dataset: str) -> Iterator[Finding]:
    asof = classes.asof
    said = asof.said(dataset)
    yield from _of_determinations(asof, said, dataset, None)
    there = frozenset(asof.columns(dataset))
    for column in asof.determined_columns.get(dataset, ()):
        if (dataset, column) not in there:
            continue
        yield from _of_determinations(asof, asof.determined((dataset, column)), dataset, column)
    declared = frozenset(each for one in said for each in one.classes)
    is_open = Classification.OPEN in declared
    if is_open and not _meets_all(said):
        yield Finding(FindingRule.R11, dataset, "")
    own, effective = classes.own.of_dataset(dataset), classes.level_of_dataset(dataset)
    if level_of(own).known != effective.known:
        yield Finding(FindingRule.R15, dataset, "")
    if effective.undecided:
        yield Finding(FindingRule.R16, dataset, "")
    public = Classification.PUBLIC in declared and restricted(own) is Known.NO
    if public and not is_open and _is_due(asof, dataset):
        yield Finding(FindingRule.PLANNED_PUBLICATION, dataset, "")


def _of_determinations(
    asof: AsOf, said: Iterable[Determination], dataset: str, column: str | None
) -> Iterator[Finding]:
    """What classes that stand together contradict (R12, R13), and what they lack (R14).

    With a contradiction goes why it is protected: violating a law contradicts, a burden need not (R13).
    """
    together = list(said)
    reasons = tuple(sorted({reason for each in together for reason in each.reasons}))
    for rule in _rules(asof, together, dataset, column):
        yield Finding(rule, dataset, column or "", reasons if rule in _CONTRADICTIONS else ())


def _rules(asof: AsOf, together: list[Determination], dataset: str, column: str | None) -> Iterator[FindingRule]:
    classes = frozenset(each for one in together for each in one.classes)
    protected = not classes.isdisjoint(_PROTECTED)
    if protected and Classification.OPEN in classes:
        yield FindingRule.R12
    if protected and Classification.PUBLIC in classes:
        yield FindingRule.R13
    if protected and not any(each.reasons for each in together):
        yield FindingRule.R14_REASON
    if Classification.PERSONAL in classes and not _shows_personal(asof, dataset, column):
        yield FindingRule.R14_PERSONAL
    if Classification.PRIVATE in classes and not any(each.laws for each in together):
        yield FindingRule.R14_LAW


def _shows_personal(asof: AsOf, dataset: str, column: str | None) -> bool:
    """Whether the dataset is declared to hold personal data, or this column, or any, is personal (R14)."""
    there = frozenset(asof.columns(dataset))
    return any(
        fact.declared_personal
        or any(each.personal and each.ref in there and column in {None, each.ref[1]} for each in fact.columns)
        for fact in asof.datasets.get(dataset, ())
    )


def _meets_all(said: Iterable[Determination]) -> bool:
    """Whether those that hold of a dataset, its own or that of what it is a version of, find all open criteria met (R11)."""
    return len({met for each in said for met in each.open_criteria}) == len(OpenCriterion)


def _is_due(asof: AsOf, dataset: str) -> bool:
    """Whether it is of high value, and no open data access plan lists it (domain 7)."""
    facts = asof.datasets.get(dataset, ())
    high = any(each.high_value_on is not None and each.high_value_on <= asof.day for each in facts)
    return high and not any(each.planned_on is not None and each.planned_on <= asof.day for each in facts)


def flow_findings(audit: Audit, flows: Iterable[Flow] | None = None) -> list[Finding]:
    """Holders that are not known or differ from what is stated, and claims that fail, in order; of all flows by default."""
    asked = audit.asof.facts.flows if flows is None else flows
    return sorted(found for flow in asked for found in _of_flow(audit, flow))


def _of_flow(audit: Audit, flow: Flow) -> Iterator[Finding]:
    asof = audit.asof
    ends = ("provider", flow.source, flow.provider), ("recipient", flow.target, flow.recipient)
    for end, thing, stated in ends:
        holder = asof.holder(thing)
        agency = None if stated is None else asof.agency_of(stated)
        if holder is None and agency is None:
            yield Finding(FindingRule.HOLDER_UNKNOWN, flow.id, end)
        if holder is not None and stated is not None and agency != holder:
            yield Finding(FindingRule.HOLDER_DIFFERS, flow.id, end)
    for claim in audit.claims(flow):
        if claim.code is not None:
            yield Finding(FindingRule.CLAIM_FAILS, flow.id, claim.agreement)
