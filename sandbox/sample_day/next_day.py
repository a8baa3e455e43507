"""The next day: visits that come near are reminded of, and whoever comes to one checks in, or joins it.

Nobody can put the programs that run forward in time. So this day is told when it is played, from its own moment on,
and its visits are planned so that what belongs to it falls within seconds: a visit in 72 hours and a little is
reminded of in that little, and one of today is checked in to. 5. What is planned comes. 6. People come.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sandbox.sample_day.scene import STOCKHOLM, TIMED, Day, Scene
from sandbox.sample_day.talk import child
from sandbox.sample_day.units import HALMSTAD, LAHOLM, Json, Unit
from sandbox.wire.webhooks import Event

MORNING, LATER = 5, 6
LEAD = timedelta(hours=72)
"""So long before a visit it is reminded of: `reminders.lead_hours` of the region's file."""
SOON = timedelta(seconds=12)
MIDNIGHT = timedelta(minutes=5)
"""So shortly before midnight nobody checks in: today would be over."""
JOINING = ("platform24", "https://platform24.example.org/m/1")
"""A platform, and where a visit there is joined."""
VISITS, NO_VISIT, DESK = "Besök i dag", "Vi hittar inget besök här i dag", "Gå till receptionen"
"""What the page of a check-in is headed."""


def tell_next_day(day: Day, now: datetime) -> None:
    """Tell it from this moment on."""
    now = now.replace(microsecond=0)
    for story in (reminded, reminded_late, not_consented, moved, stopped, joins, joins_too_early):
        story(day, now)
    if _in_sweden(now + MIDNIGHT) == _in_sweden(now):
        for story in (checks_in, child_checks_in, comes_on_another_day, protected_comes):
            story(day, now)


def to_be_moved(day: Day) -> None:
    """A visit of the first day's that is moved on the next."""
    who = day.resident("Is moved, and reminded of its new time")
    visit = who.booked(LAHOLM, day.in_days(30, 11))
    who.expect(visit, "Booking", "besok-2: a visit is booked.", notices=("sms",))
    day.moves.append((who, visit))


# --- reminders


def reminded(day: Day, now: datetime) -> None:
    who = _consents(day, now, "Has a visit in three days")
    _is_reminded(who, who.booked(HALMSTAD, now + LEAD + SOON, stage=MORNING), now + SOON,
                 "besok-5: reminded once, when it is three days off and not before.")  # fmt: skip


def reminded_late(day: Day, now: datetime) -> None:
    who = _consents(day, now, "Is given a visit the day after tomorrow")
    _is_reminded(who, who.booked(LAHOLM, day.in_days(2), stage=MORNING), None,
                 "besok-5: a late booking is reminded of at once.")  # fmt: skip


def not_consented(day: Day, now: datetime) -> None:
    who = day.resident("Has a visit in three days, and has not consented", stage=MORNING)
    visit = who.booked(HALMSTAD, now + LEAD + SOON, stage=MORNING)
    who.expect(visit, "Booking", "besok-2: a visit is booked.", after=MORNING, notices=("sms",))
    _happens(day, who, visit, "paminnelse-1: nobody is reminded who has not consented.")


def moved(day: Day, now: datetime) -> None:
    for who, visit in day.moves:
        _consent(day, now, who)
        who.changed(visit, stage=MORNING, start=now + LEAD + SOON)
        _is_reminded(who, visit, now + SOON, "besok-5: reminded of the time that it has now.", notices=2)


def stopped(day: Day, now: datetime) -> None:
    who = _consents(day, now - timedelta(hours=1), "Has answered STOPP")
    text = {"phone": who.person["phone"], "unit": HALMSTAD.hsa_id, "text": "Stopp!"}
    day.texts.setdefault(MORNING, []).append(text)
    visit = who.booked(HALMSTAD, now + LEAD + SOON, stage=MORNING)
    who.expect(visit, "Booking", "besok-2: a visit is booked.", after=MORNING, notices=("sms",))
    _happens(day, who, visit, "paminnelse-1: no reminder from then on, and staff take the consent back.",
             tasks=("says_stop",))  # fmt: skip


# --- joining


def joins(day: Day, now: datetime) -> None:
    _follows_link(day, "Joins a video visit", now + timedelta(minutes=10), JOINING[0],
                  "policy-anslutning-1: by its link on 1177 and a login, on to its platform.")  # fmt: skip


def joins_too_early(day: Day, now: datetime) -> None:
    _follows_link(day, "Would join a video visit hours before", now + timedelta(hours=5), None,
                  "policy-anslutning-1: from a quarter of an hour before; the page says when.")  # fmt: skip


def _follows_link(day: Day, title: str, start: datetime, joined: str | None, why: str) -> None:
    platform, place = JOINING
    who = day.resident(title, stage=MORNING)
    visit = who.booked(HALMSTAD, start, stage=MORNING, form="video", platform=platform, join=place,
                       call_letter=TIMED, agreed_with_patient=True, e_id_confirmed=True)  # fmt: skip
    who.expect(visit, "Invitation", "distans-2: a digital call letter every time.", after=MORNING,
               notices=("sms",))  # fmt: skip
    _happens(day, who, visit, why, joined=joined or "")
    day.joins.setdefault(LATER, []).append((title, joined, who.person["personnummer"]))


# --- check-in


def checks_in(day: Day, now: datetime) -> None:
    who = day.resident("Comes to a visit, and checks in by mobile", stage=MORNING)
    visit = _today(who, now)
    why = "policy-incheckning-1: one press, and the journal system knows."
    _comes(day, who.person["personnummer"], HALMSTAD, VISITS, _happens(day, who, visit, why, arrived=True))


def child_checks_in(day: Day, now: datetime) -> None:
    guardian = day.writer()
    day.people.setdefault(MORNING, []).append({"personnummer": guardian, "name": "Test Förälder"})
    number = child(day, 8, 4)
    who = day.resident("A guardian comes with a child of 8", number, stage=MORNING, guardians=[guardian])
    visit = _today(who, now)
    why = "barn-1: a guardian whom the register knows checks in for a child under 13."
    _comes(day, guardian, HALMSTAD, VISITS, _happens(day, who, visit, why, arrived=True))


def comes_on_another_day(day: Day, now: datetime) -> None:
    who = day.resident("Comes on another day than that of the visit", stage=MORNING)
    visit = who.booked(HALMSTAD, day.in_days(12, 13), stage=MORNING)
    who.expect(visit, "Booking", "besok-2: a visit is booked.", after=MORNING, notices=("sms",))
    why = "policy-incheckning-1: the page says that there is no visit today, and shows the desk."
    _comes(day, who.person["personnummer"], HALMSTAD, NO_VISIT, _happens(day, who, visit, why, arrived=False))


def protected_comes(day: Day, now: datetime) -> None:
    who = day.resident(
        "Protected, and comes to a visit", stage=MORNING, protected=True, notified_by_1177=["SMS"]
    )
    visit = _today(who, now)
    why = "policy-skydd-2: to the desk, in words that say nothing."
    _comes(day, who.person["personnummer"], HALMSTAD, DESK, _happens(day, who, visit, why, arrived=False))


# --- how it is written down


def _consents(day: Day, at: datetime, title: str) -> Scene:
    """A resident who consented to reminders on 1177 at that moment."""
    who = day.resident(title, stage=MORNING)
    _consent(day, at, who)
    return who


def _consent(day: Day, at: datetime, who: Scene) -> None:
    said = {"patient": who.patient, "at": at.isoformat(), "set_by": {"role": "self", "id": None}}
    event = Event("preferences.changed", {"preferences": said | {"sms_reminders": True}}, "e1177",
                  id=day.next_id("msg"))  # fmt: skip
    day.publish(MORNING, event)


def _is_reminded(who: Scene, visit: str, due: datetime | None, why: str, *, notices: int = 1) -> None:
    """They have a notice of the visit, as of every other, and one reminder; not before it is due."""
    sent = ("sms",) * (notices + 1)
    who.expect(visit, "Booking", "besok-2: a notice; besok-5: a reminder.", after=MORNING, notices=sent)
    start = datetime.fromisoformat(who.bookings[visit]["start"]).astimezone(STOCKHOLM)
    says = f"{start.day}/{start.month} kl. {start:%H.%M}"
    _happens(who.day, who, visit, why, reminders=[says], due=due.isoformat() if due else None)


def _today(who: Scene, now: datetime) -> str:
    """A visit in half an hour; where that would be tomorrow, one that began ten minutes ago."""
    soon, ago = now + timedelta(minutes=30), now - timedelta(minutes=10)
    is_today = _in_sweden(soon) == _in_sweden(now)
    start = (soon if is_today else ago).replace(second=0, microsecond=0)
    visit = who.booked(HALMSTAD, start, stage=MORNING, check_in=True)
    told = ("sms",) if is_today and not who.person.get("protected") else ()
    who.expect(visit, "Booking" if is_today else None, "besok-1: what is to come is shown.", after=MORNING,
               notices=told)  # fmt: skip
    return visit


def _in_sweden(moment: datetime) -> date:
    return moment.astimezone(STOCKHOLM).date()


def _happens(day: Day, who: Scene, visit: str, why: str, **more: Any) -> Json:
    """What should have come of a visit, beside what every booking comes to.

    Args:
        reminders: the times that its resident was reminded of, by SMS; `due`: when the first was due.
        tasks: the reasons of what staff are asked to do by an SMS of the resident's.
        arrived: whether the journal system knows that they have come; None: nobody has tried.
        joined: the platform that they have come to, empty where they were not let; None: nobody has tried.
    """
    told: Json = {"reminders": [], "due": None, "tasks": (), "arrived": None, "joined": None}
    place = {"title": who.title, "booking": visit, "phone": who.person["phone"], "why": why}
    place["patient"] = who.person["personnummer"]
    outcome = place | told | more
    day.tomorrow.append(outcome)
    return outcome


def _comes(day: Day, number: str, unit: Unit, heading: str, outcome: Json) -> None:
    """Somebody reads the unit's code, logs in, and presses where there is something to press."""
    given = {"unit": unit.hsa_id, "personnummer": number, "press": True}
    day.check_ins.setdefault(LATER, []).append((str(outcome["title"]), heading, given))
