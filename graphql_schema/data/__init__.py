"""Datasets with their columns and distributions."""
