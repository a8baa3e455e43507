"""What the unit's staff are asked to do about a contact: what, and by which rule; nothing of what anyone wrote.

Staff find the original in the channel itself. What a resident asked for on 1177 has no other place, so it goes with
the task.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from routine.decision import Decision
from routine.participation import Joining
from routine.reasons import Reason
from routine.region import Region
from routine.self_service import Service
from routine.text import Text, swedish_time

_READ = (
    "En patient har skrivit via {where}, som inte är godkänd för dialog. Läs originalet genast: det kan vara "
    "brådskande. {referral}"
)
_SENT = "En hänvisning till godkända vägar skickas automatiskt."
_NOT_SENT: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.REFERRED_TODAY: "Ingen ny hänvisning skickas: avsändaren har redan fått en i dag.",
        Reason.SAYS_STOP: "Avsändaren har svarat STOPP: ta tillbaka patientens samtycke till sms i journalsystemet. "
        "Ingen hänvisning skickas.",
        Reason.AUTOMATIC_SENDER: "Ingen hänvisning skickas: avsändaren ser ut att vara automatisk.",
        Reason.NO_REPLY_ADDRESS: "Ingen hänvisning kan skickas: det finns ingen adress att svara till.",
    }
)
_BY_HAND = "Hänvisa patienten till en godkänd väg, enligt mottagningens rutin."
_DECLINED = "Hänvisningen kom inte fram. Erbjud patienten telefon eller besök."

_SWITCH: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NO_ADDED_VALUE: "Det saknas en motivering till varför bytet ger ett mervärde för patienten.",
        Reason.NO_SAFER_ASSESSMENT: "Det saknas en motivering till varför ett samtal ger en säkrare bedömning.",
        Reason.NOT_OFFERED: "Mottagningen erbjuder inte kanalen.",
        Reason.NO_CHANGE: "Kontakten är redan i den kanalen.",
        Reason.CONTACT_OVER: "Kontakten är avslutad.",
        Reason.CONTACT_NOT_KNOWN: "Kontakten är inte känd.",
        Reason.HUMAN_FIRST: "En människa behöver agera först.",
    }
)
_STAYS = (
    "Ditt förslag om att byta kanal har inte skickats till patienten. {why} Kontakten fortsätter där den är."
)
_BY_ROUTINE = "Hantera det enligt mottagningens rutin."
_UNCLEAR = (
    "Patienten har svarat på frågan om att byta till telefon, men inte med ett säkert ja. Läs svaret i kontakten och "
    "registrera om patienten samtycker."
)
_CALL = (
    "Patienten har samtyckt till att bli uppringd. Utkastet till journalen väntar på din signering. {number}"
)
_WITHDRAWN = (
    "Patienten har tagit tillbaka sitt samtycke till att bli uppringd, eller skrivit något som kan betyda det. Ring "
    "inte. Läs kontakten. {draft}"
)
_DRAFT_LEFT = "Anteckningen i journalen är signerad eller finns kvar: rätta den enligt mottagningens rutin."
_DRAFT_GONE = "Utkastet till journalen är borttaget."
_CALL_BACK = (
    "En patient som ringde valde att få en länk med sms, men länken har inte kommit fram. Ring upp patienten. "
    "{number}"
)
_OPENED = "Patienten har samtyckt till att byta kanal och loggat in. Kontakten fortsätter i {where}."

_AMISS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NO_E_ID: "Patienten saknar e-legitimation och kan inte delta i det digitala besöket",
        Reason.E_ID_UNKNOWN: "Ta reda på om patienten (vårdnadshavaren, om patienten är för ung för att logga in "
        "själv) har e-legitimation för det digitala besöket",
        Reason.MANUAL_HANDLING: "Det digitala besöket går inte att ansluta till från länken: ordna det enligt "
        "mottagningens rutin",
        Reason.NOT_AGREED: "Besöksformen är inte överenskommen med patienten",
        Reason.AGREEMENT_UNKNOWN: "Ta reda på om besöksformen är överenskommen med patienten",
        Reason.NO_WAY_IN: "Det framgår inte av bokningen var patienten ansluter till det digitala besöket. Lägg in "
        "plattform eller anslutningslänk i bokningen, eller låt patienten veta hur besöket går till",
        Reason.JOINED_ELSEWHERE: "Bokningens anslutningslänk leder till en adress som regionen inte har godkänt för "
        "plattformen, så patienten kan inte ansluta med den. Byt länk, eller låt patienten veta hur besöket går till",
    }
)
_PLATFORM = "Plattformen är inte godkänd för besöket, som behöver flyttas till en godkänd"
_NEAR = "Besöket närmar sig, och det här behöver lösas innan dess."
_STANDS = "Besöket visas på 1177 som det är bokat. Kontakta patienten och ändra bokningen om det behövs."

_JOINING: Mapping[Joining, str] = MappingProxyType(
    {Joining.HANDOVER: "överlämningen", Joining.PARTICIPANT: "inbjudan av fler deltagare"}
)
_JOINS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.CONSENT_GIVEN: "Patienten har samtyckt till {what}. Den kan genomföras.",
        Reason.OVERRIDDEN: "Ett skäl att gå förbi samtycket till {what} är registrerat. Den kan genomföras.",
        Reason.CONSENT_REFUSED: "Patienten har inte samtyckt till {what}. Den ska inte genomföras.",
        Reason.CONSENT_UNKNOWN: (
            "Det framgår inte hur patienten har samtyckt till {what}: muntligt eller skriftligt. Registrera det "
            "innan den genomförs."
        ),
        Reason.CONSENT_WITHDRAWN: (
            "Patienten har tagit tillbaka sitt samtycke till {what}, som redan fick genomföras. Hantera det enligt "
            "mottagningens rutin."
        ),
    }
)

_ON_1177: Mapping[Service, str] = MappingProxyType(
    {
        Service.CANCEL: "En invånare har bett om att avboka den här bokningen på 1177.",
        Service.REBOOK: "En invånare har bett om att omboka den här bokningen på 1177.",
        Service.BOOK: "En invånare har bett om att boka en tid på 1177.",
    }
)
_SEE_TO_IT = (
    "Systemet kan inte se om det är gjort. Kontrollera i journalsystemet vad som gäller, gör klart det som invånaren "
    "bad om eller erbjud något annat, och låt patienten veta."
)
_UNREADABLE = (
    "Ett fel i systemet gör att det som invånaren skrev inte går att läsa här. De som sköter systemet har fått veta "
    "det. Fråga dem om ärende {case}."
)

_NOT_FETCHED = "Filer som du har begärt från {where} har inte hämtats till mellanlagringen."
_FILES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.STORED: "Filer som du har begärt från {where} finns i mellanlagringen. Logga in där och öppna dem.",
        Reason.FILE_LAPSES: "Filer som du har begärt från {where} ligger kvar i mellanlagringen och är inte "
        "markerade som journalförda.",
        Reason.ATTACHMENT_GONE: f"{_NOT_FETCHED} Originalet finns inte kvar i {{where}}.",
        Reason.FILE_NOT_FETCHED: f"{_NOT_FETCHED} {{where}} har inte lämnat ut dem. Begär dem igen, eller "
        "hantera dem enligt mottagningens rutin.",
        Reason.STORAGE_NOT_APPOINTED: f"{_NOT_FETCHED} Regionen har inte tagit mellanlagringen i bruk.",
        Reason.CONTACT_NOT_KNOWN: f"{_NOT_FETCHED} Kontakten är inte känd.",
        Reason.UNIT_UNKNOWN: f"{_NOT_FETCHED} Enheten finns inte i regionens lista. De hämtas när den är tillagd.",
        Reason.CONTACT_OF_OTHER: f"{_NOT_FETCHED} Kontakten hör inte till den patient som angavs.",
        Reason.CONTACT_OF_NOBODY: f"{_NOT_FETCHED} Det framgår inte vilken patient kontakten hör till.",
        Reason.KIND_NOT_KEPT: f"{_NOT_FETCHED} Filtypen tas inte emot.",
        Reason.EMPTY_FILE: f"{_NOT_FETCHED} Filen är tom.",
        Reason.FILE_TOO_BIG: f"{_NOT_FETCHED} Filen är för stor.",
        Reason.FILE_INFECTED: f"{_NOT_FETCHED} Virusskyddet har stoppat filen.",
        Reason.NEVER_SCANNED: "Filer som du har begärt från {where} har inte kunnat kontrolleras av virusskyddet, "
        "och finns inte kvar i mellanlagringen.",
    }
)
"""Nobody sees by these what is in a file, what it is called, or whose it is."""

_NAMES: Mapping[str, str] = MappingProxyType({"mail": "e-post", "sms": "sms"})


def read_original(channel: str, referral: Reason, number: str | None = None) -> Text:
    """To read at once what came by a way that is not approved (patient-4, policy-hanvisning-1).

    Args:
        referral: the reason of the decision on our own referral.
        number: that an SMS came from: there is no mailbox that has it.
    """
    said = _SENT if referral is Reason.CHANNEL_NOT_APPROVED else _NOT_SENT.get(referral, _BY_HAND)
    body = _READ.format(where=_NAMES.get(channel, channel), referral=said)
    body += f" Avsändarens nummer är {number}." if number else ""
    return Text("staff_task_read_original", 1, body)


def alert(channel: str) -> Text:
    """Staff are alerted, in their platform or by a task in the journal system; where the contact is, and no more.

    Args:
        channel: that the contact is in, by name.
    """
    body = (
        f"Larm från {channel}: läs kontakten genast och agera enligt mottagningens rutin. "
        "Kvittera sedan larmet. Det fortsätter tills någon har kvitterat."
    )
    return Text("alert", 1, body)


def sms_on_call(place: str, unit: str | None, region: Region) -> Text:
    """To whoever is on call: that an alert waits, and where, with the unit's full name (policy-suicid-1).

    Staff have to know where. Neutral is what patients get (avisering-2); of the patient this says nothing. A long
    name makes a second part.

    Args:
        place: the system that it waits in, by its short name.
        unit: by name; `None`: not known.
    """
    at = f"vid {unit.strip()}" if unit and unit.strip() else "vid en enhet som inte är känd"
    return Text(
        "sms_on_call", 2, f"Ett larm i {place} {at} väntar på att kvitteras. Hälsningar {region.name}"
    )


def switch_refused(reason: Reason) -> Text:
    """The proposal was not put to the patient; nothing tells who is protected (policy-skydd-2)."""
    return Text("staff_task_switch_refused", 1, _STAYS.format(why=_SWITCH.get(reason, _BY_ROUTINE)))


def switch_unclear() -> Text:
    """The patient's answer is for staff to read and settle (byte-1)."""
    return Text("staff_task_switch_unclear", 1, _UNCLEAR)


def call_patient(number: str | None) -> Text:
    """The patient has consented to be called (byte-1): on which number, where they said one."""
    said = f"Ring {number}." if number else "Numret står i kontakten eller i journalen."
    return Text("staff_task_call_patient", 1, _CALL.format(number=said))


def consent_withdrawn(*, note_stands: bool) -> Text:
    """The patient has taken a consent to be called back (byte-1).

    Args:
        note_stands: the note in the journal is signed, or may be there still.
    """
    return Text(
        "staff_task_consent_withdrawn",
        1,
        _WITHDRAWN.format(draft=_DRAFT_LEFT if note_stands else _DRAFT_GONE),
    )


def call_back(number: str | None) -> Text:
    """A caller asked for a link that did not reach them (byte-2, syfte-3): a human calls back."""
    said = f"Numret är {number}." if number else ""
    return Text("staff_task_call_back", 1, _CALL_BACK.format(number=said).strip())


def contact_opened(where: str) -> Text:
    """The patient has consented to go on elsewhere (byte-3).

    Args:
        where: the channel's name, as staff know it.
    """
    return Text("staff_task_contact_opened", 1, _OPENED.format(where=where))


def participation(what: Joining, reason: Reason) -> Text:
    """What became of a handing-over, or of an invitation (samtycke-1, samtycke-2); not whom it is to.

    Args:
        reason: of the decision on it.

    Raises:
        KeyError: no decision on it has that reason.
    """
    return Text("staff_task_participation", 1, _JOINS[reason].format(what=_JOINING[what]))


def visit_amiss(found: Sequence[Decision[bool]], *, again: bool = False) -> Text:
    """What is wrong with the form or the platform of a visit that is booked, each by its clause (vard-1, vard-2).

    Args:
        again: the visit is near, whether staff have been asked before or not.
    """
    said = [f"{_AMISS.get(each.reason, _PLATFORM)} ({each.clause})." for each in found]
    return Text("staff_task_visit_amiss", 3, " ".join([*([_NEAR] if again else []), *said, _STANDS]))


def referral_declined() -> Text:
    """The referral was turned away on its way: a human offers another (policy-hanvisning-1)."""
    return Text("staff_task_referral_declined", 1, _DECLINED)


def files(reason: Reason, where: str, hours: int | None = None) -> Text:
    """To whoever asked for a patient's files: nothing of what they are or of whom (bilder-2, policy-bild-5).

    Args:
        where: the platform that has the originals, by name.
        hours: for how long they lie there yet, where that matters.

    Raises:
        KeyError: no file is told of for that reason.
    """
    left = f" De raderas automatiskt om {hours} timmar." if hours else ""
    return Text("staff_files", 1, _FILES[reason].format(where=where) + left)


def asked_on_1177(
    service: Service, at: datetime | None, *, phone: str | None, email: str | None, message: str | None
) -> Text:
    """What a resident asked for on 1177, where nobody can tell what became of it (policy-sjalvservice-1).

    Args:
        at: when the time begins that they wanted; `None`: none was said.
        phone, email, message: what they said beside it, to the unit.
    """
    asked, time = [f"{_ON_1177[service]} {_SEE_TO_IT}"], swedish_time(at) if at else None
    beside = (("Önskad tid", time), ("Telefon", phone), ("E-post", email), ("Meddelande", message))
    asked += [f"{what}: {said}" for what, said in beside if said]
    return Text("staff_task_asked_on_1177", 1, "\n".join(asked))


def unreadable_on_1177(service: Service, case: str) -> Text:
    """The same, where what the resident said cannot be read: ops may find out more (policy-sjalvservice-1).

    Args:
        case: its id, by which ops find it.
    """
    said = f"{_ON_1177[service]} {_SEE_TO_IT}\n{_UNREADABLE.format(case=case)}"
    return Text("staff_task_unreadable_on_1177", 1, said)
