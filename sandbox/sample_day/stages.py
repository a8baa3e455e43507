"""The sample day is played, a stage at a time, by the people of a region."""

from __future__ import annotations

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sandbox.acts.townspeople import Townspeople
from sandbox.region import Region
from sandbox.sample_day.day import STAGES, expected_after, tell_day
from sandbox.sample_day.next_day import MORNING, tell_next_day
from sandbox.sample_day.scene import Act, Day, Login, Press, Sent
from sandbox.sample_day.units import UNITS, Json
from sandbox.wire.forgetful import Forgetful
from sandbox.wire.web import BadRequest
from sandbox.wire.webhooks import Event

AT_ONCE = 8
"""So many stories of residents who press on 1177 go on at the same time."""
LINK = re.compile(r"https?://\S+/v/[\w-]+")
"""By which a visit is joined."""


class SampleDay(Forgetful):
    """One day of one region, told from when it is first asked for."""

    def __init__(self, region: Region, people: Townspeople) -> None:
        self._region, self._townspeople = region, people
        self._lock = threading.Lock()
        self._day: Day | None = None

    @property
    def day(self) -> Day:
        """The day, the same until it is forgotten."""
        with self._lock:
            self._day = self._day or tell_day()
            return self._day

    def clear(self) -> None:
        """The next one is another day."""
        self._day = None

    def expected(self, after: int = STAGES) -> Json:
        """What should have become of everything after that stage."""
        return expected_after(self.day, after)

    def play_stage(self, stage: int) -> Json:
        """Plays one stage; the same stage again sends the same webhooks with the same ids."""
        day, region = self.day, self._region
        if stage == MORNING and not day.tomorrow:
            tell_next_day(day, datetime.now(UTC))
        for unit in UNITS:
            region.e1177.inbox.connect(unit.hsa_id, unit.connected)
        for person in day.people.get(stage, []):
            region.people.add_or_change(person)
        if stage == 1:
            self._set_out(day)
        for text in day.texts.get(stage, []):
            self._townspeople.acts["text"](text)
        with ThreadPoolExecutor(AT_ONCE) as at_once:
            pressed = list(at_once.map(self._press, day.presses.get(stage, [])))
        sent = [self._send_webhook(one) for one in day.events.get(stage, [])]
        batch = [_now(event) for event in day.batches.get(stage, [])]
        for event in batch:
            region.vas.follow_event(event.type, event.data)
        batches = region.webhooks.send_batch("vas", batch) if batch else []
        logins = [self._log_in_by_question(login) for login in day.logins.get(stage, [])]
        acts = [self._use_storage(act) for act in day.acts.get(stage, [])]
        acts += [self._check_in(*given) for given in day.check_ins.get(stage, [])]
        acts += [self._join(*given) for given in day.joins.get(stage, [])]
        counted = [_without_each(one) for one in batches]
        return {"stage": stage, "sent": sent, "batches": counted, "logins": logins, "acts": acts + pressed}

    def _set_out(self, day: Day) -> None:
        """Who works here, what can be booked, and what patients attach."""
        for timetable in day.timetables:
            self._region.vas.replace_timetable(timetable)
        for member in day.staff:
            self._region.staff.add_or_replace(member)
        for given in day.attachments:
            held = self._region.attachments[given["system"]]
            if not held.attached({"ref": given["ref"]}):
                held.attach(given)

    def _send_webhook(self, sent: Sent) -> Json:
        event, region = sent.event, self._region
        if sent.in_vas and event.source == "vas":
            region.vas.follow_event(event.type, event.data)
        if platform := region.channels.get(event.source):
            platform.follow_event(event.type, event.data)
        booking = event.data.get("booking", {}).get("id")
        return {"booking": booking} | region.webhooks.send_event(_now(event))

    def _log_in_by_question(self, login: Login) -> Json:
        """Where the browser ended; the status of the refusal, where there is no link to follow."""
        does: Json = {"does": "logs_in", "loa": login.loa, "cancel": login.cancel}
        place = {"channel": login.channel, "contact": login.contact, "personnummer": login.number}
        try:
            return {"contact": login.contact} | self._townspeople.answers.answer_question(place | does)
        except BadRequest as error:
            return {"contact": login.contact, "status": error.status}

    def _check_in(self, title: str, heading: str, given: Json) -> Json:
        """`wrong` where the page is another than that which they should come to."""
        page = self._townspeople.acts["check-in"](given)
        wrong = [] if page["heading"] == heading else [f"{page['heading']} instead of {heading}"]
        return {"title": title, "does": "checks_in", "wrong": wrong}

    def _join(self, title: str, platform: str | None, number: str) -> Json:
        """By the link of the visit that 1177 shows them; `wrong` where they come to another place."""
        shown = self._region.e1177.inspect({"patient": number})["bookings"]
        links = [link for booking in shown for link in LINK.findall(str(booking["purpose"]))]
        if not links:
            return {"title": title, "does": "joins", "wrong": ["no link on 1177"]}
        page = self._townspeople.acts["join"]({"link": links[-1], "personnummer": number})
        wrong = [] if page["joined"] == platform else [f"{page['heading']} instead of {platform}"]
        return {"title": title, "does": "joins", "wrong": wrong}

    def _press(self, press: Press) -> Json:
        """`wrong` where they read something else than they should."""
        with ThreadPoolExecutor(len(press.presses)) as at_once:
            read = list(
                at_once.map(lambda one: self._townspeople.acts[f"1177/{one[0]}"](one[1]), press.presses)
            )
        results = sorted(str(one["result"]) for one in read)
        said = [f"{one['result']}: {one['text'] or one['error']}" for one in read]
        return {"title": press.title, "does": "presses", "wrong": [] if results == [*press.results] else said}

    def _use_storage(self, act: Act) -> Json:
        """What was done with each file; `wrong` where that is not as it should be, the bytes among it."""
        given = {"staff": act.staff, "does": act.does, "transfer": act.transfer}
        try:
            files = self._townspeople.transfers.use_storage(given)["files"]
        except BadRequest as error:
            return given | {"files": 0, "wrong": [error.detail]}
        wrong = [one["status"] for one in files if one["status"] not in range(200, 300)]
        changed = act.does == "downloads" and any(one["given_sha256"] != one["sha256"] for one in files)
        wrong += ["other bytes"] if changed else []
        return given | {"files": len(files), "wrong": wrong if files else ["no files"]}


def _now(event: Event) -> Event:
    return replace(event, timestamp=datetime.now(UTC).isoformat())


def _without_each(batch: dict[str, Any]) -> Json:
    """A batch's answer without the thousand single ones."""
    answer = batch["answer"]
    each = answer.get("events") if isinstance(answer, dict) else None
    return {"events": batch["events"], "status": batch["status"], "answered": len(each or [])}
