"""What the pages of a visit say, in Swedish and English. They name nobody, and no reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.login.texts import Page, PageText
from gateway.visits.dates import date_in
from tasks.check_in.visits_here import CheckInStatus


class CheckInPage(StrEnum):
    """The pages of checking in, beside those of a login that does not come about."""

    START = "start"
    VISITS = "visits"
    NO_VISIT = "no_visit"
    DESK = "desk"
    UNKNOWN_UNIT = "unknown_unit"
    AWAY = "away"
    OVER = "over"


STATUS = {CheckInPage.UNKNOWN_UNIT: 404, CheckInPage.AWAY: 503, CheckInPage.OVER: 403}


@dataclass(frozen=True)
class Words:
    """All words in one language.

    Args:
        pages, login: by page; `login` has those of a login that did not come about.
        status: by how a visit stands, a sentence; none while it can be pressed.
        at: before a time; `child`: whose visit it is, with `{born}`.
    """

    code: str
    other: tuple[str, str]
    pages: Mapping[CheckInPage, PageText]
    login: Mapping[Page, PageText]
    status: Mapping[CheckInStatus, str]
    log_in: str
    again: str
    check_in: str
    refresh: str
    log_out: str
    at: str
    child: str
    foot: str

    def born(self, day: date) -> str:
        """Whose visit it is, where it is a child's."""
        return self.child.format(born=date_in(self.code, day))


_DESK = "Gå till receptionen, så hjälper vi dig."
SWEDISH = Words(
    code="sv",
    other=("en", "In English"),
    pages={
        CheckInPage.START: PageText(
            "Checka in",
            (
                "Är du här för ett besök? Logga in med din e-legitimation, så ser du besöket och kan checka in.",
                "Är besöket för ett barn under {age} år loggar du som är vårdnadshavare in. Från {age} år loggar "
                "barnet in självt.",
                "Vill du hellre prata med någon går du till receptionen.",
            ),
        ),
        CheckInPage.VISITS: PageText("Besök i dag", ()),
        CheckInPage.NO_VISIT: PageText(
            "Vi hittar inget besök här i dag",
            (
                "Det finns inget besök på den här mottagningen i dag som du kan checka in till.",
                f"Har du en tid här? {_DESK}",
            ),
        ),
        CheckInPage.DESK: PageText(
            "Gå till receptionen", ("Det går inte att checka in med mobilen just nu.", _DESK)
        ),
        CheckInPage.UNKNOWN_UNIT: PageText(
            "Vi känner inte igen koden",
            (
                "Koden leder inte till någon mottagning. Den kan vara gammal, eller ha blivit avläst fel. Prova att "
                "skanna den igen.",
                _DESK,
            ),
        ),
        CheckInPage.AWAY: PageText(
            "Det går inte att checka in just nu",
            ("Felet är inte ditt. Försök igen om en stund, eller gå till receptionen.",),
        ),
        CheckInPage.OVER: PageText(
            "Logga in igen",
            ("Det har gått en stund sedan du loggade in. Inget har hänt. Logga in igen för att checka in.",),
        ),
    },
    login={
        Page.TOO_WEAK: PageText(
            "Inloggningen räcker inte",
            (
                "För vård behövs en e-legitimation med tillitsnivå 3, till exempel BankID eller Freja+.",
                "Har du ingen sådan? " + _DESK,
            ),
        ),
        Page.CANCELLED: PageText("Inloggningen avbröts", ("Du är inte incheckad.", f"Försök igen. {_DESK}")),
        Page.NOT_VERIFIED: PageText(
            "Inloggningen kunde inte kontrolleras",
            ("Du är inte incheckad. Försök igen, eller gå till receptionen.",),
        ),
        Page.TOO_LATE: PageText(
            "Inloggningen gäller inte längre",
            ("Det gick för lång tid. Du är inte incheckad. Försök igen, eller gå till receptionen.",),
        ),
        Page.AWAY: PageText(
            "Det går inte att logga in just nu",
            ("Felet är inte ditt. Försök igen om en stund, eller gå till receptionen.",),
        ),
    },
    status={
        CheckInStatus.RECEIVED: "Vi har tagit emot din incheckning och meddelar mottagningen. Du är inte klar än: "
        "visa om en liten stund hur det står.",
        CheckInStatus.ARRIVED: "Incheckningen är klar. Mottagningen vet att du är här.",
        CheckInStatus.DESK: f"Det här besöket checkar du inte in till med mobilen. {_DESK}",
    },
    log_in="Logga in med e-legitimation",
    again="Försök igen",
    check_in="Checka in",
    refresh="Visa hur det står",
    log_out="Logga ut",
    at="Klockan",
    child="För barnet som är fött {born}",
    foot="Mer om dina besök finns på",
)  # fmt: skip

_DESK_EN = "Go to the reception desk and we will help you."
ENGLISH = Words(
    code="en",
    other=("sv", "På svenska"),
    pages={
        CheckInPage.START: PageText(
            "Check in",
            (
                "Are you here for a visit? Log in with your e-identification to see the visit and check in.",
                "If the visit is for a child under {age}, you who are the guardian log in. From {age} the child logs "
                "in themselves.",
                "If you would rather talk to somebody, go to the reception desk.",
            ),
        ),
        CheckInPage.VISITS: PageText("Visits today", ()),
        CheckInPage.NO_VISIT: PageText(
            "We find no visit here today",
            (
                "There is no visit at this clinic today that you can check in to.",
                f"Do you have an appointment here? {_DESK_EN}",
            ),
        ),
        CheckInPage.DESK: PageText(
            "Go to the reception desk", ("It is not possible to check in by phone right now.", _DESK_EN)
        ),
        CheckInPage.UNKNOWN_UNIT: PageText(
            "We do not know this code",
            (
                "The code leads to no clinic. It may be old, or it was read wrongly. Try to scan it again.",
                _DESK_EN,
            ),
        ),
        CheckInPage.AWAY: PageText(
            "It is not possible to check in right now",
            ("This is not your fault. Try again in a while, or go to the reception desk.",),
        ),
        CheckInPage.OVER: PageText(
            "Log in again",
            ("It is a while since you logged in. Nothing has happened. Log in again to check in.",),
        ),
    },
    login={
        Page.TOO_WEAK: PageText(
            "This login is not strong enough",
            (
                "Health care needs an e-identification of assurance level 3, such as BankID or Freja+.",
                "Do you have none? " + _DESK_EN,
            ),
        ),
        Page.CANCELLED: PageText(
            "The login was cancelled", ("You are not checked in.", f"Try again. {_DESK_EN}")
        ),
        Page.NOT_VERIFIED: PageText(
            "The login could not be verified",
            ("You are not checked in. Try again, or go to the reception desk.",),
        ),
        Page.TOO_LATE: PageText(
            "This login is no longer valid",
            ("It took too long. You are not checked in. Try again, or go to the reception desk.",),
        ),
        Page.AWAY: PageText(
            "It is not possible to log in right now",
            ("This is not your fault. Try again in a while, or go to the reception desk.",),
        ),
    },
    status={
        CheckInStatus.RECEIVED: "We have received your check-in and are telling the clinic. You are not done yet: "
        "show in a little while how it stands.",
        CheckInStatus.ARRIVED: "You are checked in. The clinic knows that you are here.",
        CheckInStatus.DESK: f"You do not check in to this visit by phone. {_DESK_EN}",
    },
    log_in="Log in with e-identification",
    again="Try again",
    check_in="Check in",
    refresh="Show how it stands",
    log_out="Log out",
    at="At",
    child="For the child born on {born}",
    foot="More about your visits is on",
)  # fmt: skip

WORDS = {words.code: words for words in (SWEDISH, ENGLISH)}
