"""Whether all that a region's residents get by SMS and e-mail is neutral and fits, asked before anything starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from routine.approved import E1177, PHONE, Use
from routine.conversation import referral, sms_link
from routine.neutral import is_neutral
from routine.notice import NoticeKind
from routine.reasons import Reason
from routine.region import Region
from routine.requested_notice import where_to_log_in
from routine.sms import Encoding, sms_parts
from routine.text import Text, mail_notice, mail_reminder, sms_notice, sms_reminder

LONGEST_DATE = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)


def wrong_with_texts(region: Region) -> str | None:
    """What is wrong with the first text that may not go out as the region's figures make it; `None`: all may.

    A text that is not neutral breaks avisering-2; an SMS of two parts, or outside GSM-7, costs the double and may
    come in pieces.
    """
    by_sms, by_mail = list(_by_sms(region)), list(_by_mail(region))
    for text, _ in by_sms:
        if sms_parts(text.body).encoding is not Encoding.GSM7 or sms_parts(text.body).parts > 1:
            return f"a name and a link with which {text.template} is one GSM-7 part"
    for text, link in (*by_sms, *by_mail):
        neutral = is_neutral(f"{text.subject or ''}\n{text.body}", region, link=link)
        if neutral.reason is not Reason.NEUTRAL:
            return f"a name and a link with which {text.template} is neutral ({neutral.reason})"
    return None


def _by_sms(region: Region) -> Iterator[tuple[Text, str | None]]:
    """Each with where it leads, if that is not to 1177."""
    yield from ((sms_notice(kind, region, link), link) for kind, link in _notices(region))
    yield from ((sms_reminder(LONGEST_DATE, region, moved=moved), None) for moved in (False, True))
    yield sms_link(region.login.link, region), None


def _by_mail(region: Region) -> Iterator[tuple[Text, str | None]]:
    yield from ((mail_notice(kind, region, link), link) for kind, link in _notices(region))
    yield from ((mail_reminder(LONGEST_DATE, region, moved=moved), None) for moved in (False, True))
    yield referral((E1177, PHONE), region), None


def _notices(region: Region) -> Iterator[tuple[NoticeKind, str | None]]:
    """What a notice tells, and where it leads: of what is asked for, into each system that text is written in."""
    yield from ((kind, None) for kind in NoticeKind)
    for id, system in region.systems.items():
        if id != E1177 and Use.TEXT in system.uses and (link := where_to_log_in(id, region)):
            yield from ((kind, link) for kind in (NoticeKind.TASK, NoticeKind.INFORMATION))
