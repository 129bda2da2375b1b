"""The graph's stores: one port, two implementations, one contract (``design.md`` section 3)."""
