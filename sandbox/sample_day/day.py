"""The sample day: played in stages, each when the one before has settled, and what should come of it.

1. Bookings are made, and patients write. 2. Bookings are changed, cancelled, rebooked; patients and units merge; one
patient dies; staff answer, propose, flag; residents cancel, move and book by themselves on 1177. 3. A unit is
connected: a thousand bookings that have been there for long come in one batch. Patients answer what they were asked,
and log in. 4. Staff settle what was unclear, and close.
5 and 6 are the next day, and are told when that comes (`next_day`).
"""

from __future__ import annotations

from sandbox.people.numbers import LOAD
from sandbox.sample_day.bookings import STORIES
from sandbox.sample_day.changes import CHANGES
from sandbox.sample_day.children import CHILDREN
from sandbox.sample_day.contacts import CONTACTS
from sandbox.sample_day.joined import JOINED
from sandbox.sample_day.next_day import to_be_moved
from sandbox.sample_day.risks import RISKS
from sandbox.sample_day.scene import Day, Scene
from sandbox.sample_day.self_service import PRESSED, tell_self_service
from sandbox.sample_day.switches import SWITCHES
from sandbox.sample_day.transfers import TRANSFERS
from sandbox.sample_day.units import FALKENBERG, HALMSTAD, LAHOLM, Json
from sandbox.sample_day.young import YOUNG

STAGES = 6
REGION = "region.toml"
"""The overlay with the day's units, at the top of the sandbox."""
VISITS_EACH = 10
EVERY_INBOX = 50


def tell_day() -> Day:
    """The day, from this moment on."""
    day = Day()
    for story in (*STORIES, *CHILDREN, *CHANGES):
        story(day)
    bulk_load(day)
    to_be_moved(day)
    for story in (*CONTACTS, *YOUNG, *SWITCHES, *RISKS, *JOINED, *TRANSFERS):
        story(day)
    tell_self_service(day)
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
            booking = scene.booked(unit, day.in_days(5 + 9 * visit, 8 + index % 8), stage=3)
            scene.expect(booking, "Booking", why, after=3, inbox=int(by_inbox))
    batch += [sent.event for sent in day.events.pop(3)]


def _of_the_load(index: int, number: str) -> Json:
    return {
        "personnummer": number,
        "name": f"Test Laddning{index:03}",
        "phone": f"+467017406{index % 90 + 5:02}",
        "preferences": {"notice_by": ["sms"]},
    }


def expected_after(day: Day, after: int = STAGES) -> Json:
    """The day as `GET /sample-day` shows it: what should have become of every booking after that stage."""
    outcome = day.outcome(after)
    return {
        "stages": STAGES,
        "region": REGION,
        "run": day.run_id,
        "residents": len({one["patient"] for one in outcome.values()}),
        "expected": outcome,
        "contacts": {talk.id: talk.outcome(after) for talk in day.talks},
        "refused": day.refused,
        "next_day": day.tomorrow,
        "self_service": day.self_service if after >= PRESSED else [],
    }
