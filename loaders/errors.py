"""The exceptions of loading. What is wrong with one record is no exception but a ``Problem``."""

from __future__ import annotations

__all__ = ["LoaderError"]


class LoaderError(Exception):
    """The source as a whole is refused, by the rule named first; nothing of it was written.

    ``rule`` is stable; the message names the place, what is wrong and what to do.
    """

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(f"{rule}: {message}")
        self.rule = rule
        self._said = rule, message

    def __reduce__(self) -> tuple[type[LoaderError], tuple[str, str]]:
        """As it travels between processes."""
        return type(self), self._said
