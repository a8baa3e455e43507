"""Every reason in plain words for staff: those of the rules in Swedish, and what came of calls in both languages.

In English a rule's reason has its own `explanation`. What staff cannot act on is told alike, whichever code it has:
that a system did not answer, that it said no, that ops have to mend something. Nothing here tells why somebody is
handled by hand (policy-skydd-2).
"""

from __future__ import annotations

from collections.abc import Mapping

from routine.reasons import reason_of

RULES: Mapping[str, str] = {
    # why something is done
    "booked_visit": "Ett bokat besök som inte har varit än.",
    "call_letter": "En kallelse som fortfarande gäller.",
    "visit_booked": "Ett besök bokades.",
    "visit_rebooked": "Ett besök bokades i stället för ett som avbokades.",
    "time_changed": "Besöket fick en ny tid.",
    "time_may_have_changed": "Besöket ändrades, och hur det var tidigare är inte känt.",
    "time_changed_by_unknown": "Tiden som patienten hade bokat ändrades, och det framgår inte av vem.",
    "held_otherwise": "Besöket är på en annan plats, i en annan form eller på en annan plattform.",
    "patient_corrected": "Bokningen är en annan patients och gjordes på fel patient.",
    "visit_cancelled": "Besöket avbokades, så vitt känt inte av patienten.",
    "open_call_letter": "Invånaren kan boka en tid från en öppen kallelse.",
    "something_to_do": "Invånaren har något att göra i systemet.",
    "new_information": "Det finns ny information till invånaren i systemet.",
    "digital_call_letter": "Varje besök har en digital kallelse.",
    "video_visit": "Ett videobesök har alltid en digital kallelse.",
    "not_active_on_1177": "Invånaren använder inte 1177.",
    "unreachable_on_1177": "1177 gick inte att nå, trots flera försök.",
    "paper_by_setting": "Enheten eller regionen skickar papper utöver den digitala kallelsen.",
    "paper_stale": "Brevet som patienten har fått stämmer inte längre.",
    "paired": "En avbokning och en bokning för samma patient är en ombokning.",
    # why something is not done
    "replay": "Det hör till besök som redan var bokade, så det är ingen nyhet.",
    "echo": "Det är svaret på en ändring som gjordes genom oss.",
    "waited_for_at_1177": "Den som bad om det väntar på 1177 och kan få veta det där.",
    "told_at_once": "Den som bad om det fick veta på 1177 hur det gick.",
    "not_told_at_once": "Den som bad om det hade lämnat 1177 när det var klart och får veta det genom en avisering.",
    "cancelled": "Besöket är avbokat.",
    "cancelled_by_patient": "Patienten avbokade själv och vet om det.",
    "changed_by_patient": "Patienten valde själv den nya tiden och vet om den.",
    "never_heard": "Patienten hade inte fått veta något om bokningen.",
    "same_time": "Ändringen rör varken tiden eller något annat som patienten rättar sig efter.",
    "part_of_rebooking": "Aviseringen gick för det nya besöket.",
    "same_visit": "Ett annat system har bokningen för samma besök och har sagt det.",
    "like_visit": "Ett annat system har en bokning för samma patient, enhet och tid.",
    "only_booking": "Inget annat system har en bokning för besöket.",
    "same_series": "Ett annat besök i samma serie har aviseringen.",
    "passed": "Tiden har varit, eller kallelsen har gått ut.",
    "deceased": "Patienten har avlidit.",
    "unit_in_shadow": "Enheten är i skuggläge: allt räknas ut, ingenting skickas.",
    "notice_gone": "Aviseringen var redan avgjord när den togs tillbaka.",
    "withdrawn": "Den som bad om aviseringen har tagit tillbaka den.",
    "reservnummer": "Patienten kan inte logga in på 1177 med reservnummer: papper och telefon.",
    "notified_by_1177": "1177 aviserar själv.",
    "notice_not_wished": "Invånaren har inte valt att få aviseringar.",
    "contact_unusable": "Aviseringar är valda, men inget mobilnummer och ingen e-postadress går att använda.",
    "contact_owner_unknown": "Det är inte känt vems kontaktuppgifterna är, barnets eller en vårdnadshavares.",
    "guardian_contact_lapsed": "Kontaktuppgifterna är en vårdnadshavares, från före 13-årsdagen.",
    "printed": "Journalsystemet har skrivit ut kallelsen.",
    "reached_on_1177": "Den digitala kallelsen ersätter papper.",
    "not_paired": "Inget besök bokades i stället för det som avbokades.",
    "not_bulk": "För få händelser på en gång för att vara en inläsning.",
    # why a person is asked to act, or the case waits
    "not_reached": "Ett meddelande kom inte fram, eller så finns det inget sätt kvar.",
    "no_address": "Det är inte angivet var patienterna loggar in i systemet.",
    "manual_handling": "Personalen kontaktar patienten så som deras egen rutin säger.",
    "digital_only_unreachable": "Patienten vill bara ha digital information, och 1177 når inte fram.",
    "stands_elsewhere": "Besöket är avbokat i ett system och står kvar i ett annat.",
    "letter_astray": "En kallelse gick till en patient som bokningen inte gällde.",
    "person_unknown": "Personregistret har inte svarat.",
    "guardian_unknown": "Personregistret har inte sagt vilka vårdnadshavarna är.",
    "contact_unknown": "Kontaktuppgifterna har inte gått att få.",
    "portal_unknown": "1177 har inte sagt om invånaren använder tjänsten.",
    "rebooking_possible": "En ny tid kan komma strax.",
    "unit_unknown": "Enheten finns inte i regionens lista.",
    "platform_unknown": "Besökets plattform finns inte i regionens lista.",
    "death_disputed": "Personregistret säger att patienten har avlidit, journalsystemet att det var fel.",
    "not_disputed": "Registren är överens.",
    # of a text
    "neutral": "Texten säger bara att det finns något att logga in för.",
    "foreign_link": "Texten leder till en adress som regionen inte har listat.",
    "identity_number": "Texten har något som ser ut som ett personnummer.",
    "phone_number": "Texten har något som ser ut som ett telefonnummer.",
    "forbidden_word": "Texten har ett ord som inte får stå i den.",
    "clinical_word": "Texten har ett ord om vård eller sjukdom.",
    "revealing_unit": "Texten nämner en enhet vars namn avslöjar vilken vård det gäller.",
    # of channels
    "approved": "Kanalen är godkänd för detta.",
    "not_listed": "Kanalen finns inte bland regionens godkända system.",
    "not_for_this_use": "Kanalen är godkänd, men inte för detta.",
    "not_checked": "Det finns ingen säkerhetskontroll av kanalen.",
    "not_approved_yet": "Kanalens godkännande börjar senare.",
    "no_longer_approved": "Kanalens godkännande har upphört.",
    "not_at_this_unit": "Kanalen är bara godkänd på andra enheter.",
    "not_for_this_purpose": "Kanalen är bara godkänd för andra ändamål.",
    "purpose_unknown": "Kanalen är bara för vissa ändamål, och det här är inte känt.",
    "nothing_in_the_way": "Inget hindrar.",
    "wish_met": "Patienten får den kanal som hen vill ha.",
    "wish_unknown": "Patienten har inte valt någon kanal, så vitt känt.",
    "wish_not_secure": "Kanalen som patienten vill ha är inte godkänd.",
    # of children, and of those who act for them
    "guardian_as_proxy": "En vårdnadshavare kan vara ombud för ett barn under 13 år.",
    "for_themselves": "Från 13 år gör patienten det själv, med egen e-legitimation.",
    "too_young": "Under 13 år gör en vårdnadshavare det för barnet.",
    "too_young_for_journal": "Den egna journalen läses från 16 år.",
    "child_acts_alone": "Från 13 år gör, ser och får ingen vårdnadshavare något för barnet.",
    "not_by_proxy": "Ett ombud på 1177 kan inte välja, samtycka eller dela för ett barn under 13 år.",
    "role_unknown": "Det är inte känt i vems ställe personen gör det.",
    "not_a_guardian": "Bara en vårdnadshavare eller patienten själv kan göra det.",
    "age_unknown": "Patientens ålder är inte känd.",
    # of a contact and its answer
    "same_channel": "Patienten får svar i den kanal som hen valde.",
    "other_channel": "Svaret gavs i en annan kanal än den som patienten valde.",
    "asked_to_call": "Svaret ber patienten ringa, utan särskilt skäl.",
    "special_reason": "Svaret ber patienten ringa, av ett särskilt skäl.",
    "calling_unknown": "Det är inte känt om svaret ber patienten ringa.",
    "channel_not_approved": "Patienten skrev på ett sätt som vården inte får använda.",
    "referral_off": "Enheten hänvisar själv sina patienter.",
    "referred_today": "Adressen har redan fått hänvisningen i dag.",
    "no_reply_address": "Det finns ingen adress att svara till.",
    "ready_service": "Det finns en färdig tjänst för ärendet.",
    "dialogue_wished": "Patienten vill ha en dialog, eller inget säger något annat.",
    "no_such_service": "1177 har ingen sådan tjänst för enheten och åldern.",
    "service_unknown": "1177 har inte sagt om tjänsten finns.",
    "risk_of_suicide": "En människa behövs genast.",
    "no_risk_known": "Inget säger att en människa behövs genast.",
    "acknowledged": "En människa har tagit hand om larmet.",
    "on_call": "Den som står näst på larmlistan.",
    "nobody_on_call": "Det finns ingen larmlista: samma personal larmas igen.",
    "human_first": "Ingenting går av sig självt förrän en människa har gjort något.",
    "answered_in_time": "Kontakten är besvarad, eller tiden för svar har inte gått ut.",
    "unanswered": "Kontakten har väntat längre på svar än enheten tillåter.",
    # of a change of channel
    "safer_assessment": "Ett samtal ger en säkrare bedömning.",
    "no_safer_assessment": "Ingen har bedömt att ett samtal ger en säkrare bedömning.",
    "added_value": "Bytet är till nytta för patienten.",
    "no_added_value": "Ingen har bedömt att bytet är till nytta för patienten.",
    "key_press": "Patienten tryckte på knappen för en länk.",
    "no_key_press": "Patienten tryckte inte på någon knapp för en länk.",
    "caller_unknown": "Samtalet kom inte från ett mobilnummer som en länk kan skickas till.",
    "texted_enough": "Numret har fått så många länkar som det får per dag.",
    "no_change": "Kontakten är redan i den kanalen.",
    "not_offered": "Enheten erbjuder inte kanalen.",
    "no_e_id": "Patienten har ingen e-legitimation.",
    "answered_with_number": "Patienten svarade med ett telefonnummer.",
    "not_one_number": "Svaret har inget telefonnummer, eller fler än ett.",
    "word_of_refusal": "Det finns ett nekande ord i svaret.",
    "more_than_a_number": "Svaret har andra siffror som kan betyda något annat.",
    "not_surely_yes": "Svaret säger mer än ett nummer och ett ja.",
    "foreign_number": "Numret är utländskt eller dyrare att ringa än andra.",
    "not_asked": "Frågan har inte ställts.",
    "logged_in": "Patienten följde länken och loggade in.",
    "says_stop": "Patienten vill inte ha fler sms: personalen tar bort samtycket.",
    "says_something_else": "Sms:et börjar inte med STOPP: personalen läser det.",
    "already_answered": "Personalen har redan svarat.",
    "automatic_sender": "Det skrevs av en maskin och besvaras inte.",
    "referred_by_staff": "Det första svaret hänvisar patienten, som uppgiften säger.",
    "not_printable": "Texten har ett tecken som inte syns som det är.",
    "left_in_vas": "Anteckningen är signerad, eller så är det inte känt om den finns: personalen ser till det.",
    "caller_in_queue": "Länken gick inte att lämna i samtalet, som gick vidare till en människa.",
    "caller_has_no_link": "Samtalet var slut innan länken kunde skickas.",
    "link_not_followed": "Ingen har följt länken.",
    "not_logged_in": "Länken följdes, men ingen har loggat in.",
    "login_too_weak": "Inloggningen var inte så säker som regionen kräver.",
    "login_not_vouched": "Inloggningen kom från någon som inte kan intyga den.",
    "login_by_another": "Någon annan än patienten loggade in.",
    "link_expired": "Länkens tid är slut.",
    "link_used": "Länken är redan använd.",
    "stays": "Kontakten stannar i den kanal som patienten valde.",
    "documented": "Samtycket skrivs i journalen.",
    "not_documented": "Samtycket behöver inte skrivas i journalen.",
    "overridden": "Personalen har gått förbi regeln och sagt varför.",
    "override_without_reason": "Det krävs ett skäl för att gå förbi en regel.",
    "not_to_override": "Inget skäl öppnar detta: personalen gör det själv.",
    "contact_not_known": "Ingen kanal har berättat om en sådan kontakt.",
    "several_contacts": "Flera kanaler har en kontakt med det numret.",
    "contact_over": "Kontakten är avslutad.",
    "no_way_of_ours": "Vi kan inte skriva i kanalen: personalen skriver där själv.",
    "replaced": "Ett senare förslag gäller i stället.",
    # of consent
    "consent_given": "Patienten har sagt ja.",
    "consent_refused": "Patienten har sagt nej.",
    "consent_unknown": "Inget säger att patienten har sagt ja.",
    "consent_withdrawn": "Patienten har sagt nej sedan dess.",
    "consent_elsewhere": "Samtycket gavs till en annan enhet och gäller bara där.",
    "guardian_consent_lapsed": "Vårdnadshavarens samtycke upphörde på 13-årsdagen.",
    "guardian_consent_not_counted": "Regionen räknar inte en vårdnadshavares samtycke till personalen.",
    # of what a patient wishes
    "wish_set": "Det valdes av någon som får välja det.",
    "wish_withdrawn": "Det togs tillbaka eller besvarades med nej och upphör genast.",
    "same_wish": "Så var det redan.",
    "newer_held": "Ett nyare besked gäller.",
    "newer_from_another": "Det ersätter ett annat besked, från ett annat system.",
    # of a visit and its form
    "agreed": "Form och tid är överenskomna med patienten.",
    "not_agreed": "Besökets form är inte överenskommen med patienten.",
    "agreement_unknown": "Inget säger att besökets form är överenskommen.",
    "not_fit_for_form": "Vården har bedömt att besöket inte kan hållas i den formen.",
    "fitness_unknown": "Ingen har bedömt om besöket kan hållas i den formen.",
    "e_id_unknown": "Ingen har försäkrat sig om att patienten har e-legitimation.",
    "asked_anew": "Personalen har fått en ny uppgift i stället.",
    "allowed_by_unit": "Enheten låter invånaren göra det på 1177.",
    "not_allowed_by_unit": "Enheten har inte öppnat det för invånaren på 1177.",
    "not_carried_out": "Det går inte genom 1177 än: enheten gör det.",
    # of what a resident asks for by themselves on 1177
    "no_such_booking": "Patienten har ingen sådan bokning på enheten.",
    "other_system": "Ett annat system har bokningen, eller en för samma besök.",
    "too_late": "Det är för nära besöket för 1177: enheten gör det.",
    "letter_used": "Kallelsen är inte öppen, eller så är en tid redan bokad från den.",
    "letter_expired": "Den öppna kallelsen har gått ut.",
    "no_time_yet": "En öppen kallelse har ingen tid att ändra: en bokas från den.",
    "time_unclear": "Tiden saknas, eller slutar innan den börjar.",
    "time_passed": "Tiden har redan varit.",
    "asked_before": "Journalsystemet fick frågan, men svaret kom bort: den ställs igen.",
    "not_settled": "Det går inte att se på journalsystemets svar hur det gick: personal och drift ser efter.",
    "time_taken": "Någon annan har redan tagit tiden.",
    "time_not_offered": "Journalsystemet erbjuder inte tiden.",
    "no_such_performer": "Ingen av dem som tiden söktes hos går att boka där.",
    "not_by_patient": "Personalen på 1177 ser inga tider som patienten väljer själv.",
    "not_by_staff_of_1177": "Personalen på 1177 bokar åt invånaren, men ändrar och avbokar inget.",
    # of a reminder
    "reminder": "Besöket är snart, och patienten har sagt ja till påminnelser.",
    "no_booked_time": "Det finns ingen bokad tid att påminna om.",
    "reminded": "Påminnelsen om den här tiden har skickats.",
    "too_early": "Det är inte dags än.",
    "quiet_hours": "Den väntar tills de tysta timmarna är över.",
    "pointless": "Den skulle komma för sent för att vara till nytta.",
    # of a contact's registration
    "is_a_visit": "Kontakten ersätter ett besök, var överenskommen, och avgiften var känd.",
    "replaces_no_visit": "Kontakten ersätter inget besök med samma innehåll.",
    "not_booked_or_agreed": "Kontakten var varken bokad eller överenskommen.",
    "fee_not_known": "Patienten kände inte till avgiften i förväg.",
    "visit_unknown": "För lite är känt för att det ska räknas som ett besök.",
    # of images
    "own_file": "Den som lade filen där får läsa den.",
    "others_file": "Bara den som lade filen där får läsa den.",
    "stored": "Filen ligger i mellanlagringen.",
    "storage_not_appointed": "Regionen har inte bestämt att filer får hämtas hit.",
    "file_deleted": "Filens tid är slut: den hämtas på nytt från sin källa.",
    "contact_of_patient": "Ärendet hör till den patient som personalen angav.",
    "contact_of_other": "Ärendet hör inte till den patient som personalen angav.",
    "contact_of_nobody": "Kanalen säger inte vems ärendet är.",
    "journalled_after_death": "Patienten har avlidit; det som hen skickade får ändå journalföras.",
    "files_awaited": "Fler filer är på väg.",
    "file_lapses": "Filens tid är snart slut, och den är inte i journalen än.",
    "file_discarded": "Den som filen hör till har tagit bort den.",
    "file_journalled": "Filen är i journalen och borttagen ur mellanlagringen.",
    "file_wished_again": "Den hämtas på nytt från sin källa, på begäran.",
    "file_lies_there": "Den behöver inte hämtas: den ligger där eller är på väg.",
    "attachment_gone": "Originalet finns inte längre kvar i sin källa.",
    "file_not_fetched": "Källan lämnade inte ut filen.",
    "file_not_opened": "Filen går inte att öppna: den hämtas på nytt från sin källa.",
    # of what a file is found to be
    "kind_kept": "Filen är av en sort som regionen sparar.",
    "kind_not_kept": "Filen är av en sort som regionen inte sparar.",
    "empty_file": "Filen är tom.",
    "file_too_big": "Filen är större än regionen tillåter.",
    "file_infected": "Viruskontrollen hittade något skadligt i filen.",
    "scanned_clean": "Viruskontrollen hittade inget i filen.",
    "not_scanned": "Filen är inte kontrollerad för virus; regionen låter den lämnas ut.",
    "scan_awaited": "Filen väntar på viruskontroll.",
    "never_scanned": "Filen kunde inte kontrolleras för virus och sparas inte.",
    "preview_made": "Det går att visa en liten bild av den.",
    "no_preview": "Det går inte att visa en liten bild av den.",
    # of what a source tells, and no longer tells
    "within_source": "Systemet får berätta om det.",
    "type_not_for_source": "Regionen låter inte systemet berätta om det.",
    "unit_not_for_source": "Regionen låter inte systemet tala för den enheten.",
    "too_many_notices": "Fler aviseringar skulle gå på en timme än regionen tillåter.",
    "gone_from_source": "Journalsystemet har inte längre besöket.",
    "too_many_gone": "Mer saknas hos journalsystemet än vad som kan stämma.",
    # of staff who log in
    "staff_known": "Inloggningen är tillräckligt säker.",
    "commission_for_care": "Uppdraget är för vård och behandling.",
    "no_commission": "Inloggningen gjordes utan uppdrag.",
    "commission_for_other": "Uppdraget är för något annat än vård.",
    "case_at_unit": "Ärendet finns på uppdragets enhet.",
    "case_elsewhere": "Ärendet finns på en annan enhet än uppdragets.",
    "figures_shown": "Siffrorna är för den egna enheten eller för regionen.",
    "figures_of_other": "Siffrorna är för en enhet som uppdraget inte gäller.",
    "session_idle": "Inloggningen användes inte på för länge.",
    "session_too_long": "Inloggningen är för gammal.",
    # of whoever checks in by mobile
    "checked_in": "Patienten har checkat in med mobilen: journalsystemet får veta det.",
    "visit_gone": "Besöket finns inte längre.",
    "not_today": "Besöket är en annan dag.",
    "not_on_site": "Besöket hålls inte på enheten.",
    "at_the_desk": "Besöket checkas bara in i receptionen.",
    "arrival_refused": "Journalsystemet sa nej: receptionen ordnar det.",
    "arrival_known": "Journalsystemet visste det redan: receptionen hann före.",
    # whether a digital visit is joined
    "not_digital": "Besöket hålls inte längre som video eller chatt.",
    "joined_elsewhere": "Anslutningens adress är en som regionen inte har listat för plattformen.",
    "no_way_in": "Det är inte angivet var man ansluter till besöket.",
}
"""What each of `routine.reasons.Reason` says, in Swedish."""

_NO_ANSWER = (
    "Det andra systemet svarade inte som det skulle.",
    "The other system did not answer as it should.",
)
_SAID_NO = ("Det andra systemet sa nej.", "The other system said no.")
_TO_MEND = ("Något behöver rättas av driften.", "Ops have something to mend.")
_STORAGE = ("Mellanlagringen fungerade inte just då.", "The storage did not work just then.")
_FILE_LOST = ("Det som låg där går inte att öppna.", "What lay there cannot be opened.")
_LOGIN = ("Inloggningen gick inte att kontrollera.", "The login could not be verified.")
_UNPROVEN = ("Det är inte känt om det kom fram.", "It is not known whether it arrived.")
_UNNAMED = ("Inget förslag med det numret har kommit.", "No proposal of that id has come.")

_ALIKE: Mapping[tuple[str, str], str] = {
    _NO_ANSWER: "answer_lost malformed_answer unreachable overloaded system_down connect_timeout connection_lost "
    "deadline technical_error gate_too_old not_as_in_index mail_deferred twin_in_flight too_slow",
    _SAID_NO: "index_refused inbox_refused form_refused call_refused sms_refused mail_refused vas_refused "
    "channel_refused too_many_times",
    _TO_MEND: "not_in_an_address storage_not_there storage_not_authorised unit_not_connected unsendable_text "
    "engagement_taken certificate_refused tls_failed not_authorised logical_address_missing version_not_supported "
    "platform_misconfigured protocol_refused bad_address mail_sender_refused idempotency_conflict does_not_open "
    "internal_error no_step log_refused log_without_unit log_number_too_long",
    _STORAGE: "storage_full storage_unwritable storage_failed name_taken child_lost child_failed keys_unreachable",
    _FILE_LOST: "keys_gone file_gone file_changed",
    _LOGIN: "login_too_late login_not_verified",
    _UNPROVEN: "unknown_effect parked",
    _UNNAMED: "proposal_unknown",
}
_OWN_WORDS: Mapping[str, tuple[str, str]] = {
    "conversation_unknown": (
        "Plattformen har ingen sådan konversation.",
        "The platform has no such conversation.",
    ),
    "conversation_closed": ("Konversationen är stängd på plattformen.", "The conversation is closed there."),
    "note_signed": (
        "Anteckningen är signerad och tas inte tillbaka.",
        "The note is signed, and is not taken back.",
    ),
    "another_question": (
        "Svaret gällde en annan sorts fråga.",
        "The answer was to another kind of question.",
    ),
    "referral_declined": ("Hänvisningen kom inte fram.", "The referral was turned away on its way."),
    "patient_not_named": ("Kanalen säger inte vem som skrev.", "The channel does not say who wrote."),
    "known": ("Det var redan känt.", "It was known already."),
    "from_patient": ("Från patienten.", "By the patient."),
    "from_staff": ("Från personalen.", "By staff."),
    "declined": ("En människa har sett att det inte är gjort.", "A human has seen that it is not done."),
    "done": ("Det är gjort.", "It is done."),
    "not_sent": ("Det hade inte skickats och skickas igen.", "It had not been sent, and is sent again."),
    "arrived": ("En människa har sett att det kom fram.", "A human has seen that it arrived."),
    "not_arrived": (
        "En människa har sett att det inte kom fram; det skickas igen.",
        "A human has seen that it did not arrive; it is sent again.",
    ),
    "leads_changed": ("Påminnelser går nu vid andra tider.", "Reminders go at other times now."),
    "retry": ("En människa har låtit det gå vidare.", "A human has let it go on."),
    "applied": ("Det gäller från nu.", "It holds from now on."),
    "older_version": ("Det var äldre än det som redan gällde.", "It was older than what held already."),
    "spread": ("Det gäller allt som rör personen eller enheten.", "It holds for all of the person or unit."),
    "same_as_index": (
        "Indexet har detsamma som vi skulle ha lagt dit.",
        "The index has what we would have put.",
    ),
    "differs_from_index": (
        "Indexet har något annat än vi skulle ha lagt dit.",
        "The index has something else than we would have put.",
    ),
}
CODES: Mapping[str, tuple[str, str]] = {
    **{code: words for words, codes in _ALIKE.items() for code in codes.split()},
    **_OWN_WORDS,
}
"""What came of calls and events, in Swedish and English: the codes of docs/reasons.md that no rule gives."""


def why(code: str, language: str = "sv") -> str:
    """A reason in words; "" where there is none, or where an earlier version gave it.

    Args:
        code: as a timeline has it.
        language: 'sv' or 'en'.
    """
    if code in CODES:
        return CODES[code][0 if language == "sv" else 1]
    if code not in RULES:
        return ""
    return RULES[code] if language == "sv" else reason_of(code).explanation
