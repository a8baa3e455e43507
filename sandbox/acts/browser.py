"""Someone with a browser: follows a link, logs in, and tells where it ended. Over HTTP, as a browser would."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urljoin

import requests

from sandbox.systems.eid.provider import Eid
from sandbox.wire.shown import Shown

MOST_STEPS = 10
BUTTON = re.compile(r'<a class="button"[^>]* href="([^"]+)"')
LOGIN = re.compile(r'name="login" value="([^"]+)"')
HEADING = re.compile(r"<h1>([^<]*)</h1>")


@dataclass(frozen=True, slots=True)
class Ended(Shown):
    """Where the browser stands. `status` is None where nobody answered, or the address is not in this town."""

    at: str
    status: int | None = None
    html: str = ""

    def shown(self) -> dict[str, Any]:
        """As `POST /act/login` answers."""
        heading = HEADING.search(self.html)
        return {"at": self.at, "status": self.status, "heading": unescape(heading[1]) if heading else None}


@dataclass(frozen=True, slots=True)
class Person:
    """Who logs in, as the provider's form has it.

    `does`: login or cancel; `wrong`: what the provider does wrong (`eid.id_token.WRONG`).
    """

    who: str
    loa: int = 3
    does: str = "login"
    wrong: str = ""


class Browser:
    """One browser with its cookies. It goes nowhere but to our gateway and to the sandbox."""

    def __init__(self, gateway: str, provider: Eid) -> None:
        self._home = (f"{gateway}/", provider.issuer.removesuffix(provider.realm.name))
        self._provider = f"{provider.issuer}/"
        self._chosen_by = provider.realm.chosen_by
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["accept"] = "text/html,*/*;q=0.8"

    def log_in(self, link: str, person: Person) -> Ended:
        """The whole way: the link, its button if it has one, the provider's form, and back."""
        page = self._go("GET", link)
        if not page.at.startswith(self._provider):
            button = BUTTON.search(page.html)
            if page.status != 200 or not button:
                return page
            page = self._go("GET", urljoin(page.at, unescape(button[1])))
        form = LOGIN.search(page.html)
        if not page.at.startswith(self._provider) or not form:
            return page
        filled = {"login": unescape(form[1]), self._chosen_by: person.who, "loa": str(person.loa)}
        return self._go(
            "POST", page.at.partition("?")[0], filled | {"do": person.does, "wrong": person.wrong}
        )

    def fill_in(self, url: str, form: dict[str, str]) -> Ended:
        """A form of a page is sent, and where that leads is followed."""
        return self._go("POST", url, form)

    def ask(self, method: str, url: str) -> requests.Response | None:
        """As a program with this browser's cookies: JSON or bytes; None: nobody answered."""
        try:
            return self._session.request(
                method, url, headers={"accept": "application/json"}, timeout=60, allow_redirects=False
            )
        except requests.RequestException:
            return None

    def _go(self, method: str, url: str, form: dict[str, str] | None = None) -> Ended:
        for _ in range(MOST_STEPS):
            if not url.startswith(self._home):
                break
            try:
                answer = self._session.request(method, url, data=form, timeout=30, allow_redirects=False)
            except requests.RequestException:
                break
            if not answer.is_redirect:
                return Ended(url, answer.status_code, answer.content.decode("utf-8", "replace"))
            method, url, form = "GET", urljoin(url, answer.headers["location"]), None
        return Ended(url)
