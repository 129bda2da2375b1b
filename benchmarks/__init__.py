"""Measurements, as ratios in one run. Not shipped, not tests."""
