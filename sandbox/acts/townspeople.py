"""Everyone who does something in the region, each bound to the systems that they use."""

from __future__ import annotations

from sandbox.acts.answers import Answers
from sandbox.acts.contacts import Act, Contacts
from sandbox.acts.phone import Phone
from sandbox.acts.self_service import SelfServants
from sandbox.acts.transfers import Transfers
from sandbox.acts.visits import Visits
from sandbox.region import Region


class Townspeople:
    """Patients and staff of one region.

    Attributes:
        acts: what they do, by the path under `/act/`.
    """

    def __init__(self, region: Region) -> None:
        contacts = Contacts(region.webhooks, region.channels, region.vas)
        self.answers = Answers(region.gateway, region.eid, region.e1177.inbox, region.channels, contacts)
        self.transfers = Transfers(
            region.gateway, region.webhooks, region.channels, region.attachments, region.staff_eid
        )
        phone = Phone(region.voice.incoming)
        visits = Visits(region.gateway, region.eid, region.channels)
        residents = SelfServants(region.people, region.producer)
        self.acts: dict[str, Act] = (
            contacts.acts
            | self.answers.acts
            | phone.acts
            | self.transfers.acts
            | visits.acts
            | residents.acts
        )
