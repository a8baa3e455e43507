"""From the platform's webhook to the alert, and up the list: gateway, worker and sandbox as they run (policy-suicid-1)."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from test_worker_risk import IN_TIME, READY, Start, _alerts, _until
from town import HALMSTAD, Town

from engine.base import clock

ESCALATIONS = "[contacts]\nescalation_seconds = [2, 4, 6]\n"
TOP = 3
FIRST, SECOND, THIRD = "+46701740691", "+46701740692", "+46701740693"


def _writes(town: Town) -> str:
    about = {"channel": "platform24", "personnummer": town.resident(), "unit": HALMSTAD, "text": "Hej"}
    answer = town.http.post("/act/contact", json=about | {"risk": "suicide"}).raise_for_status().json()
    assert answer["sent"][0]["status"] == 202
    contact: str = answer["contact"]
    return contact


def _rung(town: Town) -> list[str]:
    return [call["to"] for call in town.holds("voice")["calls"]]


async def test_suicid_1_an_alert_within_ten_seconds_that_escalates_on_time_until_a_human_has_it(
    town: Town, gateway_server: None, workers: Start, tmp_path: Path
) -> None:
    escalates = tmp_path / "escalates.toml"
    escalates.write_text(ESCALATIONS, "utf-8")
    files = [*json.loads(os.environ["VAXEL_REGION_FILES"]), str(escalates)]
    workers("--queue", "risk", VAXEL_REGION_FILES=json.dumps(files))
    first = _writes(town)
    await _until(lambda: _alerts(town, first) != [], READY, "the worker did not come up")
    town.tells("contact.risk_acknowledged", {"contact": first, "at": clock.now().isoformat()}, "staff")
    await asyncio.sleep(2)  # what had begun to escalate when it was acknowledged is out, call and SMS
    rung, texted = len(_rung(town)), len(town.sms())

    contact = _writes(town)
    began = time.monotonic()
    assert await _until(lambda: _alerts(town, contact) != [], 30, "no alert") < IN_TIME
    for due, number in ((2, FIRST), (4, SECOND), (6, THIRD)):
        await _until(_is_told(town, rung, texted, number), 40, "it did not escalate")
        assert time.monotonic() - began < due + IN_TIME
    town.tells("contact.risk_acknowledged", {"contact": contact, "at": clock.now().isoformat()}, "staff")
    await asyncio.sleep(1)
    calls, texts = _rung(town), [sms["to"] for sms in town.sms()]
    await asyncio.sleep(4)
    assert (_rung(town), [sms["to"] for sms in town.sms()]) == (calls, texts)
    assert calls[rung : rung + TOP] == texts[texted : texted + TOP] == [FIRST, SECOND, THIRD]


def _is_told(town: Town, rung: int, texted: int, number: str) -> Callable[[], Any]:
    """They have been called, and the SMS beside it has come."""
    return lambda: number in _rung(town)[rung:] and number in [sms["to"] for sms in town.sms()][texted:]
