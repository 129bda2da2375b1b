"""The columns of a dataset of dbt's: what the warehouse has (catalog.json), and what the project says of it (manifest)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from catalog.model.data import Column
from catalog.urn import Urn, part
from loaders.fields import Fields, Rule

__all__ = ["columns_of"]


def columns_of(dataset: Urn, node: Fields, table: Fields | None) -> Iterator[Column]:
    """The columns of a node. ``table`` is what the catalog has of it: its columns are all, in their order, with types.

    Without it they are those that the project describes, in no order. Names are the warehouse's; a description is found by
    its name, or where just one differs in case alone by that one (warehouses fold case). Raises RefusedRecord.
    """
    described = _names(node)
    if table is None:
        for name, fields in described.items():
            yield _column(dataset, name, fields, None, None)
        return
    folded: dict[str, list[str]] = defaultdict(list)
    for name in described:
        folded[name.casefold()].append(name)
    there = _names(table)
    used: set[str] = set()
    for position, (name, fields) in enumerate(sorted(there.items(), key=lambda item: _index(item[1]))):
        alike = [name] if name in described else folded[name.casefold()]
        mine = alike[0] if len(alike) == 1 else None
        used.update(alike)
        yield _column(dataset, name, described.get(mine or ""), fields, position)
    for name, fields in described.items():
        if name not in used:  # the warehouse did not have it when it was asked
            yield _column(dataset, name, fields, None, None)


def _column(dataset: Urn, name: str, said: Fields | None, found: Fields | None, position: int | None) -> Column:
    definition = (said.prose("description") if said else None) or (found.prose("comment") if found else None)
    data_type = (found.text("type") if found else None) or (said.text("data_type") if said else None)
    return Column(
        urn=part(dataset, "column", name),
        name=name,
        definition=definition,
        data_type=data_type,
        nullable=False if said and _is_never_null(said) else None,
        position=position,
    )


def _names(node: Fields) -> dict[str, Fields]:
    """The columns by their names."""
    return {fields.identifier("name"): fields for fields in node.members("columns").values()}


def _index(column: Fields) -> int:
    """The place of a column in its table. Raises RefusedRecord where it is no number."""
    text = column.text("index") or "0"
    try:
        return int(text)
    except ValueError:
        raise column.refusal(Rule.TYPE, "index", f"{text[:60]!r} is no whole number", "write it in digits") from None


def _is_never_null(column: Fields) -> bool:
    return any(constraint.text("type") == "not_null" for constraint in column.objects("constraints"))
