"""The command line: ``waypost``.

Exit codes: 0 it is done · 1 it could not be done, or a check found errors · 2 an argument or a setting is wrong · 3 the
store cannot be reached, or needs another version · 4 the input is refused · 130 stopped by Ctrl-C before its end.
"""

import logging
from importlib.metadata import version
from typing import Annotated

import typer

from server.commands.audit import add_audit
from server.commands.catalog import add_catalog
from server.commands.describe import add_describe
from server.commands.loading import add_loading
from server.commands.neo4j import add_neo4j
from server.commands.outcome import Waypost, shown
from server.commands.retraction import add_retraction
from server.commands.same_as import add_same_as
from server.commands.serving import add_serving

__all__ = ["app"]

app = typer.Typer(
    name="waypost",
    cls=Waypost,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    # A traceback of ours says where; the values of variables, which may be secret, are not for a terminal.
    pretty_exceptions_show_locals=False,
    epilog=shown("waypost demo", "waypost load dcat-us data.json", "waypost verify")
    + "\n\nExit codes: 0 done · 1 failed, or findings · 2 wrong argument or setting · 3 store unavailable · 4 bad input"
    " · 130 stopped by Ctrl-C",
)
add_serving(app)
add_loading(app)
add_retraction(app)
add_same_as(app)
add_catalog(app)
add_audit(app)
add_describe(app)
add_neo4j(app)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"waypost {version('waypost')}")
        raise typer.Exit


@app.callback()
def root(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    """A data catalog that knows where government data flows, and whether it may.

    Settings are environment variables that begin with WAYPOST_, or a .env file: .env.example lists them.
    """
    # What libraries log of retries is for a server's log; to a command's user we say ourselves what went wrong.
    logging.getLogger().addHandler(logging.NullHandler())
