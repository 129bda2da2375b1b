"""A small graph to state things about, and a desk that states them over HTTP."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import httpx
from fastapi import FastAPI

from catalog.access import Audience
from catalog.batch import Batch, EdgeStatement, NodeStatement
from catalog.model.data import Column, Dataset, DatasetVersion
from catalog.model.declare import Entity
from catalog.model.enums import PartyRole
from catalog.model.lineage import Job
from catalog.model.people import Agency, Person
from catalog.model.plan import Principle
from catalog.model.requests import DataRequest
from catalog.model.sharing import Agreement, AgreementParty, Law, Purpose
from catalog.stores.port import Store
from catalog.urn import key, part
from server.app import create_app
from server.settings import Scope, Settings, Token
from tests.support.patience import PATIENCE

NOW = datetime(2022, 3, 20, 12, tzinfo=UTC)
REGISTER = key("source", "test", "register")
SDE, DOL, DCF = (key("agency", "test", name) for name in ("sde", "dol", "dcf"))
PUPILS, COPY, TOWNS = (key("dataset", "test", name) for name in ("pupils", "copy", "towns"))
NAME, NAME_OF_COPY = part(PUPILS, "column", "name"), part(COPY, "column", "name")
VERSION = part(PUPILS, "dataset-version", "1")
MOU, FRAME = key("agreement", "test", "mou"), key("agreement", "test", "frame")
GIVER, GETTER = part(MOU, "agreement-party", "giver"), part(MOU, "agreement-party", "getter")
REQUEST, JOB, PERSON, LAW, PURPOSE, PRINCIPLE = (
    key("data-request", "test", "1"),
    key("job", "test", "copy"),
    key("person", "test", "ana"),
    key("law", "test", "1"),
    key("purpose", "test", "research"),
    key("principle", "test", "1"),
)
TOKENS: dict[str, tuple[Scope, ...]] = {
    "desk": ("read", "write"),
    "other": ("write",),
    "reader": ("read",),
    "loader": ("ingest",),
}
"""Name, which is the token as well, and what it allows."""


def graph() -> Batch:
    """Pupils of SDE, a copy of it at DOL, an agreement between the two that a register knows of, and what else can be named."""
    batch = Batch(REGISTER, "register", datetime(2022, 1, 1, tzinfo=UTC), date(2022, 1, 1))
    _add(batch, *(Agency(urn=urn, name=urn[-3:].upper()) for urn in (SDE, DOL, DCF)))
    for urn, title, holder, audience in (
        (PUPILS, "Pupils", SDE, Audience.STAFF),
        (COPY, "Copy of pupils", DOL, Audience.STAFF),
        (TOWNS, "Towns", DOL, Audience.PUBLIC),
    ):
        batch.nodes.append(NodeStatement(Dataset(urn=urn, title=title), audience))
        batch.edges.append(EdgeStatement(Dataset.held_by, urn, holder))
    for urn, dataset in ((NAME, PUPILS), (NAME_OF_COPY, COPY)):
        batch.nodes.append(NodeStatement(Column(urn=urn, name="name"), Audience.STAFF))
        batch.edges.append(EdgeStatement(Dataset.columns, dataset, urn))
    _add(batch, DatasetVersion(urn=VERSION, version="1"), Job(urn=JOB, namespace="test", name="copy"))
    _add(batch, Agreement(urn=MOU, title="MOU", effective_from=date(2022, 1, 1)), Agreement(urn=FRAME, title="Frame"))
    for urn, agency, role in ((GIVER, SDE, PartyRole.PROVIDER), (GETTER, DOL, PartyRole.RECIPIENT)):
        _add(batch, AgreementParty(urn=urn, role=role))
        batch.edges.append(EdgeStatement(Agreement.parties, MOU, urn))
        batch.edges.append(EdgeStatement(AgreementParty.stands_for, urn, agency))
    _add(batch, DataRequest(urn=REQUEST, title="Request"), Person(urn=PERSON, name="Ana"))
    _add(
        batch,
        Law(urn=LAW, citation="1"),
        Purpose(urn=PURPOSE, label="Research"),
        Principle(urn=PRINCIPLE, number=1, text="x"),
    )
    return batch


def _add(batch: Batch, *entities: Entity) -> None:
    batch.nodes.extend(map(NodeStatement, entities))


@dataclass
class Desk:
    """States things over HTTP, and waits for the answers."""

    store: Store
    runner: asyncio.Runner
    app: FastAPI
    sent: int = field(default=0)

    def post(self, body: Any, sender: str | None = "desk", **headers: str) -> httpx.Response:
        """Send a request."""
        return self.posts([body], sender, **headers)[0]

    def posts(self, bodies: list[Any], sender: str | None = "desk", **headers: str) -> list[httpx.Response]:
        """Send several requests at once."""
        shown = {"Authorization": f"Bearer {sender}"} if sender else {}

        async def all_of_them() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                sent = (client.post("/graphql", json=body, headers={**shown, **headers}) for body in bodies)
                return await asyncio.gather(*sent)

        return self.runner.run(all_of_them())

    def ask(self, query: str, sender: str | None = "desk", **variables: Any) -> dict[str, Any]:
        """The body of an answer."""
        return self.post({"query": query, "variables": variables}, sender).json()

    def data(self, query: str, sender: str | None = "desk", **variables: Any) -> Any:
        """The data of an answer without errors."""
        found = self.ask(query, sender, **variables)
        assert "errors" not in found, found
        return found["data"]

    def state(self, name: str, chosen: str = "changeset { urn }", **given: Any) -> Any:
        """What a mutation answers that is not refused; under a key of its own unless one is given."""
        self.sent += 1
        told = {"clientMutationId": f"desk-{self.sent}", "reason": "as the minutes say", **given}
        found = self.ask(operation(name, chosen), input=told)
        assert "errors" not in found, found
        return found["data"][name]

    def refusal(self, name: str, sender: str = "desk", **given: Any) -> dict[str, Any]:
        """The one error of a mutation that is refused, which left the graph as it was."""
        before = self.revision
        told = {"clientMutationId": "refused", "reason": "as the minutes say", **given}
        found = self.ask(operation(name, "changeset { urn }"), sender, input=told)
        assert found["data"] == {name: None}
        assert self.revision == before
        (error,) = found["errors"]
        return error

    @property
    def revision(self) -> int:
        """The graph's."""
        return self.runner.run(self.store.revision())


def desk_of(store: Store, runner: asyncio.Runner, now: datetime = NOW) -> Desk:
    """A desk on a store, at an instant that does not pass."""
    tokens = [
        Token(name=name, sha256=hashlib.sha256(name.encode()).hexdigest(), scopes=frozenset(scopes))
        for name, scopes in TOKENS.items()
    ]
    settings = Settings(tokens=tuple(tokens), query_timeout_seconds=PATIENCE)
    return Desk(store, runner, create_app(settings, store, now=lambda: now))


def operation(name: str, chosen: str) -> str:
    """A document with one mutation, whose input is a variable."""
    type_ = f"{name[0].upper()}{name[1:]}Input"
    return f"mutation($input: {type_}!) {{ {name}(input: $input) {{ {chosen} }} }}"
