"""The story of a case in plain words for staff: what each line of its timeline says, in Swedish and English.

A line has what happened (`line_in_words`), why (`routine.reason_text.why`) and the clause that it rests on
(`routine.clause_text.sentence`).
"""

from __future__ import annotations

from collections.abc import Mapping

LINES: Mapping[str, tuple[str, str]] = {
    "event_applied": ("Vi fick besked om ärendet", "We were told of the case"),
    "event_ignored": ("Ett besked ändrade inget", "Something told changed nothing"),
    # of a booked visit
    "index_updated": ("Besöket lämnades till 1177", "The visit was given to 1177"),
    "index_shows": ("1177 kan visa besöket", "1177 can show the visit"),
    "not_in_index": ("Besöket visas inte på 1177", "The visit is not shown on 1177"),
    "shadow_compared": ("Jämfört med det som redan visas på 1177", "Compared with what 1177 shows already"),
    "call_letter": ("Digital kallelse", "Digital call letter"),
    "call_letter_worked_out": (
        "Digital kallelse, uträknad men inte skickad",
        "Digital call letter, only worked out",
    ),
    "paper": ("Kallelse på papper", "Call letter on paper"),
    "paper_worked_out": (
        "Kallelse på papper, uträknad men inte skickad",
        "Call letter on paper, only worked out",
    ),
    "notice": ("Avisering", "Notice"),
    "notice_withdrawn": ("Aviseringen togs tillbaka", "The notice was withdrawn"),
    "notice_worked_out": ("Avisering, uträknad men inte skickad", "Notice, only worked out"),
    "reminder": ("Påminnelse", "Reminder"),
    "reminder_worked_out": ("Påminnelse, uträknad men inte skickad", "Reminder, only worked out"),
    "patient_corrected": ("Bokningen flyttades till rätt patient", "The booking went to the right patient"),
    "visit_form": (
        "Personalen får veta att besökets form behöver ses över",
        "Staff are to look at the visit's form",
    ),
    "visit_form_over": (
        "Uppgiften om besökets form togs tillbaka",
        "The task of the visit's form was taken back",
    ),
    "visit_form_worked_out": (
        "Uppgift om besökets form, uträknad men inte skickad",
        "Task of the visit's form, only worked out",
    ),
    "joined": ("Någon anslöt till besöket", "Somebody joined the visit"),
    "check_in": ("Patienten checkade in", "The patient checked in"),
    "arrival": ("Journalsystemet om incheckningen", "The journal system, of the check-in"),
    "asked_for": ("En begäran kom från 1177", "A request came from 1177"),
    "self_service": ("Begäran från 1177", "The request from 1177"),
    "unclear": ("Det går inte att se hur det gick", "Nobody can tell how it went"),
    "staff_told": (
        "Personalen har en uppgift om vad invånaren bad om",
        "Staff have a task of what the resident asked for",
    ),
    "settled_by_hand": ("En människa har sett hur det gick", "A human has seen how it went"),
    "refusal_told": (
        "Den som bad om det får veta att det inte gick",
        "Whoever asked hears that it is not done",
    ),
    "closed": ("Inget mer ska göras", "Nothing more is owed"),
    # of a contact
    "contact_received": ("Patienten hörde av sig", "The patient wrote"),
    "channel": ("Kanalen", "The channel"),
    "contact": ("Var kontakten besvaras", "Where the contact is answered"),
    "contact_worked_out": (
        "Var kontakten besvaras, bara uträknat",
        "Where the contact is answered, only worked out",
    ),
    "acknowledgement": ("Bekräftelse till patienten", "Acknowledgement to the patient"),
    "referral": ("Hänvisning till godkända sätt", "Referral to approved ways"),
    "guidance": ("Länk till en färdig tjänst", "Link to a ready service"),
    "guidance_worked_out": (
        "Länk till en färdig tjänst, bara uträknad",
        "Link to a ready service, only worked out",
    ),
    "message": ("Ett meddelande", "A message"),
    "answer": ("Personalens svar", "Staff's answer"),
    "contact_closed": ("Kontakten avslutades", "The contact was closed"),
    "registration": ("Förslag till registrering", "Proposed registration"),
    "registration_worked_out": (
        "Förslag till registrering, bara uträknat",
        "Proposed registration, only worked out",
    ),
    # of a change of channel, and of consent
    "switch_proposed": ("Personalen föreslog en annan kontaktväg", "Staff proposed another channel"),
    "key_pressed": ("Den som ringde bad om en länk", "The caller asked for a link"),
    "switch": ("Byte av kontaktväg", "Change of channel"),
    "reply": ("Patientens svar på frågan", "The patient's answer to the question"),
    "login": ("Inloggning genom länken", "A login by the link"),
    "withdrawal": ("Ett ja till att bli uppringd togs tillbaka", "A yes to be called was taken back"),
    "consent": ("Patientens samtycke", "The patient's consent"),
    "override": ("Personalen ville gå förbi en spärr", "Staff wanted to go past a gate"),
    "proposal": (
        "Personalen föreslog att lämna över eller bjuda in",
        "Staff proposed to hand over or to invite",
    ),
    "participation": ("Överlämning eller inbjudan", "Handing over or inviting"),
    "participation_worked_out": (
        "Överlämning eller inbjudan, bara uträknad",
        "Handing over or inviting, only worked out",
    ),
    # of what a patient wishes
    "preferences": ("Patientens val", "What the patient wishes"),
    "preferences_conflict": (
        "Patientens val ersatte ett annat besked",
        "What the patient wishes replaced another word",
    ),
    "preferences_worked_out": ("Patientens val, bara sparade", "What the patient wishes, only kept"),
    "preferences_carried": (
        "Journalsystemet har patientens val",
        "The journal system has what the patient wishes",
    ),
    # of an alert
    "risk_flagged": ("Någon såg en risk", "Somebody saw a risk"),
    "risk_acknowledged": ("En människa tog hand om larmet", "A human has the alert"),
    "alert": ("Larm", "Alert"),
    # of a file
    "file_requested": ("En fil begärdes", "A file was asked for"),
    "file_wished_again": ("Filen begärdes på nytt", "The file was asked for anew"),
    "transfer": ("Om filen hämtas", "Whether the file is fetched"),
    "transfer_worked_out": ("Om filen hämtas, bara uträknat", "Whether the file is fetched, only worked out"),
    "file_stored": ("Filen kom till mellanlagringen", "The file came to the storage"),
    "file_refused": ("Filen sparades inte", "The file was not kept"),
    "file_lost": ("Filen finns inte längre", "The file is no more"),
    "file_scanned": ("Filen kontrollerades för virus", "The file was scanned"),
    "owner_told": ("Den som begärde filen fick veta", "Whoever asked for the file was told"),
    "owner_reminded": ("Den som begärde filen påmindes", "Whoever asked for the file was reminded"),
    "owner_not_told": (
        "Den som begärde filen gick inte att nå",
        "Whoever asked for the file could not be told",
    ),
    "file_ended": ("Filen avslutades", "The file is over"),
    "file_removed": ("Filen togs bort", "The file was removed"),
    # of all
    "waits": ("Väntar på besked", "Waits to hear more"),
    "failed": ("Ett försök gick inte", "A try failed"),
    "refused": ("Det gick inte", "It was refused"),
    "answer_lost": (
        "Svaret kom bort, så det ses efter om det kom fram",
        "The answer was lost: it is looked for",
    ),
    "effect_asked_about": ("Det sågs efter om det kom fram", "It was looked whether it arrived"),
    "effect_unknown": ("Det är inte känt om det kom fram", "It is not known whether it arrived"),
    "effect_resolved": ("En människa såg efter om det kom fram", "A human looked whether it arrived"),
    "parked": ("Ärendet väntar på en människa", "The case waits for a human"),
    "taken_up_again": ("Ärendet togs upp igen", "The case was taken up again"),
}
"""What a line of a timeline says, by its `what`."""

PROCESSES: Mapping[str, tuple[str, str]] = {
    "booking_publication": ("Bokat besök", "Booked visit"),
    "risk_alert": ("Larm", "Alert"),
    "inbound_contact": ("Kontakt från patient", "Contact by a patient"),
    "channel_switch": ("Byte av kontaktväg", "Change of channel"),
    "participation": ("Överlämning eller inbjudan", "Handing over or inviting"),
    "preferences": ("Patientens val", "What the patient wishes"),
    "image_transfer": ("Fil från patient", "File from a patient"),
    "check_in": ("Incheckning", "Check-in"),
    "requested_notice": ("Begärd avisering", "Requested notice"),
    "visit_reminder": ("Påminnelse om besök", "Reminder of a visit"),
    "self_service": ("Begäran från 1177", "Request from 1177"),
}
"""What a case is, by its process."""

STEPS: Mapping[str, tuple[str, str]] = {
    "index_bookings": ("Besöket till 1177", "The visit to 1177"),
    "find_in_index": ("Kontroll att besöket visas på 1177", "A look whether 1177 shows the visit"),
    "tell_staff_of_form": ("Uppgift till personalen om besökets form", "Task for staff, of the visit's form"),
    "send_call_letter": ("Digital kallelse", "Digital call letter"),
    "post_letter": ("Brev, eller uppgift till personalen", "Letter, or a task for staff"),
    "give_notice": ("Avisering", "Notice"),
    "remind_of_visit": ("Påminnelse", "Reminder"),
    "give_requested_notice": ("Avisering", "Notice"),
    "tell_of_arrival": ("Incheckning till journalsystemet", "Check-in, to the journal system"),
    "ask_vas": ("Fråga till journalsystemet", "Question to the journal system"),
    "tell_staff_unclear": ("Uppgift till personalen", "Task for staff"),
    "tell_of_refusal": ("Besked om att det inte gick", "Word that it is not done"),
    "alert_staff": ("Larm till personalen", "Alert to staff"),
    "call_on_call": ("Larm genom samtal", "Alert by phone"),
    "text_on_call": ("Larm genom sms", "Alert by SMS"),
    "escalate": ("Larmet går vidare", "The alert climbs"),
    "tell_staff": ("Uppgift till personalen", "Task for staff"),
    "tell_staff_of_decline": ("Uppgift till personalen", "Task for staff"),
    "reply_to_patient": ("Bekräftelse eller hänvisning", "Acknowledgement or referral"),
    "guide_to_service": ("Länk till en färdig tjänst", "Link to a ready service"),
    "keep_watch": ("Bevakning av svarstiden", "Watch over the time to answer"),
    "register_contact": ("Förslag till registrering", "Proposed registration"),
    "find_contact": ("Kontakten letas upp", "The contact is looked for"),
    "ask_patient": ("Fråga till patienten", "Question to the patient"),
    "text_link": ("Länk genom sms", "Link by SMS"),
    "let_lapse": ("Frågans tid går ut", "The question lapses"),
    "record_consent": (
        "Samtycke till journalen, eller en ny kontakt",
        "Consent to the journal, or a new contact",
    ),
    "tell_who_proposed": ("Besked till den som föreslog", "Word to the one who proposed"),
    "withdraw_draft": ("Utkastet i journalen tas tillbaka", "The journal's draft is taken back"),
    "withdraw_task": ("Uppgiften tas tillbaka", "The task is taken back"),
    "find_contact_of_proposal": ("Kontakten letas upp", "The contact is looked for"),
    "tell_staff_of_answer": ("Besked till personalen om svaret", "Word to staff of the answer"),
    "carry_preferences": (
        "Patientens val till journalsystemet",
        "What the patient wishes, to the journal system",
    ),
    "find_contact_of_file": ("Kontakten letas upp", "The contact is looked for"),
    "fetch_into_storage": ("Hämtning av filen", "The file is fetched"),
    "let_life_end": ("Filens tid går ut", "The file lapses"),
    "scan_held_file": ("Viruskontroll", "Virus scan"),
    "tell_owner": ("Besked om att filen finns", "Word that the file is there"),
    "remind_owner": ("Påminnelse om filen", "Reminder of the file"),
    "remove_from_storage": ("Borttagning av filen", "The file is removed"),
}
"""What was sent, or done elsewhere, by the step that did it."""

SYSTEMS: Mapping[str, tuple[str, str]] = {
    "engagement_index": ("1177", "1177"),
    "e1177": ("1177", "1177"),
    "person": ("personregistret", "the person register"),
    "sms": ("sms", "SMS"),
    "voice": ("telefon", "phone"),
    "mail": ("e-post", "e-mail"),
    "platform24": ("Platform24", "Platform24"),
    "hope": ("Hope", "Hope"),
    "lifecare": ("Lifecare", "Lifecare"),
    "stodbehandling": ("Stöd och behandling", "Stöd och behandling"),
    "vas": ("journalsystemet", "the journal system"),
    "storage": ("mellanlagringen", "the storage"),
}
"""By what, or to whom, by the system; a unit's own solution goes by its own name."""


def line_in_words(what: str, language: str = "sv") -> str:
    """What a line of a timeline says; its bare code where an earlier version wrote it."""
    return _in(LINES, what, language)


def process_in_words(name: str, language: str = "sv") -> str:
    """What a case of the process is."""
    return _in(PROCESSES, name, language)


def step_in_words(name: str, language: str = "sv") -> str:
    """What a step sends, or does elsewhere."""
    return _in(STEPS, name, language)


def system_in_words(name: str, language: str = "sv") -> str:
    """By what, or to whom, it went."""
    return _in(SYSTEMS, name, language)


def _in(words: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    told = words.get(code, (code, code))
    return told[0 if language == "sv" else 1]
