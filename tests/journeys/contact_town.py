"""How a journey of a contact is told: patients write, staff answer and propose, people log in."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import text
from town import HALMSTAD, Json, Town, TownClock, browser, without_prefect

from engine.base import clock
from engine.base.database import transaction
from engine.ops import by_hand
from flows.booking_publication import booking_publication
from flows.channel_switch import channel_switch
from flows.inbound_contact import inbound_contact
from flows.participation import participation
from flows.preferences import preferences
from flows.registry import PROCESSES
from flows.risk_alert import risk_alert
from sandbox.people.numbers import ADULTS, turning

ANNA = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"}
VALUE = "Lättare att ha dialog i chatten"


def aged(years: int) -> str:
    """Someone of that age today and tomorrow."""
    return turning(years + 1, clock.now().date() + timedelta(days=2))


class ContactTown(Town):
    """The town, where patients write; `flows` are those that run."""

    flows: Mapping[str, Any] = {
        "risk_alert": risk_alert,
        "inbound_contact": inbound_contact,
        "channel_switch": channel_switch,
        "participation": participation,
        "preferences": preferences,
    }

    def __init__(self, sandbox: str, at: TownClock, *, fresh: bool = True) -> None:
        if fresh:
            super().__init__(sandbox, at)
        else:
            self.http, self.clock, self.people = browser(sandbox), at, {}

    def runs_only(self, *processes: str) -> None:
        """Only these flows run here."""
        self.flows = {process: self.flows[process] for process in processes}

    def writes(self, patient: str | None = ADULTS[0], channel: str = "platform24", **fields: Any) -> str:
        """A patient, or a stranger, begins a contact; gives its id."""
        given = {"channel": channel, "personnummer": patient, "unit": HALMSTAD, "text": "Jag undrar en sak."}
        answer: Json = self._post("/act/contact", given | fields)
        assert answer["sent"][0]["status"] == 202, answer
        id: str = answer["contact"]
        return id

    def says(self, contact: str, said: str, channel: str = "platform24", **fields: Any) -> None:
        """The patient writes again."""
        given = {"channel": channel, "contact": contact, "from": "patient", "text": said}
        answer = self._post("/act/message", given | fields)
        assert answer["sent"][0]["status"] == 202, answer

    def staff_answer(self, contact: str, channel: str = "platform24", **fields: Any) -> None:
        """Staff answer in the contact."""
        given = {"channel": channel, "contact": contact, "from": "staff", "staff": ANNA, "text": "Hej!"}
        answer = self._post("/act/message", given | fields)
        assert answer["sent"][0]["status"] == 202, answer

    def closes(self, contact: str, channel: str = "platform24", **fields: Any) -> None:
        """Staff close the contact."""
        answer = self._post("/act/close", {"channel": channel, "contact": contact} | fields)
        assert answer["sent"][0]["status"] == 202, answer

    def staff_tell(self, type: str, data: Json) -> Json:
        """Staff's own system sends an event."""
        return self.tells(type, data, source="staff")

    def proposes(
        self, contact: str, to: str = "phone", why: str | None = "Säkrare bedömning", **fields: Any
    ) -> str:
        """Staff propose another channel; gives the proposal's id."""
        id = f"S-{secrets.token_hex(5)}"
        switch = {"id": id, "contact": contact, "to": to, "why": why, "by": ANNA} | fields
        assert self.staff_tell("switch.proposed", {"switch": switch})["status"] == 202
        return id

    def consent_is_recorded(self, subject: str, *, given: bool = True, **fields: Any) -> None:
        """Staff record what the patient answered."""
        consent = {
            "id": secrets.token_hex(5),
            "for": "switch",
            "subject": subject,
            "given": given,
            "how": "oral",
        }
        data = {"consent": consent | {"by": ANNA, "at": clock.now().isoformat()} | fields}
        assert self.staff_tell("consent.recorded", data)["status"] == 202

    def overrides(self, case: str, reason: str | None = "Fara för liv") -> None:
        """Staff go past a gate."""
        override = {"id": secrets.token_hex(5), "case": case, "reason": reason, "by": ANNA}
        assert self.staff_tell("gate.overridden", {"override": override})["status"] == 202

    def rings(self, phone: str | None, unit: str = HALMSTAD["hsa_id"]) -> Json:
        """Somebody calls the unit; gives the call, with what they come to."""
        call: Json = self._post("/act/call", {"phone": phone, "unit": unit})
        return call

    def presses(self, call: Json, digit: str) -> Json:
        """They press a key; gives what they come to."""
        action: Json = self._post("/act/press", {"call": call["id"], "digit": digit})["action"]
        return action

    def logs_in(self, link: str, number: str = ADULTS[0], loa: int = 3) -> Json:
        """Somebody follows a link in a browser and logs in."""
        ended: Json = self._post("/act/login", {"link": link, "personnummer": number, "loa": loa})
        return ended

    # --- what became of it

    def conversation(self, contact: str, channel: str = "platform24") -> Json:
        """A platform's conversation."""
        (found,) = self.holds(channel, contact=contact)["conversations"]
        conversation: Json = found
        return conversation

    def heard(self, contact: str, channel: str = "platform24") -> list[str]:
        """What we have said to the patient in a conversation."""
        messages = self.conversation(contact, channel)["messages"]
        return [message["text"] for message in messages if message["from"] == "us"]

    def link_in(self, contact: str, channel: str = "platform24") -> str:
        """The link of our last message in a conversation."""
        messages = self.conversation(contact, channel)["messages"]
        link: str = [link["url"] for message in messages for link in message["links"]][-1]
        return link

    def journal(self) -> list[Json]:
        """The drafts in the journal."""
        notes: list[Json] = self.holds("vas")["journal"]
        return notes

    def tasks(self) -> list[Json]:
        """The tasks that staff have."""
        tasks: list[Json] = self.holds("vas")["staff_tasks"]
        return tasks

    async def runs_bookings(self) -> None:
        """A run of the flow of bookings."""
        await without_prefect(booking_publication)

    async def comes_up_to(self, process: str) -> None:
        """The flows run that come before this one."""
        for name in self.flows:
            if name == process:
                return
            await self.runs_one(name)

    def row(self, process: str, key: str) -> Any:
        """A case's row."""
        with transaction() as connection:
            return connection.execute(text(f"SELECT * FROM {process} WHERE key = :key"), {"key": key}).one()

    def state(self, process: str, key: str) -> str:
        """Where a case stands: its state, or `parked:` and why."""
        row = self.row(process, key)
        return f"parked:{row.parked}" if row.parked else str(row.state)

    def states(self) -> set[str]:
        """Where all contacts and changes of channel stand."""
        query = text(
            "SELECT COALESCE('parked:' || parked, state) FROM inbound_contact"
            " UNION SELECT COALESCE('parked:' || parked, state) FROM channel_switch"
        )
        with transaction() as connection:
            return set(connection.execute(query).scalars())

    def because(self, process: str, key: str, what: str) -> tuple[str, str]:
        """The reason and the clause of the last such entry on a case's timeline."""
        timeline = by_hand.story(PROCESSES, self.row(process, key).id).timeline
        found = [(each["reason"], each["clause"]) for each in timeline if each["what"] == what]
        assert found, f"no {what}, but: {[(each['what'], each['reason']) for each in timeline]}"
        return found[-1]

    def consents(self, switch: str) -> list[Any]:
        """The consents that are kept of a proposal."""
        query = text("SELECT * FROM consent WHERE case_id = :case ORDER BY answered_at")
        with transaction() as connection:
            return list(connection.execute(query, {"case": self.row("channel_switch", switch).id}))
