"""Our own file format: what a person states by hand, in YAML or JSON."""
