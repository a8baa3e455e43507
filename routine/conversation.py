"""What a patient reads in a conversation: questions, the referral, the acknowledgement (byte-1 to 3, patient-4).

The two questions are the routine's own words. Those that go by SMS or e-mail are neutral (avisering-2).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from models.contact import Topic
from routine.approved import E1177, PHONE
from routine.channel_switch import Change, kind_of_change
from routine.printable import as_name
from routine.region import Region
from routine.self_service import EVERY_SERVICE, Service
from routine.text import Text

_ASK_TO_CALL = (
    "Hej!\n\n"
    "För att vi ska kunna ställa några kompletterande frågor och hjälpa dig på bästa sätt behöver vi fortsätta "
    "vår kontakt på telefon. Vi ringer upp dig. Genom att svara med ditt telefonnummer godkänner du att vi ringer "
    "upp dig."
)

_ASK_TO_CHANGE = (
    "Hej! Tack för att du kontaktat oss. Jag skulle gärna vilja fortsätta kontakten via {where}. Klicka på "
    "länken nedan och logga in om du godkänner det. Annars kan du fortsätta skriva här om du hellre vill det."
)

_CALLED: Mapping[str, str] = MappingProxyType({E1177: "1177.se", PHONE: "telefon"})
_CHAT = "vår chatt eftersom det är lättare att ha dialog där"


def question(from_: str, to: str, staff_name: str | None, staff_title: str | None, unit_name: str) -> Text:
    """The question put to the patient in the channel they came through (byte-1, byte-3).

    Args:
        staff_name, staff_title: of the one who asks; without a name the unit stands below.

    Raises:
        ValueError: from phone nothing is asked: the key press was the patient's (byte-2).
    """
    change = kind_of_change(from_, to)
    if change is Change.FROM_PHONE:
        raise ValueError("a caller is not asked: the link is sent on their key press")
    if change is Change.TO_PHONE:
        return Text("ask_to_call", 1, f"{_ASK_TO_CALL}\n\n{_greeting(staff_name, staff_title, unit_name)}")
    asked = _ASK_TO_CHANGE.format(where=_CALLED.get(to, _CHAT))
    return Text("ask_to_change", 1, f"{asked}\n\n{_greeting(staff_name, staff_title, unit_name)}")


def _greeting(name: str | None, title: str | None, unit_name: str) -> str:
    parts = [as_name(part) for part in (name, title) if part] if name else []
    who = ", ".join(part for part in parts if part) or as_name(unit_name)
    return f"Vänliga hälsningar {who}"


def sms_link(link: str, region: Region) -> Text:
    """The SMS that a caller asks for by a key press (byte-2): neutral, one GSM-7 part with a link of up to 80.

    Args:
        link: https, to one of the hosts of `region.login`.
    """
    return Text(
        "sms_link", 1, f"Logga in via länken för att fortsätta digitalt: {link} Hälsningar {region.name}"
    )


def referral(ways: Sequence[str], region: Region) -> Text:
    """To one who wrote by a way that care may not use: fixed, neutral, quoting nothing (patient-4).

    Args:
        ways: of `routine.contact.Refer`, such as `e1177` and `phone`; at least one.

    Raises:
        KeyError: one is neither the phone nor in the region file.
    """
    named = [_CALLED.get(way) or region.systems[way].name for way in ways]
    body = (
        "Hej! Den här vägen är inte säker, så vi kan inte svara dig här. "
        f"Kontakta oss i stället via {_listed(named)}. Logga in på {region.login.link} för att skriva till oss. "
        f"Vid akuta besvär, ring 112. Hälsningar {region.name}"
    )
    return Text("referral", 1, body, subject=f"Kontakta oss på ett säkert sätt - {region.name}")


def _listed(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} eller {last}" if others else last


def continued(unit_name: str) -> Text:
    """The first message of the contact that goes on in another channel (byte-3)."""
    body = (
        "Hej! Här fortsätter vi kontakten som du godkände. Vid akuta besvär, ring 112. "
        f"Hälsningar {as_name(unit_name)}"
    )
    return Text("continued", 1, body, subject="Vi fortsätter kontakten här")


_READY: Mapping[Topic, str] = MappingProxyType(
    {
        Topic.REBOOK: "På 1177.se ser du din tid, och kan be om att få ändra eller avboka den.",
        Topic.JOURNAL: "Du kan läsa din journal på 1177.se.",
    }
)


_CHANGED_THERE = "På 1177.se ser du din tid, och om du kan ändra eller avboka den själv."


def guidance(topic: Topic, region: Region, carried_out: Collection[Service] = EVERY_SERVICE) -> Text:
    """To one whose errand has a ready service: the link goes with it, and a human is still there (byte-5, syfte-3).

    Args:
        carried_out: what residents do on 1177 by themselves.

    Raises:
        KeyError: of a form, which 1177 itself puts before the patient, and of a dialogue.
    """
    is_changed_there = topic == Topic.REBOOK and {Service.CANCEL, Service.REBOOK} <= set(carried_out)
    ready, version = (_CHANGED_THERE, 2) if is_changed_there else (_READY[topic], 1)
    body = f"Hej! {ready} Följ länken och logga in. Du kan också fortsätta skriva här."
    said = f"{body} Hälsningar {region.name}"
    return Text(f"guidance_{topic}", version, said, subject="Det här kan du göra på 1177.se")


def acknowledgement() -> Text:
    """In an approved channel: the message has come, and is answered there (patient-1)."""
    body = "Hej! Vi har tagit emot ditt meddelande och svarar dig här. Vid akuta besvär, ring 112."
    return Text("acknowledgement", 1, body, subject="Vi har tagit emot ditt meddelande")
