"""The sample day: played in stages, each when the one before has settled, and what should come of it.

1. Bookings are made, and patients write. 2. Bookings are changed, cancelled, rebooked; patients and units merge; one
patient dies; staff answer, propose, flag. 3. A unit is connected: a thousand bookings that have been there for long
come in one batch. Patients answer what they were asked, and log in. 4. Staff settle what was unclear, and close.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox.acts import answers, transfers
from sandbox.people.numbers import LOAD
from sandbox.sample_day.bookings import STORIES
from sandbox.sample_day.changes import CHANGES
from sandbox.sample_day.children import CHILDREN
from sandbox.sample_day.contacts import CONTACTS
from sandbox.sample_day.joined import JOINED
from sandbox.sample_day.risks import RISKS
from sandbox.sample_day.scene import FALKENBERG, HALMSTAD, LAHOLM, UNITS, Act, Day, Json, Scene, Sent
from sandbox.sample_day.switches import SWITCHES
from sandbox.sample_day.talk import Login
from sandbox.sample_day.transfers import TRANSFERS
from sandbox.sample_day.young import YOUNG
from sandbox.wire.web import BadRequest
from sandbox.wire.webhooks import Event

if TYPE_CHECKING:
    from sandbox.region import Region

STAGES = 4
REGION = "region.toml"
"""The overlay with the day's units, at the top of the sandbox."""
VISITS_EACH = 10
EVERY_INBOX = 50


def told() -> Day:
    """The day, from this moment on."""
    day = Day()
    for story in (*STORIES, *CHILDREN, *CHANGES):
        story(day)
    bulk_load(day)
    for story in (*CONTACTS, *YOUNG, *SWITCHES, *RISKS, *JOINED, *TRANSFERS):
        story(day)
    return day


def bulk_load(day: Day) -> None:
    """Ten bookings for each of a hundred residents, not marked as a replay: their number alone must tell."""
    why = "A bulk load publishes and notifies nobody."
    people, batch = day.people.setdefault(3, []), day.batches.setdefault(3, [])
    for index, number in enumerate(LOAD):
        scene = Scene(day, "The bulk load", _of_the_load(index, number))
        people.append(scene.person)
        for visit in range(VISITS_EACH):
            by_inbox = (index * VISITS_EACH + visit) % EVERY_INBOX == 0
            unit = FALKENBERG if by_inbox else (HALMSTAD, LAHOLM)[visit % 2]
            booking = scene.booked(unit, day.at(5 + 9 * visit, 8 + index % 8), stage=3)
            scene.expect(booking, "Booking", why, after=3, inbox=int(by_inbox))
    batch += [sent.event for sent in day.events.pop(3)]


def _of_the_load(index: int, number: str) -> Json:
    return {
        "personnummer": number,
        "name": f"Test Laddning{index:03}",
        "phone": f"+467017406{index % 90 + 5:02}",
        "preferences": {"notice_by": ["sms"]},
    }


def about(day: Day, after: int = STAGES) -> Json:
    """The day as `GET /sample-day` shows it: what should have become of every booking after that stage."""
    outcome = day.outcome(after)
    return {
        "stages": STAGES,
        "region": REGION,
        "run": day.run,
        "residents": len({one["patient"] for one in outcome.values()}),
        "expected": outcome,
        "contacts": {talk.id: talk.outcome(after) for talk in day.talks},
        "refused": day.refused,
    }


def play(town: Region, stage: int) -> Json:
    """Plays one stage; the same stage again sends the same webhooks with the same ids."""
    day = town.day
    for unit in UNITS:
        town.connect(unit.hsa_id, unit.connected)
    for person in day.people.get(stage, []):
        town.people.put(person)
    if stage == 1:
        _set_out(town, day)
    sent = [_send(town, one) for one in day.events.get(stage, [])]
    batch = [_now(event) for event in day.batches.get(stage, [])]
    for event in batch:
        town.vas.apply(event.type, event.data)
    batches = town.webhooks.send_batch("vas", batch) if batch else []
    logins = [_log_in(town, login) for login in day.logins.get(stage, [])]
    acts = [_act(town, act) for act in day.acts.get(stage, [])]
    counted = [_counted(one) for one in batches]
    return {"stage": stage, "sent": sent, "batches": counted, "logins": logins, "acts": acts}


def _set_out(town: Region, day: Day) -> None:
    """Who works here, and what patients attach."""
    for member in day.staff:
        town.staff.put(member)
    for given in day.attachments:
        held = town.attachments[given["system"]]
        if not held.inspect({"ref": given["ref"]}):
            held.put(given)


def _send(town: Region, sent: Sent) -> Json:
    event = sent.event
    if sent.in_vas and event.source == "vas":
        town.vas.apply(event.type, event.data)
    if platform := town.channels.get(event.source):
        platform.apply(event.type, event.data)
    booking = event.data.get("booking", {}).get("id")
    return {"booking": booking} | town.webhooks.send(_now(event))


def _log_in(town: Region, login: Login) -> Json:
    """Where the browser ended; the status of the refusal, where there is no link to follow."""
    does: Json = {"does": "logs_in", "loa": login.loa, "cancel": login.cancel}
    place = {"channel": login.channel, "contact": login.contact, "personnummer": login.number}
    try:
        return {"contact": login.contact} | answers.answered(town, place | does)
    except BadRequest as error:
        return {"contact": login.contact, "status": error.status}


def _act(town: Region, act: Act) -> Json:
    """What was done with each file; `wrong` where that is not as it should be, the bytes among it."""
    given = {"staff": act.staff, "does": act.does, "transfer": act.transfer}
    try:
        files = transfers.in_storage(town, given)["files"]
    except BadRequest as error:
        return given | {"files": 0, "wrong": [error.detail]}
    wrong = [one["status"] for one in files if one["status"] not in range(200, 300)]
    changed = act.does == "downloads" and any(one["given_sha256"] != one["sha256"] for one in files)
    wrong += ["other bytes"] if changed else []
    return given | {"files": len(files), "wrong": wrong if files else ["no files"]}


def _now(event: Event) -> Event:
    return replace(event, timestamp=datetime.now(UTC).isoformat())


def _counted(batch: dict[str, Any]) -> Json:
    """A batch's answer without the thousand single ones."""
    answer = batch["answer"]
    each = answer.get("events") if isinstance(answer, dict) else None
    return {"events": batch["events"], "status": batch["status"], "answered": len(each or [])}
