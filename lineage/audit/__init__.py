"""May this flow, and why: the audit of sharing (domain 7, 8 and 9), as pure functions of the facts of a day."""
