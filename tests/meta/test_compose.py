"""What can be checked of docker-compose.yml and Dockerfile without a Docker."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from server.settings import describe, load_settings

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = ROOT / "docker-compose.yml"
DOCKERFILE = ROOT / "Dockerfile"


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]


def _commands(services: dict[str, Any]) -> Iterator[list[str]]:
    """Every command line that runs `waypost`, of both files."""
    for service in services.values():
        for found in (service.get("command"), service.get("healthcheck", {}).get("test")):
            words = shlex.split(found) if isinstance(found, str) else list(found or [])
            if words and words[0] in ("CMD", "CMD-SHELL"):
                words = words[1:] if words[0] == "CMD" else shlex.split(words[1])
            if "waypost" in words:
                yield words[words.index("waypost") + 1 :]
    for text in re.findall(r"^(?:HEALTHCHECK .*)?(?:CMD|ENTRYPOINT) (\[.*\])$", DOCKERFILE.read_text(), re.MULTILINE):
        words = json.loads(text)
        assert words[0] == "waypost"
        yield words[1:]


def test_it_is_a_compose_file() -> None:
    result = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.compose-spec", "--no-cache", str(COMPOSE)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_neo4j_is_the_version_that_the_tests_run_on(services: dict[str, Any]) -> None:
    from server.neo4j_server import LTS_VERSION

    assert services["neo4j"]["image"] == f"neo4j:{LTS_VERSION}-community"


def test_every_published_port_is_on_loopback(services: dict[str, Any]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert len(ports) == 2
    assert [port for port in ports if not re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)] == []


def test_no_password_or_token_is_written_down(services: dict[str, Any]) -> None:
    secrets = {
        name: value
        for service in services.values()
        for name, value in service["environment"].items()
        if re.search(r"AUTH|PASSWORD|TOKEN", name)
    }
    assert set(secrets) == {"NEO4J_AUTH", "WAYPOST_NEO4J_PASSWORD", "WAYPOST_TOKENS"}
    for name, value in secrets.items():
        # ${NAME:?text}: compose itself refuses to start without it.
        assert re.fullmatch(r"(neo4j/)?\$\{WAYPOST_[A-Z0-9_]+:\?[^}]+\}", value), name


def test_every_variable_is_a_setting(services: dict[str, Any]) -> None:
    known = {item.name for item in describe()}
    assert {name for name in services["waypost"]["environment"] if name not in known} == set()
    assert set(re.findall(r"(?<!\$)\$\{(\w+)", COMPOSE.read_text())) <= known  # $${ is the container's own


def _resolved(environment: dict[str, str], values: dict[str, str]) -> dict[str, str]:
    """The environment as compose passes it on: ${NAME:-default} and ${NAME:?refusal} from these values."""

    def value(found: re.Match[str]) -> str:
        name, kind, rest = found.groups()
        assert values.get(name) or kind == ":-", f"compose refuses to start: {rest}"
        return values.get(name) or rest

    resolved = {name: re.sub(r"\$\{(\w+)(:[-?])([^}]*)\}", value, text) for name, text in environment.items()}
    assert [text for text in resolved.values() if "$" in text] == []
    return resolved


def _example() -> dict[str, str]:
    """Every setting with the value that .env.example shows for it."""
    return dict(
        re.findall(r"^# (WAYPOST_\w+)=(.*)$", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )


_SECRETS = {
    "WAYPOST_NEO4J_PASSWORD": "of the neo4j",
    "WAYPOST_TOKENS": json.dumps([{"name": "ops", "sha256": "0" * 64, "scopes": ["read"]}]),
}


@pytest.mark.parametrize("values", [{}, _example()], ids=["nothing else set", ".env.example"])
def test_waypost_takes_what_compose_passes_it(
    services: dict[str, Any], values: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)  # where no .env lies
    for name, text in _resolved(services["waypost"]["environment"], {**values, **_SECRETS}).items():
        monkeypatch.setenv(name, text)
    settings = load_settings()
    assert (settings.store, settings.host, settings.port) == ("bolt://neo4j:7687", "0.0.0.0", 8000)
    assert settings.neo4j_password is not None
    assert settings.neo4j_password.get_secret_value() == "of the neo4j"
    assert [token.name for token in settings.tokens] == ["ops"]
    assert settings.log_format == (values.get("WAYPOST_LOG_FORMAT") or "json")
    # What is passed on as empty counts as not set, and .env.example shows the defaults.
    assert (settings.query_timeout_seconds, settings.write_timeout_seconds, settings.zone) == (10.0, 30.0, "UTC")


def test_every_setting_that_compose_could_pass_on_is_passed_on(services: dict[str, Any]) -> None:
    fixed = {"WAYPOST_NEO4J_USER", "WAYPOST_NEO4J_DATABASE"}  # those of the one Neo4j beside it
    assert {item.name for item in describe()} - set(services["waypost"]["environment"]) == fixed


def test_every_service_is_bounded_and_watched(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["mem_limit"], name
        assert service["healthcheck"]["test"], name
    assert services["waypost"]["depends_on"] == {"neo4j": {"condition": "service_healthy"}}
    assert services["neo4j"]["volumes"] == ["neo4j-data:/data"]


def test_waypost_runs_without_rights(services: dict[str, Any]) -> None:
    waypost = services["waypost"]
    assert waypost["read_only"] is True
    assert waypost["cap_drop"] == ["ALL"]
    assert not waypost["user"].startswith("0")
    users = re.findall(r"^USER (.+)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert users == [waypost["user"]]


def test_every_waypost_command_exists(services: dict[str, Any]) -> None:
    commands = list(_commands(services))
    assert sorted(commands) == [["health"], ["health"], ["serve"], ["serve"]]
    for command in {tuple(words) for words in commands}:
        result = subprocess.run(
            [sys.executable, "-c", "from server.main import main; main()", *command, "--help"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == 0, result.stdout + result.stderr
