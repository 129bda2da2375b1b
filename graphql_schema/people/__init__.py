"""Agencies, people and the data officers among them."""
