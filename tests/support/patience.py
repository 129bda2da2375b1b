"""How long a test waits before it calls something stuck. No test is about how quick its machine is."""

__all__ = ["PATIENCE"]

PATIENCE = 120.0
"""Seconds for one call, one answer or one child process. Less than pytest gives a test, so that what is stuck is named."""
