"""Who has written by SMS or e-mail, and whether a human reads what is answered there (policy-hanvisning-1)."""

from __future__ import annotations

import re
from email import policy
from email.headerregistry import UniqueSingleAddressHeader

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher

from routine.addresses import is_mobile
from routine.approved import MAIL
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region

LONGEST = 320
STUMBLES = (ValueError, LookupError, AttributeError, TypeError, NameError)
"""What the standard library raises of what is no header (Python 3.11.7), and of a line break."""
_PARTS = re.compile(r"[-_.]")
_AFTER = re.compile(r"[+=].*|[-_.]?\d+.*")
"""What follows a role's name: the message that has bounced, say."""


def address_of(channel: str, given: str | None) -> str | None:
    """Where an answer would go: a mailbox, its domain in small letters, or a number in E.164; `None`: nowhere.

    Args:
        given: as the channel has it: `Anna <anna@example.org>` too, or a number in any spelling.
    """
    if not given or len(given) > LONGEST:
        return None
    return _mailbox(given.strip()) if channel == MAIL else _one_number(given)


def _mailbox(given: str) -> str | None:
    """The one address that it names, by the standard library's reader of headers (RFC 5322)."""
    try:
        header: UniqueSingleAddressHeader = policy.SMTP.header_factory("Reply-To", given)
    except STUMBLES:
        return None
    if len(header.addresses) != 1 or header.defects:  # type: ignore[attr-defined]  # of BaseHeader
        return None
    local, domain = header.addresses[0].username, header.addresses[0].domain
    return f"{local}@{domain.casefold()}" if local and "." in domain else None


def _one_number(given: str) -> str | None:
    """The one number in it, as a reader of text finds it: a keypad's letters are no figures."""
    found = {
        phonenumbers.format_number(each.number, PhoneNumberFormat.E164)
        for each in PhoneNumberMatcher(given, "SE")
    }
    return found.pop() if len(found) == 1 else None


def is_read_by_a_human(
    channel: str, address: str | None, automatic: bool | None, region: Region
) -> Decision[bool]:
    """Does a human read what is answered there, and not a machine, or we ourselves (policy-hanvisning-1)?

    Two machines that answer each other never stop.

    Args:
        address: as `address_of` gives it.
        automatic: the mailbox says that a machine wrote it; `None`: it says nothing.
    """
    if automatic or (address and _is_machine(channel, address, region)):
        return Decision(False, Reason.AUTOMATIC_SENDER, "policy-hanvisning-1")
    if address is None or (channel != MAIL and not is_mobile(address, region)):
        return Decision(False, Reason.NO_REPLY_ADDRESS, "policy-hanvisning-1")
    return Decision(True, Reason.CHANNEL_NOT_APPROVED, "policy-hanvisning-1")


def _is_machine(channel: str, address: str, region: Region) -> bool:
    if channel != MAIL:
        return address in _our_numbers(region)
    local, _, domain = address.rpartition("@")
    ours = (_mailbox(region.mail.sender) or "@").rpartition("@")[2]
    return domain == ours or domain.endswith(f".{ours}") or _is_role(local, region.mail.roles)


def _is_role(local: str, roles: frozenset[str]) -> bool:
    """`No-Reply`, `noreply+tag`, `bounces-123=x`: a role, however it is spelt."""
    name = _PARTS.sub("", _AFTER.sub("", local.casefold()))
    return name in {_PARTS.sub("", role.casefold()) for role in roles}


def _our_numbers(region: Region) -> set[str]:
    phones = [unit.telephone for unit in region.units.values() if unit.telephone]
    ours = {number for phone in phones for number in (phone.number, phone.queue)}
    return ours | ({region.voice.number} if region.voice else set())
