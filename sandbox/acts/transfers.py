"""Staff bring what a patient attached towards the journal: by their own system, and on the pages of the storage."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any

from sandbox.acts.browser import Browser, Person
from sandbox.acts.contacts import Act, identified
from sandbox.systems.attachments import SOURCES, Attachments
from sandbox.systems.channel import Channel
from sandbox.systems.eid.id_token import WRONG
from sandbox.systems.eid.provider import Eid
from sandbox.wire.bodies import STAFF, UNIT, Form, Many, OrNull, boolean, checked_body, one_of, text
from sandbox.wire.web import BadRequest
from sandbox.wire.webhooks import Event, Webhooks

Json = dict[str, Any]
TRANSFER: dict[str, Form] = {
    "from": one_of(*SOURCES),
    "contact": text,
    "attachments": Many({"ref": text, "filename?": OrNull(text)}),
    "staff": STAFF,
    "id?": text,
    "personnummer?": text,
    "unit?": UNIT,
}
JOURNALLED: dict[str, Form] = {"transfer": text, "file": text, "staff": STAFF}
DOES = {
    "looks": ("GET", ""),
    "downloads": ("GET", ""),
    "previews": ("GET", "/preview"),
    "deletes": ("DELETE", ""),
    "journalled": ("POST", "/journalled"),
    "fetches_again": ("POST", "/fetch-again"),
}
"""What staff do with a file of theirs: how the pages are asked for it. To look is to see the list alone."""
HOW: dict[str, Form] = {
    "staff": text,
    "commission?": text,
    "loa?": lambda value: value in (2, 3, 4),
    "cancel?": boolean,
    "wrong?": one_of("", *WRONG),
}
STORAGE: dict[str, Form] = HOW | {"does": one_of(*DOES), "transfer?": text, "file?": text}


class Transfers:
    """What staff do with pictures."""

    def __init__(
        self,
        gateway: str,
        webhooks: Webhooks,
        channels: Mapping[str, Channel],
        attachments: Mapping[str, Attachments],
        staff_eid: Eid,
    ) -> None:
        self._gateway, self._webhooks, self._staff_eid = gateway, webhooks, staff_eid
        self._channels, self._attachments = channels, attachments
        self.acts: dict[str, Act] = {
            "transfer": self.request_transfer,
            "journalled": self.report_journalled,
            "staff-login": self.log_in_staff,
            "storage": self.use_storage,
        }

    def request_transfer(self, given: Json) -> Json:
        """`transfer.requested`, as staff's own system tells it.

        Patient and unit are those of the conversation, the filename what the platform says, where none are given.
        """
        body = checked_body(given, TRANSFER)
        of = self._of_whom(body)
        transfer = {
            "id": body.get("id", f"T-{uuid.uuid4().hex}"),
            "contact": body["contact"],
            "from": body["from"],
            "attachments": [self._attachment(body["from"], one) for one in body["attachments"]],
            "by": body["staff"],
        }
        event = Event("transfer.requested", {"transfer": transfer | of}, "staff")
        return {"transfer": transfer["id"], "sent": [self._webhooks.send_event(event)]}

    def report_journalled(self, given: Json) -> Json:
        """`transfer.journalled`, as staff's own system tells it: the file is in the journal."""
        body = checked_body(given, JOURNALLED)
        data = {"transfer": body["transfer"], "file": body["file"], "by": body["staff"]}
        return {"sent": [self._webhooks.send_event(Event("transfer.journalled", data, "staff"))]}

    def log_in_staff(self, given: Json) -> Json:
        """A member of staff logs in at the gateway; the answer says where the browser ended."""
        _, ended = self._log_in(checked_body(given, HOW | {"link?": text}))
        return ended

    def use_storage(self, given: Json) -> Json:
        """A member of staff logs in and does something with each of their files that is meant.

        `transfer`, `file` (its id): of which; left out: all. Answers with `files`, each with the `status` of what was
        done, and where bytes were given with their `given_sha256`.
        """
        body = checked_body(given, STORAGE)
        browser, ended = self._log_in(body)
        address = f"{self._gateway}/staff/storage"
        listed = browser.ask("GET", address)
        try:
            all_theirs = listed.json()["files"] if listed is not None and listed.ok else []
        except (ValueError, KeyError, TypeError):
            raise BadRequest(502, "the gateway's list of files is none") from None
        meant = [one for one in all_theirs if _is_meant(one, body)]
        files = [one | _done(browser, address, one["id"], body["does"]) for one in meant]
        return ended | {"status": listed.status_code if listed is not None else None, "files": files}

    def _log_in(self, body: Json) -> tuple[Browser, Json]:
        browser, link = (
            Browser(self._gateway, self._staff_eid),
            body.get("link", f"{self._gateway}/staff/login"),
        )
        if not link.startswith(f"{self._gateway}/"):
            raise BadRequest(422, "link: one that leads to the gateway")
        does = "cancel" if body.get("cancel") else "login"
        who = Person(self._as_whom(body), body.get("loa", 3), does, body.get("wrong", ""))
        return browser, browser.log_in(link, who).shown()

    def _as_whom(self, body: Json) -> str:
        """By the commission that was named, else by their first one."""
        wanted = f"{body['staff']} {body['commission']}" if "commission" in body else body["staff"]
        all_theirs = [
            one.value for one in self._staff_eid.realm.holders() if one.id.upper() == body["staff"].upper()
        ]
        return wanted if "commission" in body or not all_theirs else all_theirs[0]

    def _attachment(self, source: str, given: Json) -> Json:
        there = self._attachments[source].attached({"ref": given["ref"]})
        named = there[0]["filename"] if there else None
        return {"ref": given["ref"], "filename": given.get("filename", named)}

    def _of_whom(self, body: Json) -> Json:
        """Patient and unit: as given, else as the conversation has them."""
        platform = self._channels.get(body["from"])
        there = platform.conversations({"contact": body["contact"]}) if platform else []
        known = there[0] if there else {"patient": None, "unit": None}
        found = {
            "patient": identified(body["personnummer"]) if "personnummer" in body else known["patient"],
            "unit": body.get("unit", known["unit"]),
        }
        if missing := [name for name, value in found.items() if value is None]:
            raise BadRequest(422, f"{', '.join(missing)}: no conversation tells, so it has to be given")
        return found


def _done(browser: Browser, address: str, file: str, does: str) -> Json:
    if does == "looks":
        return {"status": 200}
    method, tail = DOES[does]
    answer = browser.ask(method, f"{address}/{file}{tail}")
    if answer is None:
        return {"status": None}
    given = {"given_sha256": hashlib.sha256(answer.content).hexdigest()} if method == "GET" else {}
    return {"status": answer.status_code} | given


def _is_meant(file: Json, body: Json) -> bool:
    wanted = {"transfer": body.get("transfer"), "id": body.get("file")}
    return all(value in (None, file[name]) for name, value in wanted.items())
