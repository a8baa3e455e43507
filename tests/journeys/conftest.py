"""A town with everything real: gateway, database, Prefect, sandbox. Only the clock runs as the test likes."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from contact_town import ContactTown
from image_town import ImageTown
from self_service_town import SelfServiceTown
from town import MARGIN, Town, TownClock


@pytest.fixture(scope="session")
def _deployment(prefect_server: str) -> None:
    """What the gateway's wake asks for runs of; nobody takes them here, the tests run the flow themselves."""
    from flows.registry import PROCESSES

    user, _, password = os.environ["PREFECT_API_AUTH_STRING"].partition(":")
    with httpx.Client(base_url=f"{prefect_server}/", auth=(user, password), trust_env=False) as prefect:
        for process in PROCESSES:
            flow = prefect.post("flows/", json={"name": process.replace("_", "-")}).json()
            deployment = {"name": "vaxel", "flow_id": flow["id"], "paused": True}
            prefect.post("deployments/", json=deployment).raise_for_status()


@pytest.fixture
def _clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[TownClock]:
    """Our clock, which goes forward instead of a run that waits for a case that is due soon."""
    from engine.base import clock
    from engine.running import work
    from tasks import messages

    at = TownClock()
    before = clock.use(at)
    monkeypatch.setattr(work.Work, "_lingers", at.lingering())
    yield at
    clock.use(before)
    messages.CLOCK_MARGIN = MARGIN


@pytest.fixture
def _region() -> Iterator[None]:
    """The region's files and the systems' deadlines, whatever a test makes of them."""
    from engine.base.settings import settings
    from tasks import clients

    files, systems = list(settings().region_files), dict(settings().systems)
    yield
    if (settings().region_files, settings().systems) != (files, systems):
        settings().region_files[:] = files
        settings().systems |= systems
        clients.forget()


@pytest.fixture
def contact_town(town: Town) -> ContactTown:
    """The same town, where patients write."""
    return ContactTown(str(town.http.base_url), town.clock)


@pytest.fixture
def self_service_town(town: Town) -> SelfServiceTown:
    """The same town, where residents book, move and cancel their visits themselves."""
    return SelfServiceTown(str(town.http.base_url), town.clock)


@pytest.fixture
def image_town(town: Town) -> Iterator[ImageTown]:
    """The same town, where they attach images and the storage is appointed; ops have been called for nothing."""
    from engine.outer import incidents

    incidents._written.clear()
    town.region_learns("[storage]\nappointed = true\n")
    _empty_storage()
    yield ImageTown(str(town.http.base_url), town.clock)
    _empty_storage()


@pytest.fixture(params=["folder", "s3"])
def bucket(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Both stores: None for a folder; else a bucket with versions, which the settings name."""
    if request.param == "folder":
        return None
    import boto3

    from engine.base.settings import settings

    login = {"access_key": "a", "secret_key": "s", "endpoint": request.getfixturevalue("s3")}
    name = f"b-{secrets.token_hex(6)}"
    given = settings().storage.model_copy(update={"url": f"s3://{name}/of/a/region", **login})
    monkeypatch.setattr(settings(), "storage", given)
    keys = {"aws_access_key_id": "a", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    bucket = boto3.resource("s3", endpoint_url=login["endpoint"], **keys).Bucket(name)
    bucket.create()
    bucket.Versioning().enable()
    return bucket


def _empty_storage() -> None:
    """With the mark of the hours that are over: a town's clock goes past those of the next test, whichever it is."""
    for folder in ("storage", "storage-keys"):
        shutil.rmtree(Path(os.environ["VAXEL_HOME"]) / folder, ignore_errors=True)


@pytest.fixture
def town(
    database: None,
    sandbox_server: Any,
    gateway_server: None,
    _clock: TownClock,
    _region: None,
) -> Iterator[Town]:
    """The sandbox and our side of it, with nobody in it yet; the gateway wakes nobody, since each test runs the flows."""
    town = Town(sandbox_server.url, _clock)
    yield town
    town.close()
