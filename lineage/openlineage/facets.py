"""The facets that the graph follows from, read leniently: one of another shape than known is kept raw and says nothing.

Names in them are held to the same rules as everywhere in an event.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple, cast

import msgspec

from catalog.urn import Urn, key
from lineage.openlineage.names import EventProblem, Path, Rule, Thing, check_name, column_urn, read_thing, refusal

__all__ = ["MAX_COLUMNS", "MAX_STEPS", "DatasetFacets", "Entry", "Facets", "Field", "Known", "Parent"]
__all__ += ["Schema", "Step", "is_deleted"]
__all__ += ["items_of", "object_of", "owners", "read_dataset_facets", "read_entries", "read_fields", "read_parent"]
__all__ += ["system_of", "text_of"]

Facets = Mapping[str, Any]

MAX_COLUMNS = 5_000
"""Columns of one dataset in one event, nested ones included."""
MAX_STEPS = 20_000
"""Steps from column to column into one dataset, in one event."""
_MAX_NESTED = 5
_REMEMBERED_BYTES = 8_000
"""Size of the words whose reading is remembered: what larger ones say would fill the memory."""
_KNOWN = ("schema", "columnLineage", "lineage", "symlinks", "dataSource", "lifecycleStateChange")
_MAX_SYSTEM = 200


class Field(NamedTuple):
    """A column as a schema facet lists it. The name of a nested one has dots."""

    name: str
    type: str | None
    description: str | None


class Step(NamedTuple):
    """How a column depends on another: the dataset it comes from, both columns, and what is done, as stated."""

    source: Urn
    from_column: str
    to_column: str
    transformations: tuple[Any, ...]


class Schema(NamedTuple):
    """The columns that a schema facet lists, in its order."""

    fields: tuple[Field, ...]
    names: bytes
    """Their names; JSON."""
    digest: str
    """Of the names: what tells one set of columns from another."""


class Known(NamedTuple):
    """What the facets of a dataset say that are known here."""

    schema: Schema | None = None
    """None where there is no schema facet, or none that can be read."""
    steps: tuple[Step, ...] = ()
    narrows: bool = False
    """Whether it is said, in columns or whole, which inputs flow into the dataset: then the others do not."""
    sources: tuple[Urn, ...] = ()
    """The datasets that are named as flowing into it."""
    symlinks: tuple[Urn, ...] = ()
    system: str | None = None
    is_dropped: bool = False


class DatasetFacets(NamedTuple):
    """The facets of a dataset, each in one spelling, and what those say that are known here."""

    spelled: Mapping[str, bytes]
    known: Known


class Parent(NamedTuple):
    """The run that started another, and the job it is said to be of."""

    run: Urn
    job: Thing | None


class Entry(NamedTuple):
    """What an entry of a job's ``lineage`` facet says: these datasets flow into that one, or into the job where it is None."""

    target: Urn | None
    sources: tuple[Urn, ...]


_NOTHING = Known()


def object_of(value: Any) -> Mapping[str, Any]:
    """The value where it is an object; else an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def items_of(value: Any) -> list[Any]:
    """The value where it is a list; else an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def text_of(value: Any) -> str | None:
    """A text in which something can be seen, without what no store keeps; else None."""
    if not isinstance(value, str):
        return None
    return value.replace("\0", "").strip() or None


def is_deleted(facet: Mapping[str, Any]) -> bool:
    """Whether a facet only says that there is no such facet any more."""
    return facet.get("_deleted") is True


def owners(facet: Mapping[str, Any]) -> str | None:
    """Who an ownership facet says the owners are, in its order."""
    names = [text_of(object_of(owner).get("name")) for owner in items_of(facet.get("owners"))]
    return ", ".join(name for name in names if name) or None


def system_of(facet: Mapping[str, Any]) -> str | None:
    """The system that a dataSource facet names; a name that is too long to be one names none."""
    name = text_of(facet.get("name"))
    return name if name and len(name) <= _MAX_SYSTEM else None


def read_parent(facets: Facets, read_run_id: Callable[[Any, Path], str]) -> Parent | None:
    """The parent that a run's facets name. Raises EventProblem on one whose id is no UUID."""
    facet = object_of(facets.get("parent"))
    run, job = object_of(facet.get("run")), object_of(facet.get("job"))
    if "runId" not in run or is_deleted(facet):
        return None
    path = ("run", "facets", "parent")
    urn = key("run", read_run_id(run["runId"], (*path, "run", "runId")))
    return Parent(urn, read_thing("job", job, (*path, "job")) if job else None)


def read_entries(facets: Facets) -> tuple[Entry, ...]:
    """The flows that a job's ``lineage`` facet names. Raises EventProblem on names that are none."""
    path = ("job", "facets", "lineage")
    found: list[Entry] = []
    for index, item in enumerate(items_of(object_of(facets.get("lineage")).get("entries"))):
        entry, at = object_of(item), (*path, "entries", index)
        sources = tuple(_sources(entry.get("inputs"), (*at, "inputs")))
        if entry.get("type") == "DATASET":
            found.append(Entry(read_thing("dataset", entry, at).urn, sources))
        elif entry.get("type") == "JOB":
            found.append(Entry(None, sources))
    return tuple(found)


def read_dataset_facets(thing: Thing, facets: Facets, path: Path) -> DatasetFacets:
    """What the facets of a dataset say. Raises EventProblem on names in them that are none.

    Most say the same as in an event before: so what was read of the same words is not read again.
    """
    spelled = {name: msgspec.json.encode(facet, order="sorted") for name, facet in facets.items()}
    words = tuple((name, spelled[name]) for name in _KNOWN if name in spelled)
    if not words:
        return DatasetFacets(spelled, _NOTHING)
    if sum(len(text) for _, text in words) <= _REMEMBERED_BYTES:
        try:
            return DatasetFacets(spelled, _remembered(thing.urn, words))
        except EventProblem:
            pass  # told below, with its place in this event
    return DatasetFacets(spelled, _read_known(thing.urn, facets, path))


@lru_cache(maxsize=2_048)
def _remembered(dataset: Urn, words: tuple[tuple[str, bytes], ...]) -> Known:
    return _read_known(dataset, {name: msgspec.json.decode(text) for name, text in words}, ())


def _read_known(dataset: Urn, facets: Facets, path: Path) -> Known:
    lineage, columns = object_of(facets.get("lineage")), object_of(facets.get("columnLineage"))
    steps: list[Step] = []
    if columns:
        steps += _steps(columns, "inputFields", (*path, "columnLineage"))
        steps += _whole(columns, steps, (*path, "columnLineage"))
    sources = [step.source for step in steps]
    if lineage:
        steps += (named := _steps(lineage, "inputs", (*path, "lineage")))
        sources += [step.source for step in named]
        sources += _sources(lineage.get("inputs"), (*path, "lineage", "inputs"))
    if len(steps) > MAX_STEPS:
        raise refusal(Rule.SIZE, path, f"{len(steps)} steps from column to column", f"keep to {MAX_STEPS} at most")
    return Known(
        _read_schema(facets.get("schema"), dataset, (*path, "schema", "fields")),
        tuple(steps),
        # An empty list of inputs in the explicit facet is known to be empty; in the older one it says nothing.
        bool(steps) or isinstance(lineage.get("inputs"), list),
        tuple(dict.fromkeys(sources)),
        tuple(_symlinks(facets, dataset, (*path, "symlinks", "identifiers"))),
        system_of(object_of(facets.get("dataSource"))),
        object_of(facets.get("lifecycleStateChange")).get("lifecycleStateChange") == "DROP",
    )


def read_fields(facet: Any, path: Path = ()) -> tuple[Field, ...] | None:
    """The columns that a schema facet lists, each name once; None where it lists none. Raises EventProblem on a bad name."""
    listed = object_of(facet).get("fields")
    if not isinstance(listed, list):
        return None
    return tuple({field.name: field for field in _flattened(cast("list[Any]", listed), "", path, 0)}.values())


def _read_schema(facet: Any, dataset: Urn, path: Path) -> Schema | None:
    found = read_fields(facet, path)
    if found is None:
        return None
    if len(found) > MAX_COLUMNS:
        raise refusal(Rule.SIZE, path, f"it lists {len(found)} columns", f"keep to {MAX_COLUMNS} at most")
    for field in found:
        _check_column(dataset, field.name, path)
    names = msgspec.json.encode([field.name for field in found])
    return Schema(found, names, hashlib.sha256(names).hexdigest()[:16])


def _flattened(listed: list[Any], prefix: str, path: Path, depth: int) -> Iterator[Field]:
    for index, item in enumerate(listed):
        content = object_of(item)
        name = prefix + check_name(content.get("name"), (*path, index, "name"))
        yield Field(name, text_of(content.get("type")), text_of(content.get("description")))
        inner = items_of(content.get("fields"))
        if inner and depth < _MAX_NESTED:
            yield from _flattened(inner, f"{name}.", (*path, index, "fields"), depth + 1)


def _steps(facet: Mapping[str, Any], inputs: str, path: Path) -> list[Step]:
    """The steps into each column that a facet lists."""
    found: list[Step] = []
    for name, item in object_of(facet.get("fields")).items():
        content, at = object_of(item), (*path, "fields", name)
        check_name(name, at)
        # Versions before 1-1-0 say what is done once for a column, by other words.
        older = (content.get("transformationType"), content.get("transformationDescription"))
        for index, listed in enumerate(items_of(content.get(inputs))):
            input_, place = object_of(listed), (*at, inputs, index)
            if "field" not in input_:
                continue
            source = read_thing("dataset", input_, place).urn
            column = check_name(input_["field"], (*place, "field"))
            _check_column(source, column, place)
            done = items_of(input_.get("transformations"))
            if not done and any(older):
                done = [{"type": "DIRECT", "subtype": older[0], "description": older[1]}]
            found.append(Step(source, column, name, tuple(done)))
    return found


def _whole(facet: Mapping[str, Any], steps: list[Step], path: Path) -> list[Step]:
    """The steps of columns that decide over the whole dataset: into each of the columns that the facet lists."""
    columns = list(dict.fromkeys(step.to_column for step in steps))
    found: list[Step] = []
    for index, listed in enumerate(items_of(facet.get("dataset"))):
        input_, at = object_of(listed), (*path, "dataset", index)
        if "field" not in input_:
            continue
        source = read_thing("dataset", input_, at).urn
        column = check_name(input_["field"], (*at, "field"))
        _check_column(source, column, at)
        done = tuple(items_of(input_.get("transformations"))) or ({"type": "INDIRECT"},)
        found += [Step(source, column, name, done) for name in columns]
    return found


def _sources(listed: Any, path: Path) -> Iterator[Urn]:
    for index, item in enumerate(items_of(listed)):
        content = object_of(item)
        if content.get("type", "DATASET") == "DATASET":
            yield read_thing("dataset", content, (*path, index)).urn


def _symlinks(facets: Facets, own: Urn, path: Path) -> Iterator[Urn]:
    facet = object_of(facets.get("symlinks"))
    for index, item in enumerate(items_of(facet.get("identifiers"))):
        urn = read_thing("dataset", object_of(item), (*path, index)).urn
        if urn != own:
            yield urn


def _check_column(dataset: Urn, name: str, path: Path) -> None:
    if column_urn(dataset, name) is None:
        raise refusal(Rule.NAME, path, f"the column {name!r:.60} is too long to be named", "shorten its name")
