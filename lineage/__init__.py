"""What flows where, and whether it may: a walk along lineage, decided by pure functions over small values."""
