"""Which of a resident's ways of contact may be used on a day (val-1, policy-barn-1, policy-barn-2)."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import date

import phonenumbers
from phonenumbers import PhoneNumberType

from routine.children import is_contact_the_patients
from routine.decision import Decision
from routine.facts import Contact, ContactKind, Resident
from routine.reasons import Reason
from routine.region import Region
from routine.wishes import ways_of_contact

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
"""Denmark tells a mobile from a land line by nothing in the number."""
_LETTER = "0-9A-Za-zÀ-ÖØ-öø-ÿ"
_LABEL = rf"[{_LETTER}](?:[{_LETTER}-]{{0,61}}[{_LETTER}])?"
_EMAIL = re.compile(rf"[0-9A-Za-z!#$%&'*+/=?^_`{{|}}~.-]{{1,64}}@(?:{_LABEL}\.){{1,8}}[0-9A-Za-z-]{{2,60}}")
"""A domain may have å, ä and ö; a mailbox that has needs SMTPUTF8 of every server on the way."""


def holding(resident: Resident, day: date) -> list[Contact]:
    """The ways of contact that hold on the day, the first in rank first."""
    held = [contact for contact in ways_of_contact(resident) or () if _holds_on(contact, day)]
    return sorted(held, key=lambda contact: (contact.rank is None, contact.rank or 0))


def first_usable(
    contacts: Sequence[Contact], resident: Resident, day: date, region: Region
) -> tuple[Contact | None, Decision[bool]]:
    """The first that may be used, with why; or `None`, with why the first of them may not.

    Raises:
        IndexError: there are none.
    """
    judged = [(contact, may_be_used(contact, resident.birth, day, region)) for contact in contacts]
    for contact, decision in judged:
        if decision.allowed:
            return contact, decision
    return None, judged[0][1]


def may_be_used(contact: Contact, birth: date | None, day: date, region: Region) -> Decision[bool]:
    """Is it an address, and surely not one that a guardian of a grown child reads?"""
    if not _is_address(contact, region):
        return Decision(False, Reason.CONTACT_UNUSABLE, "val-1")
    return is_contact_the_patients(contact, birth, day, region.ages)


def phone_for_reminder(
    resident: Resident, day: date, region: Region, but: Collection[str] = ()
) -> tuple[Contact | None, Decision[bool]]:
    """The mobile number that an SMS reminder goes to; or `None`, with why there is none.

    Args:
        but: numbers at which it has not arrived.
    """
    phones = [
        each for each in holding(resident, day) if each.kind == ContactKind.PHONE and each.value not in but
    ]
    if not phones:
        return None, Decision(False, Reason.CONTACT_UNUSABLE, "val-1")
    return first_usable(phones, resident, day, region)


def _holds_on(contact: Contact, day: date) -> bool:
    return (contact.since is None or contact.since <= day) and (contact.until is None or day <= contact.until)


def _is_address(contact: Contact, region: Region) -> bool:
    """A mobile number (a land line takes no SMS), or an e-mail address."""
    if contact.kind == ContactKind.PHONE:
        return is_mobile(contact.value, region)
    return _EMAIL.fullmatch(contact.value) is not None


def is_mobile(number: str, region: Region) -> bool:
    """A mobile number in E.164, in one of the countries that the region sends SMS to."""
    if not _E164.fullmatch(number):
        return False
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    if f"+{parsed.country_code}" not in region.notices.countries:
        return False
    return phonenumbers.number_type(parsed) in _MOBILE  # no type: not valid
