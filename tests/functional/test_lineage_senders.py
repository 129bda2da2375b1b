"""What docs/lineage.md says of pointing tools at Waypost is so: each configuration, as the tool's own client reads it, sends.

Airflow's provider and dbt-ol hand theirs to the client of openlineage-python, which is here unmodified. Of Spark there is no
client here: its properties are the keys of the same configuration.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from fastapi import FastAPI
from starlette.routing import Match

from catalog.stores.port import Store
from tests.functional.test_openlineage import fresh
from tests.meta.test_docs import blocks
from tests.support.marquez import LOADER, Reads
from tests.support.pages import ROOT
from tests.support.patience import PATIENCE

PAGE = ROOT / "docs" / "lineage.md"
URL, TOKEN = "http://127.0.0.1:8000", "the token"
DATABASE, TABLE = "postgres://db.example.gov:5432", "school.public.enrollment"
FILE = "/srv/exchange/enrollment.csv"

SENDS = """
import json, os
from openlineage.client import OpenLineageClient
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

client = OpenLineageClient({config})
when, run = "2026-11-01T12:00:00Z", Run(runId="7b1f0e7e-5f0a-4c0e-9a53-2f1b8c0d6a11")
job = Job(namespace={namespace}, name="one")
client.emit(RunEvent(eventType=RunState.COMPLETE, eventTime=when, run=run, job=job, producer="https://example.gov"))
client.close()
"""
"""What stands for a tool: its client, made as the tool makes it, and one event."""


@pytest.fixture
def reads(tmp_path: Path, runner: asyncio.Runner) -> Reads:
    store: Store = runner.run(fresh(tmp_path / "graph.db"))
    return Reads(store, runner)


def shell(words: str) -> str:
    """The one block of the page that has these words."""
    (found,) = [text for text in blocks(PAGE, "sh") if words in text]
    return found


def run(command: str, folder: Path, url: str, token: str = LOADER) -> None:
    """Run what a page shows, with the address and the token put in."""
    assert URL in command or "OPENLINEAGE_CONFIG" in command
    command = command.replace(URL, url).replace(TOKEN, token)
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OPENLINEAGE", "AIRFLOW"))}
    environment = {**clean, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "-euc", command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr


def sending(config: str, namespace: str) -> str:
    """The command that sends one event of a job in a namespace, both as Python says them."""
    return f"python -c '{SENDS.format(config=config, namespace=namespace)}'"


def test_the_script_tells_what_it_reads_and_writes(reads: Reads, tmp_path: Path) -> None:
    (script,) = blocks(PAGE, "python")
    (tmp_path / "copy_enrollment.py").write_text(script, encoding="utf-8")
    reads.served(lambda url: run(shell("copy_enrollment.py"), tmp_path, url))
    job = reads.get("/namespaces/scripts/jobs/copy_enrollment")
    assert job["inputs"] == [{"namespace": DATABASE, "name": TABLE}]
    assert job["outputs"] == [{"namespace": "file", "name": FILE}]
    assert job["latestRun"]["state"] == "COMPLETED"
    graph = reads.get(f"/lineage?nodeId=dataset:file:{FILE}")["graph"]
    assert [node["type"] for node in graph] == ["DATASET", "DATASET", "JOB"]


def test_the_file_is_read_from_the_working_folder(reads: Reads, tmp_path: Path) -> None:
    (config,) = blocks(PAGE, "yaml")

    def send(url: str) -> None:
        (tmp_path / "openlineage.yml").write_text(config.replace(URL, url).replace(TOKEN, LOADER), encoding="utf-8")
        run(f": OPENLINEAGE_CONFIG\n{sending('', repr('file').replace(chr(39), chr(34)))}", tmp_path, url)

    reads.served(send)
    assert reads.get("/namespaces/file/jobs/one")["latestRun"]["state"] == "COMPLETED"


def test_airflow_reads_its_variables(reads: Reads, tmp_path: Path) -> None:
    """The provider makes its client of ``{"transport": <the JSON>}`` and names jobs in its namespace."""
    config = 'config={"transport": json.loads(os.environ["AIRFLOW__OPENLINEAGE__TRANSPORT"])}'
    command = shell("AIRFLOW__") + sending(config, 'os.environ["AIRFLOW__OPENLINEAGE__NAMESPACE"]')
    reads.served(lambda url: run(command, tmp_path, url))
    assert reads.get("/namespaces/airflow/jobs/one")["latestRun"]["state"] == "COMPLETED"


def test_dbt_reads_its_variables(reads: Reads, tmp_path: Path) -> None:
    """dbt-ol makes its client of the environment alone."""
    block = shell("dbt-ol run")
    assert block.count("dbt-ol run\n") == 1
    command = block.replace("dbt-ol run\n", sending("", 'os.environ["OPENLINEAGE_NAMESPACE"]'))
    reads.served(lambda url: run(command, tmp_path, url))
    assert reads.get("/namespaces/dbt/jobs/one")["latestRun"]["state"] == "COMPLETED"


def test_a_token_that_is_none_is_seen(reads: Reads, tmp_path: Path) -> None:
    """What the tests above show is not true of any configuration."""
    command = shell("dbt-ol run").replace("dbt-ol run\n", sending("", '"dbt"'))
    with pytest.raises(AssertionError, match="401"):
        reads.served(lambda url: run(command, tmp_path, url, token="another"))


def properties() -> Mapping[str, str]:
    (block,) = blocks(PAGE, "properties")
    return dict(re.split(r"\s+", line, maxsplit=1) for line in block.splitlines())


def test_the_properties_of_spark_lead_to_where_events_are_taken(reads: Reads, tmp_path: Path) -> None:
    found = properties()
    prefix = "spark.openlineage.transport."
    nested: dict[str, Any] = {}
    for name, value in found.items():
        *steps, last = name.removeprefix(prefix).split(".") if name.startswith(prefix) else ("",)
        if last:
            level = nested
            for step in steps:
                level = level.setdefault(step, {})
            level[last] = value
    address = str(nested["url"]) + str(nested["endpoint"])
    assert served_there(reads.app, urlsplit(address).path)
    # The names of the keys are those that every client has.
    (file,) = blocks(PAGE, "yaml")
    transport = yaml.safe_load(file)["transport"]
    assert {key: value for key, value in nested.items() if key != "endpoint"} == transport
    config = 'config={"transport": json.loads(os.environ["TRANSPORT"])}'
    command = (
        f"export TRANSPORT='{json.dumps(nested)}'\n{sending(config, json.dumps(found['spark.openlineage.namespace']))}"
    )
    reads.served(lambda url: run(command, tmp_path, url))
    assert reads.get("/namespaces/spark/jobs/one")["latestRun"]["state"] == "COMPLETED"


def served_there(app: FastAPI, path: str) -> bool:
    scope = {"type": "http", "method": "POST", "path": path, "root_path": ""}
    route = next(route for route in app.router.routes if route.matches(scope)[0] is Match.FULL)
    return getattr(route, "path", "") == "/api/v1/lineage"
