"""The catalog that comes with the product: a file for each source, facts before what is invented."""

from typing import NamedTuple

__all__ = ["FILES", "DemoFile"]


class DemoFile(NamedTuple):
    """A packaged file, and what is said to ``waypost load`` of it."""

    kind: str
    """The name under which the command knows the loader."""
    name: str
    mapping: str | None = None
    """The file that says what the rows of this one mean, where the kind takes one."""


FILES: tuple[DemoFile, ...] = (
    DemoFile("agencies", "agencies.csv", mapping="agencies-mapping.yaml"),
    DemoFile("waypost", "agencies.yaml"),
    DemoFile("plan", "plan.yaml"),
    DemoFile("waypost", "portal.yaml"),
    DemoFile("waypost", "portal-safety.yaml"),
    DemoFile("waypost", "p20win.yaml"),
    DemoFile("waypost", "pathway.yaml"),
    DemoFile("waypost", "systems.yaml"),
    DemoFile("waypost", "agreements.yaml"),
    DemoFile("waypost", "flows.yaml"),
    DemoFile("waypost", "people.yaml"),
    DemoFile("waypost", "requests.yaml"),
    DemoFile("waypost", "judgements.yaml"),
    DemoFile("waypost", "reviews.yaml"),
    DemoFile("waypost", "sharing.yaml"),
)
"""In the order of loading: a link leads to what stands in the same file or an earlier one."""
