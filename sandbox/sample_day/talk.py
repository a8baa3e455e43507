"""How the story of a contact is written down: who writes what where, what staff do, what should come of it.

1. Patients write. 2. Staff answer, propose, flag. 3. Patients answer and log in, staff go past gates. 4. Staff
settle what was unclear, and close.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.acts.contacts import TOLD
from sandbox.people.numbers import turning
from sandbox.people.residents import type_of
from sandbox.sample_day.scene import Day, Login, Story
from sandbox.sample_day.units import HALMSTAD, Json, Unit
from sandbox.wire.webhooks import Event

ANNA: Json = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"}
ACKNOWLEDGED = "svarar dig här"
ASKED_TO_CALL = "Genom att svara med ditt telefonnummer godkänner du att vi ringer upp dig."
ASKED_TO_CHANGE = "Klicka på länken nedan och logga in om du godkänner det."
GUIDED = "Följ länken och logga in."
SAFER, VALUE = "Behöver höra hur patienten mår", "Lättare att ha dialog där"
TIMED = ("heard", "opened", "notices")
"""What the outcome of a stage has only so far as it has come about by then."""


@dataclass(slots=True)
class Talk(Story):
    """One contact. `parts`: what should become of each case that it makes."""

    day: Day
    title: str
    channel: str
    unit: Unit
    patient: Json | None
    id: str
    number: str
    """Of the one who writes, and logs in."""
    why: str = ""
    proposed: str = ""
    """The proposal that the story is about."""
    parts: list[Json] = field(default_factory=list)

    # --- what happens

    def says(self, text: str, stage: int = 3, **fields: Any) -> None:
        """The patient writes again."""
        self._message(stage, {"from": "patient", "staff": None, "text": text} | fields)

    def answered(self, text: str = "Hej! Det låter bra.", stage: int = 2, **fields: Any) -> None:
        """Staff answer in the contact."""
        told = {"from": "staff", "staff": ANNA, "text": text, "suggests_calling": False}
        self._message(stage, told | fields)

    def closed(self, visit: Json | None = None, stage: int = 4) -> None:
        """Staff close it."""
        self._publish(stage, self.channel, "contact.closed",
                   {"contact": self.id, "outcome": "Avslutad", "visit": visit})  # fmt: skip

    def proposes(self, to: str, why: str | None = SAFER, stage: int = 2) -> str:
        """Staff propose another channel; gives the proposal's id."""
        switch = {"id": self.day.next_id("S"), "contact": self.id, "to": to, "why": why, "by": ANNA}
        self._publish(stage, "staff", "switch.proposed", {"switch": switch})
        return str(switch["id"])

    def joins(self, what: str, to: str, stage: int = 2) -> str:
        """Staff propose a `handover` or a `participant`; gives the proposal's id."""
        proposal = {"id": self.day.next_id("J"), "contact": self.id, "to": to, "by": ANNA}
        self._publish(stage, "staff", f"{what}.proposed", {"proposal": proposal})
        return str(proposal["id"])

    def consents(
        self, subject: str, to: str = "switch", *, given: bool = True, how: str = "oral", stage: int = 3
    ) -> None:
        """Staff record what the patient answered."""
        consent = {"id": self.day.next_id("C"), "for": to, "subject": subject, "given": given, "how": how}
        moment = self.day.now.isoformat()
        self._publish(stage, "staff", "consent.recorded", {"consent": consent | {"by": ANNA, "at": moment}})

    def overrides(self, case: str, reason: str | None = "Fara för liv", stage: int = 3) -> None:
        """Staff go past a gate."""
        override = {"id": self.day.next_id("O"), "case": case, "reason": reason, "by": ANNA}
        self._publish(stage, "staff", "gate.overridden", {"override": override})

    def risk(self, what: str, stage: int) -> None:
        """A risk is `flagged`, or the alert `acknowledged`, by staff."""
        data = {"contact": self.id, "risk": "suicide", "by": ANNA["name"], "at": self.day.now.isoformat()}
        self._publish(stage, "staff", f"contact.risk_{what}", data)

    def logs_in(self, number: str | None = None, stage: int = 3, **how: Any) -> None:
        """The one who writes, or another, follows our link in the contact."""
        login = Login(self.channel, self.id, number or self.number, **how)
        self.day.logins.setdefault(stage, []).append(login)

    # --- what should come of it

    def ends(self, state: str, why: str, *heard: tuple[int, str], **more: Any) -> None:
        """How the contact itself should end: what we said to the patient in it, and after which stage."""
        self.why = why
        self._part("inbound_contact", f"{self.channel}:{self.id}", state, heard, more)

    def waits(self, why: str) -> None:
        """The contact itself waits for staff, whatever becomes of what they proposed."""
        self.why = why

    def switch(self, key: str, state: str, *heard: tuple[int, str], **more: Any) -> None:
        """How a change of channel should end.

        `tasks`: the reasons of what staff are asked to do; `journal`: drafts of the routine's sentence; `opened`:
        the new contact, as (stage, channel).
        """
        self._part("channel_switch", key, state, heard, more)

    def alarmed(self, **more: Any) -> None:
        """A human was alerted, in the platform (`alerts`) or by a task, and has acknowledged it."""
        self._part("risk_alert", f"{self.channel}:{self.id}", "acknowledged", (), more)

    def joined(self, key: str, state: str, reason: str) -> None:
        """How a handing-over or an invitation should end, and why; staff are told."""
        self._part("participation", key, state, (), {"tasks": (reason,)})

    def outcome(self, after: int) -> Json:
        """What should have become of the contact after that stage."""
        return {
            "title": self.title,
            "channel": self.channel,
            "patient": self.patient and self.patient["id"],
            "unit": self.unit.hsa_id,
            "why": self.why,
            "parts": [
                part | {name: [what for stage, what in part[name] if stage <= after] for name in TIMED}
                for part in self.parts
            ],
        }

    def part(self, process: str, key: str, state: str, about: Json) -> None:
        """How a case of another process that comes of the contact should end; nothing is said to the patient."""
        self._part(process, key, state, (), about)

    def _part(self, process: str, key: str, state: str, heard: Any, more: Json) -> None:
        nothing: Json = dict.fromkeys((*TIMED, "tasks", "registered", "departs"), ())
        counts = dict.fromkeys(("journal", "alerts", "forms"), 0)
        place = {"process": process, "key": key, "state": state}
        self.parts.append(place | nothing | counts | {"heard": heard} | more)

    def _message(self, stage: int, fields: Json) -> None:
        asked = {"id": self.day.next_id("M"), "suggests_calling": None, "reason": None, "risk": None}
        self._publish(stage, self.channel, "contact.message", {"contact": self.id, "message": asked | fields})

    def _publish(self, stage: int, source: str, kind: str, data: Json) -> None:
        self.day.publish(stage, Event(kind, data, source, id=self.day.next_id("msg")))


def writes(
    day: Day,
    title: str,
    channel: str = "platform24",
    text: str = "Hej, jag undrar en sak.",
    *,
    unit: Unit = HALMSTAD,
    number: str | None = "",
    stage: int = 1,
    person: Json | None = None,
    **fields: Any,
) -> Talk:
    """A patient begins a contact.

    Args:
        number: of the patient; empty: the next grown-up's, `None`: the channel does not know who writes.
        person: what else there is to say of them, as `POST /people` takes it.
        fields: of the contact, as `POST /act/contact` takes them, `by` among them.
    """
    number = day.writer() if number == "" else number
    patient = None
    if number is not None:
        named = {"personnummer": number, "name": f"Test Skrivare{len(day.talks):03}"}
        day.people.setdefault(1, []).append(named | (person or {}))
        patient = {"id": number, "type": type_of(number)}
    talk = Talk(day, title, channel, unit, patient, day.next_id("K"), fields.get("by") or number or "")
    contact = {"id": talk.id, "patient": patient, "unit": unit.json(), "text": text} | TOLD | fields
    day.publish(stage, Event("contact.received", {"contact": contact}, channel, id=day.next_id("msg")))
    day.talks.append(talk)
    return talk


def guardian(day: Day, **person: Any) -> str:
    """A grown-up who writes for a child."""
    number = day.writer()
    day.people.setdefault(1, []).append({"personnummer": number, "name": "Test Förälder"} | person)
    return number


def child(day: Day, age: int, months: int = 0) -> str:
    """A child of that age for two days more and `months`; other months, another child."""
    return turning(age + 1, (day.now + timedelta(days=3 + 31 * months)).date())
