"""The stories of the sample day in which something happens after the booking, one function for each."""

from __future__ import annotations

from sandbox.people.numbers import SAMORDNINGSNUMMER, mortal
from sandbox.sample_day.scene import TIMED, Day
from sandbox.sample_day.units import FALKENBERG, HALMSTAD, HYLTE, LAHOLM, VARBERG


def moved_at_a_paper_unit(day: Day) -> None:
    who = day.resident("A change of time at a unit that also sends paper")
    visit = who.booked(VARBERG, day.in_days(22))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", paper=1, notices=("sms",))
    who.changed(visit, start=day.in_days(23, 14))
    who.expect(visit, "Booking", "besok-2: care changed the time, so a notice and a letter more.", after=2,
               paper=2, notices=("sms", "sms"))  # fmt: skip


def moved_at_an_inbox_unit(day: Day) -> None:
    who = day.resident("A change of time at a unit that uses the inbox")
    visit = who.booked(FALKENBERG, day.in_days(22, 10), call_letter=TIMED)
    who.expect(visit, "Invitation", "besok-2: a visit is booked.", inbox=1, notices=("sms",))
    who.changed(visit, start=day.in_days(24, 10))
    who.expect(visit, "Invitation", "besok-2: a new time is a new call letter and a new notice.", after=2,
               inbox=2, notices=("sms", "sms"))  # fmt: skip


def corrected_typo(day: Day) -> None:
    who = day.resident("A corrected typo at a unit that uses the inbox")
    visit = who.booked(FALKENBERG, day.in_days(22, 11), call_letter=TIMED, purpose="Samtl")
    who.expect(visit, "Invitation", "besok-2: a visit is booked.", inbox=1, notices=("sms",))
    who.changed(visit, purpose="Samtal")
    who.expect(visit, "Invitation", "policy-andring-1: the letter says it, so a new letter; no time was changed, so "
               "no notice.", after=2, inbox=2, notices=("sms",))  # fmt: skip


def at_another_unit(day: Day) -> None:
    who = day.resident("A visit that care moves to another unit, not on 1177", active_on_1177=False)
    visit = who.booked(HALMSTAD, day.in_days(22, 14))
    who.expect(visit, "Booking", "policy-papper-1: not on 1177.", paper=1, notices=("sms",))
    who.changed(visit, unit=LAHOLM.json())
    who.expect(visit, "Booking", "policy-andring-1: the resident acts on where it is: a notice and a letter more.",
               after=2, paper=2, notices=("sms", "sms"))  # fmt: skip


def cancelled_with_1177_notices(day: Day) -> None:
    who = day.resident("Cancelled by staff, 1177's notices on", notified_by_1177=["SMS"])
    visit = who.booked(HALMSTAD, day.in_days(25))
    who.expect(visit, "Booking", "policy-avisering-1: 1177 itself notifies of the booking.")
    who.cancelled(visit, "staff")
    who.expect(visit, None, "avisering-1: 1177 says nothing when staff cancel, so we do.", after=2,
               notices=("sms",))  # fmt: skip


def cancelled_told_by_mail(day: Day) -> None:
    who = day.resident("Cancelled by staff, told by e-mail", wishes=("email",))
    visit = who.booked(HALMSTAD, day.in_days(25, 10))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("mail",))
    who.cancelled(visit, "staff")
    who.expect(visit, None, "avisering-1: cancelled by staff.", after=2, notices=("mail", "mail"))


def cancelled_by_the_system(day: Day) -> None:
    who = day.resident("Cancelled by the system")
    visit = who.booked(HALMSTAD, day.in_days(25, 11))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    who.cancelled(visit, "system")
    who.expect(visit, None, "avisering-1: not the patient's doing.", after=2, notices=("sms", "sms"))


def cancelled_by_the_patient(day: Day) -> None:
    who = day.resident("Cancelled by the patient through us, and VAS echoes it")
    visit = who.booked(HALMSTAD, day.in_days(26))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    who.cancelled(visit, "patient", caused_by=f"cancel:{visit}")
    who.expect(visit, None, "The echo of what the patient did: they know.", after=2, notices=("sms",))


def cancelled_by_phone(day: Day) -> None:
    who = day.resident("The patient rang and cancelled")
    visit = who.booked(HALMSTAD, day.in_days(26, 10))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    who.cancelled(visit, "patient")
    who.expect(visit, None, "The patient cancelled, and knows.", after=2, notices=("sms",))


def moved_by_the_patient(day: Day) -> None:
    who = day.resident("Moved by the patient through us, and VAS echoes it")
    visit = who.booked(LAHOLM, day.in_days(26, 11))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    who.changed(visit, start=day.in_days(27, 11), caused_by=f"rebook:{visit}")
    who.expect(visit, "Booking", "The echo of what the patient did: 1177 shows the new time.", after=2,
               notices=("sms",))  # fmt: skip


def protected_and_cancelled(day: Day) -> None:
    who = day.resident("Protected, told by 1177, then cancelled", protected=True, notified_by_1177=["SMS"])
    visit = who.booked(HALMSTAD, day.in_days(28))
    who.expect(visit, "Booking", "policy-avisering-1: 1177 itself notifies of the booking.")
    who.cancelled(visit, "staff")
    who.expect(visit, None, "policy-skydd-1: 1177 is silent, we may not send, so staff tell them.", after=2,
               tasks=("manual_handling",))  # fmt: skip


def rebooked(day: Day) -> None:
    who = day.resident("A rebooking as cancel plus create")
    first = who.booked(LAHOLM, day.in_days(29))
    who.expect(first, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    who.cancelled(first, "staff")
    second = who.booked(LAHOLM, day.in_days(31), stage=2)
    who.expect(first, None, "policy-avisering-1: part of a rebooking, told with the new visit.", after=2,
               notices=("sms",))  # fmt: skip
    who.expect(second, "Booking", "besok-2: the one notice of the rebooking.", after=2, notices=("sms",))


def merged_patient(day: Day) -> None:
    who = day.resident("A samordningsnummer that becomes a personnummer", SAMORDNINGSNUMMER)
    now = day.resident("Is known by the samordningsnummer before", phone=who.person["phone"])
    visit = who.booked(HALMSTAD, day.in_days(32))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    who.tells("patient.merged", {"from": who.patient, "to": now.patient})
    who.expect(visit, "Booking", "Re-keyed in silence: the engagement stands under the new number.", after=2,
               notices=("sms",), patient=now.patient["id"])  # fmt: skip


def merged_unit(day: Day) -> None:
    who = day.resident("A unit that goes up in another")
    visit = who.booked(HYLTE, day.in_days(33))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    moment = day.now.isoformat()
    who.tells("unit.merged", {"from": HYLTE.json(), "to": LAHOLM.json(), "at": moment})
    who.expect(visit, "Booking", "Re-keyed in silence: the engagement stands at the new unit only.", after=2,
               notices=("sms",), unit=LAHOLM.hsa_id)  # fmt: skip


def patient_dies(day: Day) -> None:
    who = day.resident("A patient who dies", mortal(day.now))
    letter = {"kind": "open", "text": "Boka en tid.", "valid_until": day.in_days(40).date().isoformat()}
    visits = [who.booked(HALMSTAD, day.in_days(34)), who.booked(HALMSTAD, None, call_letter=letter)]
    for visit, category in zip(visits, ("Booking", "Invitation"), strict=True):
        who.expect(visit, category, "besok-2, avisering-1.", notices=("sms",))
        who.expect(visit, None, "Nothing is ever sent to or about the deceased.", after=2, notices=("sms",))
    who.tells("patient.deceased", {"patient": who.patient, "at": day.now.isoformat()})
    day.people.setdefault(2, []).append(
        {"personnummer": who.patient["id"], "deceased": day.now.date().isoformat()}
    )


def later_version_first(day: Day) -> None:
    who = day.resident("Version 3 comes before version 2")
    visit = who.booked(HALMSTAD, day.in_days(35))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    who.changed(visit, version=3, start=day.in_days(37))
    who.changed(visit, version=2, start=day.in_days(36))
    who.expect(visit, "Booking", "besok-2: told of version 3; version 2 is older, so ignored.", after=2,
               notices=("sms", "sms"))  # fmt: skip


def webhook_twice(day: Day) -> None:
    who = day.resident("A webhook that is sent twice")
    visit = who.booked(HALMSTAD, day.in_days(38), stage=2)
    day.events[2].append(day.events[2][-1])
    who.expect(visit, "Booking", "besok-2: the same webhook-id again does nothing twice.", after=2,
               notices=("sms",))  # fmt: skip


CHANGES = (
    moved_at_a_paper_unit, moved_at_an_inbox_unit, corrected_typo, at_another_unit,
    cancelled_with_1177_notices,
    cancelled_told_by_mail, cancelled_by_the_system, cancelled_by_the_patient, cancelled_by_phone,
    moved_by_the_patient, protected_and_cancelled, rebooked, merged_patient, merged_unit, patient_dies,
    later_version_first, webhook_twice,
)  # fmt: skip
