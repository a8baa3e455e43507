"""`vaxel deploy` has Prefect call someone by the block that a setting names; done again, nothing is changed."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from pydantic import SecretStr

from cli.up.automations import CALLED_FOR, automate
from cli.up.children import NotUp, wait_until
from engine.base.settings import Settings
from engine.prefect.events_for_ops import tell_of_parked

BLOCK = "webhook/on-call"


class OnCall(BaseHTTPRequestHandler):
    """Whoever is called."""

    heard: list[Any] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.heard.append(json.loads(body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def on_call() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), OnCall)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
async def block(deployments: None, on_call: str) -> None:
    await Webhook(url=SecretStr(on_call)).save("on-call", overwrite=True)


async def _installed() -> dict[str, Any]:
    async with get_client() as client:
        found = [await client.read_automations_by_name(name) for name in CALLED_FOR]
        return {each.name: each for some in found for each in some}


async def test_with_no_block_nobody_is_called_and_what_called_is_taken_away(block: None) -> None:
    await automate(None)
    assert await _installed() == {}
    await automate(BLOCK)
    await automate(None)
    assert await _installed() == {}


async def test_again_changes_nothing_and_another_block_changes_who_is_called(
    block: None, on_call: str
) -> None:
    await automate(BLOCK)
    first = await _installed()
    assert set(first) == set(CALLED_FOR)
    await automate(BLOCK)
    assert await _installed() == first
    await Webhook(url=SecretStr(on_call)).save("other", overwrite=True)
    await automate("webhook/other")
    other = await _installed()
    assert {name: each.id for name, each in other.items()} == {name: each.id for name, each in first.items()}
    assert all(other[name].actions != first[name].actions for name in CALLED_FOR)
    await automate(None)


async def test_a_block_that_is_not_there_is_told_with_what_to_do(deployments: None) -> None:
    with pytest.raises(NotUp, match=r"no block webhook/nobody\. Make it there first"):
        await automate("webhook/nobody")


def test_a_setting_that_names_no_block_is_refused() -> None:
    with pytest.raises(ValueError, match="calls"):
        Settings(prefect={"calls": "on-call"})  # type: ignore[arg-type]


async def test_whoever_is_called_hears_which_case_and_why(block: None) -> None:
    OnCall.heard.clear()
    await automate(BLOCK)
    id = "284a84bd-ecaf-4405-8b6f-785bd7f07bfe"

    def is_heard() -> bool:
        return bool(OnCall.heard)

    for _ in range(5):  # Prefect's triggers hear of a new automation some seconds late
        parked = [(uuid.uuid4(), "not_checked"), (uuid.UUID(id), "unit_unknown")]
        tell_of_parked("booking_publication", parked, {"not_checked"})
        try:
            await asyncio.to_thread(wait_until, is_heard, 6, "not called")
            break
        except NotUp:
            continue
    await asyncio.sleep(2)  # for what was told last
    await automate(None)
    assert {(each["event"], each["about"], each["reason"]) for each in OnCall.heard} == {
        ("vaxel.case.parked", f"vaxel.case.{id}", "unit_unknown")
    }, "of what staff see to nobody is called"
