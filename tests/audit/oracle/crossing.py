"""Whether a flow crosses a boundary and needs an agreement (domain 9; 9.2 B)."""

from __future__ import annotations

from tests.audit.oracle.classes import Known, join, own_of_dataset, restricted
from tests.audit.oracle.facts import Flow
from tests.audit.oracle.steps import Lineage

__all__ = ["crosses", "crosses_as_output", "flowing_restricted", "needs"]


def crosses(lineage: Lineage, flow: Flow) -> Known:
    """Whether provider and recipient differ; UNKNOWN where either is."""
    provider, recipient = lineage.view.provider(flow), lineage.view.recipient(flow)
    if provider is None or recipient is None:
        return Known.UNKNOWN
    return Known.NO if provider == recipient else Known.YES


def crosses_as_output(lineage: Lineage, flow: Flow) -> bool:
    """Whether what crosses is the output of the provider's declassifying process, every step being stopped (9.2 B3)."""
    process = lineage.view.process(flow)
    if process is None or process.agency is None:
        return False
    provider = lineage.view.provider(flow)
    steps = lineage.steps_of(flow)
    by_provider = provider is not None and lineage.view.same_agency(process.agency, provider)
    return by_provider and bool(steps) and all(step.stopped for step in steps)


def flowing_restricted(lineage: Lineage, flow: Flow) -> Known:
    """Whether what crosses is stricter than PUBLIC (9.2 B1, B3)."""
    if crosses_as_output(lineage, flow):
        return restricted(join(own_of_dataset(lineage.view, target) for target in lineage.view.targets(flow)))
    return lineage.restricted_cells(lineage.view.flowing(flow))


def needs(lineage: Lineage, flow: Flow) -> Known:
    """`crosses and restricted` in three-valued logic (9.2 B1)."""
    both = {crosses(lineage, flow), flowing_restricted(lineage, flow)}
    if Known.NO in both:
        return Known.NO
    return Known.UNKNOWN if Known.UNKNOWN in both else Known.YES
