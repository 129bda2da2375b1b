"""OpenLineage events as a pure fold: read one, accumulate registers, derive what follows in the graph (ADR 12)."""
