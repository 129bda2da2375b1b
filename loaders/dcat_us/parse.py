"""One dataset of a ``data.json`` as statements (domain 12; the columns of DCAT-US 1.1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from catalog.access import Audience
from catalog.batch import EdgeStatement, NodeStatement
from catalog.model.data import Dataset, Distribution
from catalog.model.own import Source
from catalog.model.people import Agency
from catalog.text import slug
from catalog.urn import Urn, dcat, key, part
from loaders.dcat_us.frequency import frequency
from loaders.fields import Fields, Rule
from loaders.own_words import keep_words
from loaders.record import Record

__all__ = ["parse_dataset"]

_MAX_PUBLISHERS = 8
"""A publisher and the organizations above it; four is the most that was seen in a real catalog."""


def parse_dataset(raw: Any, place: str, catalog: str, source: Source, names: dict[Urn, str]) -> Record:
    """The statements of one dataset. Raises RefusedRecord, naming the field, where it cannot be kept.

    ``names`` are those of the agencies of the catalog so far, and gains this one's: the first spelling of several counts,
    or each load would write them in turn.
    """
    fields = Fields(raw)
    identifier = fields.identifier("identifier")
    urn = dcat("dataset", catalog, identifier)
    record = Record(place, raw)
    record.nodes.append(NodeStatement(_dataset(fields, urn, identifier), Audience.PUBLIC))
    _link_publisher(fields, record, urn, catalog, names)
    _link_distributions(fields, record, urn)
    keep_words(
        record,
        record.raw,
        urn=dcat("catalog-record", catalog, identifier),
        identifier=identifier,
        dataset=urn,
        source=source.urn,
        variant="DCAT-US 1.1",
        audience=Audience.STAFF,
    )
    record.restates += [(urn, Dataset.held_by), (urn, Dataset.distributions)]
    return record


def _dataset(fields: Fields, urn: Urn, identifier: str) -> Dataset:
    contact = fields.object("contactPoint")
    email = contact.text("hasEmail") if contact else None
    publisher = fields.object("publisher")
    stated = fields.text("accrualPeriodicity")
    issued = fields.day("issued")
    return Dataset(
        urn=urn,
        identifier=identifier,
        title=fields.required_prose("title"),
        description=fields.prose("description"),
        keywords=fields.texts("keyword"),
        themes=fields.texts("theme"),
        access_level=fields.text("accessLevel"),
        rights=fields.prose("rights"),
        license=fields.text("license"),
        issued=issued,
        issued_text=None if issued else fields.text("issued"),
        modified=fields.day("modified"),
        modified_text=fields.text("modified"),
        update_frequency=frequency(stated),
        update_frequency_text=stated,
        temporal_coverage=fields.text("temporal"),
        spatial=fields.text_or_json("spatial"),
        landing_page=fields.text("landingPage"),
        language=fields.texts("language"),
        publisher_name=publisher.text("name") if publisher else None,
        contact_name=contact.text("fn") if contact else None,
        contact_email=email.removeprefix("mailto:").strip() or None if email else None,
        bureau_codes=fields.texts("bureauCode"),
        program_codes=fields.texts("programCode"),
        described_by=fields.text("describedBy"),
        conforms_to=fields.text("conformsTo"),
        references=fields.texts("references"),
        is_part_of=fields.text("isPartOf"),
    )


def _link_publisher(fields: Fields, record: Record, dataset: Urn, catalog: str, names: dict[Urn, str]) -> None:
    """The publisher holds the dataset; those above it follow as PART_OF."""
    below: Urn | None = None
    for found, name in _publishers(fields):
        urn = _agency_urn(catalog, name)
        if urn == below:
            continue  # the same one, said twice
        if any(n.entity.urn == urn for n in record.nodes):
            message = f"{name[:60]!r} stands above itself"
            raise found.refusal(Rule.LOOP, "name", message, "name each organization once, the widest last")
        record.nodes.append(NodeStatement(Agency(urn=urn, name=names.setdefault(urn, name))))
        if below is None:
            record.edges.append(EdgeStatement(Dataset.held_by, dataset, urn))
        else:
            record.edges.append(EdgeStatement(Agency.part_of, below, urn))
        below = urn


@lru_cache(maxsize=1024)
def _agency_urn(catalog: str, name: str) -> Urn:
    """The URN of an agency of a catalog, which many of its datasets name."""
    return key("agency", catalog, slug(name) or _short([name]))


def _publishers(fields: Fields) -> Iterator[tuple[Fields, str]]:
    """The publisher and the organizations above it, each with its name, nearest first."""
    found, count = fields.object("publisher"), 0
    while found is not None:
        count += 1
        above = found.object("subOrganizationOf")
        # Without its own name what stands above it would be lost.
        name = found.text("name") if above is None else found.required("name")
        if name is None:
            return
        if count > _MAX_PUBLISHERS:
            message = f"more than {_MAX_PUBLISHERS} organizations stand above one another"
            raise found.refusal(Rule.SIZE, "name", message, "leave out the widest ones")
        yield found, name
        found = above


def _link_distributions(fields: Fields, record: Record, dataset: Urn) -> None:
    taken: dict[str, int] = {}
    for position, found in enumerate(fields.objects("distribution")):
        title, access, download = found.text("title"), found.text("accessURL"), found.text("downloadURL")
        media_type, format_ = found.text("mediaType"), found.text("format")
        name = _short([download or access, title, format_, media_type])
        taken[name] = taken.get(name, 0) + 1
        urn = part(dataset, "distribution", name if taken[name] == 1 else f"{name}-{taken[name]}")
        distribution = Distribution(
            urn=urn,
            title=title,
            description=found.prose("description"),
            format=format_,
            media_type=media_type,
            access_url=access,
            download_url=download,
            position=position,
        )
        record.nodes.append(NodeStatement(distribution, Audience.PUBLIC))
        record.edges.append(EdgeStatement(Dataset.distributions, dataset, urn))


def _short(parts: list[str | None]) -> str:
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=6).hexdigest()
