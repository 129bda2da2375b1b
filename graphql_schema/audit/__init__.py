"""What the audit of sharing finds: verdicts, leaks, what lapses, and what may be shared."""
