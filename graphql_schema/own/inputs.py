"""Filters of our own kinds: none beyond those of their properties."""
