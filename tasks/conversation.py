"""To say something to a patient in the contact that they wrote in: in a platform's conversation, or 1177's inbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeGuard, cast, get_args

from engine.base.settings import EVERY_LOCAL, ListedPlatform, Platform, SystemName, settings
from engine.steps.verdicts import CannotTell, Done, Finding, Go, NotArrived, Park, Send
from models.case import Effect
from models.identity import PatientId
from routine.text import Text
from systems.channel import Link
from systems.e1177 import SsoLink
from tasks import clients, text_check

PLATFORMS: tuple[Platform, ...] = (*get_args(ListedPlatform), EVERY_LOCAL)
"""As a step names them."""
INBOX: SystemName = "e1177"
WAYS: tuple[SystemName, ...] = (INBOX, *PLATFORMS)
"""The channels in which we can write, as a step names them."""
CANNOT_BE_ASKED: tuple[SystemName, ...] = (INBOX,)
"""Those that nobody can ask what became of a message, and that take no key."""
OUR_NAME_AT_1177 = "vaxel"
"""Under which 1177 keeps the address that a link of ours leads to."""


@dataclass(frozen=True)
class Saying:
    """A text for the patient in their contact.

    Args:
        contact: the contact's id in the channel: a conversation, or a thread of the inbox.
        links: to follow.
        sso: of a link that 1177 itself leads to, what is added to the address it has; None: as `links`.
        notify: 1177 tells the patient that there is something to read.
    """

    key: str
    channel: SystemName
    contact: str
    patient: PatientId
    unit: str
    text: Text
    then: Go
    links: Sequence[Link] = ()
    sso: str | None = field(default=None, repr=False)
    notify: bool = False


def is_platform(channel: str | None) -> TypeGuard[Platform]:
    """Whether it is a platform that we have a way into: a unit's own solution is, if it has an address (system-4)."""
    return channel in get_args(ListedPlatform) or channel in settings().own_solutions


def can_write_in(channel: str) -> TypeGuard[SystemName]:
    """Whether the channel is one that we have a way into."""
    return channel == INBOX or is_platform(channel)


def send_saying(saying: Saying) -> Send[Saying] | Park:
    """The verdict that says it, once; a text that may not reach a patient as it stands is for ops to see."""
    links = [(link.text, link.url) for link in saying.links]
    return text_check.checked(Send(saying.key, saying.then, saying, saying.channel), saying.text, links)


def say(saying: Saying) -> Done:
    """Say it."""
    if saying.channel == INBOX:
        return Done(saying.then, _in_inbox(saying))
    platform = clients.channel(cast(Platform, saying.channel))
    sent = platform.send_message(saying.key, saying.contact, text=saying.text.body, links=saying.links)
    return Done(saying.then, sent)


def _in_inbox(saying: Saying) -> str | None:
    unit = clients.region().unit(saying.unit)
    name = unit.name if unit else clients.region().name
    addresses = [f"{link.text}: {link.url}" for link in saying.links if saying.sso is None]
    sso = SsoLink(OUR_NAME_AT_1177, saying.links[0].text, saying.sso) if saying.sso else None
    sent = clients.inbox().add_message(
        saying.patient.id,
        unit=saying.unit,
        unit_name=name,
        heading=saying.text.subject or name,
        text="\n\n".join([saying.text.body, *addresses]),
        notify=saying.notify,
        thread_id=saying.contact,
        telephone=unit.turn_to if unit else None,
        link=sso,
    )
    return sent.thread_id


def ask_of_saying(effect: Effect) -> Finding:
    """What became of it: platforms take a key, and the same again is harmless; the inbox can't be asked."""
    return CannotTell() if effect.system == INBOX else NotArrived()
