"""What was scanned of a store, as records of an audit (``records``). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from catalog.model.enums_sharing import Decision, ObligationKind, ObligationStart
from lineage.audit.records import (
    AgreementText,
    AuthorizedUser,
    Certificate,
    DataRequest,
    Incident,
    Law,
    LinkageRun,
    Obligation,
    Records,
)
from lineage.audit.rows import Rows

__all__ = ["records_of"]


def records_of(graph: Rows) -> Records:
    """The records of what was scanned, each kind by urn."""
    return Records(
        texts=tuple(_texts(graph)),
        laws=tuple(Law(urn, tuple(terms), graph.one("Law", "part_of", urn)) for urn, _, _, terms in graph.nodes["Law"]),
        obligations=tuple(_obligations(graph)),
        certificates=tuple(_certificates(graph)),
        requests=tuple(_requests(graph)),
        linkage_runs=tuple(_linkage_runs(graph)),
        users=tuple(_users(graph)),
        incidents=tuple(_incidents(graph)),
    )


def _texts(graph: Rows) -> Iterable[AgreementText]:
    for urn, *_, destroy_by, hours, stated in graph.nodes["Agreement"]:
        yield AgreementText(urn, graph.day[destroy_by], hours, tuple(stated))


def _obligations(graph: Rows) -> Iterable[Obligation]:
    for urn, since, until, kind, due, counted_from, within, fulfilled in graph.nodes["Obligation"]:
        yield Obligation(
            urn,
            ObligationKind(kind),
            graph.one("Obligation", "under", urn),
            graph.one("Obligation", "owed_by", urn),
            graph.day[due],
            ObligationStart(counted_from) if counted_from else None,
            within,
            graph.day[fulfilled],
            graph.day[since],
            graph.day[until],
        )


def _certificates(graph: Rows) -> Iterable[Certificate]:
    kind = "DestructionCertificate"
    for urn, since, until, destroyed in graph.nodes[kind]:
        on = graph.day[destroyed]
        if on is not None:
            under, giver = graph.one(kind, "under", urn), graph.one(kind, "given_by", urn)
            datasets = graph.several(kind, "destroyed", urn)
            yield Certificate(urn, on, under, giver, datasets, graph.day[since], graph.day[until])


def _requests(graph: Rows) -> Iterable[DataRequest]:
    for urn, _, _, received, decision, decided in graph.nodes["DataRequest"]:
        yield DataRequest(
            urn,
            _datasets(graph, "DataRequest", "asks_for", urn),
            graph.several("DataRequest", "affects", urn),
            graph.day[received],
            Decision(decision) if decision else None,
            graph.day[decided],
            graph.one("DataRequest", "led_to", urn),
        )


def _linkage_runs(graph: Rows) -> Iterable[LinkageRun]:
    for urn, since, until, fields, *days in graph.nodes["LinkageRun"]:
        yield LinkageRun(
            urn,
            graph.one("LinkageRun", "request", urn),
            graph.one("LinkageRun", "hub", urn),
            graph.several("LinkageRun", "matched", urn),
            tuple(dict.fromkeys((*fields, *_names(graph, urn)))),
            *map(graph.day.__getitem__, (*days, since, until)),
        )


def _users(graph: Rows) -> Iterable[AuthorizedUser]:
    for urn, since, until, *days in graph.nodes["AuthorizedUser"]:
        person = graph.one("AuthorizedUser", "person", urn)
        yield AuthorizedUser(
            urn,
            person,
            None if person is None else graph.one("Person", "works_for", person),
            graph.one("AuthorizedUser", "under", urn),
            graph.several("AuthorizedUser", "may_use", urn),
            *map(graph.day.__getitem__, (*days, since, until)),
        )


def _incidents(graph: Rows) -> Iterable[Incident]:
    for urn, since, until, *days in graph.nodes["Incident"]:
        yield Incident(
            urn,
            graph.several("Incident", "touched", urn),
            graph.several("Incident", "under", urn),
            *map(graph.day.__getitem__, (*days, since, until)),
        )


def _names(graph: Rows, run: str) -> Iterable[str]:
    """The names of the columns that files were matched on."""
    columns = graph.several("LinkageRun", "on_columns", run)
    return [graph.refs[urn][1] for urn in columns if urn in graph.refs]


def _datasets(graph: Rows, kind: str, name: str, tail: str) -> tuple[str, ...]:
    """The datasets that a relationship leads to; of a column its dataset."""
    found = graph.several(kind, name, tail)
    return tuple(sorted({graph.refs[urn][0] if urn in graph.refs else urn for urn in found}))
