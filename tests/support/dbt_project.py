"""A small dbt project as dbt would write it down, with what the real manifests lack: snapshots, exposures, a failed run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["SCHEMA", "WAREHOUSE", "catalog", "manifest", "node", "results", "table_names", "write"]

SCHEMA = "https://schemas.getdbt.com/dbt/{}/v{}.json"
WAREHOUSE = "postgres://warehouse.example:5432"


def node(kind: str, called: str, /, *refers_to: str, section: str = "nodes", **more: Any) -> dict[str, Any]:
    """A node of a manifest. What it refers to is named by kind and name: "model.orders"."""
    id_ = f"{kind}.roads.{called}"
    stated: dict[str, Any] = {
        "unique_id": id_,
        "resource_type": kind,
        "name": called,
        "package_name": "roads",
        "description": "",
        "tags": [],
        "created_at": 1650000000.0,
        "depends_on": {"macros": [], "nodes": [".roads.".join(each.split(".", 1)) for each in refers_to]},
        "config": {"enabled": True, "materialized": "view" if kind == "model" else kind},
        "columns": {},
    }
    if section == "nodes":
        stated |= {"database": "dot", "schema": "main", "alias": called, "relation_name": None}
    return stated | more


def table_names() -> list[str]:
    """The tables of the project, as OpenLineage names them, without their namespace."""
    names = ("raw.trips", "main.towns", "main.trips_clean", "main.trips_by_town", "main.trips_history", "out.monthly")
    return sorted(f"dot.{name}" for name in names)


def manifest(*more: dict[str, Any], without: str = "", version: int = 12) -> dict[str, Any]:
    """The manifest: a source and a seed, a model of each through an ephemeral one, a snapshot, an exposure and so on."""
    ephemeral: dict[str, Any] = {"config": {"enabled": True, "materialized": "ephemeral"}}
    nodes = [
        node("seed", "towns", depends_on={"macros": []}, description="Towns of the state."),
        node("model", "only_valid", "source.state.trips", **ephemeral),
        node(
            "model",
            "trips_clean",
            "model.only_valid",
            "seed.towns",
            description="Trips, cleaned.",
            tags=["daily"],
            group="movement",
            columns={
                "trip_id": {"name": "trip_id", "description": "Number of the trip.", "data_type": "int"},
                "Town": {"name": "Town", "description": "Where it began."},
                "gone": {"name": "gone", "description": "Is not there."},
            },
        ),
        node("model", "trips_by_town", "model.trips_clean", config={"enabled": True, "materialized": "table"}),
        node("snapshot", "trips_history", "model.trips_clean"),
        node("test", "not_null_trip_id.0123", "model.trips_clean"),
        node("operation", "on_run_end"),
        node("analysis", "look", "model.trips_by_town"),
    ]
    sections: dict[str, list[dict[str, Any]]] = {
        "nodes": nodes,
        "sources": [
            node(
                "source",
                "state.trips",
                section="sources",
                name="trips",
                source_name="state",
                identifier="trips",
                database="dot",
                schema="raw",
            )
        ],
        "exposures": [
            node(
                "exposure",
                "towns_page",
                "model.trips_by_town",
                "snapshot.trips_history",
                section="exposures",
                type="dashboard",
                label="Trips by town",
                url="https://roads.example/towns",
                owner={"name": "Office of Roads", "email": "roads@roads.example"},
            )
        ],
        "semantic_models": [node("semantic_model", "trips", "model.trips_by_town", section="semantic_models")],
        "metrics": [node("metric", "trips", "semantic_model.trips", section="metrics")],
        "saved_queries": [
            node(
                "saved_query",
                "monthly",
                "metric.trips",
                section="saved_queries",
                exports=[
                    {"name": "monthly", "config": {"export_as": "table", "database": "dot", "schema_name": "out"}}
                ],
            )
        ],
        "unit_tests": [node("unit_test", "trips_clean.cleans", "model.trips_clean", section="unit_tests")],
    }
    sections["nodes"] += more
    made: dict[str, Any] = {
        "metadata": {
            "dbt_schema_version": SCHEMA.format("manifest", version),
            "generated_at": "2022-05-02T02:19:04.813823Z",
            "project_name": "roads",
            "adapter_type": "postgres",
        },
        "groups": {
            "group.roads.movement": {"name": "movement", "owner": {"name": None, "email": "move@roads.example"}}
        },
        "disabled": {"model.roads.off": [node("model", "off")]},
        "macros": {"macro.dbt.is_incremental": {}},
    }
    for section, stated in sections.items():
        made[section] = {each["unique_id"]: each for each in stated if each["unique_id"] != without}
    return made


def catalog(**columns: Mapping[str, str]) -> dict[str, Any]:
    """A catalog that has these columns, with their types, of these models."""
    nodes = {
        f"model.roads.{name}": {
            "metadata": {"type": "VIEW", "schema": "main", "name": name, "comment": "Said by the warehouse."},
            "columns": {
                column: {"name": column, "type": type_, "index": len(found) - index, "comment": "Said by it."}
                for index, (column, type_) in enumerate(found.items())
            },
        }
        for name, found in columns.items()
    }
    return {"metadata": {"dbt_schema_version": SCHEMA.format("catalog", 1)}, "nodes": nodes, "sources": {}}


def results(command: str = "build", invocation: str = "first", **statuses: str) -> dict[str, Any]:
    """The results of one call, by the names of nodes with "__" for the dot after their kind."""
    timing = [
        {"name": "compile", "started_at": "2022-05-02T02:00:00Z", "completed_at": "2022-05-02T02:00:01Z"},
        {"name": "execute", "started_at": "2022-05-02T02:00:02.5Z", "completed_at": "2022-05-02T02:00:03"},
    ]
    stated = [
        {
            "unique_id": f"{name.partition('__')[0]}.roads.{name.partition('__')[2]}",
            "status": status,
            "timing": [] if status == "skipped" else timing,
        }
        for name, status in statuses.items()
    ]
    metadata = {"dbt_schema_version": SCHEMA.format("run-results", 6), "invocation_id": invocation}
    return {"metadata": metadata, "results": stated, "args": {"which": command}}


def write(folder: Path, name: str, content: Any) -> str:
    """Write one of dbt's files; answers its path."""
    path = folder / f"{name}.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return str(path)
