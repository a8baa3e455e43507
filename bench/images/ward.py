"""A ward whose staff bring files towards the journal: what the sandbox has, what it is told, what became of it."""

from __future__ import annotations

import base64
import io
import random
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from PIL import Image
from sqlalchemy import func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from bench.journey.house import House
from bench.processes import WrongWork
from models.image_transfer import ImageTransfer, State
from models.inbound_contact import InboundContact

Json = dict[str, Any]
PLATFORM = "platform24"
PATIENT = "199202232394"
UNIT = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
ANNA = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"}
COMMISSION = "SE2321000115-U000000000001"
VIDEO = "video_of_150_mb"
WAITS = 900.0
LARGE = 1024 * 1024
_state, _parked = col(ImageTransfer.state), col(ImageTransfer.parked)
FILES = select(func.count(col(ImageTransfer.id)))
IN_STORE = FILES.where(_state.in_([State.STORED, State.TOLD, State.REMINDED]))
TOLD = FILES.where(_state.in_([State.TOLD, State.REMINDED]))


class Ward:
    """One patient's contact, and a nurse."""

    def __init__(self, house: House) -> None:
        self.house = house

    def begins(self) -> str:
        """Everything anew: a patient who has written; gives the contact."""
        self.house.empty()
        self.house.town.delete("/state").raise_for_status()
        self._post("/people", {"personnummer": PATIENT, "name": "Test Personsson", "active_on_1177": True})
        unit = {"hsa_id": UNIT["hsa_id"], "name": "VC Halmstad"}
        commission = {"hsa_id": COMMISSION, "purpose": "Vård och behandling", "unit": unit}
        self._post("/staff", ANNA | {"commissions": [commission]})
        contact: str = self._post(
            "/act/contact", {"channel": PLATFORM, "personnummer": PATIENT, "unit": UNIT, "text": "-"}
        )["contact"]
        self.house.wait(lambda: bool(self.house.one(KNOWN)), 60, 0.1)
        return contact

    def attaches(self, contact: str, refs: Sequence[str], **content: Any) -> None:
        """The patient has attached a file under each of these."""
        self._post(
            "/attachments",
            [{"system": PLATFORM, "ref": ref, "contact": contact} | content for ref in refs],
        )

    def transfers(self, contact: str, refs: Sequence[str]) -> float:
        """The nurse asks for one; gives when (Unix time)."""
        at = time.time()
        asked = {
            "from": PLATFORM,
            "contact": contact,
            "staff": ANNA,
            "attachments": [{"ref": ref} for ref in refs],
        }
        sent = self._post("/act/transfer", asked)["sent"]
        if [one["status"] for one in sent] != [202]:
            raise WrongWork(f"transfer.requested was answered {sent}")
        return at

    def attached(self) -> list[Json]:
        """What the platform knows of its attachments."""
        there: list[Json] = self.house.town.get(f"/inspect/{PLATFORM}").json()["attachments"]
        return there

    def url(self, ref: str) -> str:
        """Where the file of that name is fetched."""
        return f"http://127.0.0.1:{self.house.sandbox_port}/{PLATFORM}/attachments/{ref}"

    def alerts(self, contact: str) -> list[float]:
        """When (Unix time) staff were told of files in their platform."""
        (one,) = self.house.town.get(f"/inspect/{PLATFORM}", params={"contact": contact}).json()[
            "conversations"
        ]
        return [datetime.fromisoformat(alert["at"]).timestamp() for alert in one["alerts"]]

    def waits_for(self, query: SelectOfScalar[int], count: int, pause: float = 0.2) -> None:
        """Until so many files stand so.

        Raises:
            WrongWork: they don't, or one is parked or refused.
        """
        end = time.monotonic() + WAITS
        while (now := self.house.one(query) or 0) < count:
            if bad := self.house.one(WRONG):
                raise WrongWork(f"a file is {bad}")
            if time.monotonic() > end:
                raise WrongWork(f"{now} of {count} files after {WAITS:.0f} s")
            time.sleep(pause)

    def is_as_sent(self) -> None:
        """Each file's hash is that of its original.

        Raises:
            WrongWork: one's is not.
        """
        known = {one["sha256"] for one in self.attached()}
        there = select(func.array_agg(ImageTransfer.sha256)).where(col(ImageTransfer.stored_at).is_not(None))
        if set(self.house.one(there) or ()) - known:
            raise WrongWork("a file is not what was sent")

    def bytes_are_gone(self) -> None:
        """What lies in the storage is taken away: whoever writes next finds as much room as this one did."""
        for file in (self.house.programs.home / "storage").rglob("*"):
            if file.is_file() and file.stat().st_size > LARGE:
                file.unlink()

    def _post(self, path: str, what: Any) -> Any:
        answer = self.house.town.post(path, json=what)
        answer.raise_for_status()
        return answer.json()


KNOWN = select(InboundContact.id).where(
    col(InboundContact.received_at).is_not(None), col(InboundContact.owner).is_(None)
)
WRONG = (
    select(func.concat_ws(": ", _parked, _state, ImageTransfer.reason))
    .where(_parked.is_not(None) | _state.in_([State.REFUSED, State.LOST, State.DELETED]))
    .limit(1)
)


def picture(megabytes: float) -> str:
    """A JPEG of about so many megabytes, in base64: noise, which is hardly made smaller."""
    side = int((megabytes * 1_000_000 / 0.9) ** 0.5)
    noise = random.Random(1).randbytes(side * side * 3)
    written = io.BytesIO()
    Image.frombytes("RGB", (side, side), noise).save(written, "JPEG", quality=90)
    return base64.b64encode(written.getvalue()).decode()
