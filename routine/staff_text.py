"""What the unit's staff are asked to do about a contact: what, and by which rule; nothing of what anyone wrote.

Staff find the original in the channel itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from routine.neutral import is_neutral
from routine.reasons import Reason
from routine.region import Region
from routine.sms import sms_parts
from routine.text import Text

_READ = (
    "En patient har skrivit via {where}, som inte är godkänd för dialog. Läs originalet genast: det kan vara "
    "brådskande. {referral}"
)
_SENT = "En hänvisning till godkända vägar skickas automatiskt."
_NOT_SENT: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.REFERRED_TODAY: "Ingen ny hänvisning skickas: avsändaren har redan fått en i dag.",
        Reason.NO_REPLY_ADDRESS: "Ingen hänvisning kan skickas: det finns ingen adress att svara till.",
    }
)
_BY_HAND = "Hänvisa patienten till en godkänd väg, enligt mottagningens rutin."
_DECLINED = "Hänvisningen kom inte fram. Erbjud patienten telefon eller besök."

_NAMES: Mapping[str, str] = MappingProxyType({"mail": "e-post", "sms": "sms"})


def read_original(channel: str, referral: Reason) -> Text:
    """To read at once what came by a way that is not approved (patient-4, policy-hanvisning-1).

    Args:
        referral: the reason of the decision on our own referral.
    """
    said = _SENT if referral is Reason.CHANNEL_NOT_APPROVED else _NOT_SENT.get(referral, _BY_HAND)
    body = _READ.format(where=_NAMES.get(channel, channel), referral=said)
    return Text("staff_task_read_original", 1, body)


def alert(channel: str) -> Text:
    """Staff are alerted, in their platform or by a task in the journal system; where the contact is, and no more.

    Args:
        channel: that the contact is in, by name.
    """
    body = (
        f"Larm från {channel}: läs kontakten genast och agera enligt mottagningens rutin. "
        "Kvittera sedan larmet. Det fortsätter tills någon har kvitterat."
    )
    return Text("alert", 1, body)


def sms_on_call(place: str, unit: str | None, region: Region) -> Text:
    """To whoever is on call: that an alert waits, and where; neutral, one GSM-7 part (avisering-2, system-3).

    Args:
        place: the system that it waits in, by its short name.
        unit: by name; one that would not be neutral is left out.
    """
    for at in (unit, "er enhet"):
        body = f"Ett larm i {place} vid {at} väntar på att kvitteras. Hälsningar {region.name}"
        if at and is_neutral(body, region).allowed and sms_parts(body).parts == 1:
            break
    return Text("sms_on_call", 1, body)


def referral_declined() -> Text:
    """The referral was turned away on its way: a human offers another (policy-hanvisning-1)."""
    return Text("staff_task_referral_declined", 1, _DECLINED)
