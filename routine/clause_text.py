"""Every clause in one sentence of our own, in Swedish and English: what the pages say that a decision rests on.

The routine itself has the last word; a sentence here helps a reader to find the place in it. Of policies of ours the
English sentences stand in `routine.clauses.OWN_POLICIES`, or here where they were settled with the routine.
"""

from __future__ import annotations

from collections.abc import Mapping

from routine.clauses import CLAUSES, OWN_POLICIES

POLICY = "policy"
"""The section of all that is a rule of ours."""
SECTIONS: Mapping[str, tuple[str, str]] = {
    "syfte": ("Syfte", "Purpose"),
    "onskemal": ("Vad invånaren önskar", "What the resident wishes"),
    "barn": ("Barn", "Children"),
    "system": ("System som får användas", "Systems that may be used"),
    "skyddade": ("Skyddade personuppgifter", "Protected identity"),
    "bilder": ("Bilder och bilagor", "Images and attachments"),
    "besok": ("Bokade besök", "Booked visits"),
    "val": ("Val av kontaktväg", "Choice of channel"),
    "patient": ("När patienten kontaktar vården", "When the patient contacts care"),
    "suicid": ("Risk för suicid", "Risk of suicide"),
    "vard": ("När vården kontaktar patienten", "When care contacts the patient"),
    "samtycke": ("Samtycke till överlämning och deltagare", "Consent to handing over and inviting"),
    "byte": ("Byte av kontaktväg", "Change of channel"),
    "paminnelse": ("Påminnelser", "Reminders"),
    "avisering": ("Aviseringar", "Notices"),
    "dokumentation": ("Dokumentation", "Documentation"),
    "uppfoljning": ("Uppföljning", "Follow-up"),
    "distans": ("Distanskontakt", "Distance contacts"),
    POLICY: ("Egna regler där rutinen inget säger", "Rules of our own where the routine is silent"),
}
"""Headings in Swedish and English, in the routine's order."""

SWEDISH: Mapping[str, str] = {
    "syfte-1": "Invånaren får veta när något händer eller ska göras, genom påminnelser och aviseringar.",
    "syfte-2": "Det administrativa sköter invånaren helst själv digitalt, så att personalens tid räcker till samtal.",
    "syfte-3": "Den som vill eller behöver tala med någon får göra det.",
    "onskemal-1": "Den som aktivt har valt digital information får den i stället för papper. Valet görs på 1177 "
    "eller hos personalen och finns sedan i VAS.",
    "onskemal-2": "Den som hör av sig digitalt får svar digitalt.",
    "onskemal-3": "Digitala kallelser och meddelanden kompletterar eller ersätter papper när flödet är digitalt.",
    "onskemal-4": "Personalen visar patienten var informationen finns, till exempel i journalen på 1177.",
    "barn-1": "En vårdnadshavare kan som ombud sköta ärenden, tider, videobesök och incheckning för ett barn under "
    "13 år.",
    "barn-2": "Från 13 år loggar barnet in själv med egen e-legitimation.",
    "barn-3": "Vårdnadshavaren ser inte på 1177 tider eller kallelser för ett barn som har fyllt 13 år.",
    "barn-4": "Från 16 år läser barnet sin journal på 1177. Under 13 år kan vårdnadshavaren läsa den.",
    "barn-5": "Som ombud på 1177 kan en vårdnadshavare inte välja enbart digital information, samtycka till sms "
    "eller dela information för barnet.",
    "system-1": "Meddelanden och chatt går i 1177, Platform24, HOPE eller LifeCare. Där får också länkar skickas.",
    "system-2": "Videobesök hålls i Platform24 eller HOPE, i vissa fall i Teams, och i systemen för MDK.",
    "system-3": "Sms är inte säkert och används bara till påminnelser och aviseringar.",
    "system-4": "En enhets egen lösning får användas till det som den är godkänd för.",
    "system-5": "Ett system ska vara krypterat, ha säker inloggning och vara säkerhetskontrollerat före start.",
    "skyddade-1": "Vad som går att göra för den som har skyddade personuppgifter beror på systemet.",
    "skyddade-2": "Den som har skyddade personuppgifter kan alltid söka vård via 1177, på telefon eller på plats.",
    "bilder-1": "Filer som flyttas för hand mellan digitala system går genom den anvisade mellanlagringen.",
    "bilder-2": "En fil i mellanlagringen kan bara läsas av den som lade den där.",
    "bilder-3": "Filerna i mellanlagringen tas bort av sig själva efter en bestämd tid.",
    "bilder-4": "Originalet finns kvar i systemet som filen kom från. Har filen hunnit tas bort hämtas den därifrån "
    "igen.",
    "besok-1": "Alla bokade besök syns på 1177, oavsett form och bokningssystem.",
    "besok-2": "Invånaren får en avisering när ett besök bokas eller när vården ändrar tiden.",
    "besok-3": "Invånaren kan se, avboka och omboka sin tid på 1177.",
    "besok-4": "Så långt det går ska invånaren kunna boka själv, direkt eller från en öppen kallelse.",
    "besok-5": "Den som har sagt ja till sms-påminnelser får alltid en före ett bokat besök, i så god tid att det "
    "går att boka om eller av.",
    "val-1": "Patienten får den kontaktväg som hen vill ha, så långt det går och så länge den är säker.",
    "val-2": "Telefon är ett av sätten att nå varandra.",
    "patient-1": "Personalen svarar i samma kanal som patienten har valt, så långt det går.",
    "patient-2": "Svaret ska inte vara att patienten får ringa, om det inte finns särskilda skäl.",
    "patient-3": "Vården får byta kontaktväg när det är bättre eller snabbare för patienten, men frågar först i den "
    "kanal som patienten kom genom.",
    "patient-4": "Den som hör av sig på ett sätt som inte är godkänt hänvisas snarast till ett som är det.",
    "suicid-1": "När en patient i chatten är suicidal gäller den särskilda rutinen för chatt och videobesök.",
    "vard-1": "Kontaktvägen bestäms tillsammans med patienten. Vården avgör om det går medicinskt.",
    "vard-2": "Personalen försäkrar sig om att patienten har e-legitimation innan ett digitalt besök bokas.",
    "vard-3": "Inget dokumenterat samtycke behövs för att boka ett videobesök.",
    "samtycke-1": "Patienten ska ha sagt ja innan kontakten lämnas över till en annan roll eller person.",
    "samtycke-2": "Patienten ska ha sagt ja innan fler bjuds in till ett pågående besök eller en pågående kontakt.",
    "byte-1": "Från digitalt till telefon: patienten får frågan där hen först hörde av sig, och samtycket skrivs i "
    "journalen.",
    "byte-2": "Från telefon till digitalt: patienten trycker på en knapp, får en länk med sms och samtycker genom "
    "att logga in.",
    "byte-3": "Mellan digitala kanaler: patienten får frågan med en länk där hen först hörde av sig och samtycker "
    "genom att logga in.",
    "byte-4": "Innan personalen föreslår en annan digital kanal bedömer de om bytet är till nytta för patienten.",
    "byte-5": "Finns det en färdig tjänst eller ett formulär för ärendet visar vården patienten dit, helst med en "
    "direkt länk.",
    "byte-6": "Patienten får tacka nej och stanna i sin kanal, om den är godkänd.",
    "paminnelse-1": "Sms-påminnelse går bara till den som både har en bokad tid och har samtyckt.",
    "paminnelse-2": "Ett samtycke i inställningarna på 1177 gäller all vård och förs över till VAS.",
    "avisering-1": "Den som har något att göra, har fått ny information eller en ny tid kan få veta det med sms, "
    "ofta också med e-post.",
    "avisering-2": "Texten är så neutral som möjligt och leder till en inloggning.",
    "avisering-3": "Avsändaren är regionen eller 1177.",
    "dokumentation-1": "Hur något dokumenteras, journalförs och registreras står i rutinen för respektive system.",
    "uppfoljning-1": "Rutinen följs upp i den vanliga uppföljningen och genom granskning av journaler.",
    "distans-1": "En digital kontakt är ett besök när den ersätter ett fysiskt, var bokad eller överenskommen och "
    "patienten kände till avgiften.",
    "distans-2": "Ett videobesök bokas i VAS som ett sådant och får alltid en digital kallelse.",
    "distans-3": "Det är gratis att avboka fram till 24 timmar före, så påminnelsen kommer tidigare än så när det "
    "går.",
    "policy-barn-1": "För ett barn som har fyllt 13 år går inga sms, mejl eller länkar till vårdnadshavaren.",
    "policy-barn-2": "Ett samtycke som en vårdnadshavare har gett till personalen gäller om regionen tillåter det, "
    "och upphör på barnets 13-årsdag.",
    "policy-barn-3": "Ett barn över 13 år utan e-legitimation får papper och telefon av personalen, inte ett "
    "digitalt besök.",
    "policy-skydd-1": "Från oss nås vissa personer bara genom inkorgen på 1177. Annat lämnas till personalen, och "
    "ingenting skickas medan det är ovisst.",
    "policy-skydd-2": "Varför en person ska hanteras för hand visas ingenstans.",
    "policy-avisering-1": "En händelse ger högst en avisering, oavsett vilket system som skickar den.",
    "policy-avisering-2": "Bara nyheter aviseras, inte sådant som invånaren själv har gjort eller som redan är "
    "förbi.",
    "policy-avisering-3": "En avisering som inte kommer fram går vidare på nästa sätt. Finns inget kvar får "
    "personalen ta över det som är brådskande.",
    "policy-hanvisning-1": "Där enheten vill skickar vi hänvisningen åt den, med en fast neutral text, och "
    "personalen får i uppgift att läsa originalet.",
    "policy-suicid-1": "Vid risk för suicid larmas en människa genast, och larmet går vidare tills någon har "
    "kvitterat det.",
    "policy-fara-1": "Vid fara för liv står vi aldrig i vägen: personalen går förbi en spärr och anger varför.",
    "policy-andring-1": "Allt som invånaren rättar sig efter aviseras som en ändrad tid: plats, form och plattform.",
    "policy-andring-2": "En bokning som gjordes på fel patient avbokas för den ena och bokas för den andra, utan att "
    "de får veta om varandra.",
    "policy-dubblett-1": "Ett besök som två system berättar om är ett enda, med en avisering och en kallelse.",
    "policy-avliden-1": "Ingenting skickas till eller om den som har avlidit.",
    "policy-avliden-2": "Säger registren olika om någon lever avgör en människa, och under tiden skickas ingenting.",
    "policy-identitet-1": "När en patient får ett nytt nummer, eller en enhet uppgår i en annan, följer allt med i "
    "tysthet.",
    "policy-reserv-1": "Den som har reservnummer kan inte logga in på 1177 och får papper och telefon av personalen.",
    "policy-papper-1": "Papper går till den som inte nås på 1177, en gång för varje bokad tid.",
    "policy-skugga-1": "För en enhet i skuggläge räknas allt ut, men ingenting skickas.",
    "policy-tystnad-1": "Under tysta timmar skickas inget som kan vänta, och det som skulle komma för sent skickas "
    "inte alls.",
    "policy-lank-1": "En länk till inloggning gäller en gång, för en patient och en bestämd tid, och inloggningen "
    "ska vara tillräckligt säker.",
    "policy-knapp-1": "Den som ringer får länken till mobilnumret som samtalet kommer från, högst några gånger per "
    "dag.",
    "policy-samtycke-1": "Ett samtycke som gavs till personalen på en enhet, för den enheten, gäller bara där.",
    "policy-onskan-1": "Av två besked om samma önskemål gäller det senaste.",
    "policy-svarstid-1": "En kontakt som har väntat för länge på svar visas för driften.",
    "policy-saknad-1": "Ett besök som journalsystemet inte längre har tas bort från 1177 i tysthet, några åt gången.",
    "policy-kalla-1": "Ett system får berätta om det som regionen har bestämt. Allt annat läggs åt sidan och visas "
    "för driften, utom risk för suicid.",
    "policy-bild-1": "En fil är det som den visar sig innehålla, vad den än heter, och bara de filtyper som regionen "
    "har listat sparas.",
    "policy-bild-2": "En skadlig fil sparas inte, och en fil som ingen har kontrollerat märks.",
    "policy-bild-3": "Originalet ändras aldrig och lämnas ut som nedladdning, med en varning när något i filen kan "
    "vara farligt.",
    "policy-bild-4": "Filer hämtas bara ur patientens egen kontakt, i systemet där originalen finns.",
    "policy-bild-5": "Den som bad om filerna får veta när de har kommit och innan deras tid är slut.",
    "policy-personal-1": "Personalen loggar in med SITHS. För allt om en patient krävs ett uppdrag för vård och "
    "behandling, och för ett ärende ett på dess enhet.",
    "policy-incheckning-1": "Den som loggar in vid enhetens kod checkar in till ett besök där samma dag, en gång.",
    "policy-anslutning-1": "Ett digitalt besök nås genom en egen länk och en inloggning, från strax före till strax "
    "efter besöket.",
    "policy-sjalvservice-1": "Det som invånaren bokar, ändrar eller avbokar på 1177 avgörs av journalsystemet. Går "
    "det inte att se hur det gick får personalen veta det inom två och en halv timme.",
    "policy-uppfoljning-1": "Personal som vårdar patienter ser hur den egna enheten och regionen följer rutinen. Tal "
    "under 5 visas inte, och inte heller något som de går att räkna ut av.",
    "policy-okand-1": "En bokning på en enhet som regionen inte har listat sparas och väntar tills någon har gjort "
    "det.",
}

ENGLISH: Mapping[str, str] = {
    "syfte-1": "Residents hear when something happens or is to be done, by reminders and notices.",
    "syfte-2": "Residents do what is administrative themselves, digitally, so that staff have time to talk.",
    "syfte-3": "Whoever wants or needs to talk to somebody can.",
    "onskemal-1": "Whoever has chosen digital information has it instead of paper; the choice is made on 1177 or to "
    "staff, and stands in VAS.",
    "onskemal-2": "Whoever writes digitally is answered digitally.",
    "onskemal-3": "Digital call letters and messages stand beside paper, or in its place, where the flow is digital.",
    "onskemal-4": "Staff show patients where the information is, such as in the journal on 1177.",
    "barn-1": "For a child under 13 a guardian can act as proxy: errands, times, video visits, check-in.",
    "barn-2": "From 13 a child logs in with an e-identification of their own.",
    "barn-3": "On 1177 a guardian sees no times and no call letters of a child who is 13 or older.",
    "barn-4": "A child reads the own journal on 1177 from 16; under 13 the guardian can.",
    "barn-5": "A proxy on 1177 cannot choose digital only, consent to SMS or share information for the child.",
    "system-1": "Messages and chat go in 1177, Platform24, HOPE or LifeCare; links may be sent there too.",
    "system-2": "Video visits are held in Platform24 or HOPE, sometimes in Teams, and in the systems for MDK.",
    "system-3": "SMS is not secure, and is used for reminders and notices only.",
    "system-4": "A unit's own solution may be used for what it is approved for.",
    "system-5": "A system is encrypted, has a secure login, and has been checked before it is used.",
    "skyddade-1": "What can be done for somebody with protected identity depends on the system.",
    "skyddade-2": "Somebody with protected identity can always seek care on 1177, by phone or in person.",
    "bilder-1": "Files that are moved by hand between digital systems go through the appointed storage.",
    "bilder-2": "Only the one who put a file into the storage can read it.",
    "bilder-3": "Files in the storage are removed by themselves after a set time.",
    "bilder-4": "The original stays where it came from; a file that is gone is fetched from there again.",
    "besok-1": "All booked visits are seen on 1177, whatever their form and whichever system booked them.",
    "besok-2": "The resident has a notice when a visit is booked, or when care changes its time.",
    "besok-3": "The resident can see, cancel and change a booked time on 1177.",
    "besok-4": "As far as can be, the resident books without help, directly or from an open call letter.",
    "besok-5": "Whoever said yes to SMS reminders always has one before a visit, early enough to change it.",
    "val-1": "The patient has the channel that they want, as far as can be and as long as it is secure.",
    "val-2": "The phone is one of the ways to reach each other.",
    "patient-1": "Staff answer in the channel that the patient chose, as far as can be.",
    "patient-2": "The answer does not ask the patient to call, unless there are special reasons.",
    "patient-3": "Care may change channel where that is better or faster for the patient, having asked where they "
    "came in.",
    "patient-4": "Whoever writes by a way that is not approved is soon referred to one that is.",
    "suicid-1": "For a suicidal patient in the chat, the routine for chat and video visits holds.",
    "vard-1": "The channel is agreed with the patient; care judges whether it will do medically.",
    "vard-2": "Staff make sure of the patient's e-identification before they book a digital visit.",
    "vard-3": "Booking a video visit takes no documented consent.",
    "samtycke-1": "The patient has said yes before the contact is handed over to another role or person.",
    "samtycke-2": "The patient has said yes before others are invited to what is going on.",
    "byte-1": "Digital to phone: the patient is asked where they first wrote, and the consent is documented.",
    "byte-2": "Phone to digital: the patient presses a key, gets a link by SMS, and consents by logging in.",
    "byte-3": "Digital to digital: the patient is asked by a link where they first wrote, and consents by logging "
    "in.",
    "byte-4": "Before staff propose another digital channel they judge whether it is of use to the patient.",
    "byte-5": "Where there is a ready service or form for the errand, the patient is shown there, best by a link.",
    "byte-6": "The patient may decline and stay in their channel, if it is approved.",
    "paminnelse-1": "SMS reminders go only to whoever has a booked time and has consented.",
    "paminnelse-2": "A consent in 1177's settings holds for all care, and is carried over to VAS.",
    "avisering-1": "Of something to do, new information or a new time, a patient can be told by SMS, often by e-mail "
    "too.",
    "avisering-2": "The text is as neutral as it can be, and leads to a login.",
    "avisering-3": "The sender is the region or 1177.",
    "dokumentation-1": "How something is documented, journalled and registered stands in each system's routine.",
    "uppfoljning-1": "The routine is followed up as care otherwise is, and by looking through journals.",
    "distans-1": "A digital contact is a visit when it replaces one in person, was agreed, and the fee was known.",
    "distans-2": "A video visit is booked in VAS as one, and always has a digital call letter.",
    "distans-3": "Cancelling is free until 24 hours before, so a reminder comes earlier than that where it can.",
    "policy-barn-1": "For a child of 13 or older no SMS, e-mail or link goes to a guardian.",
    "policy-barn-2": "A guardian's consent to staff holds if the region lets it, and ends on the 13th birthday.",
    "policy-barn-3": "A child over 13 without e-identification has paper and phone by staff, no digital visit.",
    "policy-skydd-1": "Some are reached by us in the inbox of 1177 only; all else goes to staff, and nothing is sent "
    "while it is not known.",
    "policy-skydd-2": "Why somebody is handled by hand is shown nowhere.",
    "policy-avisering-1": "One event gives one notice at most, whichever system sends it.",
    "policy-hanvisning-1": "Where the unit wants it, we send the referral, a fixed neutral text, and staff are asked "
    "to read the original.",
    "policy-suicid-1": "At a risk of suicide a human is alerted at once, and the alert climbs until one has it.",
    "policy-fara-1": "At danger to life we never stand in the way: staff go past any gate, and say why.",
}


def sentence(clause: str, language: str = "sv") -> str:
    """What a clause says, in short.

    Args:
        clause: of `routine.clauses.CLAUSES`.
        language: 'sv' or 'en'.

    Raises:
        KeyError: there is no such clause.
    """
    if language == "sv":
        return SWEDISH[clause]
    return ENGLISH.get(clause) or OWN_POLICIES[clause]


def section_of(clause: str) -> str:
    """Under which of `SECTIONS` it stands."""
    section = clause.rpartition("-")[0]
    return POLICY if section.startswith(f"{POLICY}-") else section


def by_section() -> Mapping[str, list[str]]:
    """All clauses, by section in the routine's order, each section's by name and number."""
    listed: dict[str, list[str]] = {section: [] for section in SECTIONS}
    for clause in sorted(CLAUSES, key=_in_order):
        listed[section_of(clause)].append(clause)
    return listed


def _in_order(clause: str) -> tuple[str, int]:
    name, _, number = clause.rpartition("-")
    return name, int(number)
