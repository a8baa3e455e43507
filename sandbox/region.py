"""The systems and the people of one sandbox, in one place."""

from __future__ import annotations

from urllib.parse import quote

import requests

from sandbox.people.residents import People
from sandbox.systems.channel import LOCAL, PLATFORMS, Channel
from sandbox.systems.e1177.catalogue import OWNER
from sandbox.systems.e1177.inbox import Inbox
from sandbox.systems.e1177.portal import Portal
from sandbox.systems.e1177.producer import Producer
from sandbox.systems.eid.provider import Eid
from sandbox.systems.eid.realm import Residents
from sandbox.systems.eid.staff import Staff, StaffRealm
from sandbox.systems.elks.receipts import LADDER, Receipts
from sandbox.systems.elks.sms import Sms
from sandbox.systems.elks.voice import Voice
from sandbox.systems.engagement_index import EngagementIndex
from sandbox.systems.log import LogService
from sandbox.systems.mail import Mail
from sandbox.systems.person import Person
from sandbox.systems.system import System
from sandbox.systems.vas import Vas
from sandbox.wire.calls import Calls
from sandbox.wire.faults import Faults
from sandbox.wire.outbox import Outbox
from sandbox.wire.webhooks import Webhooks

US = "vaxel"
"""Our `systemId` at 1177, by which its links lead to our gateway."""


class Region:
    """The people and the systems of one sandbox.

    Attributes:
        systems: those that are called over HTTP, by the first part of the path.
    """

    def __init__(
        self,
        gateway: str,
        secrets: dict[str, str],
        receipt_ladder: tuple[float, ...] = LADDER,
        hook: tuple[str, str] = ("vaxel", ""),
        proxy_secret: str | None = None,
    ) -> None:
        self.gateway = gateway.rstrip("/")
        self._proxy_secret = proxy_secret
        self.people, self.staff = People(), Staff()
        self.faults, self.calls = Faults(), Calls()
        self.receipts = Receipts(receipt_ladder)
        self.sms = Sms(self.people, self.faults, self.receipts)
        scheme, at = self.gateway.split("://", 1)
        self.voice = Voice(f"{scheme}://{':'.join(quote(each, safe='') for each in hook)}@{at}/46elks/voice")
        self.mail = Mail(self.faults, self.calls)
        self.webhooks = Webhooks(self.gateway, secrets)
        self.outbox = Outbox(self.webhooks, self.faults.mishap)
        self.vas = Vas(self.outbox.send_soon)
        self.person = Person(self.people)
        self.eid = Eid(Residents(self.people), self.gateway)
        self.staff_eid = Eid(StaffRealm(self.staff), self.gateway)
        inbox = Inbox(self.people, {US: f"{self.gateway}/l/"})
        self.index = EngagementIndex(inbox.hear)
        self.e1177 = Portal(inbox, self.index, self.producer)
        self.log = LogService()
        own = sorted(source for source in secrets if source.startswith(LOCAL))
        self.channels = {name: Channel() for name in (*PLATFORMS, *own)}
        self.attachments = {name: channel.attachments for name, channel in self.channels.items()}
        self.attachments["e1177"] = self.e1177.attachments
        self.systems: dict[str, System] = {
            "engagement_index": self.index,
            "e1177": self.e1177,
            "person": self.person,
            "sms": self.sms,
            "voice": self.voice,
            "vas": self.vas,
            **self.channels,
            "eid": self.eid,
            "staff_eid": self.staff_eid,
            "log": self.log,
        }

    def clear(self) -> None:
        """Everything is as if newly started."""
        self.faults.clear()
        for each in (self.people, self.staff, self.mail, *self.systems.values(), self.outbox, self.calls):
            each.clear()

    def counts(self) -> dict[str, int]:
        """How many of each thing the systems hold, without looking through them."""
        return {
            "engagements": self.index.engagement_count(),
            "notices_by_1177": len(self.e1177.inbox.notifications),
            "inbox_letters": len(self.e1177.inbox.letters),
            "sms": self.sms.message_count(),
            "calls": self.voice.call_count(),
            "mails": self.mail.mail_count(),
            "paper_letters": len(self.vas.shelves["letters"]),
            "staff_tasks": len(self.vas.shelves["staff_tasks"]),
            "journal_notes": len(self.vas.shelves["journal"]),
            "contacts": len(self.vas.shelves["contacts"]),
            "conversations": sum(channel.conversation_count() for channel in self.channels.values()),
            "receipts_taken": self.receipts.delivered,
            "webhooks_waiting": self.outbox.waiting(),
        }

    def producer(self) -> Producer:
        """Our gateway as 1177 sees it, on a connection of its own, through the proxy where there is one."""
        session = requests.Session()
        session.trust_env = False
        if self._proxy_secret:
            session.headers.update({"x-vp-sender-id": OWNER, "x-vaxel-proxy": self._proxy_secret})
        return Producer(f"{self.gateway}/rivta/scheduling", session)
