"""What the pages of joining a visit say, in Swedish and English. Before a login they say nothing of the visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gateway.login.texts import PageText


class JoinPage(StrEnum):
    """The pages of joining, beside those of a login that does not come about."""

    START = "start"
    OPEN = "open"
    EARLY = "early"
    MOVED = "moved"
    """As EARLY, of a visit that is not as it was booked."""
    OVER = "over"
    CANCELLED = "cancelled"
    HELD_OTHERWISE = "held_otherwise"
    UNIT = "unit"
    NOT_THEIRS = "not_theirs"
    AWAY = "away"


STATUS = {JoinPage.NOT_THEIRS: 403, JoinPage.AWAY: 503}


@dataclass(frozen=True)
class JoinWords:
    """All words in one language.

    Args:
        pages: with `{start}`, of the visit; `{minutes}`, how long before it can be joined; `{turn}`, where to turn;
            `{age}`, from which a child acts alone.
        join: on the button that leads on.
        turn: where to turn at a unit, with `{unit}` and `{to}`; `turn_unnamed`: where no unit may be named.
    """

    code: str
    other: tuple[str, str]
    pages: Mapping[JoinPage, PageText]
    log_in: str
    again: str
    join: str
    turn: str
    turn_unnamed: str
    foot: str


SWEDISH = JoinWords(
    code="sv",
    other=("en", "In English"),
    pages={
        JoinPage.START: PageText(
            "Anslut till besöket",
            (
                "Logga in med din e-legitimation, så kommer du vidare. Du kan ansluta från {minutes} minuter innan "
                "besöket börjar.",
                "Är besöket för ett barn under {age} år loggar du som är vårdnadshavare in. Från {age} år loggar "
                "barnet in självt.",
            ),
        ),
        JoinPage.OPEN: PageText(
            "Du kan ansluta nu", ("Besöket börjar {start}.", "Går det inte att ansluta? {turn}")
        ),
        JoinPage.EARLY: PageText(
            "Du kan inte ansluta än",
            (
                "Besöket börjar {start}. Du kan ansluta från {minutes} minuter innan, med samma länk.",
                "Vill du boka av eller byta tid? {turn}",
            ),
        ),
        JoinPage.MOVED: PageText(
            "Besöket har ändrats",
            (
                "Den tid som gäller är {start}. Du kan ansluta från {minutes} minuter innan, med samma länk.",
                "Passar det inte? {turn}",
            ),
        ),
        JoinPage.OVER: PageText(
            "Besöket är slut", ("Det går inte att ansluta längre.", "Missade du besöket? {turn}")
        ),
        JoinPage.CANCELLED: PageText(
            "Besöket är inställt",
            ("Det är avbokat, så du behöver inte ansluta.", "Vill du ha en ny tid? {turn}"),
        ),
        JoinPage.HELD_OTHERWISE: PageText(
            "Besöket är inte längre digitalt",
            (
                "Det börjar {start}, men inte via video eller chatt. Logga in på 1177.se för att se vad som gäller.",
                "Passar det inte? {turn}",
            ),
        ),
        JoinPage.UNIT: PageText("Kontakta mottagningen", ("Det går inte att ansluta härifrån.", "{turn}")),
        JoinPage.NOT_THEIRS: PageText(
            "Du kan inte ansluta med den här inloggningen",
            (
                "Kontrollera att du har öppnat rätt länk och att rätt person loggar in.",
                "Är besöket för ett barn under {age} år loggar en vårdnadshavare in. Från {age} år loggar barnet in "
                "självt.",
                "Behöver du hjälp? {turn}",
            ),
        ),
        JoinPage.AWAY: PageText(
            "Det går inte att ansluta just nu",
            ("Felet är inte ditt. Försök igen om en liten stund.", "Börjar besöket strax? {turn}"),
        ),
    },
    log_in="Logga in med e-legitimation",
    again="Försök igen",
    join="Anslut till besöket",
    turn="Kontakta {unit}: {to}.",
    turn_unnamed="Kontakta mottagningen: hur du når den står i kallelsen.",
    foot="Mer om dina besök finns på",
)

ENGLISH = JoinWords(
    code="en",
    other=("sv", "På svenska"),
    pages={
        JoinPage.START: PageText(
            "Join the visit",
            (
                "Log in with your e-identification to go on. You can join from {minutes} minutes before the visit "
                "begins.",
                "If the visit is for a child under {age}, you who are the guardian log in. From {age} the child logs "
                "in themselves.",
            ),
        ),
        JoinPage.OPEN: PageText(
            "You can join now", ("The visit begins {start}.", "Is it not possible to join? {turn}")
        ),
        JoinPage.EARLY: PageText(
            "You cannot join yet",
            (
                "The visit begins {start}. You can join from {minutes} minutes before, by the same link.",
                "Would you like to cancel, or have another time? {turn}",
            ),
        ),
        JoinPage.MOVED: PageText(
            "The visit has been changed",
            (
                "The time that holds is {start}. You can join from {minutes} minutes before, by the same link.",
                "Does that not suit you? {turn}",
            ),
        ),
        JoinPage.OVER: PageText(
            "The visit is over", ("It cannot be joined any more.", "Did you miss the visit? {turn}")
        ),
        JoinPage.CANCELLED: PageText(
            "The visit is cancelled",
            ("There is nothing to join.", "Would you like another time? {turn}"),
        ),
        JoinPage.HELD_OTHERWISE: PageText(
            "The visit is no longer digital",
            (
                "It begins {start}, but not by video or chat. Log in on 1177.se to see how it is held.",
                "Does that not suit you? {turn}",
            ),
        ),
        JoinPage.UNIT: PageText("Contact the clinic", ("It is not possible to join from here.", "{turn}")),
        JoinPage.NOT_THEIRS: PageText(
            "You cannot join with this login",
            (
                "See that you have opened the right link, and that the right person logs in.",
                "If the visit is for a child under {age}, a guardian logs in. From {age} the child logs in "
                "themselves.",
                "Do you need help? {turn}",
            ),
        ),
        JoinPage.AWAY: PageText(
            "It is not possible to join right now",
            ("This is not your fault. Try again in a little while.", "Does the visit begin soon? {turn}"),
        ),
    },
    log_in="Log in with e-identification",
    again="Try again",
    join="Join the visit",
    turn="Contact {unit}: {to}.",
    turn_unnamed="Contact the clinic: how to reach it is in your call letter.",
    foot="More about your visits is on",
)

WORDS = {words.code: words for words in (SWEDISH, ENGLISH)}
