"""A patient answers what we asked in their contact: they log in by the link, write, decline, or do nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.acts import contacts
from sandbox.acts.browser import Browser, Person
from sandbox.systems.eid.id_token import WRONG
from sandbox.wire.bodies import Form, boolean, checked, one_of, text
from sandbox.wire.web import BadRequest

if TYPE_CHECKING:
    from sandbox.region import Region

Json = dict[str, Any]
DECLINES = "Nej tack, jag vill hellre fortsätta här."


def _link(value: Any) -> bool:
    return text(value) or isinstance(value, dict)


def _level(value: Any) -> bool:
    return not isinstance(value, bool) and value in (2, 3, 4)


HOW: dict[str, Form] = {"loa?": _level, "cancel?": boolean, "wrong?": one_of("", *WRONG)}
LOGIN: dict[str, Form] = {"link": _link, "personnummer": text} | HOW
ANSWER: dict[str, Form] = {
    "channel": one_of("platform24", "hope", "lifecare", "e1177"),
    "contact": text,
    "does": one_of("logs_in", "writes", "declines", "nothing"),
    "text?": text,
    "personnummer?": text,
} | HOW


def logged_in(region: Region, given: Json) -> Json:
    """A browser goes the whole way by a link; the answer says where it ended.

    `link`: an address of the gateway, or a link as it stands in a platform's message or in 1177's inbox.
    """
    body = checked(given, LOGIN)
    address = _address(region, body["link"])
    if address is None or not address.startswith(f"{region.gateway}/"):
        raise BadRequest(422, "link: one that leads to the gateway")
    does = "cancel" if body.get("cancel") else "login"
    who = Person(body["personnummer"], body.get("loa", 3), does, body.get("wrong", ""))
    return Browser(region, region.eid).log_in(address, who).shown()


def answered(region: Region, given: Json) -> Json:
    """The patient, or `personnummer` in their place, answers our newest question in the contact.

    To do nothing lets the question lapse: our link ends by itself.
    """
    body = checked(given, ANSWER)
    heard = _heard(region, body["channel"], body["contact"])
    if not heard:
        raise BadRequest(409, "nothing was said to the patient in this contact")
    match body["does"]:
        case "nothing":
            return {"contact": body["contact"]}
        case "logs_in":
            return logged_in(region, _login(region, body, heard))
    said = body.get("text", DECLINES)
    place = {"channel": body["channel"], "contact": body["contact"]}
    return contacts.said(region, place | {"from": "patient", "text": said})


def _login(region: Region, body: Json, heard: list[Json]) -> Json:
    """By the newest link of ours that leads to the gateway."""
    for message in reversed(heard):
        for link in message["links"]:
            if (_address(region, link) or "").startswith(f"{region.gateway}/"):
                who = body.get("personnummer") or (message["patient"] or {}).get("id")
                return {"link": link, "personnummer": who} | {name: body[name] for name in _how(body)}
    raise BadRequest(409, "no link to log in by was sent in this contact")


def _how(body: Json) -> list[str]:
    return [name for name in ("loa", "cancel", "wrong") if name in body]


def _heard(region: Region, channel: str, contact: str) -> list[Json]:
    """What we have said in the contact, oldest first: the links, and to whom."""
    if channel == "e1177":
        return region.e1177.thread(contact)
    found = region.channels[channel].inspect({"contact": contact})["conversations"]
    return [
        {"patient": one["patient"], "links": message["links"]}
        for one in found
        for message in one["messages"]
        if message["from"] == "us"
    ]


def _address(region: Region, link: Any) -> str | None:
    """Where a link leads: an address as such, a platform's link (`url`), 1177's (`systemId`)."""
    if not isinstance(link, dict):
        return str(link)
    url = link.get("url")
    return url if isinstance(url, str) else region.e1177.leads_to(link)
