"""What flows where, and whether it may: traversal, classification, coverage. Pure functions over small values."""
