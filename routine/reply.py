"""When a reply is consent to be called (byte-1): one phone number, and nothing but a yes around it.

And when an SMS says that there shall be no more of them (paminnelse-1).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberMatch, PhoneNumberMatcher, PhoneNumberType

from models.identity import is_identity_number
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region

LONGEST = 500
"""Characters of a reply that is read at all; what is longer says more than a number."""

_ORDINARY = {
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
    PhoneNumberType.UAN,
}
_WRITTEN_AS_IDENTITY = re.compile(r"(?<!\d)(?:\d\d)?\d{6}\s?[-+]\s?\d{4}(?!\d)")
_GROUPS_OF_EITHER = frozenset({(10,), (6, 4), (2, 2, 2, 4), (12,), (8, 4), (4, 2, 2, 4)})
"""How the figures stand together where they could be an identity number as well: nobody writes one as 3-3-2-2."""
_ABROAD = re.compile(r"\s*(?:\+|00)")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_STOP = re.compile(r"(?:s+t+[oå]+p+a?|sluta|avsluta|avregistrera|unsubscribe)(?![^\W\d_])")
_NO_LETTER = re.compile(r"[\W\d_]+")
_SIGNED = re.compile(r"\b(?:mvh|vh|hälsningar)\b[\s,:]*(?!bara\b|men\b|endast\b)(?:[^\W\d_]+[\s.,]*){0,2}$")


@dataclass(frozen=True, slots=True)
class CallNumber:
    """The patient has consented to be called on this number (E.164)."""

    number: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StaffRead:
    """The reply goes to staff as it stands, and they settle it."""


def is_reply_consent(
    reply: str, was_asked: bool, region: Region, own: Collection[str] = ()
) -> Decision[CallNumber | StaffRead]:
    """Does the reply to the question consent to be called, by one phone number and no word of refusal (byte-1)?

    1. one ordinary Swedish number, however often and in whatever spelling; no identity number, and no ten figures
       in a row that could be one, unless it is a number of the patient's own
    2. no other figures, which may say when, or whom
    3. no word of refusal, no question, no picture, and no other words or phrases than those of a yes, but for a
       name of one or two words below a greeting

    Whatever is not surely a yes is for staff to read: "Ring inte, 070-174 06 05" has a number and is none.

    Args:
        reply: by someone who may answer for the patient (`routine.consent.may_answer`).
        was_asked: the question was put before it, in this contact, and is not withdrawn.
        own: the numbers that the patient has given before, however they are written.
    """
    reason, number = _read_reply(reply, region, _numbers_in(own)) if was_asked else (Reason.NOT_ASKED, "")
    if reason is not Reason.ANSWERED_WITH_NUMBER:
        return Decision(StaffRead(), reason, "byte-1")
    return Decision(CallNumber(number), reason, "byte-1")


def is_consent_withdrawn(text: str, region: Region) -> Decision[bool]:
    """Does what the patient writes after a consent to be called take it back (byte-1)?

    A word of refusal beside a word of calling ("Nej, ring inte"), or with nothing else but courtesies ("Nej tack").
    Taken for one too much it costs staff a look into the contact; taken for one too few, a call that was declined.
    """
    words, said = set(_WORD.findall(_plain(text[:LONGEST]))), region.contacts
    courtesies = {word for phrase in said.words_of_yes for word in phrase.split()}
    if words & said.words_of_refusal and (
        words & said.words_of_calling or not words - said.words_of_refusal - courtesies
    ):
        return Decision(True, Reason.CONSENT_WITHDRAWN, "byte-1")
    return Decision(False, Reason.CONSENT_GIVEN, "byte-1")


def is_stop(text: str) -> Decision[bool]:
    """Does an SMS say that there shall be no more of them: does it begin with STOPP, in any spelling (paminnelse-1)?

    `Stop!`, `s t o p p`, `STOPPA alla sms`. It is asked before the text is forgotten; whoever says it is reminded no
    more, and staff take the consent back.
    """
    begins = _NO_LETTER.sub(" ", _plain(text[:LONGEST])).strip()
    spelt_out = len(begins.split()) == len(begins.replace(" ", ""))
    if _STOP.match(begins.replace(" ", "") if spelt_out else begins):
        return Decision(True, Reason.SAYS_STOP, "paminnelse-1")
    return Decision(False, Reason.SAYS_SOMETHING_ELSE, "paminnelse-1")


def _read_reply(reply: str, region: Region, own: Collection[str]) -> tuple[Reason, str]:
    if len(reply) > LONGEST:
        return Reason.NOT_SURELY_YES, ""
    text = _plain(reply)
    matches = list(PhoneNumberMatcher(text, "SE"))
    numbers = {_e164(each) for each in matches}
    if len(numbers) != 1 or _WRITTEN_AS_IDENTITY.search(text):
        return Reason.NOT_ONE_NUMBER, ""
    if not all(_is_ordinary(each) for each in matches):
        return Reason.FOREIGN_NUMBER, ""
    rest = _without(text, matches)
    if any(_says_more(each, own) for each in matches) or re.search(r"\d", rest):
        return Reason.MORE_THAN_A_NUMBER, ""
    return _what_is_said(rest, region), numbers.pop()


def _plain(reply: str) -> str:
    """Letters and apostrophes as one writes them oneself, whatever phone wrote them; nothing invisible."""
    folded = unicodedata.normalize("NFKC", re.sub("[´`‘’]", "'", reply)).casefold()
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def _is_ordinary(match: PhoneNumberMatch) -> bool:
    return match.number.country_code == 46 and phonenumbers.number_type(match.number) in _ORDINARY


def _numbers_in(given: Collection[str]) -> set[str]:
    """In E.164, as a reader of text finds them: `phonenumbers.parse` takes letters for a keypad's figures."""
    return {_e164(match) for each in given for match in PhoneNumberMatcher(each, "SE")}


def _e164(match: PhoneNumberMatch) -> str:
    return phonenumbers.format_number(match.number, PhoneNumberFormat.E164)


def _says_more(match: PhoneNumberMatch, own: Collection[str]) -> bool:
    """Has it an extension, or could it be an identity number?"""
    return bool(match.number.extension) or (_e164(match) not in own and _may_be_identity(match.raw_string))


def _may_be_identity(written: str) -> bool:
    """Of 100 mobile numbers some 5 pass as a personnummer or a samordningsnummer: how it is written decides first."""
    figures = re.findall(r"\d+", written)
    if _ABROAD.match(written) or tuple(map(len, figures)) not in _GROUPS_OF_EITHER:
        return False
    return is_identity_number("".join(figures))


def _without(text: str, matches: list[PhoneNumberMatch]) -> str:
    for match in reversed(matches):
        text = f"{text[: match.start]} {text[match.end :]}"
    return text


def _what_is_said(rest: str, region: Region) -> Reason:
    if set(_WORD.findall(rest)) & region.contacts.words_of_refusal:
        return Reason.WORD_OF_REFUSAL
    if "?" in rest or any(unicodedata.category(char) in ("So", "Sk") for char in rest):
        return Reason.NOT_SURELY_YES
    left = " ".join(_WORD.findall(_SIGNED.sub("", rest.strip())))
    for phrase in sorted(region.contacts.words_of_yes, key=len, reverse=True):
        left = re.sub(rf"(?<![^ ]){phrase}(?![^ ])", "", left)
    return Reason.NOT_SURELY_YES if left.strip() else Reason.ANSWERED_WITH_NUMBER
