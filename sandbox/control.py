"""The sandbox's own paths: people, faults, what was received, and what its people are made to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox import answers, contacts, incoming, sample_day, soap
from sandbox.attachments import SOURCES
from sandbox.catalogue import WrongService
from sandbox.channel import PLATFORMS
from sandbox.people import WrongResident
from sandbox.region import Region
from sandbox.resident_view import bookings_seen
from sandbox.web import BadRequest, Handler, Reply, Request, json_reply
from sandbox.webhooks import Event, NoSecret


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
}
ACTS = contacts.ACTS | {"answer": answers.answered, "login": answers.logged_in} | incoming.ACTS
"""What people do, by the path under `/act/`; any other is a source of webhooks."""


def control(region: Region, request: Request) -> Reply:
    """Answers everything that is not a system."""
    answer = ROUTES.get((request.method, request.first))
    if answer is None:
        raise BadRequest(404, "no such resource")
    return answer(region, request)


def _health(region: Region, request: Request) -> Reply:
    return json_reply({"ok": True})


def _all_people(region: Region, request: Request) -> Reply:
    return json_reply({"people": [one.shown() for one in region.people.all()]})


def _put_people(region: Region, request: Request) -> Reply:
    given = request.json()
    try:
        added = [region.people.put(one) for one in (given if isinstance(given, list) else [given])]
    except WrongResident as error:
        raise BadRequest(422, str(error)) from None
    return json_reply({"people": [one.shown() for one in added]}, 201)


def _put_attachments(region: Region, request: Request) -> Reply:
    """One or a list: `attachments.ATTACHMENT`."""
    given = request.json()
    wanted = given if isinstance(given, list) else [given]
    if not all(isinstance(one, dict) and one.get("system") in SOURCES for one in wanted):
        raise BadRequest(422, f"system: one of {', '.join(SOURCES)}")
    return json_reply({"attachments": [region.attachments[one["system"]].put(one) for one in wanted]}, 201)


def _all_faults(region: Region, request: Request) -> Reply:
    return json_reply({"faults": region.faults.shown()})


def _put_faults(region: Region, request: Request) -> Reply:
    try:
        return json_reply({"faults": region.faults.add(request.json())}, 201)
    except (TypeError, ValueError) as error:
        raise BadRequest(422, str(error)) from None


def _no_faults(region: Region, request: Request) -> Reply:
    region.faults.clear()
    return Reply(204, b"")


def _forget(region: Region, request: Request) -> Reply:
    region.forget()
    return Reply(204, b"")


def _put_unit(region: Region, request: Request) -> Reply:
    """`{hsa_id, connected?, name?, services?}`: whether 1177 itself notifies of what is booked there (by
    default it does), and what its catalogue has of the unit."""
    given = request.json()
    if not isinstance(given, dict) or not isinstance(given.get("hsa_id"), str):
        raise BadRequest(422, "hsa_id: text")
    unit = given["hsa_id"].upper()
    try:
        offering = region.catalogue.put(unit, given)
    except WrongService as error:
        raise BadRequest(422, str(error)) from None
    if "connected" in given:
        region.connect(unit, bool(given["connected"]))
    connected = unit not in region.e1177.unconnected
    services = [service.shown() for service in offering.services]
    shown = {"hsa_id": unit, "connected": connected, "name": offering.name, "services": services}
    return json_reply(shown, 201)


def _put_provider(region: Region, request: Request) -> Reply:
    """What kind of identity provider it is from now on (`eid_kind.Kind`).

    `keys`: the client's, as JWK set. `rotate`: it signs by new keys.
    """
    given = dict(request.json())
    keys, rotate = given.pop("keys", region.eid.clients.keys), given.pop("rotate", False)
    try:
        region.eid.kind = region.eid.kind.changed(given)
    except ValueError as error:
        raise BadRequest(422, str(error)) from None
    region.eid.clients.keys = keys
    if rotate:
        region.eid.signer.rotate()
    return json_reply(region.eid.kind.shown(), 201)


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


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "healthz"): _health,
    ("GET", "people"): _all_people,
    ("POST", "people"): _put_people,
    ("POST", "attachments"): _put_attachments,
    ("GET", "faults"): _all_faults,
    ("POST", "faults"): _put_faults,
    ("DELETE", "faults"): _no_faults,
    ("DELETE", "state"): _forget,
    ("POST", "units"): _put_unit,
    ("POST", "provider"): _put_provider,
    ("GET", "inspect"): _inspect,
    ("GET", "sample-day"): _about_the_day,
    ("POST", "act"): _act,
}
