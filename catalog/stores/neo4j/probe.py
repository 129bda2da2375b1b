"""Whether a Neo4j answers, and its first password: what starting one needs to know before any store is opened."""

from __future__ import annotations

from neo4j import Driver, GraphDatabase
from neo4j import exceptions as driver_errors

from catalog.errors import StoreUnavailable

__all__ = ["PasswordRefused", "ready", "set_first_password"]

_FIRST = ("neo4j", "neo4j")  # what every new Neo4j takes, for nothing but changing it
_TOO_MANY = "Neo.ClientError.Security.AuthenticationRateLimit"
_CONNECT_SECONDS = 5.0


class PasswordRefused(StoreUnavailable):
    """The server answers and does not take this user and password. Waiting does not help."""


def ready(uri: str, user: str, password: str | None) -> bool:
    """Whether the server at ``uri`` takes statements of this user; ``password`` None is for one without authentication.

    False means not yet: nothing answers, it is still starting, or it pauses after too many wrong passwords (5 seconds).
    Gives up on a silent network after 5 seconds. Raises PasswordRefused.
    """
    try:
        with _driver(uri, (user, password) if password is not None else None) as driver:
            driver.verify_connectivity()  # pyright: ignore[reportUnknownMemberType] - untyped **config
    except driver_errors.AuthError as error:
        raise _refused(uri) from error
    except (driver_errors.Neo4jError, driver_errors.DriverError, OSError):
        return False
    return True


def set_first_password(uri: str, new_password: str) -> None:
    """Replace the password that a new server begins with by ``new_password`` (8 characters or more).

    Raises PasswordRefused where the first password was already replaced, and StoreUnavailable where the server does
    not answer or does not take the new one.
    """
    try:
        with _driver(uri, _FIRST) as driver:
            driver.execute_query(
                "ALTER CURRENT USER SET PASSWORD FROM $old TO $new",
                old=_FIRST[1],
                new=new_password,
                database_="system",
            )
    except driver_errors.AuthError as error:
        raise _refused(uri) from error
    except driver_errors.Neo4jError as error:
        if error.code == _TOO_MANY:
            raise _refused(uri) from error
        raise StoreUnavailable(f"the Neo4j at {uri} does not take the new password: {error.message}") from error
    except (driver_errors.DriverError, OSError) as error:
        raise StoreUnavailable(f"the Neo4j at {uri} stopped answering: try again") from error


def _driver(uri: str, auth: tuple[str, str] | None) -> Driver:
    return GraphDatabase.driver(  # pyright: ignore[reportUnknownMemberType] - untyped **config
        uri,
        auth=auth,
        connection_timeout=_CONNECT_SECONDS,
        connection_acquisition_timeout=_CONNECT_SECONDS,
        max_transaction_retry_time=_CONNECT_SECONDS,
        user_agent="waypost",
        notifications_min_severity="OFF",
    )


def _refused(uri: str) -> PasswordRefused:
    return PasswordRefused(f"the Neo4j at {uri} refuses the user or password: set WAYPOST_NEO4J_PASSWORD")
