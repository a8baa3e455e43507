"""Whether all that a region's residents get by SMS and e-mail is neutral and fits, asked before anything starts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from routine.approved import E1177, PHONE
from routine.conversation import referral, sms_link
from routine.neutral import is_neutral
from routine.notice import NoticeKind
from routine.reasons import Reason
from routine.region import Region
from routine.sms import Encoding, sms_parts
from routine.text import Text, mail_notice, sms_notice, sms_reminder

LONGEST_DATE = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)


def wrong_with_texts(region: Region) -> str | None:
    """What is wrong with the first text that may not go out as the region's figures make it; `None`: all may.

    A text that is not neutral breaks avisering-2; an SMS of two parts, or outside GSM-7, costs the double and may
    come in pieces.
    """
    for text in _by_sms(region):
        if sms_parts(text.body).encoding is not Encoding.GSM7 or sms_parts(text.body).parts > 1:
            return f"a name and a link with which {text.template} is one GSM-7 part"
    for text in (*_by_sms(region), *_by_mail(region)):
        neutral = is_neutral(f"{text.subject or ''}\n{text.body}", region)
        if neutral.reason is not Reason.NEUTRAL:
            return f"a name and a link with which {text.template} is neutral ({neutral.reason})"
    return None


def _by_sms(region: Region) -> Iterator[Text]:
    yield from (sms_notice(kind, region) for kind in NoticeKind)
    yield sms_reminder(LONGEST_DATE, region)
    yield sms_link(region.login.link, region)


def _by_mail(region: Region) -> Iterator[Text]:
    yield from (mail_notice(kind, region) for kind in NoticeKind)
    yield referral((E1177, PHONE), region)
