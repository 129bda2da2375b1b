"""Which data an agreement must hold so that it covers a flow: clause 3 (domain 9; 9.2 C4, E3, E4, E12)."""

from __future__ import annotations

from tests.audit.oracle.agreements import terms_in_force
from tests.audit.oracle.classes import Known
from tests.audit.oracle.facts import Agreement, Flow
from tests.audit.oracle.origins import columns_that_left, origin_agencies
from tests.audit.oracle.steps import Lineage
from tests.audit.oracle.view import Cell

__all__ = ["is_named", "resultant", "scope", "source_datasets"]


def source_datasets(lineage: Lineage, flow: Flow) -> list[str]:
    """The datasets that the flowing columns are of."""
    return sorted({dataset for dataset, _ in lineage.view.flowing(flow)})


def is_named(lineage: Lineage, agreement: Agreement, dataset: str) -> bool:
    """Whether a term in force names the dataset."""
    return any(lineage.view.term_names(term, dataset) for term in terms_in_force(agreement, lineage.t))


def scope(lineage: Lineage, agreement: Agreement, flow: Flow, origin: str | None) -> set[Cell] | None:
    """The columns that the terms must hold; None: the source is not in the scope of the agreement.

    `origin` is the agency to which cover is owed onward (9.2 C4), None for the direct verdict.
    """
    flowing = lineage.view.flowing(flow)
    wanted: set[Cell] = set()
    for source in source_datasets(lineage, flow):
        if is_named(lineage, agreement, source):
            found: set[Cell] | None = {cell for cell in flowing if cell[0] == source}
        else:
            found = resultant(lineage, agreement, source)
            if found is None and origin is not None:
                found = _origin_data(lineage, agreement, source, origin)
        if found is None:
            return None
        wanted |= found
    return wanted


def _origin_data(lineage: Lineage, agreement: Agreement, source: str, origin: str) -> set[Cell] | None:
    """The columns that left each dataset of the origin agency, if the terms name every one of them (9.2 C4)."""
    datasets = origin_agencies(lineage, [source]).get(origin, set())
    if not all(is_named(lineage, agreement, dataset) for dataset in datasets):
        return None
    return {cell for dataset in datasets for cell in columns_that_left(lineage, dataset, source)}


def resultant(lineage: Lineage, agreement: Agreement, source: str) -> set[Cell] | None:
    """The columns that left the named datasets of which the source is the result under the agreement (9.2 E4).

    None: it is not resultant data.
    """
    reached: set[Cell] = set()
    if lineage.restricted_dataset(source) is not Known.YES:
        return None
    return reached if _walk(lineage, agreement, source, {source}, reached) and reached else None


def _walk(lineage: Lineage, agreement: Agreement, at: str, seen: set[str], reached: set[Cell]) -> bool:
    """Whether everything upstream of a dataset that no term names is as 9.2 E4 asks; gathers what left the named ones."""
    inputs: dict[tuple[str, str], set[Cell]] = {}
    for step in lineage.steps:
        if step.to[0] == at:
            inputs.setdefault((step.flow.id, step.from_[0]), set()).add(step.from_)
    for (flow_id, dataset), cells in inputs.items():
        if lineage.restricted_cells(cells) is Known.NO:
            continue
        if not _only_under(lineage, agreement, flow_id, at):
            return False
        if is_named(lineage, agreement, dataset):
            reached |= cells
            continue
        if lineage.restricted_dataset(dataset) is not Known.YES:
            return False
        if dataset not in seen:
            seen.add(dataset)
            if not _walk(lineage, agreement, dataset, seen, reached):
                return False
    return bool(inputs)


def _only_under(lineage: Lineage, agreement: Agreement, flow_id: str, dataset: str) -> bool:
    """Whether all runs by which a flow wrote a dataset ran under the agreement."""
    flow = next(one for one in lineage.past if one.id == flow_id)
    return all(
        writing.agreement == agreement.id
        for cell in lineage.columns(dataset)
        for writing in lineage.writings(flow, cell)
    )
