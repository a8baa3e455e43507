"""1177 as one system: inbox, catalogue of services, forms, attachments, and what residents see booked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.systems.attachments import ATTACHMENTS, Attachments
from sandbox.systems.e1177.catalogue import Catalogue
from sandbox.systems.e1177.forms import FormEngine
from sandbox.systems.e1177.inbox import Inbox
from sandbox.systems.e1177.producer import Producer
from sandbox.systems.e1177.resident_view import bookings_seen
from sandbox.systems.engagement_index import EngagementIndex
from sandbox.systems.system import System
from sandbox.wire.soap import serve_soap
from sandbox.wire.web import Reply, Request


class Portal(System):
    """The parts of 1177.

    Args:
        index: what 1177 knows of bookings from.
        producer: connects to the one that has a resident's booked times.
    """

    def __init__(self, inbox: Inbox, index: EngagementIndex, producer: Callable[[], Producer]) -> None:
        self.inbox = inbox
        self.catalogue = Catalogue()
        self.forms = FormEngine(self.catalogue, inbox.hear_of_form)
        self.attachments = Attachments()
        self.operations = inbox.operations | self.catalogue.operations | self.forms.operations
        self._index, self._producer = index, producer

    def respond(self, request: Request) -> Reply:
        """SOAP, or an attachment that is fetched."""
        if request.path.startswith(ATTACHMENTS):
            return self.attachments.give(request)
        return serve_soap(request, self.operations)

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """With a `patient` also what the resident sees booked, asked for this moment of our producer."""
        shown = self.inbox.delivered(query) | {
            "forms": self.forms.made(query),
            "attachments": self.attachments.attached(query),
        }
        patient = query.get("patient")
        if patient is None:
            return shown
        producer = self._producer()
        with producer.session:
            return shown | bookings_seen(self._index.of_resident(patient), patient, producer)

    def clear(self) -> None:
        """Forgets what it holds, and what was said of units."""
        for part in (self.inbox, self.catalogue, self.forms, self.attachments):
            part.clear()
