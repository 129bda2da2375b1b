"""What flows where, and whether it may, as pure functions over small values. Empty until the audit comes."""
