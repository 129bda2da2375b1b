"""What contradicts or is missing, beside the verdicts (domain 5 R10-R16, 7; 9.2 A1, B1, C1, E10)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tests.audit.oracle.classes import (
    RESTRICTED,
    Known,
    own_of_dataset,
    restricted,
    said_of_column,
    said_of_dataset,
)
from tests.audit.oracle.facts import Classification, Determination
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.verdicts import claims
from tests.audit.oracle.view import Cell

__all__ = ["Finding", "class_findings", "flow_findings"]

_CRITERIA = frozenset("ABCDE")


@dataclass(frozen=True, order=True)
class Finding:
    """One thing found."""

    rule: str
    """The id in the domain: R11, 9.2 C1, …"""
    subject: str
    """A dataset or a flow."""
    detail: str
    """The column, the agency, the agreement, or ""."""


def class_findings(lineage: Lineage) -> set[Finding]:
    """Contradictions and gaps of the classes at t."""
    found: set[Finding] = set()
    for dataset in lineage.view.all_datasets():
        found.update(_of_determinations(lineage, (dataset, None), said_of_dataset(lineage.view, dataset)))
        for column in lineage.view.catalog_columns(dataset):
            said = said_of_column(lineage.view, dataset, column)
            found.update(_of_determinations(lineage, (dataset, column), said))
        found.update(_of_dataset(lineage, dataset))
    return found


def _of_determinations(lineage: Lineage, cell: Cell, said: list[Determination]) -> Iterator[Finding]:
    """What classes that stand together contradict (R12, R13) and what they lack (R14)."""
    dataset, column = cell
    detail = column or ""
    classes = {one for determination in said for one in determination.classes}
    kept = classes & RESTRICTED
    if kept and Classification.OPEN in classes:
        yield Finding("R12", dataset, detail)
    if kept and Classification.PUBLIC in classes:
        yield Finding("R13", dataset, detail)
    if kept and not any(one.reasons for one in said):
        yield Finding("R14 reason", dataset, detail)
    if Classification.PERSONAL in classes and not _shown_personal(lineage, cell):
        yield Finding("R14 personal", dataset, detail)
    if Classification.PRIVATE in classes and not any(one.laws for one in said):
        yield Finding("R14 law", dataset, detail)


def _shown_personal(lineage: Lineage, cell: Cell) -> bool:
    """A declaration, or a column at t that is personal: this one, or any one of the dataset."""
    dataset, column = cell
    there = lineage.view.catalog_columns(dataset)
    return any(one.declared_personal for one in lineage.view.facts_of(dataset)) or any(
        one.personal and one.name in there and column in {None, one.name}
        for one in lineage.view.world.columns
        if one.dataset == dataset
    )


def _of_dataset(lineage: Lineage, dataset: str) -> Iterator[Finding]:
    """What the class of a dataset, own and effective, says at once (domain 7)."""
    view = lineage.view
    own = own_of_dataset(view, dataset)
    effective = lineage.effective_of_dataset(dataset)
    said = {one for determination in said_of_dataset(view, dataset) for one in determination.classes}
    met = {letter for one in said_of_dataset(view, dataset) for letter in one.open_criteria}
    if Classification.OPEN in said and not met >= _CRITERIA:
        yield Finding("R11", dataset, "")
    if effective.undecided:
        yield Finding("R16", dataset, "")
    if effective.known != own.known:
        yield Finding("R15", dataset, "")
    valued = any(one.dataset == dataset and one.on <= view.t for one in view.world.high_values)
    planned = any(one.dataset == dataset and one.submitted_on <= view.t for one in view.world.planned)
    public = Classification.PUBLIC in said and restricted(own) is Known.NO
    if valued and public and Classification.OPEN not in said and not planned:
        yield Finding("7 planned publication", dataset, "")


def flow_findings(lineage: Lineage) -> set[Finding]:
    """Holders that are not known or differ from what is stated (9.2 B1, C1), and claims that fail (9.2 E10)."""
    view = lineage.view
    found: set[Finding] = set()
    for flow in view.world.flows:
        ends = (
            ("provider", view.provider(flow), view.holder(flow.source), flow.provider),
            ("recipient", view.recipient(flow), view.holder(flow.target), flow.recipient),
        )
        for role, agency, holder, stated in ends:
            if agency is None:
                found.add(Finding("9.2 B1", flow.id, role))
            if holder is not None and stated is not None and view.agency_of(stated) != holder:
                found.add(Finding("9.2 C1", flow.id, role))
        found.update(
            Finding("9.2 E10", flow.id, one.agreement) for one in claims(lineage, flow) if one.code is not None
        )
    return found
