"""What the pages of cases, the start page and the routine's page say, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.login.texts import PageText


@dataclass(frozen=True, kw_only=True)
class CaseWords:
    """All words in one language. What is in braces is filled in where it is shown.

    Args:
        wrong: why a search was none, by what was filled in wrongly.
    """

    # the search
    find: str
    find_intro: str
    by_booking: str
    source: str
    booking: str
    by_contact: str
    channel: str
    contact: str
    by_patient: str
    by_patient_says: str
    number: str
    number_says: str
    reserv: str
    by_phone: str
    phone: str
    phone_says: str
    reason: str
    reason_says: str
    first_day: str
    last_day: str
    days_say: str
    search: str
    found: tuple[str, str]
    more: str
    found_none: str
    wrong: Mapping[str, str]
    never_there: PageText
    not_here: PageText
    # a case
    patient: str
    unit: str
    visit: str
    stands: str
    waits: str
    case_id: str
    of_booking: str
    of_contact: str
    in_system: str
    waits_for_human: str
    waits_for_ops: str
    parked: str
    parked_for_ops: str
    waits_until: str
    waits_now: str
    waits_for_nothing: str
    happened: str
    by: str
    sent: str
    sent_none: str
    sent_to: str
    sent_at: str
    not_whole: str
    # the start page
    start: str
    files: tuple[str, str, str]
    to_files: str
    alerts: str
    alerts_none: str
    tasks: str
    tasks_none: str
    longest_shown: str
    since: str
    open_case: str
    report: str
    report_says: str
    to_report: str
    routine_says: str
    to_routine: str
    needs: str
    # the routine
    routine: str
    routine_intro: str


SWEDISH = CaseWords(
    find="Sök ärende",
    find_intro="Här finns ärenden på den enhet som du är inloggad för. Varje sökning loggas.",
    by_booking="Med bokningens nummer",
    source="System",
    booking="Bokningens nummer",
    by_contact="Med kontaktens nummer",
    channel="Kanal",
    contact="Kontaktens nummer",
    by_patient="Med personnummer",
    by_patient_says="Numret skrivs aldrig i adressen. Det du anger som skäl sparas i loggen.",
    number="Patientens nummer",
    number_says="12 siffror, med eller utan bindestreck. Ett reservnummer: 10 till 13 bokstäver och siffror.",
    reserv="Det är ett reservnummer",
    by_phone="Med telefonnummer",
    phone="Telefonnummer",
    phone_says="Det nummer som patienten ringde eller skickade sms från.",
    reason="Varför söker du?",
    reason_says="En rad. Den sparas i loggen.",
    first_day="Första dag",
    last_day="Sista dag",
    days_say="Behövs bara om det finns många ärenden: de dagar då ärendet senast ändrades.",
    search="Sök",
    found=("{n} ärende", "{n} ärenden"),
    more="Det finns fler: här visas de {n} som ändrades senast av {what}. "
    "Sök igen och fyll i första och sista dag.",
    found_none="Inget ärende hittades på din enhet.",
    wrong={
        "booking": "Fyll i både systemet och bokningens nummer: en rad var, högst 100 tecken.",
        "contact": "Fyll i både kanalen och kontaktens nummer: en rad var, högst 100 tecken.",
        "patient": "Det är inget personnummer eller samordningsnummer med 12 siffror.",
        "reservnummer": "Det är inget reservnummer: 10 till 13 bokstäver och siffror.",
        "phone": "Det är inget telefonnummer.",
        "reason": "Skriv varför du söker: en rad, högst 300 tecken.",
        "days": "Skriv dagarna som 2026-11-30, den första före den sista.",
        "nothing": "Fyll i vad du söker: en bokning, en kontakt, en patient eller ett telefonnummer.",
        "several": "Fyll i en ruta i taget, eller tryck på knappen i den som gäller.",
    },
    never_there=PageText(
        "Numret får inte stå i adressen",
        (
            "Ett person- eller telefonnummer i en adress hamnar i loggar och i webbläsarens historik.",
            "Fyll i det på söksidan i stället, tillsammans med varför du söker.",
        ),
    ),
    not_here=PageText("Ärendet finns inte", ("Här finns inget sådant ärende på din enhet.",)),
    patient="Patient",
    unit="Enhet",
    visit="Besöket",
    stands="Läge",
    waits="Väntar",
    case_id="Ärendets id",
    of_booking="Bokning {id}",
    of_contact="Kontakt {id}",
    in_system="{of} i {system}",
    waits_for_human="På en människa: {why}",
    waits_for_ops="På driften, som ser till det: {why}",
    parked="Väntar på en människa: {why}",
    parked_for_ops="Väntar på driften: {why}",
    waits_until="Till {when}",
    waits_now="Tas om hand nu",
    waits_for_nothing="På inget: först ett nytt besked gör att det går vidare",
    happened="Vad som har hänt",
    by="Enligt",
    sent="Vad som har skickats",
    sent_none="Inget har skickats.",
    sent_to="Till eller genom",
    sent_at="När",
    not_whole="Historiken har ändrats i efterhand. Kontakta driften.",
    start="Start",
    files=("Du har inga filer här.", "Du har {n} fil här.", "Du har {n} filer här."),
    to_files="Till mina filer",
    alerts="Larm som ingen har kvitterat",
    alerts_none="Inget larm står på din enhet.",
    tasks="Väntar på er",
    tasks_none="Inget väntar på din enhet.",
    longest_shown="De {n} som har väntat längst visas här.",
    since="sedan {when}",
    open_case="Öppna ärendet",
    report="Uppföljning",
    report_says="Hur rutinen följs, i siffror per enhet och vecka. Ingen person syns där.",
    to_report="Till uppföljningen",
    routine_says="Varje punkt i rutinen, i en mening.",
    to_routine="Till rutinen",
    needs="Vad som behövs",
    routine="Rutinen",
    routine_intro="Rutinen för digital kommunikation med patient, punkt för punkt, med våra egna ord. "
    "Rutinen själv har alltid sista ordet.",
)

ENGLISH = CaseWords(
    find="Find a case",
    find_intro="Here are cases at the unit that you are logged in for. Every search is logged.",
    by_booking="By the booking's number",
    source="System",
    booking="The booking's number",
    by_contact="By the contact's number",
    channel="Channel",
    contact="The contact's number",
    by_patient="By identity number",
    by_patient_says="The number never stands in the address. What you give as a reason is kept in the log.",
    number="The patient's number",
    number_says="12 figures, with or without a hyphen. A reservnummer: 10 to 13 letters and figures.",
    reserv="It is a reservnummer",
    by_phone="By phone number",
    phone="Phone number",
    phone_says="The number that the patient called, or sent an SMS, from.",
    reason="Why do you search?",
    reason_says="One line. It is kept in the log.",
    first_day="First day",
    last_day="Last day",
    days_say="Needed only where there are many cases: the days on which the case last changed.",
    search="Search",
    found=("{n} case", "{n} cases"),
    more="There are more: these are the {n} that changed last of {what}. "
    "Search again, with the first and the last day filled in.",
    found_none="No case was found at your unit.",
    wrong={
        "booking": "Fill in both the system and the booking's number: a line each, 100 characters at most.",
        "contact": "Fill in both the channel and the contact's number: a line each, 100 characters at most.",
        "patient": "That is no personnummer or samordningsnummer of 12 figures.",
        "reservnummer": "That is no reservnummer: 10 to 13 letters and figures.",
        "phone": "That is no phone number.",
        "reason": "Write why you search: one line, 300 characters at most.",
        "days": "Write the days as 2026-11-30, the first before the last.",
        "nothing": "Fill in what you look for: a booking, a contact, a patient or a phone number.",
        "several": "Fill in one box at a time, or press the button of the one that you mean.",
    },
    never_there=PageText(
        "The number must not stand in the address",
        (
            "An identity number or a phone number in an address ends up in logs and in the browser's history.",
            "Fill it in on the search page, with why you search.",
        ),
    ),
    not_here=PageText("There is no such case", ("There is no such case at your unit.",)),
    patient="Patient",
    unit="Unit",
    visit="The visit",
    stands="Stands",
    waits="Waits",
    case_id="The case's id",
    of_booking="Booking {id}",
    of_contact="Contact {id}",
    in_system="{of} in {system}",
    waits_for_human="For a human: {why}",
    waits_for_ops="For operations, who see to it: {why}",
    parked="Waits for a human: {why}",
    parked_for_ops="Waits for operations: {why}",
    waits_until="Until {when}",
    waits_now="Is taken up now",
    waits_for_nothing="For nothing: it goes on when something new is told",
    happened="What has happened",
    by="By",
    sent="What was sent",
    sent_none="Nothing was sent.",
    sent_to="To, or by",
    sent_at="When",
    not_whole="The story was changed afterwards. Tell ops.",
    start="Start",
    files=("You have no files here.", "You have {n} file here.", "You have {n} files here."),
    to_files="To my files",
    alerts="Alerts that nobody has acknowledged",
    alerts_none="No alert stands at your unit.",
    tasks="Waits for you",
    tasks_none="Nothing waits at your unit.",
    longest_shown="The {n} that have waited longest are shown here.",
    since="since {when}",
    open_case="Open the case",
    report="Follow-up",
    report_says="How the routine is followed, in figures by unit and week. No person is seen there.",
    to_report="To the follow-up",
    routine_says="Each clause of the routine, in a sentence.",
    to_routine="To the routine",
    needs="What you need",
    routine="The routine",
    routine_intro="The routine for digital communication with patients, clause by clause, in our own words. "
    "The routine itself always has the last word.",
)
BY_LANGUAGE: Mapping[str, CaseWords] = {"sv": SWEDISH, "en": ENGLISH}
