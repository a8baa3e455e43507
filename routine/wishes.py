"""What a resident wishes just now: of all that was said, the newest word holds (onskemal-1, val-1, policy-onskan-1).

Words come from 1177's settings and from staff, by way of the journal system; and the person register holds what
1177 has of a resident, under the time when it last changed. What is *on* there is a word of that time. What is off
is none, for nobody need have said so, but after a word that was said on 1177 itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, time
from types import MappingProxyType

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberMatcher

from models.times import STOCKHOLM
from routine.ages import swedish_day
from routine.approved import E1177
from routine.facts import Contact, ContactKind, Resident, Wish

_KINDS: Mapping[str, ContactKind] = MappingProxyType({"sms": ContactKind.PHONE, "email": ContactKind.EMAIL})


def newest(words: Iterable[Wish | None]) -> Wish | None:
    """The word that holds, of those for all care and at the unit; of two at one moment the one that comes last."""
    return max(filter(None, reversed(list(words))), key=lambda word: word.at, default=None)


def wished_digital_only(resident: Resident) -> bool | None:
    """Has the resident wished no paper (onskemal-1)? `None`: nobody has said, and the register has not answered."""
    word, registered = resident.wishes.digital_only, resident.digital_only
    if word is None:
        return registered
    if registered is None or _holds(word, resident.registered_at, resident, is_on=registered):
        return bool(word.value)
    return registered


def ways_of_contact(resident: Resident) -> tuple[Contact, ...] | None:
    """The numbers and addresses, and which of them notices are wished to; `None`: the register has not answered.

    A withdrawn number, or a wish for no notices, leaves none.
    """
    if resident.contacts is None:
        return None
    wishes = resident.wishes
    phones = _of_kind(ContactKind.PHONE, wishes.phone, resident)
    addresses = _of_kind(ContactKind.EMAIL, wishes.email, resident)
    word, registered = wishes.notice_by, [each for each in resident.contacts if each.wished]
    ways = tuple(each for each in resident.contacts if each in (*phones, *addresses))
    ways += tuple(each for each in (*phones, *addresses) if each not in ways)
    if word is None or not _holds(word, _said_at(registered, resident), resident, is_on=bool(registered)):
        return ways
    return tuple(_as_wished(each, word) for each in ways)


def _holds(word: Wish, registered_at: datetime | None, resident: Resident, *, is_on: bool) -> bool:
    """Does the word hold against what the register has? One that carries no time is older than any that does."""
    if not is_on:
        return word.source != E1177 or resident.registered_at is None or word.at >= resident.registered_at
    return registered_at is None or word.at >= registered_at


def _said_at(registered: list[Contact], resident: Resident) -> datetime | None:
    """When the wishes in the register were last set, as far as it tells: the record's time."""
    return resident.registered_at if registered else None


def _of_kind(kind: ContactKind, word: Wish | None, resident: Resident) -> list[Contact]:
    """The register's contacts of the kind, or the one that the newer word gives."""
    registered = [each for each in resident.contacts or () if each.kind is kind]
    if word is None or not _holds(word, _given_at(registered, resident), resident, is_on=bool(registered)):
        return registered
    if not word.value:
        return []
    wished = any(each.wished for each in registered)
    rank = min((each.rank for each in registered if each.rank is not None), default=None)
    value = _e164(str(word.value)) if kind is ContactKind.PHONE else str(word.value).strip()
    return [Contact(kind=kind, value=value, wished=wished, rank=rank, since=swedish_day(word.at))]


def _given_at(registered: list[Contact], resident: Resident) -> datetime | None:
    """When the register's contact was given: on its first day, or else when the record was last changed."""
    at, since = resident.registered_at, registered[0].since if registered else None
    if since is None or (at is not None and since == swedish_day(at)):
        return at
    return datetime.combine(since, time(), STOCKHOLM)


def _as_wished(contact: Contact, word: Wish) -> Contact:
    """With notices on or off as the word says, and in its order."""
    wished = [_KINDS[each] for each in (word.value if isinstance(word.value, list) else ()) if each in _KINDS]
    if contact.kind not in wished:
        return replace(contact, wished=False)
    return replace(contact, wished=True, rank=wished.index(contact.kind))


def _e164(number: str) -> str:
    """In E.164, however it was written; what is not one number stays as it is, and is no address."""
    found = {
        phonenumbers.format_number(each.number, PhoneNumberFormat.E164)
        for each in PhoneNumberMatcher(number, "SE")
    }
    return found.pop() if len(found) == 1 else number
