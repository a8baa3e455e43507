"""The sandbox's own paths: what was received, and what its people are made to do. How it is: `setting_up`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.acts import answers, contacts, transfers
from sandbox.region import Region
from sandbox.sample_day import day as sample_day
from sandbox.server import setting_up
from sandbox.systems.channel import PLATFORMS
from sandbox.systems.e1177.resident_view import bookings_seen
from sandbox.systems.elks import incoming
from sandbox.wire import soap
from sandbox.wire.web import BadRequest, Handler, Reply, Request, json_reply
from sandbox.wire.webhooks import Event, NoSecret


def _platform(region: Region, request: Request) -> Reply:
    if request.path.startswith("attachments/"):
        return region.attachments[request.first].handle(request)
    return region.channels[request.first].handle(request)


def _at_1177(region: Region, request: Request) -> Reply:
    if request.path.startswith("attachments/"):
        return region.attachments[request.first].handle(request)
    return soap.serve(request, region.at_1177)


SYSTEMS: dict[str, Handler] = {
    "engagement_index": lambda region, request: soap.serve(request, region.index.operations),
    "e1177": _at_1177,
    "person": lambda region, request: soap.serve(request, region.person.operations),
    "sms": lambda region, request: region.sms.handle(request),
    "voice": lambda region, request: region.voice.handle(request),
    "vas": lambda region, request: region.vas.handle(request),
    **dict.fromkeys(PLATFORMS, _platform),
    "eid": lambda region, request: region.eid.handle(request),
    "staff_eid": lambda region, request: region.staff_eid.handle(request),
}
ACTS = (
    contacts.ACTS | {"answer": answers.answered, "login": answers.logged_in} | incoming.ACTS | transfers.ACTS
)
"""What people do, by the path under `/act/`; any other is a source of webhooks."""


def control(region: Region, request: Request) -> Reply:
    """Answers everything that is not a system."""
    answer = ROUTES.get((request.method, request.first))
    if answer is None:
        raise BadRequest(404, "no such resource")
    return answer(region, request)


def _health(region: Region, request: Request) -> Reply:
    return json_reply({"ok": True})


def _inspect(region: Region, request: Request) -> Reply:
    """What the system `request.path` received and now holds."""
    query = request.query
    looks: dict[str, Callable[[], dict[str, Any]]] = {
        "calls": lambda: region.calls.counted() if "count" in query else {"calls": region.calls.shown(query)},
        "engagement_index": lambda: region.index.inspect(query),
        "e1177": lambda: _e1177(region, query),
        "counts": region.counts,
        "person": lambda: region.person.inspect(query),
        "sms": lambda: region.sms.inspect(query),
        "voice": lambda: region.voice.inspect(query),
        "mail": lambda: region.mail.inspect(query),
        "vas": lambda: region.vas.inspect(query),
        **dict.fromkeys(PLATFORMS, lambda: _on_platform(region, request.path, query)),
        "eid": lambda: region.eid.inspect(query),
        "staff_eid": lambda: region.staff_eid.inspect(query),
    }
    if request.path not in looks:
        raise BadRequest(404, f"one of {', '.join(looks)}")
    return json_reply(looks[request.path]())


def _on_platform(region: Region, platform: str, query: dict[str, str]) -> dict[str, Any]:
    attached = region.attachments[platform].inspect(query)
    return region.channels[platform].inspect(query) | {"attachments": attached}


def _e1177(region: Region, query: dict[str, str]) -> dict[str, Any]:
    """With a `patient` also what the resident sees booked, asked for this moment of our producer."""
    held = {"forms": region.forms.inspect(query), "attachments": region.attachments["e1177"].inspect(query)}
    shown = region.e1177.inspect(query) | held
    patient = query.get("patient")
    if patient is None:
        return shown
    producer = region.producer()
    with producer.session:
        return shown | bookings_seen(region.index.of_resident(patient), patient, producer)


def _about_the_day(region: Region, request: Request) -> Reply:
    return json_reply(sample_day.about(region.day, _stage(request.query.get("after"))))


def _stage(given: Any) -> int:
    if given is None:
        return sample_day.STAGES
    if str(given) not in [str(stage) for stage in range(1, sample_day.STAGES + 1)]:
        raise BadRequest(422, f"a stage is from 1 to {sample_day.STAGES}")
    return int(given)


def _act(region: Region, request: Request) -> Reply:
    """Makes the source `request.path` tell of something, the people write, or plays a stage of the sample day."""
    given = request.json()
    if not isinstance(given, dict):
        raise BadRequest(422, "not an object")
    try:
        if request.path == "sample-day":
            return json_reply(sample_day.play(region, _stage(given.get("stage", 1))))
        if request.path in ACTS:
            return json_reply(ACTS[request.path](region, given))
        return json_reply({"sent": _tell(region, request.path, given)})
    except NoSecret as error:
        raise BadRequest(422, str(error)) from None


def _tell(region: Region, source: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    """`{events: [{type, data, id?, timestamp?}], batch?, silent?}`. VAS's own list follows.

    `silent`: the webhook is lost, nothing is sent.
    """
    events = _events(source, given.get("events"))
    if source == "vas":
        for event in events:
            region.vas.apply(event.type, event.data)
    if given.get("silent"):
        return []
    if given.get("batch"):
        return region.webhooks.send_batch(source, events)
    return [region.webhooks.send(event) for event in events]


def _events(source: str, given: Any) -> list[Event]:
    try:
        return [
            Event(one["type"], one["data"], source, **{n: one[n] for n in ("id", "timestamp") if n in one})
            for one in given
        ]
    except (KeyError, TypeError):
        raise BadRequest(422, "events: a list of {type, data, id?, timestamp?}") from None


ROUTES: dict[tuple[str, str], Handler] = setting_up.ROUTES | {
    ("GET", "healthz"): _health,
    ("GET", "inspect"): _inspect,
    ("GET", "sample-day"): _about_the_day,
    ("POST", "act"): _act,
}
