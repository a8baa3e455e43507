"""What the pages of the follow-up say around their figures, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.login.texts import PageText
from routine.follow_up_period import MOST_WEEKS, Wrong
from routine.follow_up_text import Language


@dataclass(frozen=True)
class ReportWords:
    """All words in one language. What is in braces is filled in where it is shown.

    Args:
        wrong: what is wrong with the dates that were asked for.
    """

    code: Language
    title: str
    intro: str
    hidden: str
    newest: str
    nothing_yet: str
    cut: str
    from_: str
    to: str
    unit: str
    region: str
    own_unit: str
    show: str
    csv: str
    of: str
    week: str
    weeks: str
    week_short: str
    all_weeks: str
    none: str
    none_of: str
    picture: str
    of_region: str
    clauses: str
    clause_title: str
    not_counted: str
    departures: str
    no_departures: str
    departure: str
    number: str
    back: str
    skip: str
    wrong: Mapping[Wrong, PageText]
    not_yours: PageText
    no_clause: PageText


SWEDISH = ReportWords(
    code="sv",
    title="Uppföljning",
    intro="Så följs rutinen Digital kommunikation med patient, vecka för vecka. Bara antal, aldrig om en person.",
    hidden="Ett antal på 1 till 4 visas som <5. En summa där sådana ingår visas som ett spann, till exempel 12–18. "
    "I diagrammen är det mörka minst så många och det ljusa så många till som det kan vara.",
    newest="En vecka visas när inget i den längre kan ändras, tre dagar efter att den är slut. Senaste veckan just "
    "nu: {week}.",
    nothing_yet="Ännu finns ingen vecka att visa. En vecka visas tre dagar efter att den är slut.",
    cut="Alla veckor som du bad om finns inte: de är inte slut, kan fortfarande ändras, eller är från tiden innan "
    "Växel räknade.",
    from_="Från och med",
    to="Till och med",
    unit="Gäller",
    region="Hela regionen",
    own_unit="Min enhet ({unit})",
    show="Visa",
    csv="Hämta som CSV",
    of="{what}, {first} till {last}",
    week="Vecka",
    weeks="{what}, vecka för vecka",
    week_short="v {week}",
    all_weeks="Hela tiden",
    none="Inget har räknats under den här tiden.",
    none_of="Inget under tiden: {what}.",
    picture="Stapeldiagram: {what} per vecka. Samma siffror står i tabellen under.",
    of_region="Räknas bara för hela regionen.",
    clauses="I rutinen:",
    clause_title="Uppföljning av {clause}",
    not_counted="Till den här punkten räknas inget: där finns inget att räkna, eller så kunde antalet peka ut någon.",
    departures="Senaste avvikelserna",
    no_departures="Inga avvikelser under den här tiden.",
    departure="Avvikelse",
    number="Antal",
    back="Hela uppföljningen",
    skip="Till siffrorna",
    wrong={
        Wrong.NO_DATE: PageText("Det är inget datum", ("Skriv datum så här: 2026-03-02.",)),
        Wrong.TURNED_ROUND: PageText(
            "Datumen är omkastade", ("Första dagen är efter den sista. Byt plats på dem.",)
        ),
        Wrong.TOO_LONG: PageText("För lång tid", (f"Välj högst {MOST_WEEKS} veckor åt gången.",)),
    },
    not_yours=PageText(
        "Här finns inget att visa",
        ("Du ser uppföljningen för din egen enhet och för hela regionen.",),
    ),
    no_clause=PageText("Här finns inget att visa", ("Rutinen har ingen sådan punkt.",)),
)
ENGLISH = ReportWords(
    code="en",
    title="Follow-up",
    intro="How the routine for digital communication with patients is followed, week by week. Numbers only, never "
    "of a person.",
    hidden="A number from 1 to 4 is shown as <5. A sum with such a number in it is shown as a range, such as 12–18. "
    "In the pictures the dark part is how many there are at least, the light part how many more it may be.",
    newest="A week is shown once nothing in it can change, three days after its end. The newest just now: {week}.",
    nothing_yet="There is no week to show yet. A week is shown three days after its end.",
    cut="Not all weeks that you asked for are there: they are not over, may still change, or are from before Växel "
    "counted.",
    from_="From",
    to="To",
    unit="Of",
    region="The whole region",
    own_unit="My unit ({unit})",
    show="Show",
    csv="Get it as CSV",
    of="{what}, {first} to {last}",
    week="Week",
    weeks="{what}, week by week",
    week_short="w {week}",
    all_weeks="All weeks",
    none="Nothing was counted in this time.",
    none_of="None in this time: {what}.",
    picture="Bar chart: {what} by week. The same figures are in the table below.",
    of_region="Counted for the whole region only.",
    clauses="In the routine:",
    clause_title="Follow-up of {clause}",
    not_counted="Nothing is counted of this clause: there is nothing to count, or the number would tell of someone.",
    departures="The latest departures",
    no_departures="No departures in this time.",
    departure="Departure",
    number="Number",
    back="The whole follow-up",
    skip="To the figures",
    wrong={
        Wrong.NO_DATE: PageText("That is no date", ("Write dates like this: 2026-03-02.",)),
        Wrong.TURNED_ROUND: PageText(
            "The dates are turned round", ("The first day is after the last. Let them change places.",)
        ),
        Wrong.TOO_LONG: PageText("Too long a time", (f"Choose {MOST_WEEKS} weeks at most.",)),
    },
    not_yours=PageText(
        "There is nothing to show here", ("You see the follow-up of your own unit and of the whole region.",)
    ),
    no_clause=PageText("There is nothing to show here", ("The routine has no such clause.",)),
)
IN_LANGUAGE: Mapping[str, ReportWords] = {words.code: words for words in (SWEDISH, ENGLISH)}
DETAILS: Mapping[Wrong, str] = {
    Wrong.NO_DATE: "has to be a date, such as 2026-03-02.",
    Wrong.TURNED_ROUND: "is after `to`: let them change places.",
    Wrong.TOO_LONG: f"is too far from `to`: {MOST_WEEKS} weeks at most.",
}
"""The same for a program, and for the command line: what is wrong with `from` or `to`."""
