"""What was scanned of a store, as records of an audit (``records``). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Protocol

from catalog.model.enums_sharing import Decision, ObligationKind, ObligationStart
from lineage.audit.facts import ColumnRef
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

__all__ = ["Graph", "records_of"]


class Graph(Protocol):
    """What was scanned, by kind and relationship."""

    @property
    def nodes(self) -> Mapping[str, Iterable[Sequence[Any]]]:
        """The rows of each kind."""
        ...

    @property
    def refs(self) -> Mapping[Any, ColumnRef]:
        """Columns by the keys by which the store knows them."""
        ...

    def one(self, kind: str, name: str, tail: str) -> str | None:
        """The one to which a relationship leads."""
        ...

    def several(self, kind: str, name: str, tail: str) -> tuple[str, ...]:
        """All to which a relationship leads, ordered."""
        ...


def records_of(graph: Graph) -> Records:
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


def _texts(graph: Graph) -> Iterable[AgreementText]:
    for urn, *_, destroy_by, hours, stated in graph.nodes["Agreement"]:
        yield AgreementText(urn, _day(destroy_by), hours, tuple(stated))


def _obligations(graph: Graph) -> Iterable[Obligation]:
    for urn, since, until, kind, due, counted_from, within, fulfilled in graph.nodes["Obligation"]:
        yield Obligation(
            urn,
            ObligationKind(kind),
            graph.one("Obligation", "under", urn),
            graph.one("Obligation", "owed_by", urn),
            _day(due),
            ObligationStart(counted_from) if counted_from else None,
            within,
            _day(fulfilled),
            _day(since),
            _day(until),
        )


def _certificates(graph: Graph) -> Iterable[Certificate]:
    kind = "DestructionCertificate"
    for urn, since, until, destroyed in graph.nodes[kind]:
        on = _day(destroyed)
        if on is not None:
            under, giver = graph.one(kind, "under", urn), graph.one(kind, "given_by", urn)
            datasets = graph.several(kind, "destroyed", urn)
            yield Certificate(urn, on, under, giver, datasets, _day(since), _day(until))


def _requests(graph: Graph) -> Iterable[DataRequest]:
    for urn, _, _, received, decision, decided in graph.nodes["DataRequest"]:
        yield DataRequest(
            urn,
            _datasets(graph, "DataRequest", "asks_for", urn),
            graph.several("DataRequest", "affects", urn),
            _day(received),
            Decision(decision) if decision else None,
            _day(decided),
            graph.one("DataRequest", "led_to", urn),
        )


def _linkage_runs(graph: Graph) -> Iterable[LinkageRun]:
    for urn, since, until, fields, *days in graph.nodes["LinkageRun"]:
        yield LinkageRun(
            urn,
            graph.one("LinkageRun", "request", urn),
            graph.one("LinkageRun", "hub", urn),
            graph.several("LinkageRun", "matched", urn),
            tuple(dict.fromkeys((*fields, *_names(graph, urn)))),
            *map(_day, (*days, since, until)),
        )


def _users(graph: Graph) -> Iterable[AuthorizedUser]:
    for urn, since, until, *days in graph.nodes["AuthorizedUser"]:
        person = graph.one("AuthorizedUser", "person", urn)
        yield AuthorizedUser(
            urn,
            person,
            None if person is None else graph.one("Person", "works_for", person),
            graph.one("AuthorizedUser", "under", urn),
            graph.several("AuthorizedUser", "may_use", urn),
            *map(_day, (*days, since, until)),
        )


def _incidents(graph: Graph) -> Iterable[Incident]:
    for urn, since, until, *days in graph.nodes["Incident"]:
        yield Incident(
            urn,
            graph.several("Incident", "touched", urn),
            graph.several("Incident", "under", urn),
            *map(_day, (*days, since, until)),
        )


def _names(graph: Graph, run: str) -> Iterable[str]:
    """The names of the columns that files were matched on."""
    columns = graph.several("LinkageRun", "on_columns", run)
    return [graph.refs[urn][1] for urn in columns if urn in graph.refs]


def _datasets(graph: Graph, kind: str, name: str, tail: str) -> tuple[str, ...]:
    """The datasets that a relationship leads to; of a column its dataset."""
    found = graph.several(kind, name, tail)
    return tuple(sorted({graph.refs[urn][0] if urn in graph.refs else urn for urn in found}))


def _day(text: str | None) -> date | None:
    return None if not text else date.fromisoformat(text[:10])
