"""Where the program begins: what can go wrong around every command, its imports and its output included."""

import sys

__all__ = ["main"]

_FAILED, _INTERRUPTED = 1, 130


def main() -> None:
    """The entry point of ``waypost``. Ends as ``server.commands.outcome.ExitCode`` says."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that cannot show a character gets its number, and no traceback.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        # Here, so that Ctrl-C in the tenths of a second that it takes ends without a traceback as well.
        from server.cli import app

        app()
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except OSError as error:
        # Nothing may be written to the output any more, not even at the exit.
        sys.stdout = None
        sys.stderr.write(f"waypost: the output cannot be written ({error.strerror}): is the disk full?\n")
        sys.exit(_FAILED)
