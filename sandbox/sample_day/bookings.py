"""The stories of the sample day that are over with the booking: one function for each resident."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sandbox.sample_day.scene import PRINTED, TIMED, Day
from sandbox.sample_day.units import FALKENBERG, HALMSTAD, KUNGSBACKA, LAHOLM, UNLISTED, VARBERG
from sandbox.wire.webhooks import Event

KNOWN: Any = {"agreed_with_patient": True, "e_id_confirmed": True}


def video_visit(day: Day) -> None:
    who = day.resident("A video visit booked in VAS (DiVL)")
    visit = who.booked(HALMSTAD, day.in_days(6), form="video", platform="platform24", contact_type="DiVL",
                       time_type="VIDEO", call_letter=TIMED, **KNOWN)  # fmt: skip
    who.expect(visit, "Invitation", "distans-2: a digital call letter every time; besok-2: a notice.",
               notices=("sms",))  # fmt: skip


def timed_call_letter(day: Day) -> None:
    who = day.resident("A timed call letter")
    visit = who.booked(HALMSTAD, day.in_days(8), call_letter=TIMED)
    who.expect(visit, "Invitation", "onskemal-3: the index and our producer are the call letter.",
               notices=("sms",))  # fmt: skip


def open_call_letter(day: Day) -> None:
    who = day.resident("An open call letter")
    until = day.in_days(60).date().isoformat()
    letter = {"kind": "open", "text": "Boka en tid som passar dig.", "valid_until": until}
    visit = who.booked(HALMSTAD, None, call_letter=letter)
    who.expect(visit, "Invitation", "avisering-1: the patient has something to do, to book a time.",
               notices=("sms",))  # fmt: skip


def open_call_letter_by_inbox(day: Day) -> None:
    who = day.resident("An open call letter from a unit that uses the inbox")
    letter = {"kind": "open", "text": "Boka en tid.", "valid_until": day.in_days(30).date().isoformat()}
    visit = who.booked(FALKENBERG, None, call_letter=letter)
    who.expect(visit, "Invitation", "onskemal-3: by the inbox; avisering-1: something to do.",
               inbox=1, notices=("sms",))  # fmt: skip


def notice_by_mail(day: Day) -> None:
    who = day.resident("A resident who wishes e-mail", wishes=("email",))
    visit = who.booked(LAHOLM, day.in_days(5))
    who.expect(visit, "Booking", "avisering-1: the resident has chosen e-mail.", notices=("mail",))


def paper_unit(day: Day) -> None:
    who = day.resident("A unit that also sends paper")
    visit = who.booked(VARBERG, day.in_days(9), call_letter=TIMED)
    who.expect(visit, "Invitation", "onskemal-3: paper complements by the unit's setting.",
               paper=1, notices=("sms",))  # fmt: skip


def printed_letter(day: Day) -> None:
    who = day.resident("A letter that VAS has printed")
    visit = who.booked(VARBERG, day.in_days(9, 10), call_letter=PRINTED)
    who.expect(visit, "Invitation", "onskemal-3: the paper has gone already.", notices=("sms",))


def digital_only(day: Day) -> None:
    who = day.resident("A resident who wishes digital only", digital_only=True)
    visit = who.booked(VARBERG, day.in_days(9, 11), call_letter=TIMED)
    who.expect(visit, "Invitation", "onskemal-1: digital instead of paper was wished.", notices=("sms",))


def inbox_unit(day: Day) -> None:
    who = day.resident("A unit that uses the inbox")
    visit = who.booked(FALKENBERG, day.in_days(7), call_letter=TIMED)
    who.expect(visit, "Invitation", "onskemal-3: the call letter goes to the inbox, the notice is ours.",
               inbox=1, notices=("sms",))  # fmt: skip


def inbox_with_notices(day: Day) -> None:
    who = day.resident("The inbox of a resident with 1177's notices on", notified_by_1177=["SMS"])
    visit = who.booked(FALKENBERG, day.in_days(7, 10), call_letter=TIMED)
    who.expect(visit, "Invitation", "policy-avisering-1: 1177 notifies of the inbox letter.", inbox=1)


def notified_by_1177(day: Day) -> None:
    who = day.resident("A resident with 1177's notices on", notified_by_1177=["SMS", "Email"])
    visit = who.booked(HALMSTAD, day.in_days(10))
    who.expect(visit, "Booking", "policy-avisering-1: 1177 itself notifies of the booking.")


def not_on_1177(day: Day) -> None:
    who = day.resident("A resident who is not on 1177", active_on_1177=False)
    visit = who.booked(HALMSTAD, day.in_days(11))
    who.expect(visit, "Booking", "onskemal-3: 1177 does not reach, so paper; besok-2: a notice all the same.",
               paper=1, notices=("sms",))  # fmt: skip


def not_on_1177_printed(day: Day) -> None:
    who = day.resident("Not on 1177, and the letter is printed", active_on_1177=False)
    visit = who.booked(HALMSTAD, day.in_days(11, 10), call_letter=PRINTED)
    who.expect(visit, "Invitation", "onskemal-3: the paper has gone already.", notices=("sms",))


def digital_only_unreachable(day: Day) -> None:
    who = day.resident("Digital only, and not on 1177", active_on_1177=False, digital_only=True)
    visit = who.booked(HALMSTAD, day.in_days(11, 11))
    who.expect(visit, "Booking", "onskemal-1: no paper against a wish; staff find a way.",
               tasks=("digital_only_unreachable",), notices=("sms",))  # fmt: skip


def reservnummer(day: Day) -> None:
    who = day.resident("A patient with a reservnummer", "98240301AA06", active_on_1177=False)
    visit = who.booked(HALMSTAD, day.in_days(12))
    who.expect(visit, None, "A reservnummer cannot log in to 1177: paper, and phone by staff.",
               state="settled", paper=1)  # fmt: skip


def unknown_to_pu(day: Day) -> None:
    who = day.resident("Someone whom PU does not know", known_to_pu=False, active_on_1177=False)
    visit = who.booked(HALMSTAD, day.in_days(12, 10))
    who.expect(visit, "Booking", "policy-skydd-1: whether they are protected is not known: staff.",
               tasks=("manual_handling",))  # fmt: skip


def protected_without_notices(day: Day) -> None:
    who = day.resident("Protected, on 1177 without notices", protected=True)
    visit = who.booked(FALKENBERG, day.in_days(13), call_letter=TIMED)
    who.expect(visit, "Invitation", "policy-skydd-1: the inbox only; that there is news staff must tell.",
               inbox=1, tasks=("manual_handling",))  # fmt: skip


def protected_not_on_1177(day: Day) -> None:
    who = day.resident("Protected, and not on 1177", protected=True, active_on_1177=False)
    visit = who.booked(HALMSTAD, day.in_days(13, 10))
    who.expect(visit, "Booking", "skyddade-2: shown on 1177; policy-skydd-1: the rest by staff.",
               tasks=("manual_handling",))  # fmt: skip


def booked_by_the_patient(day: Day) -> None:
    who = day.resident("A video visit that the patient booked in Platform24")
    visit = who.booked(HALMSTAD, day.in_days(4), source="platform24", form="video", platform="platform24",
                       time_type="VIDEO", booked_by="patient", e_id_confirmed=True)  # fmt: skip
    who.expect(visit, "Booking", "besok-1: whichever system it was booked in; besok-2: a visit is booked.",
               notices=("sms",))  # fmt: skip


def asked_of_nobody(day: Day) -> None:
    who = day.resident("A video visit of which nobody knows whether it can be joined")
    visit = who.booked(HALMSTAD, day.in_days(12, 9), form="video", platform="platform24")
    who.expect(visit, "Booking", "vard-1, vard-2: staff find out, in one task; besok-1: shown all the same.",
               tasks=("e_id_unknown",), notices=("sms",))  # fmt: skip


def unknown_unit(day: Day) -> None:
    who = day.resident("A unit that nobody has listed")
    visit = who.booked(UNLISTED, day.in_days(10, 14))
    who.expect(visit, None, "What the unit has settled is not known: kept, and shown to ops.",
               state="parked:unit_unknown")  # fmt: skip


def unknown_platform(day: Day) -> None:
    who = day.resident("A platform that nobody has approved")
    visit = who.booked(HALMSTAD, day.in_days(10, 15), form="video", platform="skype")
    who.expect(visit, "Booking", "system-2: no approved platform: shown all the same, told to staff and to ops.",
               state="parked:platform_unknown", tasks=("platform_unknown",), notices=("sms",))  # fmt: skip


def in_shadow(day: Day) -> None:
    who = day.resident("A unit in shadow")
    for hour, letter in ((9, None), (13, TIMED)):
        visit = who.booked(KUNGSBACKA, day.in_days(18, hour), call_letter=letter)
        who.expect(visit, None, "The unit is not switched on: worked out and compared, nothing is sent.",
                   state="shadowed")  # fmt: skip


def series_of_six(day: Day) -> None:
    who = day.resident("A series of six")
    series = day.next_id("S")
    for number in range(6):
        visit = who.booked(LAHOLM, day.in_days(7 + 7 * number, 13), series=series)
        who.expect(visit, "Booking", "policy-avisering-1: one notice for the series.",
                   notices=() if number else ("sms",), series=series)  # fmt: skip


def passed_already(day: Day) -> None:
    who = day.resident("A visit that has been")
    visit = who.booked(HALMSTAD, day.in_days(-2))
    who.expect(visit, None, "besok-1: only what is to come is shown; nobody is told of what has been.")


def no_notice_wished(day: Day) -> None:
    who = day.resident("No notice wished", wishes=())
    visit = who.booked(HALMSTAD, day.in_days(19))
    who.expect(visit, "Booking", "val-1: no contact for which notices were wished.")


def land_line_only(day: Day) -> None:
    who = day.resident("Notices wished to a land line", phone="+46313900620", email=None)
    visit = who.booked(HALMSTAD, day.in_days(19, 10))
    who.expect(visit, "Booking", "avisering-1: an SMS needs a mobile number.")


def phone_and_chat_visits(day: Day) -> None:
    who = day.resident("A phone visit and a chat")
    for hour, form, platform in ((9, "phone", None), (14, "chat", "platform24")):
        visit = who.booked(LAHOLM, day.in_days(20, hour), form=form, platform=platform, **KNOWN)
        who.expect(visit, "Booking", "besok-1: phone and chat visits too.", notices=("sms",))


def replayed(day: Day) -> None:
    who = day.resident("A replay at a unit that uses the inbox", notified_by_1177=["SMS"])
    visit = who.booked(FALKENBERG, day.in_days(21), call_letter=TIMED, replay=True)
    who.expect(visit, "Invitation", "A replay is published and notifies nobody, by 1177 neither.",
               inbox=1)  # fmt: skip


def wrong_webhooks(day: Day) -> None:
    """Two webhooks with a right signature and wrong data: 422 with the field's path, and no case."""
    who = day.resident("Bad input")
    start = day.in_days(5)
    whole = {"id": day.next_id("B"), "version": 1, "patient": who.patient, "unit": HALMSTAD.json(),
             "start": start.isoformat()}  # fmt: skip
    number = who.patient["id"]
    wrong_digit = {"id": number[:-1] + str((int(number[-1]) + 1) % 10), "type": "personnummer"}
    bad = (
        ("data.booking.end", "it ends before it starts", {"end": (start - timedelta(hours=1)).isoformat()}),
        ("data.booking.patient.id", "the check digit is wrong", {"patient": wrong_digit}),
    )
    for path, why, fields in bad:
        event = Event("booking.created", {"booking": whole | fields}, id=day.next_id("msg"))
        day.publish(1, event, in_vas=False)
        day.refused.append({"webhook_id": event.id, "path": path, "why": why})


STORIES = (
    video_visit, timed_call_letter, open_call_letter, open_call_letter_by_inbox, notice_by_mail, paper_unit,
    printed_letter, digital_only, inbox_unit, inbox_with_notices, notified_by_1177, not_on_1177,
    not_on_1177_printed, digital_only_unreachable, reservnummer, unknown_to_pu, protected_without_notices,
    protected_not_on_1177, booked_by_the_patient, unknown_unit, unknown_platform, in_shadow, series_of_six,
    asked_of_nobody, passed_already, no_notice_wished, land_line_only, phone_and_chat_visits, replayed,
    wrong_webhooks,
)  # fmt: skip
