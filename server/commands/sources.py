"""What can be loaded, and by which loader; each is imported only where it is used, since --help need not pay for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from server.commands.outcome import CommandFailed, ExitCode, say

if TYPE_CHECKING:
    from loaders.openlineage.loader import OpenLineageLoader
    from loaders.quarantine import Quarantine
    from loaders.record import Loader

__all__ = ["Options", "SourceKind", "events_of", "loader_of", "replayed"]


class SourceKind(StrEnum):
    """What can be loaded."""

    WAYPOST = "waypost"
    PLAN = "plan"
    DCAT_US = "dcat-us"
    AGENCIES = "agencies"
    REGISTER = "register"
    SOCRATA_VIEWS = "socrata-views"
    DBT = "dbt"
    OPENLINEAGE = "openlineage"


@dataclass(frozen=True)
class Options:
    """What is said of a source besides where it is; None is nothing."""

    catalog: str | None = None
    as_of: date | None = None
    mapping: str | None = None
    precedence: int | None = None
    run_results: str | None = None
    namespace: str | None = None

    def check(self, kind: SourceKind) -> None:
        """Raise CommandFailed on what is not for sources of this kind."""
        for name, (kinds, instead) in _ONLY_FOR.items():
            if getattr(self, name) is not None and kind not in kinds:
                message = f"--{name.replace('_', '-')} is for {', '.join(kinds)}: {instead}"
                raise CommandFailed(message, ExitCode.USAGE)


_OWN = "a file of ours names its own source"
_ONLY_FOR: dict[str, tuple[tuple[SourceKind, ...], str]] = {
    "catalog": (
        (SourceKind.DCAT_US, SourceKind.REGISTER, SourceKind.SOCRATA_VIEWS, SourceKind.DBT, SourceKind.OPENLINEAGE),
        _OWN,
    ),
    "as_of": (tuple(k for k in SourceKind if k is not SourceKind.OPENLINEAGE), "each event says when it happened"),
    "precedence": ((SourceKind.DCAT_US, SourceKind.OPENLINEAGE), "a file of ours states its own under 'source'"),
    "run_results": ((SourceKind.DBT,), "no other source has any"),
    "namespace": ((SourceKind.DBT,), "other sources name their own datasets"),
}
"""The options that are for some kinds of sources only, and what holds for the others."""

_MAPPED: dict[str, str] = {
    SourceKind.AGENCIES: "the file that says which law and agency a row means (docs/agencies.md describes it)",
    SourceKind.REGISTER: "the file that says what its columns and words stand for, or the name of a packaged one"
    " (docs/registers.md describes them)",
}
"""The kinds of sources that need a mapping, and what it is."""


_NOTHING = Options()


def loader_of(kind: SourceKind, location: str, options: Options = _NOTHING) -> "Loader":
    """The loader of a source of this kind, which it has read. Raises CommandFailed on options of another kind."""
    options.check(kind)
    _check_mapping(kind, options.mapping)
    as_of = options.as_of
    match kind:
        case SourceKind.WAYPOST:
            from loaders.waypost_file.loader import WaypostFileLoader

            return WaypostFileLoader(location, as_of=as_of)
        case SourceKind.PLAN:
            from loaders.plan.loader import PlanLoader

            return PlanLoader(location, as_of=as_of)
        case SourceKind.DCAT_US:
            from loaders.dcat_us.loader import DcatUsLoader

            return DcatUsLoader.open(location, catalog=options.catalog, as_of=as_of, precedence=options.precedence)
        case SourceKind.AGENCIES:
            from loaders.agencies.loader import AgenciesLoader

            return AgenciesLoader.open(location, str(options.mapping), as_of=as_of)
        case SourceKind.REGISTER:
            from loaders.registers.loader import RegisterLoader

            return RegisterLoader.open(location, str(options.mapping), catalog=options.catalog, as_of=as_of)
        case SourceKind.SOCRATA_VIEWS:
            from loaders.socrata_views.loader import SocrataViewsLoader

            return SocrataViewsLoader.open(location, catalog=options.catalog, as_of=as_of)
        case SourceKind.DBT:
            from loaders.dbt.loader import DbtLoader

            loader = DbtLoader.open(
                location,
                catalog=options.catalog,
                run_results=options.run_results,
                namespace=options.namespace,
                as_of=as_of,
            )
            if loader.names.is_assumed:
                say(
                    f"datasets are named under {loader.names.namespace}: --namespace gives them the names that events do"
                )
            return loader
        case SourceKind.OPENLINEAGE:
            raise CommandFailed("events are no catalog: load them with 'waypost load openlineage'", ExitCode.USAGE)


def events_of(locations: Sequence[str], options: Options) -> "OpenLineageLoader":
    """The loader of files of events. Raises CommandFailed on options that are not for events."""
    from loaders.openlineage.loader import OpenLineageLoader

    options.check(SourceKind.OPENLINEAGE)
    _check_mapping(SourceKind.OPENLINEAGE, options.mapping)
    return OpenLineageLoader.open(locations, catalog=options.catalog or "events", precedence=options.precedence)


def replayed(found: "Quarantine", location: str, mapping: str | None) -> "Loader | OpenLineageLoader":
    """The loader of what an earlier load kept out, as it was mended. Raises CommandFailed where it cannot be played again."""
    _check_mapping(found.kind, mapping)
    match found.kind:
        case SourceKind.WAYPOST:
            from loaders.waypost_file.loader import WaypostFileLoader

            return WaypostFileLoader.replay(found, location)
        case SourceKind.PLAN:
            from loaders.plan.loader import PlanLoader

            return PlanLoader.replay(found, location)
        case SourceKind.DCAT_US:
            from loaders.dcat_us.loader import DcatUsLoader

            return DcatUsLoader.replay(found, location)
        case SourceKind.AGENCIES:
            from loaders.agencies.loader import AgenciesLoader

            return AgenciesLoader.replay(found, location, str(mapping))
        case SourceKind.REGISTER:
            from loaders.registers.loader import RegisterLoader

            return RegisterLoader.replay(found, location, str(mapping))
        case SourceKind.SOCRATA_VIEWS:
            from loaders.socrata_views.loader import SocrataViewsLoader

            return SocrataViewsLoader.replay(found, location)
        case SourceKind.DBT:
            message = (
                "dbt writes its files itself: mend the project, run dbt again and load the manifest that it writes"
            )
            raise CommandFailed(message, ExitCode.BAD_INPUT)
        case SourceKind.OPENLINEAGE:
            from loaders.openlineage.loader import OpenLineageLoader

            return OpenLineageLoader.replay(found, location)
        case _:
            raise CommandFailed(f"records of kind '{found.kind}' cannot be played again here", ExitCode.BAD_INPUT)


def _check_mapping(kind: str, mapping: str | None) -> None:
    what = _MAPPED.get(kind)
    if what is not None and mapping is None:
        raise CommandFailed(f"{kind}: give --mapping, {what}", ExitCode.USAGE)
    if what is None and mapping is not None:
        raise CommandFailed(f"--mapping is for {', '.join(_MAPPED)}: {kind} takes none", ExitCode.USAGE)
