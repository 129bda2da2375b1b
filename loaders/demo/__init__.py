"""The catalog that comes with the product, in our own format: a file for each source, facts before what is invented."""

__all__ = ["FILES"]

FILES = (
    "agencies.yaml",
    "plan.yaml",
    "portal.yaml",
    "portal-safety.yaml",
    "p20win.yaml",
    "pathway.yaml",
    "systems.yaml",
    "agreements.yaml",
    "flows.yaml",
    "people.yaml",
    "judgements.yaml",
)
"""In the order of loading: a link leads to what stands in the same file or an earlier one."""
