"""What others have written, as it may stand before a patient: names on one line, and the check of a finished text.

A name comes from a catalogue or a directory that anybody may have typed into: with a line break it would begin a
sentence of its own, with a mark of direction read otherwise than it stands, with an address lead somewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from routine.decision import Decision
from routine.neutral import leads_elsewhere
from routine.reasons import Reason
from routine.region import Region
from routine.text import Text
from routine.unseen import UNSEEN

LONGEST_NAME = 80
_IN_A_NAME = "'’-–,()&+ "


def as_name(given: str) -> str:
    """A name on one line: letters, figures and a few marks; a full stop has a blank after it, so it is no address."""
    kept = "".join(char if _is_of_a_name(char) else " " for char in unicodedata.normalize("NFC", given))
    spaced = re.sub(r"\.(?=\S)", ". ", kept)
    return " ".join(spaced.split())[:LONGEST_NAME].strip()


def _is_of_a_name(char: str) -> bool:
    return char in _IN_A_NAME or char == "." or unicodedata.category(char)[0] in "LMN"


def may_reach_patient(
    said: Text, links: Iterable[tuple[str, str]], ours: str, region: Region
) -> Decision[bool]:
    """May the finished text go to a patient: is all of it seen, and does it lead only where it may (avisering-2)?

    Args:
        links: the text and the address of each that goes with it.
        ours: how the address of a link of our own begins.
    """
    beside = list(links)
    words = "\n".join([said.subject or "", said.body, *(text for text, _ in beside)])
    if any(unicodedata.category(char) in UNSEEN for char in words.replace("\n", "")):
        return Decision(False, Reason.NOT_PRINTABLE, "avisering-2")
    hosts = may_lead_to(region)
    rest = re.sub(rf"{re.escape(ours)}[\w-]*", " ", words)
    foreign = leads_elsewhere(rest, hosts) or not all(
        address.startswith(ours) or is_led_to(address, hosts) for _, address in beside
    )
    return Decision(not foreign, Reason.FOREIGN_LINK if foreign else Reason.NEUTRAL, "avisering-2")


def may_lead_to(region: Region) -> frozenset[str]:
    """The hosts that a text to a patient may lead to: where they log in, and where services and systems are."""
    entries = (system.entry for system in region.systems.values() if system.entry)
    return (
        region.login.hosts | region.services.hosts | {urlsplit(entry).netloc.casefold() for entry in entries}
    )


def is_led_to(address: str, hosts: frozenset[str]) -> bool:
    """Is it an https address at one of the hosts, without a login or a port in it?"""
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and parts.netloc.casefold() in hosts
    except ValueError:
        return False
