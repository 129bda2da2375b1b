"""The catalog that comes with the product: a file for each source, facts before what is invented."""

from typing import NamedTuple

__all__ = ["FILES", "DemoFile"]


class DemoFile(NamedTuple):
    """A packaged file, and the kind under which ``waypost load`` reads it, with its mapping where the kind takes one."""

    kind: str
    name: str
    mapping: str | None = None


FILES: tuple[DemoFile, ...] = (
    DemoFile("agencies", "agencies.csv", mapping="agencies-mapping.yaml"),
    DemoFile("waypost", "agencies.yaml"),
    DemoFile("waypost", "plan.yaml"),
    DemoFile("waypost", "portal.yaml"),
    DemoFile("waypost", "portal-safety.yaml"),
    DemoFile("waypost", "p20win.yaml"),
    DemoFile("waypost", "pathway.yaml"),
    DemoFile("waypost", "systems.yaml"),
    DemoFile("waypost", "agreements.yaml"),
    DemoFile("waypost", "flows.yaml"),
    DemoFile("waypost", "people.yaml"),
    DemoFile("waypost", "judgements.yaml"),
)
"""In the order of loading: a link leads to what stands in the same file or an earlier one."""
