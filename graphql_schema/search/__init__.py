"""Datasets found by words, ranked, with what was found marked and counted."""
