"""Agreements under which data is shared."""
