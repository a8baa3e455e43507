"""Where a case stands, in plain words for staff: by its process and state, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping

_SETTLED = ("Inget mer ska göras just nu", "Nothing more is owed just now")
_SHADOW = ("Skuggläge: uträknat, inget skickat", "Shadow: worked out, nothing sent")

STATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "booking_publication": {
        "received": ("Ska visas på 1177", "To be shown on 1177"),
        "indexed": ("Lämnat till 1177, ska ses efter där", "Given to 1177, to be looked for there"),
        "questioned": ("Visas på 1177, formen ska ses över", "Shown on 1177, its form to be looked at"),
        "shown": ("Visas på 1177, kallelsen är näst", "Shown on 1177, the call letter is next"),
        "called": (
            "Den digitala kallelsen är klar, papper är näst",
            "The digital letter is settled, paper is next",
        ),
        "lettered": ("Kallelsen är klar, aviseringen är näst", "The letter is settled, the notice is next"),
        "settled": ("Allt är gjort till dess att besöket har varit", "All is done until the visit is over"),
        "reviewed": ("Besökets form ses över", "The visit's form is looked at"),
        "closed": ("Avslutat: avbokat eller förbi", "Closed: cancelled or over"),
        "shadowed": _SHADOW,
    },
    "risk_alert": {
        "flagged": ("Personalen larmas", "Staff are alerted"),
        "alerted": (
            "Personalen är larmad, ingen har kvitterat än",
            "Staff are alerted, nobody has acknowledged",
        ),
        "escalated": ("Larmet har gått vidare, jouren rings", "It has climbed, who is on call is called"),
        "called": (
            "Jouren är ringd, ingen har kvitterat än",
            "Who is on call is called, nobody has acknowledged",
        ),
        "acknowledged": ("En människa har tagit hand om det", "A human has it"),
    },
    "inbound_contact": {
        "received": ("Har kommit", "Has come"),
        "handed": ("Personalen har den, patienten får besked", "Staff have it, the patient is answered next"),
        "declined": (
            "Hänvisningen kom inte fram, personalen får veta",
            "The referral was turned away, staff hear",
        ),
        "replied": ("Patienten har fått besked", "The patient has been answered"),
        "open": ("Väntar på personalens svar", "Waits for staff's answer"),
        "unanswered": ("Har väntat för länge på personalens svar", "Has waited too long for staff's answer"),
        "answered": ("Personalen har svarat", "Staff have answered"),
        "closed": ("Avslutad, registreringen är näst", "Closed, the registration is next"),
        "registered": ("Avslutad", "Closed"),
    },
    "channel_switch": {
        "pressed": ("Länken skickas", "The link is sent"),
        "proposed": ("Kontakten letas upp", "The contact is looked for"),
        "found": ("Patienten ska få frågan", "The patient is to be asked"),
        "asked": ("Väntar på patientens svar", "Waits for the patient's answer"),
        "unclear": (
            "Patientens svar är oklart: personalen läser det",
            "The answer is unclear: staff read it",
        ),
        "consented": ("Patienten har sagt ja", "The patient has consented"),
        "documented": (
            "Samtycket är skrivet, personalen får veta",
            "The consent is written, staff hear next",
        ),
        "changed": ("Bytet är gjort", "Done"),
        "withdrawn": ("Patienten har tagit tillbaka sitt ja", "The patient has taken the consent back"),
        "draft_withdrawn": (
            "Utkastet är borttaget, uppgiften är näst",
            "The draft is gone, the task goes next",
        ),
        "task_withdrawn": (
            "Uppgiften är borttagen, personalen får veta",
            "The task is gone, staff hear next",
        ),
        "refused": ("Det går inte, personalen får veta", "It is refused, staff hear next"),
        "stays": ("Kontakten stannar där den är", "The contact stays where it is"),
    },
    "participation": {
        "proposed": (
            "Väntar på att personalen skriver in patientens svar",
            "Waits for staff to record the answer",
        ),
        "answered": (
            "Patienten har svarat, personalen får veta",
            "The patient has answered, staff hear next",
        ),
        "carried_out": ("Personalen kan gå vidare", "Staff may go on"),
        "declined": ("Patienten har sagt nej", "The patient has said no"),
    },
    "preferences": {
        "changed": ("Journalsystemet ska få veta", "The journal system is to hear"),
        "carried": ("Journalsystemet har dem", "The journal system has them"),
    },
    "image_transfer": {
        "requested": ("Kontakten letas upp", "The contact is looked for"),
        "found": ("Filen hämtas", "The file is fetched"),
        "held": ("Filen väntar på viruskontroll", "The file waits for a scan"),
        "stored": ("Filen ligger i mellanlagringen", "The file lies in the storage"),
        "told": ("Filen ligger i mellanlagringen", "The file lies in the storage"),
        "reminded": ("Filens tid är snart slut", "The file's time is soon over"),
        "lapsed": ("Filens tid är slut", "The file's time is over"),
        "discarded": ("Filen tas bort", "The file is being removed"),
        "journalled": ("Filen är i journalen", "The file is in the journal"),
        "deleted": ("Filen är borttagen", "The file is removed"),
        "refused": ("Filen sparades inte", "The file was not kept"),
        "lost": ("Filen finns inte längre", "The file is no more"),
        "shadowed": _SHADOW,
    },
    "check_in": {
        "pressed": ("Journalsystemet ska få veta", "The journal system is to hear"),
        "arrived": (
            "Journalsystemet vet att patienten är där",
            "The journal system knows that they are there",
        ),
        "at_desk": ("Patienten går till receptionen", "The patient goes to the desk"),
    },
    "requested_notice": {
        "requested": ("Aviseringen ska gå", "The notice is to go"),
        "given": ("Aviseringen är skickad", "The notice is sent"),
        "handed_over": ("Personalen har fått uppgiften", "Staff have a task"),
        "not_given": ("Ingen avisering går", "No notice goes"),
        "deceased": _SETTLED,
        "withdrawn": ("Aviseringen togs tillbaka", "The notice was withdrawn"),
        "shadowed": _SHADOW,
    },
    "visit_reminder": {
        "planned": ("Påminnelsen är planerad", "The reminder is planned"),
        "resting": _SETTLED,
        "closed": ("Inget att påminna om", "Nothing to remind of"),
    },
    "self_service": {
        "requested": ("Journalsystemet får frågan", "The journal system is asked"),
        "unclear": (
            "Det går inte att se hur det gick, personalen får veta",
            "Nobody can tell how it went, staff hear next",
        ),
        "done": ("Gjort", "Done"),
        "declined": ("Gick inte, den som bad om det får veta", "Not done, whoever asked hears next"),
        "heard": ("Gick inte, och den som bad om det vet om det", "Not done, and whoever asked knows"),
    },
}

EFFECTS: Mapping[str, tuple[str, str]] = {
    "sending": ("Skickas just nu", "Being sent"),
    "done": ("Kom fram till systemet", "The system has taken it"),
    "not_sent": ("Inte skickat, prövas igen", "Not sent, tried again"),
    "unknown": ("Okänt, ses efter", "Unknown, being looked for"),
    "parked": ("Okänt, en människa ser efter", "Unknown, a human looks"),
}
"""How far something has come that was sent."""

RECEIPTS: Mapping[str, tuple[str, str]] = {
    "created": ("Mottaget av operatören", "Taken by the operator"),
    "sent": ("Skickat av operatören", "Sent by the operator"),
    "delivered": ("Framme hos mottagaren", "Delivered"),
    "failed": ("Kom inte fram till mottagaren", "Did not arrive"),
}
"""What its receipt says, where it has one."""


def state_in_words(process: str, state: str, language: str = "sv") -> str:
    """Where a case of the process stands; the bare state where an earlier version wrote it."""
    return STATES.get(process, {}).get(state, (state, state))[0 if language == "sv" else 1]


def arrival_in_words(state: str, receipt: str | None, language: str = "sv") -> str:
    """Whether something that was sent has arrived: by its receipt, else by what its system said.

    Args:
        state: of `models.case.EffectState`.
        receipt: of `engine.tables.receipts.LADDER`; None: none has come, or its system gives none.
    """
    told = RECEIPTS.get(receipt or "") or EFFECTS.get(state, (state, state))
    return told[0 if language == "sv" else 1]
