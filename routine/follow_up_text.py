"""What the follow-up says of its measures and reasons: plain words, in Swedish and English."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from routine.follow_up import LATER, OTHER, Cell, Group
from routine.reasons import Reason

Language = Literal["sv", "en"]
Both = tuple[str, str]
"""In Swedish and in English."""

GROUPS: Mapping[Group, Both] = MappingProxyType(
    {
        Group.VISITS: ("Besök som syns på 1177", "Visits shown on 1177"),
        Group.PAPER: ("Digitalt i stället för papper", "Digital instead of paper"),
        Group.NOTICES: ("Aviseringar om bokade besök", "Notices of booked visits"),
        Group.REQUESTED: ("Aviseringar om något annat", "Notices of something else"),
        Group.REMINDERS: ("Påminnelser", "Reminders"),
        Group.SELF_SERVICE: ("Bokat, ombokat och avbokat på 1177", "Booked, rebooked and cancelled on 1177"),
        Group.CHECK_INS: ("Incheckning", "Check-in"),
        Group.FORMS: ("Besökets form", "The form of visits"),
        Group.ANSWERS: ("Svar till patienter", "Answers to patients"),
        Group.REFERRALS: (
            "Hänvisning från kanaler som inte är godkända",
            "Referral from channels not approved",
        ),
        Group.GUIDANCE: ("Visade vidare till e-tjänster", "Guided to services"),
        Group.SWITCHES: ("Byte av kanal", "Changes of channel"),
        Group.PARTICIPATION: ("Överlämning och fler deltagare", "Handing over and more participants"),
        Group.REGISTRATION: ("Registrering av kontakter", "Registration of contacts"),
        Group.IMAGES: ("Bilder och bilagor", "Images and attachments"),
        Group.PARKED: ("Ärenden som väntar på en människa", "Cases that wait for a human"),
        Group.WISHES: ("Önskemål som förts över till VAS", "Wishes carried to the journal system"),
        Group.ALERTS: ("Larm om risk för suicid", "Alerts of a risk of suicide"),
        Group.OVERRIDES: ("Spärrar som personalen har gått förbi", "Gates that staff have gone past"),
        Group.BY_HAND: ("Lämnat till personalen att sköta själva", "Left to staff to see to by hand"),
    }
)
MEASURES: Mapping[str, Both] = MappingProxyType(
    {
        "visit_shown": ("Besök som syns på 1177", "Visit shown on 1177"),
        "digital_instead_of_paper": (
            "Digital kallelse i stället för papper",
            "Digital call letter, and no paper",
        ),
        "paper_posted": ("Kallelse på papper", "Call letter on paper"),
        "paper_by_staff": ("Kallelse lämnad till personalen", "Call letter left to staff"),
        "notice_arrived": ("Avisering har kommit fram", "Notice has arrived"),
        "notice_not_arrived": ("Avisering kom inte fram", "Notice did not arrive"),
        "notice_unconfirmed": ("Avisering skickad, utan kvittens", "Notice sent, without a receipt"),
        "notice_by_staff": ("Avisering lämnad till personalen", "Notice left to staff"),
        "notice_skipped": ("Ingen avisering från oss", "No notice from us"),
        "requested_arrived": ("Avisering har kommit fram", "Notice has arrived"),
        "requested_not_arrived": ("Avisering kom inte fram", "Notice did not arrive"),
        "requested_unconfirmed": ("Avisering skickad, utan kvittens", "Notice sent, without a receipt"),
        "requested_by_staff": ("Avisering lämnad till personalen", "Notice left to staff"),
        "requested_skipped": ("Ingen avisering från oss", "No notice from us"),
        "reminder_arrived": ("Påminnelse har kommit fram", "Reminder has arrived"),
        "reminder_not_arrived": ("Påminnelse kom inte fram", "Reminder did not arrive"),
        "reminder_unconfirmed": ("Påminnelse skickad, utan kvittens", "Reminder sent, without a receipt"),
        "reminder_by_staff": ("Påminnelse lämnad till personalen", "Reminder left to staff"),
        "reminder_skipped": ("Ingen påminnelse", "No reminder"),
        "self_service_done": ("Invånaren gjorde det på 1177", "The resident did it on 1177"),
        "self_service_not_done": ("Gick inte att göra på 1177", "Could not be done on 1177"),
        "checked_in": ("Checkade in med mobilen", "Checked in by mobile"),
        "check_in_at_desk": ("Hänvisades till receptionen", "Went to the desk"),
        "visit_form_asked": (
            "Personalen tillfrågad om besökets form",
            "Staff asked about the form of a visit",
        ),
        "visit_joined": ("Anslöt till ett digitalt besök", "Joined a digital visit"),
        "answer_as_routine": ("Svar enligt rutinen", "Answer as the routine has it"),
        "answer_departs": ("Svar som avviker från rutinen", "Answer that departs from the routine"),
        "answer_unclear": ("Oklart om svaret bad patienten ringa", "Not known whether it asked to call"),
        "answer_late": ("Väntade längre på svar än enheten tillåter", "Waited longer than the unit allows"),
        "referral_sent": ("Hänvisning skickad", "Referral sent"),
        "referral_not_sent": ("Ingen hänvisning från oss", "No referral from us"),
        "guided": ("Länk till en e-tjänst", "Link to a service"),
        "consent_given": ("Samtycke till byte", "Consent to the change"),
        "consent_declined": ("Tackade nej till byte", "Declined the change"),
        "consent_withdrawn": ("Tog tillbaka samtycket", "Took the consent back"),
        "switch_lapsed": ("Inget svar i tid", "No answer in time"),
        "switch_refused": ("Frågan ställdes inte av oss", "We did not put the question"),
        "participation_consented": ("Samtycke", "Consent"),
        "participation_declined": ("Tackade nej", "Declined"),
        "registered_as_visit": ("Registrerad som besök", "Registered as a visit"),
        "registered_as_contact": ("Registrerad som kontakt", "Registered as a contact"),
        "image_journalled": ("Förd till journalen", "Put in the journal"),
        "image_lapsed": ("Raderad när tiden var ute", "Deleted when its time was over"),
        "image_discarded": ("Raderad av den som hämtat den", "Deleted by whoever had asked for it"),
        "image_refused": ("Sparades inte", "Not kept"),
        "image_lost": ("Fanns inte kvar i källan", "No longer in its source"),
        "parked": ("Väntar på en människa", "Waits for a human"),
        "preferences_carried": ("Önskemål överfört", "Wish carried"),
        "guardian_consent_lapsed": (
            "Vårdnadshavares samtycke upphörde vid 13 år",
            "A guardian's consent ended at 13",
        ),
        "alert_acknowledged": ("Larm kvitterat", "Alert acknowledged"),
        "alert_not_acknowledged": ("Larm inte kvitterat", "Alert not acknowledged"),
        "gate_overridden": ("Spärr passerad, med skäl", "Gate passed, with a reason"),
        "handed_over_by_hand": (
            "Barn, skyddade personuppgifter eller register utan svar",
            "Children, protected identity, or a register without an answer",
        ),
    }
)
REASONS: Mapping[str, Both] = MappingProxyType(
    {
        OTHER: ("övriga skäl", "other reasons"),
        "within_minute": ("inom en minut", "within a minute"),
        "within_5_minutes": ("inom 5 minuter", "within 5 minutes"),
        "within_15_minutes": ("inom 15 minuter", "within 15 minutes"),
        "within_hour": ("inom en timme", "within an hour"),
        LATER: ("senare", "later"),
        "to_phone": ("till telefon", "to phone"),
        "from_phone": ("från telefon", "from phone"),
        "to_digital": ("till en annan digital kanal", "to another digital channel"),
        "handover": ("överlämning", "handing over"),
        "participant": ("fler deltagare", "more participants"),
        "book": ("bokade", "booked"),
        "rebook": ("bokade om", "rebooked"),
        "cancel": ("avbokade", "cancelled"),
        Reason.PAPER_BY_SETTING: ("papper enligt inställning", "paper by setting"),
        Reason.NOT_ACTIVE_ON_1177: ("inte aktiv på 1177", "not active on 1177"),
        Reason.NOTIFIED_BY_1177: ("1177 aviserar", "1177 tells"),
        Reason.NOTICE_NOT_WISHED: ("önskar ingen avisering", "wishes no notice"),
        Reason.CANCELLED_BY_PATIENT: ("patienten avbokade själv", "cancelled by the patient"),
        Reason.CHANGED_BY_PATIENT: ("patienten ändrade själv", "changed by the patient"),
        Reason.ECHO: ("svar på en ändring via oss", "echo of a change through us"),
        Reason.SAME_TIME: ("inget har ändrats", "nothing has changed"),
        Reason.PART_OF_REBOOKING: ("del av en ombokning", "part of a rebooking"),
        Reason.SAME_SERIES: ("samma besöksserie", "same series"),
        Reason.SAME_VISIT: ("samma besök i två system", "same visit in two systems"),
        Reason.REPLAY: ("inläsning av gamla bokningar", "replay of old bookings"),
        Reason.PASSED: ("besöket har börjat eller passerat", "the visit has begun or passed"),
        Reason.CONSENT_UNKNOWN: ("inget känt samtycke", "no consent known"),
        Reason.CONSENT_REFUSED: ("har sagt nej", "has said no"),
        Reason.CONSENT_ELSEWHERE: ("samtycke till en annan enhet", "consent to another unit"),
        Reason.SAYS_STOP: ("har svarat STOPP", "has answered STOPP"),
        Reason.POINTLESS: ("skulle komma för sent", "would come too late"),
        Reason.TOO_LATE: ("för nära besöket", "too near the visit"),
        Reason.TIME_TAKEN: ("tiden hann bli tagen", "the time was taken"),
        Reason.TIME_NOT_OFFERED: ("tiden erbjuds inte", "the time is not offered"),
        Reason.TIME_PASSED: ("tiden har passerat", "the time has passed"),
        Reason.NOT_ALLOWED_BY_UNIT: ("enheten tillåter det inte", "the unit does not allow it"),
        Reason.OTHER_SYSTEM: ("bokningen finns i ett annat system", "another system has the booking"),
        Reason.NO_E_ID: ("saknar e-legitimation", "has no e-identification"),
        Reason.NOT_AGREED: ("formen inte överenskommen", "the form is not agreed"),
        Reason.AGREEMENT_UNKNOWN: ("okänt om formen är överenskommen", "not known whether it is agreed"),
        Reason.NOT_FIT_FOR_FORM: ("passar inte formen", "not fit for the form"),
        Reason.PLATFORM_UNKNOWN: ("okänd plattform", "platform not known"),
        Reason.SAME_CHANNEL: ("i patientens kanal", "in the patient's channel"),
        Reason.CONSENT_GIVEN: ("efter samtycke till byte", "after consent to a change"),
        Reason.SPECIAL_REASON: (
            "bad patienten ringa, av särskilda skäl",
            "asked to call, for a special reason",
        ),
        Reason.REFERRED_BY_STAFF: ("hänvisade patienten", "referred the patient"),
        Reason.CHANNEL_NOT_APPROVED: ("kanalen är inte godkänd", "the channel is not approved"),
        Reason.OTHER_CHANNEL: ("i en annan kanal, utan samtycke", "in another channel, without consent"),
        Reason.ASKED_TO_CALL: (
            "bad patienten ringa, utan särskilda skäl",
            "asked to call, for no special reason",
        ),
        Reason.REFERRAL_OFF: ("enheten har inte slagit på det", "the unit has not switched it on"),
        Reason.ALREADY_ANSWERED: ("personalen hade svarat", "staff had answered"),
        Reason.NO_REPLY_ADDRESS: ("ingen adress att svara till", "no address to answer"),
        Reason.AUTOMATIC_SENDER: ("automatisk avsändare", "a machine wrote it"),
        Reason.REFERRED_TODAY: ("redan hänvisad samma dag", "referred that day already"),
        Reason.NO_ADDED_VALUE: ("inget mervärde bedömt", "no added value judged"),
        Reason.NO_SAFER_ASSESSMENT: ("ingen säkrare bedömning", "no safer assessment judged"),
        Reason.NOT_OFFERED: ("enheten erbjuder inte kanalen", "the unit does not offer the channel"),
        Reason.NO_WAY_OF_OURS: ("vi kan inte skriva i kanalen", "we have no way into the channel"),
        Reason.CALLER_IN_QUEUE: ("samtalet gick vidare till kön", "the call went on to the queue"),
        Reason.KIND_NOT_KEPT: ("filtypen sparas inte", "of no kind that is kept"),
        Reason.FILE_TOO_BIG: ("för stor", "too large"),
        Reason.EMPTY_FILE: ("tom", "empty"),
        Reason.FILE_INFECTED: ("skadligt innehåll", "something harmful in it"),
        "booking_publication": ("bokade besök", "booked visits"),
        "visit_reminder": ("påminnelser", "reminders"),
        "requested_notice": ("begärda aviseringar", "requested notices"),
        "self_service": ("självservice", "self-service"),
        "check_in": ("incheckning", "check-in"),
        "inbound_contact": ("kontakter", "contacts"),
        "channel_switch": ("byte av kanal", "changes of channel"),
        "participation": ("överlämning och deltagare", "handing over and participants"),
        "image_transfer": ("bilder", "images"),
    }
)


def heading_of(group: Group, language: Language) -> str:
    """Of a group of measures."""
    return _in(GROUPS[group], language)


def words_for(cell: Cell, language: Language) -> str:
    """What is counted there: `Ingen avisering från oss: 1177 aviserar`."""
    said = _in(MEASURES[cell.measure], language)
    return f"{said}: {_in(REASONS[cell.reason], language)}" if cell.reason else said


def _in(both: Both, language: Language) -> str:
    return both[0] if language == "sv" else both[1]
