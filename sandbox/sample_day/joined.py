"""The stories of the sample day in which staff hand over, or invite someone (samtycke-1, samtycke-2)."""

from __future__ import annotations

from sandbox.sample_day.contacts import HEARD
from sandbox.sample_day.scene import Day
from sandbox.sample_day.talk import writes
from sandbox.sample_day.units import Json


def joined(day: Day) -> None:
    given: Json = {"state": "carried_out", "reason": "consent_given"}
    declined: Json = {"state": "declined", "reason": "consent_refused"}
    for title, what, said, end in (
        ("Handed over, with an oral consent", "handover", {"how": "oral"}, given),
        ("Handed over, with a written consent", "handover", {"how": "written"}, given),
        ("Not handed over: the patient says no", "handover", {"given": False}, declined),
        ("One more takes part, with consent", "participant", {"how": "oral"}, given),
        ("Nobody more takes part: the patient says no", "participant", {"given": False}, declined),
    ):
        talk = writes(day, title)
        key = talk.joins(what, "Kurator")
        talk.consents(key, what, **said)
        clause = "samtycke-1" if what == "handover" else "samtycke-2"
        talk.ends(
            "open", f"{clause}: by the patient's consent, oral or written; nothing in the journal.", HEARD
        )
        talk.joined(key, **end)


def joined_without_consent(day: Day) -> None:
    talk = writes(day, "Handed over without consent: danger to life")
    key = talk.joins("handover", "Akutmottagningen")
    talk.overrides(key)
    talk.ends("open", "policy-fara-1: we never stand in the way; the reason is recorded.", HEARD)
    talk.joined(key, "carried_out", "overridden")


JOINED = (joined, joined_without_consent)
