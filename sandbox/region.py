"""Everything that the sandbox knows, in one place."""

from __future__ import annotations

import threading
from urllib.parse import quote

import requests

from sandbox.people.residents import People
from sandbox.sample_day.day import told
from sandbox.sample_day.scene import Day
from sandbox.systems import attachments
from sandbox.systems.channel import PLATFORMS, Channel
from sandbox.systems.e1177.catalogue import OWNER, Catalogue
from sandbox.systems.e1177.forms import FormEngine
from sandbox.systems.e1177.inbox import Portal
from sandbox.systems.e1177.resident_view import Producer
from sandbox.systems.eid.provider import Eid
from sandbox.systems.eid.realm import Residents
from sandbox.systems.eid.staff import Staff, StaffRealm
from sandbox.systems.elks.receipts import LADDER, Receipts
from sandbox.systems.elks.sms import Sms
from sandbox.systems.elks.voice import Voice
from sandbox.systems.engagement_index import Change, Engagement, EngagementIndex
from sandbox.systems.mail import Mail
from sandbox.systems.person import Person
from sandbox.systems.vas import Vas
from sandbox.wire.calls import Calls
from sandbox.wire.faults import Faults
from sandbox.wire.webhooks import Webhooks

US = "vaxel"
"""Our `systemId` at 1177, by which its links lead to our gateway."""


class Region:
    """The people and the systems of one sandbox."""

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
        self.people = People()
        self.faults = Faults()
        self.calls = Calls()
        self.receipts = Receipts(receipt_ladder)
        self.sms = Sms(self.people, self.faults, self.receipts)
        scheme, at = self.gateway.split("://", 1)
        self.voice = Voice(f"{scheme}://{':'.join(quote(each, safe='') for each in hook)}@{at}/46elks/voice")
        self.mail = Mail(self.faults, self.calls)
        self.vas = Vas()
        self.person = Person(self.people)
        self.eid = Eid(Residents(self.people), self.gateway)
        self.staff = Staff()
        self.staff_eid = Eid(StaffRealm(self.staff), self.gateway)
        self.webhooks = Webhooks(self.gateway, secrets)
        self._day: Day | None = None
        self._lock = threading.Lock()
        self._new_registers()

    def _new_registers(self) -> None:
        self.e1177 = Portal(self.people, {US: f"{self.gateway}/l/"})
        self.catalogue = Catalogue()
        self.forms = FormEngine(self.catalogue, self.e1177.hear_of_form)
        self.at_1177 = self.e1177.operations | self.catalogue.operations | self.forms.operations
        self.index = EngagementIndex(self._heard)
        self.channels = {name: Channel() for name in PLATFORMS}
        self.attachments = {name: attachments.Attachments() for name in attachments.SOURCES}

    def _heard(self, engagement: Engagement, change: Change) -> None:
        self.e1177.hear(engagement, change)

    def forget(self) -> None:
        """Everything is as if newly started."""
        self.faults.clear()
        self.people.clear()
        self.sms.clear()
        self.voice.clear()
        self.mail.clear()
        self.vas.clear()
        self.eid.clear()
        self.staff.clear()
        self.staff_eid.clear()
        self.calls.clear()
        self._day = None
        self._new_registers()

    def counts(self) -> dict[str, int]:
        """How many of each thing the systems hold, without looking through them."""
        return {
            "engagements": self.index.count(),
            "notices_by_1177": len(self.e1177.notifications),
            "inbox_letters": len(self.e1177.inbox),
            "sms": self.sms.count(),
            "calls": self.voice.count(),
            "mails": self.mail.count(),
            "paper_letters": len(self.vas.shelves["letters"]),
            "staff_tasks": len(self.vas.shelves["staff_tasks"]),
            "journal_notes": len(self.vas.shelves["journal"]),
            "contacts": len(self.vas.shelves["contacts"]),
            "conversations": sum(channel.count() for channel in self.channels.values()),
            "receipts_taken": self.receipts.delivered,
        }

    @property
    def day(self) -> Day:
        """The sample day, told from when it is first asked for."""
        with self._lock:
            self._day = self._day or told()
            return self._day

    def connect(self, unit: str, connected: bool) -> None:
        """Whether 1177 notifies residents of what is booked at the unit (by default it does)."""
        change = self.e1177.unconnected.discard if connected else self.e1177.unconnected.add
        change(unit.upper())

    def producer(self) -> Producer:
        """Our gateway as 1177 sees it, on a connection of its own, through the proxy where there is one."""
        session = requests.Session()
        session.trust_env = False
        if self._proxy_secret:
            session.headers.update({"x-vp-sender-id": OWNER, "x-vaxel-proxy": self._proxy_secret})
        return Producer(f"{self.gateway}/rivta/scheduling", session)
