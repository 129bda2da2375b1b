"""Registers of agreements and releases: a CSV of who got which data from whom, and a mapping that says what it means."""
