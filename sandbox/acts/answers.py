"""A patient answers what we asked in their contact: they log in by the link, write, decline, or do nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.acts.browser import Browser, Person
from sandbox.acts.contacts import Act, Contacts
from sandbox.systems.channel import Channel, is_platform
from sandbox.systems.e1177.inbox import Inbox
from sandbox.systems.eid.id_token import WRONG
from sandbox.systems.eid.provider import Eid
from sandbox.wire.bodies import Form, boolean, checked_body, one_of, text
from sandbox.wire.web import BadRequest

Json = dict[str, Any]
DECLINES = "Nej tack, jag vill hellre fortsätta här."


def _link(value: Any) -> bool:
    return text(value) or isinstance(value, dict)


def _level(value: Any) -> bool:
    return not isinstance(value, bool) and value in (2, 3, 4)


HOW: dict[str, Form] = {"loa?": _level, "cancel?": boolean, "wrong?": one_of("", *WRONG)}
LOGIN: dict[str, Form] = {"link": _link, "personnummer": text} | HOW
ANSWER: dict[str, Form] = {
    "channel": lambda value: is_platform(value) or value == "e1177",
    "contact": text,
    "does": one_of("logs_in", "writes", "declines", "nothing"),
    "text?": text,
    "personnummer?": text,
} | HOW


class Answers:
    """What patients do about our questions."""

    def __init__(
        self, gateway: str, eid: Eid, inbox: Inbox, channels: Mapping[str, Channel], contacts: Contacts
    ) -> None:
        self._gateway, self._eid, self._inbox = gateway, eid, inbox
        self._channels, self._contacts = channels, contacts
        self.acts: dict[str, Act] = {"answer": self.answer_question, "login": self.log_in_by_link}

    def log_in_by_link(self, given: Json) -> Json:
        """A browser goes the whole way by a link; the answer says where it ended.

        `link`: an address of the gateway, or a link as it stands in a platform's message or in 1177's inbox.
        """
        body = checked_body(given, LOGIN)
        address = self._leads_to(body["link"])
        if address is None or not address.startswith(f"{self._gateway}/"):
            raise BadRequest(422, "link: one that leads to the gateway")
        does = "cancel" if body.get("cancel") else "login"
        who = Person(body["personnummer"], body.get("loa", 3), does, body.get("wrong", ""))
        return Browser(self._gateway, self._eid).log_in(address, who).shown()

    def answer_question(self, given: Json) -> Json:
        """The patient, or `personnummer` in their place, answers our newest question in the contact.

        To do nothing lets the question lapse: our link ends by itself.
        """
        body = checked_body(given, ANSWER)
        heard = self._said_to_patient(body["channel"], body["contact"])
        if not heard:
            raise BadRequest(409, "nothing was said to the patient in this contact")
        match body["does"]:
            case "nothing":
                return {"contact": body["contact"]}
            case "logs_in":
                return self.log_in_by_link(self._login(body, heard))
        said = body.get("text", DECLINES)
        place = {"channel": body["channel"], "contact": body["contact"]}
        return self._contacts.write_message(place | {"from": "patient", "text": said})

    def _login(self, body: Json, heard: list[Json]) -> Json:
        """By the newest link of ours that leads to the gateway."""
        for message in reversed(heard):
            for link in message["links"]:
                if (self._leads_to(link) or "").startswith(f"{self._gateway}/"):
                    who = body.get("personnummer") or (message["patient"] or {}).get("id")
                    return {"link": link, "personnummer": who} | {name: body[name] for name in _how(body)}
        raise BadRequest(409, "no link to log in by was sent in this contact")

    def _said_to_patient(self, channel: str, contact: str) -> list[Json]:
        """What we have said in the contact, oldest first: the links, and to whom."""
        if channel == "e1177":
            return self._inbox.thread(contact)
        if channel not in self._channels:
            raise BadRequest(422, "channel: one that there is here")
        found = self._channels[channel].conversations({"contact": contact})
        return [
            {"patient": one["patient"], "links": message["links"]}
            for one in found
            for message in one["messages"]
            if message["from"] == "us"
        ]

    def _leads_to(self, link: Any) -> str | None:
        """Where a link leads: an address as such, a platform's link (`url`), 1177's (`systemId`)."""
        if not isinstance(link, dict):
            return str(link)
        url = link.get("url")
        return url if isinstance(url, str) else self._inbox.leads_to(link)


def _how(body: Json) -> list[str]:
    return [name for name in ("loa", "cancel", "wrong") if name in body]
