"""Is a text neutral enough for SMS and e-mail, which are not secure (avisering-2, system-3)?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region

_LINK = re.compile(r"[a-z][a-z0-9+.-]*://[^\s<>\"')]+", re.IGNORECASE)
_HOST = re.compile(r"(?<![\w.-])(?:[\w-]+\.)+[^\W\d_]{2,}(?![\w-])")
_IDENTITY = re.compile(r"(?<!\d)(?:\d{2})?\d{6}\s?[-+]?\s?[\dTF]\d{3}(?!\d)", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)\+?\d(?:[\s()/.-]*\d){6,}")


def is_neutral(
    text: str, region: Region, forbidden: Iterable[str] = (), link: str | None = None
) -> Decision[bool]:
    """May the text go by SMS or e-mail: does it say only that there is something to log in for?

    No link elsewhere, no number, no name, no unit whose name reveals the kind of care, no clinical word.

    Args:
        forbidden: words that must not be in it, such as the patient's name or the visit's purpose.
        link: where an approved system is logged in to, by the region's file: its host may be led to as well.
    """
    text = unicodedata.normalize("NFKC", text)
    hosts = region.login.hosts | ({urlsplit(link).netloc.casefold()} if link else set())
    revealing = [unit.name for unit in region.units.values() if unit.reveals]
    found = (
        (leads_elsewhere(text, hosts), Reason.FOREIGN_LINK),
        (_IDENTITY.search(text) is not None, Reason.IDENTITY_NUMBER),
        (_PHONE.search(text) is not None, Reason.PHONE_NUMBER),
        (_has_any(text, forbidden), Reason.FORBIDDEN_WORD),
        (_has_any(text, revealing), Reason.REVEALING_UNIT),
        (_has_part(text, region.neutral.clinical), Reason.CLINICAL_WORD),
    )
    reason = next((reason for holds, reason in found if holds), None)
    return Decision(reason is None, reason or Reason.NEUTRAL, "avisering-2")


def leads_elsewhere(text: str, hosts: frozenset[str]) -> bool:
    """Any link but https to a listed host, or the name of any other host (an address of e-mail has one)."""
    if not all(is_listed(link, hosts) for link in _LINK.findall(text)):
        return True
    rest = _LINK.sub(" ", text)
    return any(host.casefold() not in hosts for host in _HOST.findall(rest))


def is_listed(link: str, hosts: frozenset[str]) -> bool:
    """Is it an https address at one of the hosts, without a port or a login in it?"""
    try:
        parts = urlsplit(link.rstrip(".,;:!?"))
        port = parts.port
    except ValueError:
        return False
    return parts.scheme == "https" and port is None and parts.netloc.casefold() in hosts


def _has_any(text: str, words: Iterable[str]) -> bool:
    """Whole words, whatever their case; a word of nothing is in no text."""
    folded = text.casefold()
    plain = (unicodedata.normalize("NFKC", word).strip().casefold() for word in words)
    return any(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", folded) for word in plain if word)


def _has_part(text: str, parts: Iterable[str]) -> bool:
    folded = text.casefold()
    return any(part.casefold() in folded for part in parts)
