"""A day with every kind of event and every kind of failure, in which every value that goes in can be searched for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from typing import Any

import httpx
import pytest
from contact_town import ContactTown
from image_town import ImageTown
from killed import OWNERS, exchange
from searched import Hunt
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from town import HALMSTAD, LAHOLM, STOCKHOLM, Town, identity, in_days, with_deadline, without_prefect

from engine.base import clock
from engine.base.database import transaction
from engine.base.redact import Failed
from engine.base.settings import settings
from engine.ops import by_hand
from engine.tables.inbox import Inbox
from flows.booking_publication import booking_publication
from flows.check_in import check_in
from flows.image_transfer import image_transfer
from flows.preferences import preferences
from flows.registry import PROCESSES
from flows.requested_notice import requested_notice
from flows.self_service import self_service
from flows.visit_reminder import visit_reminder
from models.booking_publication import BookingPublication
from models.events import Arrival
from models.sealed import seal
from models.self_service import ServiceRequest
from sandbox.people.numbers import ADULTS, LOAD
from sandbox.sample_day.scene import Day
from sandbox.wire.faults import SYSTEMS
from sandbox.wire.webhooks import Event, Webhooks
from tasks.channel_switch import phone_menu
from tasks.index_reconciliation import compare_with_index, compare_with_vas
from tasks.self_service import desk

Json = dict[str, Any]
HOURS = 3 * 3600
KNOWN_TO_ALL = {
    "id", "version", "type", "hsa_id", "name", "start", "end", "form", "platform", "contact_type", "time_type",
    "booked_by", "cancelled_by", "caused_by", "series", "kind", "valid_until", "at", "outcome",
}  # fmt: skip
"""Fields of a webhook that say nothing of a patient's by themselves: ids, units, kinds and times."""


def told_distinctly(day: Day) -> Hunt:
    """Give everyone in the sample day a name, and every text a word, that stand nowhere else; gives what to hunt."""
    _bookings_only(day)
    people = [person for each in day.people.values() for person in each]
    identities, phones, words = (
        set(ADULTS) | set(LOAD),
        {ADDRESSES[1]},
        {*secrets(), *WRITTEN, *ABOUT_STAFF, ADDRESSES[0]},
    )
    for at, person in enumerate(people):
        if "name" in person:
            person["name"] = f"Åsdis{at:03} Öfverström{at:03}"
            words |= set(person["name"].split())
        identities |= {person["personnummer"], *person.get("guardians", ())}
        phones |= {person["phone"]} if person.get("phone") else set()
        words |= {person["email"]} if person.get("email") else set()
    events = [sent.event for each in day.events.values() for sent in each]
    for at, event in enumerate(events):
        identities |= set(_patients(event.data))
        if booking := event.data.get("booking"):
            booking["purpose"] = f"Ärendeord{at:03}å"
            if letter := booking.get("call_letter"):
                booking["call_letter"] = letter | {"text": f"Brevord{at:03}ö tages med"}
    words |= {f"Ärendeord{at:03}å" for at in range(len(events))}
    words |= {f"Brevord{at:03}ö" for at in range(len(events))}
    return Hunt(identities, phones, words)


def _bookings_only(day: Day) -> None:
    """Of contacts `patients_write` tells, with flows that fail; of 1177's buttons `somebody_books_on_1177`."""
    about_visits = ("booking.", "patient.", "unit.")
    for sent in day.events.values():
        sent[:] = [each for each in sent if each.event.type.startswith(about_visits)]
    day.logins.clear()
    day.presses.clear()
    day.talks.clear()


def _patients(data: Any) -> Iterator[str]:
    """Every identity in a webhook, wrong ones too."""
    if isinstance(data, Mapping):
        if "id" in data and "type" in data:
            yield data["id"]
        for value in data.values():
            yield from _patients(value)


def secrets() -> Iterator[str]:
    """What no patient but an intruder would like to read in a log."""
    yield settings().hook_password()
    yield from (secret.removeprefix("whsec_") for secret in settings().webhook_secrets.values())
    yield from (settings().secret(name) for name in ("column_key_1", "lookup_key"))


def unhunted(data: Any, hunt: Hunt, name: str = "") -> Iterator[str]:
    """The fields of a webhook that are neither known to all nor hunted: a new one, most likely."""
    if isinstance(data, str):
        if name not in KNOWN_TO_ALL and not hunt.searched(data):
            yield name
    elif isinstance(data, Mapping):
        for field, value in data.items():
            of_patient = name in ("patient", "from", "to") and "type" in data and field == "id"
            yield from unhunted(value, hunt, "patient.id" if of_patient else field)


async def everything_happens(town: Town) -> None:
    """The sample day with faults everywhere, and then all that can break of ours."""
    with_deadline(0.6)
    town.by_prefect = True
    _faults(town)
    for stage in (1, 2):
        town._post("/act/sample-day", {"stage": stage})
        await town.comes_to_rest(within=HOURS, stride=60)
    _a_visit_ends(town)
    await _is_asked_wrongly(town)
    await patients_write(of_contacts(town))
    await _cannot_be_applied(town)
    await _our_bugs(town)
    await _the_database_refuses(town)
    town.is_well_again()
    await _is_not_to_be_called(of_contacts(town), ADULTS[4])  # by chance it would fail among the faults
    await _notices_are_asked_for(town, ADULTS[4])
    await _the_night(town)
    await somebody_checks_in(of_contacts(town), ADULTS[7])
    await somebody_joins(of_contacts(town), ADULTS[7])
    await staff_ask_for_images(ImageTown(str(town.http.base_url), town.clock, fresh=False))
    await a_visit_is_reminded_of(of_contacts(town))
    await somebody_books_on_1177(of_contacts(town), ADULTS[7])


def _faults(town: Town) -> None:
    for at, system in enumerate(SYSTEMS):
        for kind in ("timeout_before", "timeout_after"):
            town.has_fault(system, kind, times=1, seconds=0.8)
        town.has_fault(system, "malformed", times=1)
        town.has_fault(system, "error_500", probability=0.15, seed=at)
        town.has_fault(system, "down", probability=0.03, seed=at)
    town.has_fault("sms", "duplicate_receipts")


def _a_visit_ends(town: Town) -> None:
    booking = _some_booking(town)
    ended = {"id": booking["id"], "version": booking["version"] + 5, "outcome": "attended"}
    assert town.tells("booking.ended", {"booking": ended})["status"] == 202


def _some_booking(town: Town) -> Json:
    bookings: list[Json] = town.holds("vas")["bookings"]
    return bookings[0]


async def _is_asked_wrongly(town: Town) -> None:
    """Signed and wrong, not signed, and not SOAP: with a patient's values in every odd place."""
    good = _some_booking(town)
    number, phone = good["patient"]["id"], "+46701740605"
    wrong: list[Json] = [
        good | {"patient": number},
        good | {"patient": {"id": f"{number[:8]}-{number[8:]}", "type": "personnummer"}},
        good | {"patient": {"id": number, "type": phone}},
        good | {"version": number},
        good | {"start": number, "form": phone, "unit": number},
        good | {"call_letter": {"kind": number, "text": [phone]}, "series": {number: phone}},
        {number: phone},
    ]
    vas = Webhooks(settings().gateway_url, settings().webhook_secrets)
    for data in [{"booking": booking} for booking in wrong] + [{phone: number}]:
        assert vas.send_event(Event("booking.created", data))["status"] == 422
    assert vas.send_event(Event(number, {"booking": good}))["status"] == 422
    batch = [Event("booking.changed", {"booking": each}) for each in (good | {"version": 90}, wrong[0])]
    assert [answer["status"] for answer in vas.send_batch("vas", batch)] == [202]
    of_1177 = {
        "x-vp-sender-id": settings().rivta.allowed_callers[0],
        "x-vaxel-proxy": settings().proxy_secret(),
    }
    async with httpx.AsyncClient(base_url=settings().gateway_url, trust_env=False) as client:
        await client.post("/webhooks/vas", content=f'{{"type": "{number}"', headers={"webhook-id": "x"})
        for soap in (number, f"<a>{number}</a>", f"<!DOCTYPE a [<!ENTITY b '{phone}'>]><a>&b;</a>"):
            await client.post(
                "/rivta/scheduling", content=soap, headers=of_1177 | {"content-type": "text/xml"}
            )
        receipt = {"id": phone, "status": number, "delivered": number}
        login = (settings().fortysixelks.hook_user, settings().hook_password())
        await client.post("/46elks/receipt/none", data=receipt, auth=login)
    for each in town.holds("vas")["bookings"][:20]:
        town.holds("e1177", patient=each["patient"]["id"])
    await town.comes_to_rest(within=HOURS, stride=60)


WRITTEN = [f"Kontaktord{at:03}ä" for at in range(40)]
"""Words that only patients and staff write, in a contact."""
ABOUT_STAFF = ("Åsahild", "Öfverstedt")
STAFF = {"hsa_id": "SE2321000115-P000000000077", "name": " ".join(ABOUT_STAFF), "title": "sjuksköterska"}
ADDRESSES = ("skriver.privat@example.org", "+46701740633")


def of_contacts(town: Town) -> ContactTown:
    """The same town, as patients who write see it."""
    same = ContactTown(str(town.http.base_url), town.clock, fresh=False)
    same.by_prefect = town.by_prefect
    return same


async def patients_write(town: ContactTown) -> None:
    """Contacts of every kind while systems fail, answers, proposals, logins; and bugs of ours in every step."""
    all_flows, few = town.flows, ("inbound_contact", "channel_switch")
    await _in_every_channel(town, iter(WRITTEN))
    town.runs_only(*few)
    theirs = [name for name, (owner, _) in OWNERS.items() if owner in few]
    town.by_prefect = False  # Prefect hears of bugs of ours in other processes, below
    for at, name in enumerate(theirs):
        with _talkative(name, ("gate", "act")[at % 2]):
            await _in_every_channel(town, iter(WRITTEN))
    town.flows, town.by_prefect = all_flows, True
    await _all_the_rest(town)
    await town.comes_to_rest(within=HOURS, stride=60)


async def _all_the_rest(town: ContactTown) -> None:
    """A risk that escalates, someone more, what a patient wishes, a lost address, a login that nobody asked for."""
    patient, now = ADULTS[6], clock.now().isoformat()
    contact = town.writes(patient, "hope", text=WRITTEN[30])
    about = {"contact": contact, "risk": "suicide", "by": STAFF, "at": now}
    town.staff_tell("contact.risk_flagged", about)
    for _ in range(3):  # it escalates
        with suppress(Failed):
            await town.flows["risk_alert"]()
        town.waits(seconds=130)
    town.staff_tell("contact.risk_acknowledged", about)
    for at, what in enumerate(("handover", "participant")):
        proposal = {"id": f"{what}-{at}", "contact": contact, "to": {"name": WRITTEN[31 + at]}, "by": STAFF}
        town.staff_tell(f"{what}.proposed", {"proposal": proposal})
    town.presses(town.rings(ADDRESSES[1]), "1")
    unit = phone_menu.at(HALMSTAD["hsa_id"])
    assert unit
    phone_menu.press(
        town.rings(ADDRESSES[1])["id"], unit, "1", ADDRESSES[1], clock.now()
    )  # and nobody sent the link
    await town.flows["participation"]()
    town.consent_is_recorded("handover-0", by=STAFF, **{"for": "handover"})
    town.writes(None, "mail", text=WRITTEN[33], reply_address="nobody@ex_ample.org", unit=LAHOLM)
    wishes = {"patient": identity(patient), "phone": ADDRESSES[1], "email": ADDRESSES[0], "at": now}
    town.tells("preferences.changed", {"preferences": wishes | {"set_by": {"role": "self"}}}, source="e1177")
    town.tells("patient.alive", {"patient": identity(patient), "at": now})
    login = {"link": f"https://example.org/l/{'k' * 43}", "patient": identity(patient), "loa": 3, "at": now}
    town.tells("link.login_completed", login, source="platform24")


async def somebody_checks_in(town: ContactTown, patient: str) -> None:
    """At the unit's code, while the step that tells of it has its bug; then they are where they are to be.

    By the login it is known that they have e-identification, which staff had been asked about.
    """
    town.flows = {"booking_publication": booking_publication, "check_in": check_in}
    town._post("/people", {"personnummer": patient, "protected": False})
    today = clock.now().astimezone(STOCKHOLM).replace(hour=23, minute=59, second=59, microsecond=0)
    town.books(patient, start=today, end=None, purpose=None, check_in=True)
    town.books(patient, start=clock.now() + timedelta(days=20), purpose=None, form="video")
    await town.comes_to_rest()
    town._post("/provider", {"clock": round(town.clock.ahead.total_seconds())})
    given = {"unit": HALMSTAD["hsa_id"], "personnummer": patient, "press": True}
    assert town._post("/act/check-in", given)["visits"]
    for part in ("act", "gate"):
        with _talkative("tell_of_arrival", part), suppress(Failed):
            await town.runs_one("check_in")
        for line in by_hand.cases(PROCESSES, parked=True):
            if line.process == "check_in":
                by_hand.retry(PROCESSES, line.id)
        town.waits(seconds=70)
    await town.comes_to_rest()


async def somebody_joins(town: ContactTown, patient: str) -> None:
    """A digital visit, by the link that they find on 1177; another, that would lead elsewhere, has none there."""
    town.flows = {"booking_publication": booking_publication}
    for at, host in enumerate(("platform24.example.org", "evil.example")):
        start = clock.now() + timedelta(minutes=10 + at)
        form = {"form": "video", "platform": "platform24", "e_id_confirmed": True, "purpose": None}
        booking = town.books(patient, start=start, join=f"https://{host}/m/1", **form)
        await town.comes_to_rest()
        (shown,) = [each for each in town.seen_on_1177(patient) if each["booking"] == booking["id"]]
        if at:
            assert "/v/" not in (shown["purpose"] or "")
            continue
        town._post("/provider", {"clock": round(town.clock.ahead.total_seconds())})
        link = shown["purpose"].split()[-1]
        assert town._post("/act/join", {"link": link, "personnummer": patient})["joined"] == "platform24"
        await town.comes_to_rest()


async def somebody_books_on_1177(town: ContactTown, patient: str) -> None:
    """A time, in hand since VAS is away just then, while each part of the step has its bug; the same again is refused."""
    town.flows = {"booking_publication": booking_publication, "self_service": self_service}
    start = (clock.now() + timedelta(days=40)).replace(microsecond=0)
    time = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
    town._post("/timetables", {"unit": HALMSTAD, "times": [time]})
    town.has_fault("vas", "down", times=1)
    said = {"phone": ADDRESSES[1], "email": ADDRESSES[0], "message": WRITTEN[39]}
    given = {"unit": HALMSTAD["hsa_id"], "personnummer": patient} | time | said
    assert town._post("/act/1177/book", given)["result"] == "ERROR"
    town.is_well_again()
    for part in ("look", "read", "gate", "act"):
        town.waits(seconds=70)
        with _talkative("ask_vas", part), suppress(Failed):
            await town.runs_one("self_service")
        for line in by_hand.cases(PROCESSES, parked=True):
            if line.process == "self_service":
                by_hand.retry(PROCESSES, line.id)
    town.waits(seconds=70)
    await town.comes_to_rest(within=HOURS, stride=60)
    other = town._post("/act/1177/book", given | {"personnummer": ADULTS[8]})
    assert other["result"] == "ERROR"
    patient = {"id": ADULTS[8], "type": "personnummer"}
    who = {
        "service": "book",
        "unit": HALMSTAD["hsa_id"],
        "patient": patient,
        "actor": ADULTS[8],
        "by_agent": False,
    }
    unnamed = ServiceRequest.model_validate(who | time | said | {"time_type": ""})
    assert (
        desk.ask(unnamed).told.result == "ERROR"
    )  # VAS says what nobody understands: staff get it as a task
    await town.comes_to_rest(within=HOURS, stride=60)


async def staff_ask_for_images(town: ImageTown) -> None:
    """Files on their way to the journal and out of the storage again, while each step of theirs has its bug."""
    town.by_prefect = True
    town.region_learns('[storage]\nappointed = true\nnot_scanned = "hold"\n')
    patient = ADULTS[4]
    contact = town.writes(patient, text=WRITTEN[36])
    refs = town.attaches(contact, "jpeg", "png", "text_named_jpg")
    named = [{"ref": ref, "filename": f"{WRITTEN[37]}/{WRITTEN[38]}.jpg"} for ref in refs]
    transfer = town.asks_for(contact, refs, patient, attachments=named, by=STAFF)
    await town.runs_one("inbound_contact")
    town.runs_only("image_transfer")
    await _with_bugs(town, "fetch_into_storage", "scan_held_file")
    town.region_learns('[storage]\nnot_scanned = "give"\n')
    town.waits(hours=1)
    await _with_bugs(town, "tell_owner")
    first = next(file for file in town.files(STAFF) if file.place)
    said = {"transfer": transfer, "file": str(first.id), "by": STAFF}
    town.staff_tell("transfer.journalled", said)
    town.staff_tell("transfer.journalled", said | {"transfer": "T-other"})
    await _with_bugs(town, "remove_from_storage")
    town.waits(hours=20)
    await _with_bugs(town, "remind_owner")
    town.waits(hours=5)
    await town.comes_to_rest()
    assert set(town.stands(transfer)) == {"deleted", "journalled", "refused"}


async def a_visit_is_reminded_of(town: ContactTown) -> None:
    """Planned, moved and due, while each part of the step has its bug; then it is mended, and the case goes on."""
    town.flows = {"preferences": preferences, "visit_reminder": visit_reminder}
    patient, now = ADULTS[3], clock.now()
    wish = {"patient": identity(patient), "at": now.isoformat(), "set_by": {"role": "self"}}
    town.tells("preferences.changed", {"preferences": wish | {"sms_reminders": True}}, source="e1177")
    booking = town.booking(patient, start=now + timedelta(days=20), purpose="Ärendeord002å")
    town.sends("created", booking)
    town.changes(booking, start=now + timedelta(hours=60))
    await town.runs_one("preferences")
    for part in ("look", "read", "gate", "act"):
        with _talkative("remind_of_visit", part), suppress(Failed):
            await town.runs_one("visit_reminder")
        for line in by_hand.cases(PROCESSES, parked=True):
            if line.process == "visit_reminder":
                by_hand.retry(PROCESSES, line.id)
        town.waits(seconds=70)
    await town.comes_to_rest(within=HOURS, stride=60)


async def _with_bugs(town: ImageTown, *steps: str) -> None:
    """Each of these steps breaks where it judges or where it acts; then it is mended, and ops let the case go on."""
    for at, name in enumerate(steps):
        with _talkative(name, ("act", "gate")[at % 2]), suppress(Failed):
            await town.runs()
        for line in by_hand.cases(PROCESSES, parked=True):
            if line.process == "image_transfer":
                by_hand.retry(PROCESSES, line.id)
        town.waits(seconds=70)
        await without_prefect(image_transfer)


async def _notices_are_asked_for(town: Town, patient: str) -> None:
    """The step breaks where it judges and where it acts; one is withdrawn."""
    notice = {"patient": identity(patient), "unit": HALMSTAD, "why": "task", "system": "e1177", "by": STAFF}
    for part in ("act", "gate"):
        town.tells("notice.requested", {"notice": notice | {"id": f"N-{part}"}}, source="staff")
        with _talkative("give_requested_notice", part), suppress(Failed):
            await requested_notice()
        town.waits(seconds=70)
    town.tells("notice.withdrawn", {"notice": "N-gate"}, source="staff")
    await requested_notice()


async def _is_not_to_be_called(town: ContactTown, patient: str) -> None:
    """A consent to be called is taken back, with its draft and its task."""
    contact = town.writes(patient, "platform24", text=WRITTEN[34])
    town.proposes(contact, why=WRITTEN[35], by=STAFF)
    for said in (f"{ADDRESSES[1]}", "Nej ring inte!"):
        await town.comes_to_rest(within=HOURS, stride=60)
        town.says(contact, said)


async def _in_every_channel(town: ContactTown, words: Iterator[str]) -> None:
    """One round: written, answered, proposed, replied to, closed."""
    patient, other = ADULTS[4], ADULTS[5]
    fields: Json = {"topic": "rebook", "by": other, "by_role": "other"}
    town.writes(None, "mail", text=next(words), reply_address=ADDRESSES[0], unit=LAHOLM)
    town.writes(other, "sms", text=next(words), reply_address=ADDRESSES[1], unit=LAHOLM)
    town.writes(other, "e1177", text=next(words), topic="form", service="form")
    town.writes(patient, "lifecare", text=next(words), **fields)
    talked = [town.writes(patient, "platform24", text=next(words)) for _ in range(2)]
    switches = [town.proposes(talked[0], why=next(words), by=STAFF)]
    switches.append(town.proposes(talked[1], "e1177", why=next(words), by=STAFF))
    with suppress(Failed):
        await town.runs()
    town.staff_answer(talked[0], text=next(words), staff=STAFF, suggests_calling=True, reason=next(words))
    town.says(talked[0], f"{next(words)} 070-174 06 33")
    town.overrides(switches[1], reason=next(words))
    town.consent_is_recorded(switches[0], by=STAFF)
    town.closes(talked[1], outcome=next(words))
    with suppress(Failed):
        await town.runs()
    town.waits(seconds=70)


async def _cannot_be_applied(town: Town) -> None:
    """Events that the gateway would never have let in, and a snapshot that cannot be read."""
    number, now = _some_booking(town)["patient"]["id"], clock.now()
    bad = {"booking": {"id": number, "patient": {"id": number}, "purpose": number}}
    arrivals = [
        Arrival(str(uuid.uuid4()), "booking.created", "booking_publication", "vas:broken", 1, now, bad),
        Arrival(str(uuid.uuid4()), "patient.merged", "booking_publication", "", None, now, {"from": number}),
    ]
    Inbox().store("vas", arrivals)
    some = text("SELECT id FROM booking_publication WHERE state = 'settled' ORDER BY id LIMIT 1")
    spoil = text(
        "UPDATE booking_publication SET snapshot = :snapshot, patient_hash = NULL, state = 'received',"
        " due_at = :now WHERE id = :id"
    )
    with transaction() as connection:
        id = connection.execute(some).scalar_one()
        broken = f'{{"id": "{number}", "patient": "{number}"}}'
        unreadable = seal(BookingPublication, "snapshot", broken, id=id)
        connection.execute(spoil, {"snapshot": unreadable, "now": now, "id": id})
    await town.comes_to_rest(within=HOURS, stride=60)


async def _our_bugs(town: Town) -> None:
    """Each part of a step of a booking raises, and says in its error all that it knows; the steps take turns."""
    steps = [(name, stage.step) for name, (owner, stage) in OWNERS.items() if owner == "booking_publication"]
    for at, part in enumerate(PARTS):
        have = [name for name, step in steps if part == "in_turn" or getattr(step, part)]
        with _talkative(have[at % len(have)], part):
            _walk_all_again()
            with suppress(Failed):
                await town.runs()
            town.waits(seconds=70)
    _walk_all_again()
    await town.comes_to_rest(within=HOURS, stride=60)


PARTS = ("look", "read", "gate", "act", "act_many", "record", "in_turn")
"""Of a step; in what is `in_turn` a run itself breaks."""


class _Talks(Exception):
    """A bug of ours that tells all it knows."""


@contextmanager
def _talkative(name: str, part: str) -> Iterator[None]:
    """The step's part raises."""

    def raises(*given: Any) -> Any:
        known = " ".join(_everything(each) for each in given)
        raise _Talks(f"{known} {' '.join(ADULTS[:20])}")

    before = getattr(OWNERS[name][1].step, part)
    exchange(name, **{part: raises})
    try:
        yield
    finally:
        exchange(name, **{part: before})


def _everything(given: Any) -> str:
    """What an object shows of itself, and what it keeps to itself."""
    parts = given if isinstance(given, list | tuple) else [given]
    return " ".join(f"{part!r} {getattr(part, '__dict__', '')}" for part in parts)


def _walk_all_again() -> None:
    """Five cases go through their steps anew, with something left to do at each."""
    again = text(
        "UPDATE booking_publication SET state = 'received', parked = NULL, tries = 0, due_at = :now,"
        " owner = NULL, time_at = time_at + interval '1 minute', start = start + interval '1 minute',"
        " occasion = 'changed', occasion_at = :now WHERE id IN"
        " (SELECT id FROM booking_publication WHERE NOT cancelled AND start > :now ORDER BY key LIMIT 5)"
    )
    with transaction() as connection:
        connection.execute(again, {"now": clock.now()})


async def _the_database_refuses(town: Town) -> None:
    """PostgreSQL quotes values in its errors, be it an outage to us or a bug; Prefect hears of each, and of each table."""
    for state in ("unique_violation", "check_violation", "query_canceled", "raise_exception"):
        for table in ("event", "effect", "timeline", "booking_publication"):
            town.by_prefect = state == "query_canceled" or table == "timeline"
            with _refusing(table, state):
                _walk_all_again() if table != "booking_publication" else None
                booking = _some_booking(town)
                town.sends("changed", booking | {"version": 1000, "id": f"{booking['id']}-{state}"})
                with suppress(Failed, DBAPIError):
                    await town.runs()
            town.waits(seconds=70)
    town.by_prefect = True
    await town.comes_to_rest(within=HOURS, stride=60)
    with _refusing("timeline", "unique_violation", "NEW.what = 'index_shows'"):  # after a call, surely
        _walk_all_again()
        await town.runs()
    await town.comes_to_rest(within=HOURS, stride=60)


QUOTED = f"Key (patient)=({', '.join(ADULTS[:20])}) already exists, phone +46701740605, Ärendeord001å"
"""What the database is made to say, to it and to us: it has to end with us."""


@contextmanager
def _refusing(table: str, state: str, when: str = "true") -> Iterator[None]:
    make = f"""
        CREATE FUNCTION refuse_{table}() RETURNS trigger AS $$ BEGIN
            RAISE EXCEPTION '{QUOTED}' USING ERRCODE = '{state}', DETAIL = '{QUOTED}', HINT = '{QUOTED}';
        END $$ LANGUAGE plpgsql;
        CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON {table}
        FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION refuse_{table}()"""
    with transaction() as connection:
        connection.execute(text(make))
    try:
        yield
    finally:
        with transaction() as connection:
            connection.execute(text(f"DROP TRIGGER refuse ON {table}; DROP FUNCTION refuse_{table}()"))


async def _the_night(town: Town) -> None:
    """The comparison with VAS and the index, with bookings that were never told of, some of them unreadable."""
    number = ADULTS[3]
    odd: list[Json] = [{"id": f"odd-{at}", "version": number, "patient": number} for at in range(3)]
    missed = town.booking(number, purpose="Ärendeord002å", start=in_days(4))
    for booking in [*odd, missed]:
        town.changes_silently("created", booking)
    shown = next(each for each in town.holds("vas")["bookings"] if town.engagements(each) == ["Booking"])
    town.index_loses(shown)
    for table in ("event", "engagement"):
        once = _tried_once(compare_with_vas, compare_with_index)
        with once, _refusing(table, "query_canceled"), pytest.raises(Failed):
            await town.reconciles()
    await town.reconciles()
    for effect in town.unknown_effects():
        with suppress(by_hand.Busy):
            by_hand.resolve(PROCESSES, effect, arrived=True)
    for line in by_hand.cases(PROCESSES, parked=True)[:20]:
        with suppress(by_hand.NotFound, by_hand.Busy):
            by_hand.retry(PROCESSES, line.id)
    for each in (town, of_contacts(town)):
        await each.comes_to_rest(within=HOURS, stride=60)
    town.is_now(clock.now() + timedelta(hours=1))


@contextmanager
def _tried_once(*tasks: Any) -> Iterator[None]:
    """Prefect does not try these tasks again, which takes it a minute."""
    before = [task.retries for task in tasks]
    for task in tasks:
        task.retries = 0
    try:
        yield
    finally:
        for task, retries in zip(tasks, before, strict=True):
            task.retries = retries
