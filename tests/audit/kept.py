"""Small worlds with records, for the rules about what is owed, matched, permitted and gone wrong."""

from __future__ import annotations

from datetime import date
from typing import Any

from msgspec import structs

from catalog.model.enums_data import PersonalKind
from lineage.audit.day import DayAudit
from lineage.audit.facts import Columns, Facts
from lineage.audit.records import Records
from tests.audit.adapted import adapted
from tests.audit.oracle.facts import World
from tests.audit.small import BASE, DAY

__all__ = ["kept", "kinds", "on_day"]


def kept(world: World = BASE, **records: Any) -> Facts:
    """A world with records."""
    return structs.replace(adapted(world), records=Records(**records))


def on_day(facts: Facts, day: date = DAY) -> DayAudit:
    """Its audit as of a day."""
    return DayAudit(facts, day)


def kinds(facts: Facts, **of: PersonalKind | None) -> Facts:
    """The facts where columns of ``s`` of these names say that about a person; each goes by its dataset and name."""

    def told(column: Any) -> Any:
        dataset, name = column.ref
        kind = of.get(name) if dataset == "s" else PersonalKind.NONE
        return structs.replace(column, personal_kind=kind, id=f"{dataset}.{name}")

    datasets = tuple(structs.replace(each, columns=Columns.of(map(told, each.columns))) for each in facts.datasets)
    return structs.replace(facts, datasets=datasets)
