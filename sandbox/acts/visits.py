"""Someone who comes to a visit: they read the code on the unit's wall and check in, or join it by its link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import unescape
from typing import Any
from urllib.parse import urljoin, urlsplit

from sandbox.acts.browser import Browser, Ended, Person
from sandbox.acts.contacts import Act
from sandbox.systems.channel import JOINED_AT, Channel
from sandbox.systems.eid.provider import Eid
from sandbox.wire.bodies import Form, boolean, checked_body, text

Json = dict[str, Any]
CHECK_IN: dict[str, Form] = {
    "unit": text,
    "personnummer": text,
    "press?": boolean,
    "loa?": lambda loa: loa in (2, 3, 4),
}
JOIN: dict[str, Form] = {"link": text, "personnummer": text, "loa?": lambda loa: loa in (2, 3, 4)}
VISIT = re.compile(r"<li>(.*?)</li>", re.DOTALL)
CLOCK = re.compile(r"<time[^>]*>([^<]*)</time>")
SAYS = re.compile(r"<p[^>]*>([^<]*)</p>")
FORM = re.compile(r'<form method="post" action="([^"]+)">(.*?)</form>', re.DOTALL)
FIELD = re.compile(r'name="([a-z]+)" value="([^"]*)"')


class Visits:
    """What people do at the door, a unit's or a platform's."""

    def __init__(self, gateway: str, eid: Eid, channels: Mapping[str, Channel]) -> None:
        self._gateway, self._eid, self._channels = gateway, eid, channels
        self.acts: dict[str, Act] = {"check-in": self.check_in, "join": self.join}

    def join(self, given: Json) -> Json:
        """They follow a visit's link and log in; `joined` is the platform that they come to, which keeps that."""
        body = checked_body(given, JOIN)
        who = Person(body["personnummer"], body.get("loa", 3))
        page = Browser(self._gateway, self._eid).log_in(body["link"], who)
        platform = JOINED_AT.get(urlsplit(page.at).netloc)
        if platform:
            self._channels[platform].came(who.who, page.at)
        return page.shown() | {
            "joined": platform,
            "says": [unescape(each) for each in SAYS.findall(page.html)],
        }

    def check_in(self, given: Json) -> Json:
        """They log in at the unit's code and, with `press`, check in to each visit that they can check in to."""
        body = checked_body(given, CHECK_IN)
        browser = Browser(self._gateway, self._eid)
        who = Person(body["personnummer"], body.get("loa", 3))
        page = browser.log_in(f"{self._gateway}/c/{body['unit']}", who)
        for form in _forms(page) if body.get("press") else []:
            page = browser.fill_in(*form)
        return page.shown() | {"visits": [_visit(each) for each in VISIT.findall(page.html)]}


def _forms(page: Ended) -> list[tuple[str, dict[str, str]]]:
    """The forms of the visits on a page: where each goes, and what it holds."""
    return [
        (urljoin(page.at, unescape(to)), {name: unescape(value) for name, value in FIELD.findall(inner)})
        for visit in VISIT.findall(page.html)
        for to, inner in FORM.findall(visit)
    ]


def _visit(html: str) -> Json:
    says = [unescape(each) for each in SAYS.findall(html)]
    return {"clock": CLOCK.findall(html)[0], "says": says, "open": "<form" in html}
