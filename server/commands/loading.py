"""Commands that bring metadata in: load, and what was kept out, to be mended and played again."""

import asyncio
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from catalog.stores.port import Store
from server.commands.days import DAY, day
from server.commands.outcome import CommandFailed, ExitCode, Format, add_command, echo_json, write_file
from server.commands.progress import progress
from server.commands.ready import Ready, leave_ready
from server.commands.sources import Options, SourceKind, events_of, loader_of, replayed
from server.commands.work import with_store
from server.settings import load_settings

if TYPE_CHECKING:
    from loaders.openlineage.loader import OpenLineageLoader
    from loaders.record import Loader
    from loaders.report import LoadReport

__all__ = ["add_loading"]


_Format = Annotated[Format, typer.Option("--format", help="For people, or for a script.")]
_Mapping = Annotated[
    str | None,
    typer.Option(
        metavar="PATH-OR-URL",
        help="Of agencies: the YAML file that says which law and agency the rows of the list mean. Of register: the one that says"
        " what its columns and words stand for, or the name of a packaged one.",
        show_default=False,
    ),
]
_Strict = Annotated[bool, typer.Option("--strict", help="End with 1 where any record was kept out.")]


def add_loading(app: typer.Typer) -> None:
    """Add these commands to the root."""
    add_command(
        app,
        "load",
        load,
        "waypost load waypost agreements.yaml",
        "waypost load plan plan.yaml",
        "waypost load dcat-us https://healthdata.gov/data.json --as-of 2019-11-01",
        "waypost load dcat-us data.json --format json > report.json",
        "waypost load agencies departments.csv --mapping departments-mapping.yaml",
        "waypost load register releases.csv --mapping releases-mapping.yaml",
        "waypost load register PHE14-15.csv --mapping phe-releases",
        "waypost load socrata-views derived-views.ndjson.gz",
        "waypost load dbt target/manifest.json --catalog target/catalog.json --run-results target/run_results.json"
        " --namespace postgres://warehouse.example.gov:5432",
        "waypost load openlineage events-*.ndjson.gz --catalog airflow",
    )
    runs = ("waypost quarantine", "waypost quarantine urn:waypost:load-run:key:... --output to-mend.ndjson")
    add_command(app, "quarantine", quarantine, *runs)
    replays = ("waypost replay to-mend.ndjson", "waypost replay to-mend.ndjson --mapping departments-mapping.yaml")
    add_command(app, "replay", replay, *replays)


def load(
    kind: Annotated[
        SourceKind,
        typer.Argument(
            help="What the source is: our own file format (waypost), a data plan (plan), a data.json of DCAT-US 1.1, a CSV"
            " of the agencies that laws list, a register of releases or agreements as a CSV, families of derived views of Socrata portals, the manifest of a dbt"
            " project, or files of OpenLineage events.",
            show_choices=True,
        ),
    ],
    locations: Annotated[
        list[str],
        typer.Argument(metavar="PATH-OR-URL", help="Where it is; of events, several may be given.", show_default=False),
    ],
    *,
    catalog: Annotated[
        str | None,
        typer.Option(
            help="Key of a data.json's catalog: one for each, since its identifiers are kept under it. Of socrata-views and"
            " register: key of the file. Of openlineage: key of who sends the events. Of dbt: path or address of the catalog.json, whose types"
            " go before those of the manifest.",
            show_default="the host of the address, or the name of the file without its date; of register the name without its ending; of openlineage 'events'; of dbt"
            " none",
        ),
    ] = None,
    precedence: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=100,
            help="Rank of a data.json, or of events, where other sources speak of the same things: the smaller number wins.",
            show_default="60; 40 suits the own catalog of the agency whose data it is",
        ),
    ] = None,
    mapping: _Mapping = None,
    run_results: Annotated[
        str | None,
        typer.Option(
            metavar="PATH-OR-URL",
            help="Of dbt: the run_results.json, whose results are loaded as runs of the jobs.",
            show_default=False,
        ),
    ] = None,
    namespace: Annotated[
        str | None,
        typer.Option(
            help="Of dbt: the warehouse as OpenLineage names it, such as postgres://host:5432, so that datasets have the"
            " names that events give them. A manifest does not tell it, save of BigQuery.",
            show_default="bigquery, else dbt:// and the name of the project",
        ),
    ] = None,
    as_of: Annotated[
        date | None,
        typer.Option(
            parser=day,
            metavar=DAY,
            help="Day that the source speaks of.",
            show_default="as it says: its own day, or its latest 'modified'; else today",
        ),
    ] = None,
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
    strict: _Strict = False,
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Believe a catalog of which more has left than is likely.")
    ] = False,
    audit: Ready = True,
) -> None:
    """Load a source, and account for each of its records; the same again writes nothing.

    A record that breaks a rule is kept out and named, and the others are loaded. What a catalog lists no more is closed;
    one that shrinks by more than a fifth, or lists other identifiers, is refused. A source that speaks of an earlier day
    than what is loaded of it changes nothing. Ends with 4 where it is refused as a whole or nothing of it could be taken.
    """
    if as_of is not None and as_of > date.today():  # noqa: DTZ011 - the day of whoever types it
        raise CommandFailed(f"--as-of {as_of} is to come: no source speaks of it yet", ExitCode.USAGE)
    options = Options(catalog, as_of, mapping, precedence, run_results, namespace)
    if kind is SourceKind.OPENLINEAGE:
        if accept_shrink:
            raise CommandFailed("--accept-shrink is not for openlineage: events list no catalog", ExitCode.USAGE)
        source = events_of(locations, options)
    elif len(locations) > 1:
        raise CommandFailed(f"only openlineage takes several files: load those of {kind} one by one", ExitCode.USAGE)
    else:
        source = loader_of(kind, locations[0], options)
    _load(source, format, strict=strict, accept_shrink=accept_shrink, audit=audit)


def replay(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Records as 'waypost quarantine' wrote them, mended.")],
    *,
    mapping: _Mapping = None,
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
    strict: _Strict = False,
    audit: Ready = True,
) -> None:
    """Load records that were kept out, after they were mended, and nothing else of their source.

    Mend the value of 'raw' in each line; take out the lines of what is to stay out. What still breaks a rule is kept out
    again. Rows of agencies and of registers need their --mapping again, mended where it was that which was wrong.
    """
    from loaders.quarantine import read_quarantine

    _load(replayed(read_quarantine(file), file, mapping), format, strict=strict, audit=audit)


def quarantine(
    run: Annotated[str | None, typer.Argument(help="URN of a load run.", show_default="list the runs")] = None,
    *,
    output: Annotated[Path | None, typer.Option(help="File to write instead of printing.")] = None,
    format: _Format = Format.TABLE,  # noqa: A002 - the word of the option
) -> None:
    """List the loads that kept records out, or write the records of one, one JSON value a line, to be mended."""
    from loaders.quarantine import kept_out, runs_with_quarantine, write_quarantine

    settings = load_settings()
    if run is None:
        runs = asyncio.run(with_store(settings, runs_with_quarantine, make=False))
        if format is Format.JSON:
            echo_json([_shown(each) for each in runs])
            return
        for each in runs:
            typer.echo(f"{each['started_at'][:19]}  {each['quarantined']:6} of {each['read']:6}  {each['urn']}")
        if not runs:
            typer.echo("no load kept anything out")
        return
    found = asyncio.run(with_store(settings, lambda store: kept_out(store, run), make=False))
    lines = b"".join(write_quarantine(found)).decode()
    if output is None:
        typer.echo(lines, nl=False)
    else:
        write_file(output, lines)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("urn", "started_at", "as_of", "input", "read", "quarantined")}


def _load(
    source: "Loader | OpenLineageLoader",
    format: Format,  # noqa: A002 - as above
    *,
    strict: bool,
    audit: bool,
    accept_shrink: bool = False,
) -> None:
    from loaders.batches import few_collections

    settings = load_settings()

    async def work(store: Store) -> "LoadReport":
        from loaders.openlineage.loader import OpenLineageLoader, load_events
        from loaders.pipeline import load as run

        await store.migrate()
        with progress("loading", source.expected, "records", "done") as told:
            if isinstance(source, OpenLineageLoader):
                return await load_events(source, store, on_progress=told)
            return await run(source, store, accept_shrink=accept_shrink, on_progress=told)

    try:
        with few_collections():
            report = asyncio.run(with_store(settings, work, bulk=True))
    except KeyboardInterrupt:
        # Whoever audits a part of a register finds fewer flows, and no word of those that are missing.
        raise CommandFailed(
            "stopped; a part of it may be missing from every answer until it is run again, which is safe: until then"
            " 'waypost audit' warns of it",
            ExitCode.INTERRUPTED,
        ) from None
    typer.echo(report.to_json() if format is Format.JSON else report.to_text())
    if audit:
        leave_ready(settings)
    if report.read and len(report.quarantined) == report.read:
        raise CommandFailed(
            f"no record of {source.location} could be taken: mend what is said of each", ExitCode.BAD_INPUT
        )
    if strict and report.quarantined:
        raise CommandFailed(f"kept out: {len(report.quarantined)} of {report.read} records")
