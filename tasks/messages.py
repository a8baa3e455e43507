"""A neutral text by SMS or e-mail, and what became of it when its answer was lost."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import quote

from engine import effects
from engine.settings import settings
from engine.verdicts import Arrived, CannotTell, Finding, NotArrived
from models.case import Effect
from routine.text import Text
from tasks import clients

CLOCK_MARGIN = timedelta(minutes=2)
"""How far the provider's clock may be from ours."""
DECLINED = ("sms_refused", "mail_refused")
"""The recipient is turned away: no case of ours can mend that."""


def send(by: str, to: str, said: Text, token: str) -> str:
    """Send it; the provider's id of it.

    Args:
        by: `sms` or `mail`.
        token: by which a receipt finds its effect.

    Raises:
        NotSent, UnknownOutcome, Refused, Incident: as the two clients.
    """
    if by == "mail":
        return clients.mail().send(to, said.subject or clients.region().name, said.body, token)
    return clients.sms().send(to, said.body, clients.region().sms.sender, _receipt_url(token))


def _receipt_url(token: str) -> str:
    """Where the provider reports to, with the login that it reports with (46elks has no signature)."""
    user, password = settings().fortysixelks.hook_user, settings().hook_password()
    scheme, rest = settings().gateway_url.split("://", 1)
    return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{rest}/46elks/receipt/{token}"


def ask(effect: Effect) -> Finding:
    """What became of a message whose answer was lost.

    1. A receipt on its token has closed the effect already, and nobody asks.
    2. Mail can't be asked about.
    3. SMS: the provider's messages with the same number and text that no other effect owns.
    4. None, and the list reached back to before it was sent: it was not.
    """
    if effect.system != "sms" or effect.request is None:
        return CannotTell()
    wanted = json.loads(effect.request)
    first, last = effect.sending_at - CLOCK_MARGIN, effect.deadline_at + CLOCK_MARGIN
    listing = clients.sms().sent_between(first, last, wanted["to"], wanted["text"])
    found = effects.adopt(effect, list(reversed(listing.ids)))
    if found is not None:
        return Arrived(found)
    return NotArrived() if listing.complete else CannotTell()
