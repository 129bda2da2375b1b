"""Who is asking: a bearer token of the settings, or the public."""

from collections.abc import Sequence
from dataclasses import dataclass

from catalog.access import PUBLIC_READER, STAFF_READER, Reader
from server.settings import Scope, Token

__all__ = ["PUBLIC", "Authenticator", "InvalidToken", "Principal"]


class InvalidToken(Exception):
    """The credentials are none of ours. The message is for the client and repeats nothing of them."""


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who asks: the name under which their changes are recorded, and what they may do."""

    name: str
    scopes: frozenset[Scope]

    @property
    def reader(self) -> Reader:
        """What they may see. Who may change what is for staff sees it."""
        return STAFF_READER if self.scopes & {"read", "write"} else PUBLIC_READER


PUBLIC = Principal(PUBLIC_READER.name, frozenset())
"""Whoever shows no token."""


class Authenticator:
    """Knows the tokens of the settings."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tuple(tokens)

    def principal(self, authorization: Sequence[str]) -> Principal:
        """Who sends these Authorization headers. Raises InvalidToken where they name nobody.

        A wrong token is refused and not taken for none: its sender would wonder why data is missing.
        """
        if not authorization:
            return PUBLIC
        if len(authorization) > 1:
            raise InvalidToken("The request has several Authorization headers: send one.")
        scheme, _, credentials = authorization[0].strip().partition(" ")
        if scheme.lower() != "bearer":
            raise InvalidToken("The Authorization header is of another scheme: send 'Bearer' and a token.")
        # All are compared, so that the time does not tell which one was near.
        found = [token for token in self._tokens if token.matches(credentials.strip())]
        if not found:
            raise InvalidToken("The token is not valid here. Without an Authorization header you see what is public.")
        return Principal(found[0].name, found[0].scopes)
