"""Our own Prefect takes no orders from whoever happens to be on this machine."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest

from cli.up.environment import environment
from engine.base.settings import settings


@pytest.fixture
def own_prefect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgres: None) -> dict[str, str]:
    """What `vaxel up` gives its programs where Prefect is ours, in a fresh home."""
    monkeypatch.delenv("PREFECT_API_URL")
    monkeypatch.delenv("PREFECT_API_AUTH_STRING")
    monkeypatch.setattr(settings(), "home", tmp_path)
    monkeypatch.setattr(settings(), "database_url", "postgresql://nobody@127.0.0.1/nothing")
    return environment()


def test_prefect_answers_nobody_without_the_login(prefect_server: str) -> None:
    asked = httpx.post(f"{prefect_server}/deployments/filter", json={}, trust_env=False)
    assert asked.status_code == 401


def test_the_login_is_made_at_the_first_start_and_kept_for_its_owner_only(
    own_prefect: dict[str, str],
) -> None:
    login = own_prefect["PREFECT_SERVER_API_AUTH_STRING"]
    assert login == own_prefect["PREFECT_API_AUTH_STRING"] == environment()["PREFECT_API_AUTH_STRING"]
    assert len(login) > 40
    assert stat.S_IMODE((settings().home / "secrets.json").stat().st_mode) == 0o600


def test_no_foreign_page_may_call_prefect(own_prefect: dict[str, str]) -> None:
    allowed = own_prefect["PREFECT_SERVER_CORS_ALLOWED_ORIGINS"].split(",")
    assert "*" not in allowed
    assert all(origin.startswith(("http://127.0.0.1:", "http://localhost:")) for origin in allowed)


def test_nothing_is_told_to_prefects_makers(own_prefect: dict[str, str]) -> None:
    assert own_prefect["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert own_prefect["DO_NOT_TRACK"] == "1"


def test_a_prefect_of_the_regions_keeps_its_own_login(
    monkeypatch: pytest.MonkeyPatch, postgres: None
) -> None:
    monkeypatch.setenv("PREFECT_API_AUTH_STRING", "theirs:own")
    assert environment()["PREFECT_API_AUTH_STRING"] == "theirs:own"
