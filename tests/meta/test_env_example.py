"""`.env.example` and the settings class say the same, in both directions; and what the settings refuse."""

import hashlib
import json
import re
import textwrap
from pathlib import Path

import pytest

from server.settings import Settings, SettingsError, Token, describe, load_settings

ROOT = Path(__file__).resolve().parents[2]


def _entries() -> list[tuple[str, str, str]]:
    """(name, default, description) of each block; the first block is the heading."""
    _, *blocks = (ROOT / ".env.example").read_text(encoding="utf-8").strip().split("\n\n")
    entries: list[tuple[str, str, str]] = []
    for block in blocks:
        *comment, assignment = (line.removeprefix("# ") for line in block.splitlines())
        match = re.fullmatch(r"(WAYPOST_[A-Z0-9_]+)=(.*)", assignment)
        assert match, f"the block must end with '# WAYPOST_NAME=default': {block!r}"
        entries.append((match[1], match[2].strip("'"), " ".join(comment)))
    return entries


def _expected() -> str:
    blocks = [
        "\n".join(
            [
                *textwrap.wrap(
                    item.description,
                    width=100,
                    initial_indent="# ",
                    subsequent_indent="# ",
                    break_long_words=False,
                    break_on_hyphens=False,
                ),
                f"# {item.name}={item.default}",
            ]
        )
        for item in describe()
    ]
    return "\n\n".join(blocks)


def test_every_setting_is_in_the_example_with_its_default_and_its_description() -> None:
    entries = _entries()
    assert entries == [tuple(item) for item in describe()], (
        f".env.example differs from server/settings.py; after its heading it should hold:\n\n{_expected()}\n"
    )


def test_every_line_is_a_comment_so_that_a_copy_changes_nothing() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


def test_the_defaults_as_written_are_the_defaults(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    default = load_settings()
    written = "\n".join(f"{name}={value}" for name, value, _ in _entries())
    (tmp_path / ".env").write_text(written, encoding="utf-8")
    assert load_settings() == default


DIGEST = hashlib.sha256(b"correct horse").hexdigest()


def _tokens(*tokens: tuple[str, str]) -> str:
    return json.dumps([{"name": name, "sha256": digest, "scopes": ["read"]} for name, digest in tokens])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("STORE", "sqlite:", "WAYPOST_STORE: names no file"),
        ("STORE", "http://canary", "WAYPOST_STORE: must be sqlite:PATH or"),
        ("STORE", "bolt://canary:port", "WAYPOST_STORE: is no address"),
        ("STORE", "neo4j://canary:canary@host", "WAYPOST_STORE: must not hold a user or password"),
        ("PORT", "70000", "WAYPOST_PORT: "),
        ("QUERY_TIMEOUT_SECONDS", "0", "WAYPOST_QUERY_TIMEOUT_SECONDS: "),
        ("ZONE", "Mars/Canary", "WAYPOST_ZONE: is no IANA time zone"),
        ("ZONE", "../canary", "WAYPOST_ZONE: is no IANA time zone"),
        ("HOST", "0.0.0.0", "no token is set: set WAYPOST_TOKENS"),
        ("HOST", "canary.example.org", "no token is set: set WAYPOST_TOKENS"),
        ("TOKENS", '[{"canary"', "WAYPOST_TOKENS: is not valid JSON"),
        ("TOKENS", _tokens(("a", "canary")), "WAYPOST_TOKENS[0].sha256: "),
        ("TOKENS", _tokens(("a", DIGEST), ("a", "0" * 64)), "two tokens have the same name"),
        ("TOKENS", _tokens(("a", DIGEST), ("b", DIGEST)), "two names have the same token"),
        ("STROE", "canary", "did you mean WAYPOST_STORE?"),
    ],
)
def test_a_bad_value_is_a_sentence_that_does_not_repeat_it(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"WAYPOST_{name}", value)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert said in str(caught.value)
    assert "canary" not in str(caught.value).lower()


def test_a_misspelt_name_in_the_file_is_refused_and_a_foreign_one_is_not(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("COMPOSE_PROJECT_NAME=x\nWAYPOST_PORT=8001\n", encoding="utf-8")
    assert load_settings().port == 8001
    assert load_settings(port=8002).port == 8002
    (tmp_path / ".env").write_text("WAYPOST_PROT=8001\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="did you mean WAYPOST_PORT"):
        load_settings()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_loopback_needs_no_token(host: str) -> None:
    assert Settings(host=host).host == host


def test_a_token_lets_the_server_listen_elsewhere_and_its_digest_is_not_shown() -> None:
    token = Token(name="ops", sha256=DIGEST, scopes=frozenset({"read", "write"}))
    assert DIGEST not in repr(Settings(host="0.0.0.0", tokens=(token,)))
    assert token.matches("correct horse")
    assert not token.matches("correct horse ")
    assert not token.matches("\udcff")
    empty = Token(name="empty", sha256=hashlib.sha256(b"").hexdigest(), scopes=frozenset({"read"}))
    assert not empty.matches("")
