"""One family of views as statements: the view that is its source, those derived from it, and what flows (domain 9, 14)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from catalog.access import Audience
from catalog.batch import EdgeStatement, NodeStatement
from catalog.errors import InvalidUrn
from catalog.model.data import Dataset, Portal
from catalog.model.enums import FlowMode
from catalog.model.lineage import Flow
from catalog.model.own import Source
from catalog.urn import Urn, key, parse, socrata
from lineage.flows import feeds, flow_urn
from loaders.fields import Fields, Rule
from loaders.own_words import keep_words
from loaders.record import Record
from loaders.socrata_views.rules import ViewRule

__all__ = ["created_on", "parse_family", "view_name", "view_urn"]


def parse_family(fields: Fields, record: Record, source: Source, seen: Mapping[Urn, int]) -> set[Urn]:
    """Add to the record what its family states; answers its views. Raises RefusedRecord, naming the field.

    ``seen`` are the views of other families, with their lines, 0 where that is not known; the one that two families have
    becomes the record's identifier. A family lists its source among its own views, and no
    view is derived from itself: that one is its source, and no lineage.
    """
    origin = fields.object("source")
    if origin is None:
        raise fields.refusal(Rule.REQUIRED, "source", "it is missing", "state the view that the others are made of")
    source_urn = view_urn(origin)
    views: dict[Urn, Fields] = {}
    for view in fields.objects("datasets"):
        urn = view_urn(view)
        if urn in views:
            message = f"{view_name(urn)} stands in this family already"
            raise view.refusal(ViewRule.DUPLICATE_VIEW, "id", message, "list each view once")
        views[urn] = view
    views.setdefault(source_urn, origin)
    for urn, view in views.items():
        if urn in seen:
            record.identifier = view_name(urn)
            where = f"the family on line {line}" if (line := seen[urn]) else "a family that was loaded before"
            message = f"{view_name(urn)} stands in {where} already"
            remedy = "list it below the one view that it is made of"
            raise view.refusal(ViewRule.TWO_SOURCES, "id", message, remedy)
        _state(view, urn, record, source)
    begun = created_on(views[source_urn])
    for urn, view in views.items():
        if urn != source_urn:
            _derive(record, source_urn, urn, _later(begun, created_on(view)))
    record.restates.append((source_urn, Dataset.downstream))
    return set(views)


def view_name(urn: Urn) -> str:
    """What a view is called among the views of all portals, such as data.example.gov:pb5x-kf8z."""
    return ":".join(parse(urn).segments)


def view_urn(view: Fields) -> Urn:
    """The URN of a view: its portal and its four-by-four. Raises RefusedRecord where it has none."""
    portal, identifier = view.required("portal"), view.identifier("id")
    try:
        return socrata("dataset", portal, identifier)
    except InvalidUrn as error:
        remedy = "state a portal such as data.example.gov, and an id such as pb5x-kf8z"
        raise view.refusal(Rule.IDENTIFIER, "id", str(error), remedy) from None


def created_on(view: Fields) -> date | None:
    """The day on which a view was made, in UTC; None where that is not told. Raises RefusedRecord where it is no instant."""
    text = view.text("createdAt")
    if text is None:
        return None
    try:
        return datetime.fromtimestamp(int(text), UTC).date()
    except (ValueError, OverflowError, OSError):
        remedy = "write the seconds since 1970, such as 1372894136"
        raise view.refusal(Rule.DATE, "createdAt", f"{text[:60]!r} is no instant", remedy) from None


def _state(view: Fields, urn: Urn, record: Record, source: Source) -> None:
    """The view, the portal that it is on, and its own words."""
    domain, identifier = parse(urn).segments
    dataset = Dataset(
        urn=urn,
        identifier=identifier,
        title=view.required_prose("name"),
        description=view.prose("description"),
        issued=created_on(view),
        landing_page=f"https://{domain}/d/{identifier}",
    )
    portal = Portal(urn=key("portal", domain), title=domain, url=f"https://{domain}", software="Socrata")
    record.nodes += [NodeStatement(dataset, Audience.PUBLIC), NodeStatement(portal)]
    record.edges.append(EdgeStatement(Dataset.published_on, urn, portal.urn, props={"identifier": identifier}))
    keep_words(
        record,
        view.content,
        urn=socrata("catalog-record", domain, identifier),
        identifier=identifier,
        dataset=urn,
        source=source.urn,
        variant="Socrata view",
    )


def _derive(record: Record, source: Urn, view: Urn, first_seen: date | None) -> None:
    """What flows from the source into a derived view. On another portal it is a publication (domain 14).

    No job is known that makes a view: the portal computes it from its source when it is asked for.
    """
    flow = Flow(
        urn=flow_urn(source, None, view),
        mode=None if _portal(source) == _portal(view) else FlowMode.PUBLICATION,
        first_seen=first_seen,
    )
    record.nodes.append(NodeStatement(flow, Audience.PUBLIC))
    record.edges += [
        EdgeStatement(Flow.from_asset, flow.urn, source),
        EdgeStatement(Flow.to_asset, flow.urn, view),
        feeds(flow.urn, source, None, view, first_seen),
    ]


def _later(source: date | None, view: date | None) -> date | None:
    """From when on both were there. A view is often older than what it is said to be made of."""
    return None if source is None or view is None else max(source, view)


def _portal(view: Urn) -> str:
    return parse(view).segments[0]
