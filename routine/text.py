"""What patients and staff read. Every text has a template id and a version, kept with what was sent.

SMS and e-mail are neutral (avisering-2) and worded so that a guardian who is proxy can read them as well as
the patient. The call letter is read after login or on paper, so it names the unit, the purpose and where to
turn.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto
from types import MappingProxyType

from models.times import STOCKHOLM, which_of_two
from routine.facts import CallLetterKind, Form, Visit
from routine.neutral import is_neutral
from routine.notice import NoticeKind
from routine.reasons import Reason
from routine.region import Region, UnitPolicy
from routine.self_service import EVERY_SERVICE, Service
from routine.sms import Encoding, sms_parts
from routine.unseen import as_seen

_DAYS = ("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag")
_MONTHS = (
    "januari", "februari", "mars", "april", "maj", "juni",
    "juli", "augusti", "september", "oktober", "november", "december",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Text:
    """A text with its template id and version; `subject` where the channel has one."""

    template: str
    version: int
    body: str = field(repr=False)
    subject: str | None = field(default=None, repr=False)


_NEWS: Mapping[NoticeKind, tuple[str, str]] = MappingProxyType(
    {
        NoticeKind.BOOKED: ("Det finns en ny bokad tid.", "för att se tiden"),
        NoticeKind.CHANGED: ("En bokad tid har ändrats.", "för att se vad som gäller"),
        NoticeKind.CANCELLED: ("En bokad tid har ställts in.", "för att se bokade tider"),
        NoticeKind.OPEN_CALL_LETTER: ("Det går nu att boka en tid.", "för att se hur"),
        NoticeKind.TASK: ("Det finns något att göra.", "för att se vad"),
        NoticeKind.INFORMATION: ("Det finns ny information.", "för att läsa den"),
    }
)

_STAFF: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.MANUAL_HANDLING: "Ett utskick om bokningen kunde inte göras automatiskt. "
        "Hantera det manuellt enligt mottagningens rutin.",
        Reason.NOT_REACHED: "En avisering om bokningen har inte kommit fram till patienten. "
        "Se till att patienten får veta vad som gäller.",
        Reason.STANDS_ELSEWHERE: "Ett besök är avbokat i ett system, men står kvar i ett annat. Patienten har inte "
        "fått någon avisering. Kontrollera vad som gäller och rätta den bokning som är fel.",
        Reason.LETTER_ASTRAY: "En bokning var registrerad på fel patient och har rättats. En kallelse har redan "
        "gått till den här patienten, som inte skulle ha den. Hantera det enligt er rutin för felsända brev.",
        Reason.DIGITAL_ONLY_UNREACHABLE: "Patienten önskar endast digital information, men nås inte på 1177. "
        "Inget brev har skickats. Kontakta patienten om bokningen.",
    }
)

_HELD: Mapping[Form, str] = MappingProxyType(
    {
        Form.VIDEO: "Besöket sker via video.",
        Form.CHAT: "Besöket sker via chatt.",
        Form.PHONE: "Besöket sker via telefon. Vi ringer upp.",
    }
)


def _news_of(kind: NoticeKind, carried_out: Collection[Service]) -> tuple[str, str, int]:
    """What there is to tell, what one logs in for, and the version of these words."""
    news, why = _NEWS[kind]
    if kind is NoticeKind.OPEN_CALL_LETTER and Service.BOOK in carried_out:
        return news, "för att välja tid", 2
    return news, why, 1


def sms_notice(
    kind: NoticeKind,
    region: Region,
    link: str | None = None,
    carried_out: Collection[Service] = EVERY_SERVICE,
) -> Text:
    """A neutral SMS of one GSM-7 part, with the link to log in (avisering-2).

    Args:
        link: where one logs in; `None`: on 1177.
        carried_out: what residents do on 1177 by themselves.
    """
    news, why, version = _news_of(kind, carried_out)
    where = f"Logga in på {link or region.login.link} {why}."
    body = f"{news} {where} Det går inte att svara på detta sms. Hälsningar {region.name}"
    return Text(f"notice_sms_{kind}", version, body)


def sms_reminder(start: datetime, region: Region, *, moved: bool = False, link: str | None = None) -> Text:
    """A neutral SMS of one GSM-7 part: when, and where to log in; not where or what for (avisering-2, besok-5).

    Args:
        moved: the resident has been reminded of another time, which does not hold any more.
        link: that the visit is joined by. It takes the place of that to 1177 where the region lets a text lead to its
            host (`[login] hosts`), and the SMS stays one part and neutral: a token of random letters may spell
            anything. How to change or cancel the page behind it says.
    """
    if link is not None:
        body = f"{_reminding(start, moved)} Logga in: {link} Hälsningar {region.name}"
        parts = sms_parts(body)
        if is_neutral(body, region).allowed and (parts.encoding, parts.parts) == (Encoding.GSM7, 1):
            return Text(f"reminder_sms_joined{_MOVED[moved]}", 1, body)
    there = f"Logga in på {region.login.link} {_HOW_TO_CHANGE}. Hälsningar {region.name}"
    return Text(f"reminder_sms{_MOVED[moved]}", 2, f"{_reminding(start, moved)} {there}")


def mail_reminder(start: datetime, region: Region, *, moved: bool = False, link: str | None = None) -> Text:
    """The same by e-mail, where the SMS has not arrived (avisering-1, avisering-2)."""
    to = link if link is not None and is_neutral(link, region).allowed else region.login.link
    body = (
        f"Hej!\n\n{_reminding(start, moved)} Logga in {_HOW_TO_CHANGE}:\n{to}\n\n"
        f"Det går inte att svara på detta meddelande.\n\nHälsningar\n{region.name}\n"
    )
    return Text(f"reminder_mail{_MOVED[moved]}", 1, body, subject=f"Påminnelse från {region.name}")


_HOW_TO_CHANGE = "för att se hur du ändrar eller avbokar"
"""True of every visit: whether it is done on 1177 the unit says of each, and 1177 shows it there."""

_MOVED = {False: "", True: "_moved"}


def _reminding(start: datetime, moved: bool) -> str:
    local = start.astimezone(STOCKHOLM)
    when = f"{local.day}/{local.month} kl. {local:%H.%M}"
    return f"Ny tid sedan förra påminnelsen: {when}." if moved else f"Påminnelse om en bokad tid {when}."


def mail_notice(
    kind: NoticeKind,
    region: Region,
    link: str | None = None,
    carried_out: Collection[Service] = EVERY_SERVICE,
) -> Text:
    """A neutral e-mail, with the link to log in (avisering-2).

    Args:
        link, carried_out: as of `sms_notice`.
    """
    news, why, version = _news_of(kind, carried_out)
    body = (
        f"Hej!\n\n{news} Logga in {why}:\n{link or region.login.link}\n\n"
        f"Det går inte att svara på detta meddelande.\n\nHälsningar\n{region.name}\n"
    )
    return Text(f"notice_mail_{kind}", version, body, subject=f"Ny information från {region.name}")


def staff_task(reason: Reason) -> Text:
    """What the unit's staff are asked to do; it tells nothing of the person (policy-skydd-2).

    Raises:
        KeyError: staff have no task for this reason.
    """
    return Text(f"staff_task_{reason}", 1, _STAFF[reason])


def requested_notice_task(kind: NoticeKind) -> Text:
    """What staff are asked to do where a notice that was asked for cannot be given; not why (policy-skydd-2)."""
    what = "något att göra" if kind is NoticeKind.TASK else "ny information"
    body = (
        f"Patienten har {what}, men kunde inte aviseras automatiskt. "
        "Hantera det manuellt enligt mottagningens rutin."
    )
    return Text(f"staff_task_notice_{kind}", 1, body)


def call_letter(
    visit: Visit,
    unit: UnitPolicy,
    purpose: str | None = None,
    message: str | None = None,
    *,
    replaces: bool = False,
    link: str | None = None,
    carried_out: Collection[Service] = EVERY_SERVICE,
) -> Text:
    """The digital call letter: when, where, why, how to join and where to turn (onskemal-3, besok-3, distans-2).

    Args:
        purpose: what the visit is for, in plain words.
        message: the unit's own text from the journal system.
        replaces: the patient has one of the same visit that says something else.
        link: as of `how_to_join`.
        carried_out: what residents do on 1177 by themselves.
    """
    there = _way_there(visit, carried_out)
    turn = f"{_asking(visit)} {_THERE[there]} {unit.name}: {unit.turn_to}."
    words = _replacing(replaces), purpose, message, turn
    return _letter("digital", _VERSIONS[there], visit, unit, words, link)


def paper_letter(
    visit: Visit,
    unit: UnitPolicy,
    purpose: str | None = None,
    message: str | None = None,
    *,
    replaces: bool = False,
    carried_out: Collection[Service] = EVERY_SERVICE,
) -> Text:
    """The same on paper, for one who may not use 1177: where to turn comes before logging in.

    A link of random letters is not typed from paper: a digital visit has it on 1177.
    """
    there = _way_there(visit, carried_out)
    too = f"Den som har e-legitimation kan också {_THERE_TOO[there]}."
    turn = f"{_asking(visit)} Kontakta {unit.name}: {unit.turn_to}. {too}"
    return _letter("paper", _VERSIONS[there], visit, unit, (_replacing(replaces), purpose, message, turn))


class _There(Enum):
    """What of a booking is done on 1177 (besok-3, besok-4)."""

    TIME_CHOSEN = auto()
    CHANGED_IF_ALLOWED = auto()
    """Changed or cancelled, if the unit allows it and it is not too late: 1177 shows which when it is looked at."""
    SHOWN = auto()


_THERE: Mapping[_There, str] = MappingProxyType(
    {
        _There.TIME_CHOSEN: "Logga in på 1177.se eller kontakta",
        _There.CHANGED_IF_ALLOWED: "Logga in på 1177.se och se om du kan göra det själv, eller kontakta",
        _There.SHOWN: "Kontakta",
    }
)
_THERE_TOO: Mapping[_There, str] = MappingProxyType(
    {
        _There.TIME_CHOSEN: "logga in på 1177.se",
        _There.CHANGED_IF_ALLOWED: "logga in på 1177.se och se om det går att göra där",
        _There.SHOWN: "se bokningen på 1177.se",
    }
)
_VERSIONS: Mapping[_There, int] = MappingProxyType(
    {_There.TIME_CHOSEN: 4, _There.CHANGED_IF_ALLOWED: 4, _There.SHOWN: 3}
)
"""Of the letters that say so."""


def _way_there(visit: Visit, carried_out: Collection[Service]) -> _There:
    if visit.call_letter == CallLetterKind.OPEN:
        return _There.TIME_CHOSEN if Service.BOOK in carried_out else _There.SHOWN
    return _There.CHANGED_IF_ALLOWED if {Service.CANCEL, Service.REBOOK} <= set(carried_out) else _There.SHOWN


def _asking(visit: Visit) -> str:
    if visit.call_letter == CallLetterKind.OPEN:
        return "Vill du boka en tid, eller har du frågor?"
    return "Har du frågor, eller vill du avboka eller byta tid?"


def _replacing(replaces: bool) -> str | None:
    return "Den här kallelsen ersätter en tidigare." if replaces else None


def how_to_join(form: Form | None, link: str | None = None) -> str | None:
    """How a visit that is not on site takes place; `None`: there is nothing to say of it (distans-2).

    Args:
        link: that leads to it by a login; `None`: from where it is shown on 1177.
    """
    held = _HELD.get(form) if form else None
    if held is None or form is Form.PHONE:
        return held
    if link is None:
        return f"{held} Anslut genom att logga in på 1177.se med e-legitimation."
    return f"{held} När det är dags ansluter du här, med e-legitimation:\n{link}"


def _letter(
    way: str,
    version: int,
    visit: Visit,
    unit: UnitPolicy,
    words: tuple[str | None, str | None, str | None, str],
    link: str | None = None,
) -> Text:
    replacing, purpose, message, turn = (as_seen(each or "").strip() for each in words)
    is_open = visit.call_letter == CallLetterKind.OPEN
    what = [*(_open_call(visit, unit) if is_open else _timed_call(visit, unit))]
    if purpose:
        what.append(f"Gäller: {purpose}")
    how = how_to_join(visit.form, link)
    paragraphs = [replacing, "\n".join(what), how, message, turn, f"Hälsningar\n{unit.name}"]
    subject = f"Boka tid hos {unit.name}" if is_open else f"Kallelse till {unit.name}"
    template = f"call_letter_{way}_{'open' if is_open else 'timed'}"
    return Text(template, version, "\n\n".join(part for part in paragraphs if part), subject)


def _timed_call(visit: Visit, unit: UnitPolicy) -> list[str]:
    when = [f"Tid: {swedish_time(visit.start)}"] if visit.start else []
    return [f"Välkommen till {unit.name}.", "", *when, f"Mottagning: {unit.name}"]


def _open_call(visit: Visit, unit: UnitPolicy) -> list[str]:
    last = visit.valid_until
    if isinstance(last, datetime):
        limit = [f"Boka senast: {swedish_time(last)}"]
    else:
        limit = [f"Boka senast: {swedish_date(last)}"] if last else []
    return [f"Det går nu att boka en tid hos {unit.name}.", "", *limit, f"Mottagning: {unit.name}"]


def swedish_time(moment: datetime) -> str:
    """Such as `tisdag 1 december 2026 kl. 09.00`, by Swedish time; of an hour that comes twice, which."""
    local, which = moment.astimezone(STOCKHOLM), which_of_two(moment)
    twice = "" if which is None else f" ({_OF_TWO[which]})"
    return f"{swedish_date(local.date())} kl. {local:%H.%M}{twice}"


_OF_TWO = ("sommartid", "vintertid")


def swedish_date(day: date) -> str:
    """Such as `tisdag 1 december 2026`."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"
