"""What the pages of a login say, in Swedish and English. They name no clinic, no service and nobody."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Page(StrEnum):
    """The pages, one for each way that a login can go."""

    START = "start"
    DONE = "done"
    USED = "used"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    UNKNOWN = "unknown"
    WRONG_PERSON = "wrong_person"
    TOO_WEAK = "too_weak"
    CANCELLED = "cancelled"
    TOO_LATE = "too_late"
    NOT_VERIFIED = "not_verified"
    AWAY = "away"


STATUS: dict[Page, int] = {
    Page.START: 200,
    Page.DONE: 200,
    Page.USED: 410,
    Page.EXPIRED: 410,
    Page.WITHDRAWN: 410,
    Page.UNKNOWN: 404,
    Page.WRONG_PERSON: 403,
    Page.TOO_WEAK: 403,
    Page.CANCELLED: 200,
    Page.TOO_LATE: 400,
    Page.NOT_VERIFIED: 400,
    Page.AWAY: 503,
}


@dataclass(frozen=True)
class PageText:
    """A page's words: its heading, which is its title too, and its paragraphs."""

    heading: str
    says: tuple[str, ...]

    def filled(self, **given: object) -> PageText:
        """With what stands in braces in its paragraphs, `{age}` say."""
        return PageText(self.heading, tuple(each.format(**given) for each in self.says))


@dataclass(frozen=True)
class Language:
    """All words in one language.

    Args:
        code: as HTML's `lang`.
        other: code, and name in itself, of the other language.
        log_in, again: on the button, the first time and after.
        foot: stands before the link to 1177.
    """

    code: str
    other: tuple[str, str]
    log_in: str
    again: str
    foot: str
    pages: dict[Page, PageText]


_ASK_AGAIN = "Är det fortfarande aktuellt kan du be om en ny länk där du fick den här."
_AS_BEFORE = "Din kontakt med vården fortsätter som förut."

SWEDISH = Language(
    "sv",
    ("en", "In English"),
    "Logga in med e-legitimation",
    "Försök igen",
    "Du når alltid vården genom",
    {
        Page.START: PageText(
            "Logga in för att gå vidare",
            (
                "När du loggar in här säger du ja till det som vården föreslog i meddelandet med länken. "
                "Vill du inte det behöver du inte göra något: då fortsätter din kontakt med vården som förut.",
            ),
        ),
        Page.DONE: PageText("Klart", ("Tack, du har loggat in och behöver inte göra något mer här.",)),
        Page.USED: PageText(
            "Länken har redan använts",
            ("Av säkerhetsskäl kan en länk bara användas en gång.", _ASK_AGAIN),
        ),
        Page.EXPIRED: PageText(
            "Länken gäller inte längre",
            ("Av säkerhetsskäl gäller en länk bara en kort tid.", _AS_BEFORE, _ASK_AGAIN),
        ),
        Page.WITHDRAWN: PageText(
            "Länken behövs inte längre", ("Vården har tagit tillbaka förslaget.", _AS_BEFORE)
        ),
        Page.UNKNOWN: PageText(
            "Vi hittar inte länken",
            (
                "Den kan ha blivit avklippt på vägen. Öppna den igen i meddelandet där du fick den, "
                "eller kopiera hela länken.",
            ),
        ),
        Page.WRONG_PERSON: PageText(
            "Länken är till någon annan",
            (
                "Du är inloggad som en annan person än den som länken skickades till. Därför har inget hänt.",
                "Är länken till dig? Försök igen med din egen e-legitimation.",
            ),
        ),
        Page.TOO_WEAK: PageText(
            "Inloggningen räcker inte",
            (
                "För vård behövs en e-legitimation med tillitsnivå 3, till exempel BankID eller Freja+.",
                "Länken går fortfarande att använda.",
            ),
        ),
        Page.CANCELLED: PageText(
            "Inloggningen avbröts",
            (
                f"Inget har hänt. {_AS_BEFORE}",
                "Länken går fortfarande att använda om du vill logga in senare.",
            ),
        ),
        Page.TOO_LATE: PageText(
            "Inloggningen gäller inte längre",
            (
                "Det gick för lång tid, eller så har sidan laddats en gång till.",
                "Har du redan fått besked om att allt är klart behöver du inte göra mer. "
                "Öppna annars länken i meddelandet igen och logga in på nytt.",
            ),
        ),
        Page.NOT_VERIFIED: PageText(
            "Inloggningen kunde inte kontrolleras",
            (
                "Svaret på din inloggning stämde inte, och för din säkerhet gick vi inte vidare.",
                "Öppna länken i meddelandet igen och logga in på nytt.",
            ),
        ),
        Page.AWAY: PageText(
            "Det går inte att logga in just nu",
            ("Felet är inte ditt. Länken går fortfarande att använda: försök igen om en stund.",),
        ),
    },
)

_ASK_AGAIN_EN = "If it still matters, you can ask for a new link where you were given this one."
_AS_BEFORE_EN = "Your contact with your care provider goes on as before."

ENGLISH = Language(
    "en",
    ("sv", "På svenska"),
    "Log in with e-identification",
    "Try again",
    "You can always reach health care through",
    {
        Page.START: PageText(
            "Log in to go on",
            (
                "By logging in here you say yes to what your care provider suggested in the message with the link. "
                "If you would rather not, you need not do anything: your contact then goes on as before.",
            ),
        ),
        Page.DONE: PageText(
            "Done", ("Thank you, you have logged in, and there is nothing more to do here.",)
        ),
        Page.USED: PageText(
            "The link has been used",
            ("For safety, a link can be used only once.", _ASK_AGAIN_EN),
        ),
        Page.EXPIRED: PageText(
            "The link is no longer valid",
            ("For safety, a link is valid only for a short time.", _AS_BEFORE_EN, _ASK_AGAIN_EN),
        ),
        Page.WITHDRAWN: PageText(
            "The link is no longer needed",
            ("Your care provider has taken back the suggestion.", _AS_BEFORE_EN),
        ),
        Page.UNKNOWN: PageText(
            "We cannot find the link",
            (
                "It may have been cut off on its way. Open it again in the message where you found it, "
                "or copy the whole link.",
            ),
        ),
        Page.WRONG_PERSON: PageText(
            "The link is for somebody else",
            (
                "You have logged in as another person than the one whom the link was sent to. "
                "So nothing has happened.",
                "Is the link for you? Try again with your own e-identification.",
            ),
        ),
        Page.TOO_WEAK: PageText(
            "This login is not strong enough",
            (
                "Health care needs an e-identification of assurance level 3, such as BankID or Freja+.",
                "The link still works.",
            ),
        ),
        Page.CANCELLED: PageText(
            "The login was cancelled",
            (f"Nothing has happened. {_AS_BEFORE_EN}", "The link still works if you want to log in later."),
        ),
        Page.TOO_LATE: PageText(
            "This login is no longer valid",
            (
                "It took too long, or the page was loaded once more.",
                "If you have been told that all is done, there is nothing more to do. "
                "Otherwise open the link in the message again and log in anew.",
            ),
        ),
        Page.NOT_VERIFIED: PageText(
            "The login could not be verified",
            (
                "The answer to your login was not right, and for your safety we went no further.",
                "Open the link in the message again and log in anew.",
            ),
        ),
        Page.AWAY: PageText(
            "It is not possible to log in right now",
            ("This is not your fault. The link still works: try again in a while.",),
        ),
    },
)

LANGUAGES = {"sv": SWEDISH, "en": ENGLISH}
