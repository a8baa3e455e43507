"""The keys of effects: each names the occasion that the routine speaks of. One builder, for sender and scanner.

A key holds our own ids, moments and keyed hashes; nothing of the patient's.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from models.booking_publication import BookingPublication
from models.channel_switch import ChannelSwitch
from models.channel_switch import State as SwitchState
from models.encryption import Use, ring
from models.identity import PatientId
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.preferences import Preference
from models.risk_alert import RiskAlert
from models.times import STOCKHOLM
from routine.occasion import Occasion, is_told_as_series

DIGITAL, PAPER = "call_letter:", "letter:"
"""How the keys of call letters begin: in the 1177 inbox, and on paper."""


def series(patient: str, name: str) -> str:
    """One patient's series of visits."""
    return ring().keyed(Use.SERIES, f"{patient}\n{name}").hex()


def notice(case: BookingPublication) -> str:
    """One notice for each thing that happened to a booking; one for a series that is booked, or for what is
    cancelled of it in a day. Where a message of it has not arrived: one for each way that it goes on by."""
    return last_notice(case) if is_notice_unreached(case) else _first_notice(case)


def is_notice_unreached(case: BookingPublication) -> bool:
    """Has a message of what is to be told not arrived?"""
    same = (case.occasion, case.occasion_at) == (case.notified, case.notified_at)
    return case.occasion is not None and same and case.unreached > 0


def last_notice(case: BookingPublication) -> str:
    """The newest message of the newest notice that we gave."""
    return f"{case.notified_by}:{case.unreached}" if case.unreached else case.notified_by or ""


def unreached_notices(case: BookingPublication) -> list[str]:
    """The messages of the newest notice that have not arrived."""
    return [f"{case.notified_by}:{n}" if n else case.notified_by or "" for n in range(case.unreached)]


def _first_notice(case: BookingPublication) -> str:
    occasion = Occasion(case.occasion) if case.occasion else None
    was_another_s = (
        case.patient_at is not None
    )  # whose it is now, may know of the series and not of this visit
    if case.series and case.occasion_at and is_told_as_series(occasion, was_told=case.told or was_another_s):
        if occasion is Occasion.BOOKED:
            return f"notice:series:{case.series}"
        return f"notice:series:{case.series}:cancelled:{case.occasion_at.astimezone(STOCKHOLM):%Y-%m-%d}"
    return f"notice:{case.id}:{case.occasion}:{_in_utc(case.occasion_at)}:{_in_utc(case.start)}"


def digital_call_letter(case: BookingPublication) -> str:
    """One message in the inbox for each time, place and form that a visit is given, and each change of its words."""
    return f"{DIGITAL}{case.id}:{_time(case)}{_wording(case)}"


def paper_letter(case: BookingPublication) -> str:
    """One letter on paper for each time, place and form that a visit is given, and each change of its words."""
    return f"{PAPER}{case.id}:{_time(case)}{_wording(case)}"


def staff_task(case: BookingPublication, reason: str) -> str:
    """One task for staff for each reason and time; the letter's and the notice's are one."""
    what = "cancelled" if case.cancelled else "booked"
    return f"staff_task:{reason}:{case.id}:{what}:{_time(case)}"


def read_original(case: InboundContact) -> str:
    """One task for each message that came by a way that is not approved."""
    return f"staff_task:read_original:{case.id}:{case.message}"


def acknowledgement(case: InboundContact) -> str:
    """One for a contact, however often the patient writes in it."""
    return f"acknowledgement:{case.id}"


def referral(case: InboundContact) -> str:
    """One for an address and a day in Sweden."""
    to = case.reply_hash.hex() if case.reply_hash else str(case.id)
    at = case.received_at.astimezone(STOCKHOLM) if case.received_at else None
    return f"referral:{to}:{at:%Y-%m-%d}" if at else f"referral:{to}"


def referral_declined(case: InboundContact) -> str:
    """One task for a referral that was turned away."""
    return f"staff_task:referral_declined:{case.id}:{case.message}"


def guidance(case: InboundContact) -> str:
    """One link, or one form, for a contact."""
    return f"guidance:{case.id}"


def registration(case: InboundContact) -> str:
    """One proposal each time that a contact is closed."""
    return f"registration:{case.id}:{_in_utc(case.closed_at)}"


def alert(case: RiskAlert, way: str, step: int, repeats: int) -> str:
    """One for each flag, height and way."""
    return f"risk_alert:{case.id}:{_in_utc(case.flagged_at)}:{step}:{repeats}:{way}"


def question(case: ChannelSwitch) -> str:
    """One question for a proposal."""
    return f"question:{case.id}"


JOURNAL_NOTE = "journal_note:"
TASK_TO_CALL = f"staff_task:switch:{SwitchState.DOCUMENTED}:"
"""How the keys begin of what a consent to be called leaves in VAS."""


def journal_note(case: ChannelSwitch) -> str:
    """One draft for a consent."""
    return f"{JOURNAL_NOTE}{case.id}"


def withdrawal(case: ChannelSwitch, kind: str) -> str:
    """A draft or a task is taken back once: to whoever has taken a consent back it is not put again."""
    return f"withdrawal:{kind}:{case.id}"


def opened_contact(case: ChannelSwitch) -> str:
    """One new contact for a consent."""
    return f"opened_contact:{case.id}"


def switch_task(case: ChannelSwitch, answer: str) -> str:
    """One task for staff for each thing that they have to hear of a proposal.

    Args:
        answer: which answer of the patient's, where there may be several.
    """
    return f"staff_task:switch:{case.state}:{case.outcome}:{case.id}:{answer}"


def participation_task(case: Participation, reason: str) -> str:
    """One task for staff for each outcome of an answer."""
    return f"staff_task:participation:{reason}:{case.id}:{_in_utc(case.answered_at)}"


def receipt_token(key: str) -> str:
    """By which a receipt finds its effect: the same for every try, and not to be guessed."""
    return ring().keyed(Use.RECEIPT, key).hex()


def _time(case: BookingPublication) -> str:
    """The time that a visit is given, and when that, its place or its form was given it."""
    return f"{_in_utc(case.time_at)}:{_in_utc(case.start)}"


def _wording(case: BookingPublication) -> str:
    return f":{_in_utc(case.reworded_at)}" if case.reworded_at else ""


def _in_utc(at: datetime | None) -> str:
    # In UTC: the same moment comes in with one offset and back from the database with another.
    return at.astimezone(UTC).isoformat() if at else "-"


def preferences(patient: PatientId, rows: Sequence[Preference]) -> str:
    """What somebody has set for a patient, at one place and moment: said again it has the same key."""
    said = [[row.unit, row.name, row.value, row.at.isoformat(), row.role, row.setter or ""] for row in rows]
    return f"preferences:{ring().keyed(Use.LIKENESS, json.dumps([patient.id, *sorted(said)])).hex()}"
