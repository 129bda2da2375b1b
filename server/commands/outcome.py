"""How a command ends: its exit code, and one sentence where something expected went wrong."""

import inspect
import os
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from enum import IntEnum, StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import msgspec
import typer
from typer.core import TyperGroup

from catalog.errors import CatalogError, MigrationError, StoreTimeout, StoreUnavailable
from server.settings import SettingsError

__all__ = [
    "CommandFailed",
    "ExitCode",
    "Format",
    "Waypost",
    "add_command",
    "check_output",
    "echo_json",
    "json_text",
    "say",
    "shown",
    "telling",
    "write_file",
]


class ExitCode(IntEnum):
    """What a script can rely on."""

    OK = 0
    FAILED = 1
    """It could not be done, or a check found errors."""
    USAGE = 2
    """An argument or a setting is wrong."""
    UNAVAILABLE = 3
    """The store cannot be reached, did not answer in time, or needs another version."""
    BAD_INPUT = 4
    """The file or address to load is refused as a whole, or no record of it could be taken."""
    INTERRUPTED = 130
    """Stopped by Ctrl-C before its end; running it again is safe."""


class Format(StrEnum):
    """How an answer is printed."""

    TABLE = "table"
    JSON = "json"


class CommandFailed(Exception):
    """Expected trouble: the sentence to print and how to end."""

    def __init__(self, message: str, code: ExitCode = ExitCode.FAILED) -> None:
        super().__init__(message)
        self.code = code


class Waypost(TyperGroup):
    """The root of the commands: what they raise on purpose ends as one sentence on standard error, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command, and end as ``ExitCode`` says."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            say("stopped; running it again is safe")
            raise typer.Exit(ExitCode.INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read the output has enough of it.
            _write_no_more()
            raise typer.Exit(ExitCode.OK) from None
        except Exception as error:
            code = _code(error)
            if code is None:
                raise
            for line in str(error).splitlines() or [type(error).__name__]:
                say(line)
            raise typer.Exit(code) from error


@contextmanager
def telling() -> Generator[None]:
    """What a check found is told in here: whoever reads on or not, the check ends by what it found."""
    try:
        yield
    except BrokenPipeError:
        _write_no_more()


def _write_no_more() -> None:
    """Nothing may be written to the output any more, not even at the exit."""
    sys.stdout = None


def say(line: str) -> None:
    """A line for people, on standard error."""
    typer.echo(f"waypost: {line}", err=True)


def json_text(answer: Any) -> str:
    """An answer for a script, as text that ends its last line."""
    return msgspec.json.format(msgspec.json.encode(answer), indent=2).decode() + "\n"


def echo_json(answer: Any) -> None:
    """An answer for a script, on standard output."""
    typer.echo(json_text(answer), nl=False)


def check_output(path: Path) -> None:
    """Refuse a file in a folder that is not there before anything is worked out for it. Raises CommandFailed."""
    try:
        if not path.parent.is_dir():
            message = f"{path} cannot be written, since there is no folder {path.parent.absolute()}: make it first"
            raise CommandFailed(message)
        _target(path)
    except OSError as error:
        raise _unwritable(path, error) from error


def write_file(path: Path, text: str) -> None:
    """Write a file, all of it or nothing: who reads it meanwhile finds the old one whole. Raises CommandFailed.

    Its folder is made where it is missing.
    """
    try:
        target = _target(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, prefix=target.name, delete=False) as made:
            try:
                made.write(text)
                made.flush()
                os.fchmod(made.fileno(), _mode(target))
                Path(made.name).replace(target)
            except BaseException:
                Path(made.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _unwritable(path, error) from error


def _target(path: Path) -> Path:
    """The file to replace, behind links to it. Raises CommandFailed for what is there and no file: a device would be replaced as well."""
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise CommandFailed(f"{path} is no file and is left as it is: name a file in a folder of yours")
    return target


def _mode(path: Path) -> int:
    """Who may read and write it: as the file that it replaces, else as any file that this user makes."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0o077)  # it cannot be read without being set
    os.umask(mask)
    return 0o666 & ~mask


def _unwritable(path: Path, error: OSError) -> CommandFailed:
    return CommandFailed(f"{path} cannot be written ({error.strerror}): name a file in a folder of yours")


def add_command(app: typer.Typer, name: str, run: Callable[..., None], *examples: str) -> None:
    """Add a command to a group; its docstring is its help, and every command shows how it is called."""
    paragraphs = inspect.cleandoc(run.__doc__ or "").split("\n\n")
    app.command(name, help="\n\n".join(p.replace("\n", " ") for p in paragraphs), epilog=shown(*examples))(run)


def shown(*examples: str) -> str:
    """Examples as they end a help text."""
    # Rich would print the `:key:` of a URN as an emoji; a tag within, which shows as nothing, keeps it as it is.
    lines = (line.replace(":key:", ":key[default]:[/default]") for line in examples)
    return "\n".join(["Examples:", *(f"  $ {line}" for line in lines)])


def _code(error: Exception) -> ExitCode | None:
    """The exit code of expected trouble; None for what nobody expected."""
    for kinds, code in _codes():
        if isinstance(error, tuple(kinds)):
            return error.code if isinstance(error, CommandFailed) else code
    return None


def _codes() -> Sequence[tuple[Sequence[type[Exception]], ExitCode]]:
    # Imported here: they are needed only where something went wrong, and cost a second of every --help.
    from loaders.errors import LoaderError
    from server.neo4j_jars import Neo4jServerError

    return [
        ([CommandFailed, Neo4jServerError], ExitCode.FAILED),
        ([SettingsError], ExitCode.USAGE),
        ([StoreUnavailable, StoreTimeout, MigrationError], ExitCode.UNAVAILABLE),
        ([LoaderError], ExitCode.BAD_INPUT),
        ([CatalogError], ExitCode.FAILED),
    ]
