"""DCAT-US 1.1: the ``data.json`` of a portal (domain 12)."""
