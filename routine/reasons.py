"""Every reason that a rule gives: its code, and what it means to a reader.

A reason never says that an identity is protected, and holds no value of a patient's. Ages are as in Halland.
"""

from __future__ import annotations

from enum import StrEnum


class Reason(StrEnum):
    """A code such as `visit_booked`, and its `explanation`."""

    explanation: str

    def __new__(cls, code: str, explanation: str) -> Reason:
        reason = str.__new__(cls, code)
        reason._value_ = code
        reason.explanation = explanation
        return reason

    # why something is done
    BOOKED_VISIT = "booked_visit", "A booked visit that is still to come."
    CALL_LETTER = "call_letter", "A call letter, timed or open, that still holds."
    VISIT_BOOKED = "visit_booked", "A visit was booked."
    VISIT_REBOOKED = "visit_rebooked", "A visit was booked in the place of one that was cancelled."
    TIME_CHANGED = "time_changed", "The time of a visit was changed."
    TIME_MAY_HAVE_CHANGED = (
        "time_may_have_changed",
        "A visit was changed, and what it was before is not known.",
    )
    TIME_CHANGED_BY_UNKNOWN = (
        "time_changed_by_unknown",
        "The time of a visit that the patient had booked was changed, and nobody says by whom.",
    )
    HELD_OTHERWISE = "held_otherwise", "The visit is somewhere else, in another form or on another platform."
    PATIENT_CORRECTED = (
        "patient_corrected",
        "The booking is another patient's, and was made for this one by mistake.",
    )
    VISIT_CANCELLED = "visit_cancelled", "A visit was cancelled, not by the patient as far as is known."
    OPEN_CALL_LETTER = "open_call_letter", "The resident can book a time from an open call letter."
    SOMETHING_TO_DO = "something_to_do", "The resident has something to do in the system."
    NEW_INFORMATION = "new_information", "There is new information for the resident in the system."
    DIGITAL_CALL_LETTER = "digital_call_letter", "Every visit has a digital call letter."
    VIDEO_VISIT = "video_visit", "A video visit has a digital call letter every time."
    NOT_ACTIVE_ON_1177 = "not_active_on_1177", "The resident does not use 1177."
    UNREACHABLE_ON_1177 = "unreachable_on_1177", "1177 could not be reached, and the tries are used up."
    PAPER_BY_SETTING = (
        "paper_by_setting",
        "The unit or the region sends paper beside the digital call letter.",
    )
    PAPER_STALE = "paper_stale", "The letter on paper that the patient has says what no longer holds."
    PAIRED = "paired", "A cancelled and a booked visit of one patient are one rebooking."
    # why something is not done
    REPLAY = "replay", "Part of a load of visits already booked, so no news."
    ECHO = "echo", "The echo of a change that was asked for through us."
    WAITED_FOR_AT_1177 = (
        "waited_for_at_1177",
        "Whoever asked for it waits at 1177 for how it ends, and may hear it there.",
    )
    TOLD_AT_ONCE = "told_at_once", "Whoever asked for it heard at 1177, while they waited, how it ended."
    NOT_TOLD_AT_ONCE = (
        "not_told_at_once",
        "Whoever asked for it had left 1177 when it ended, and hears of it by a notice.",
    )
    CANCELLED = "cancelled", "The visit is cancelled."
    CANCELLED_BY_PATIENT = "cancelled_by_patient", "The patient cancelled it and knows."
    CHANGED_BY_PATIENT = "changed_by_patient", "The patient chose the new time and knows."
    NEVER_HEARD = "never_heard", "Nothing of the booking had reached the patient."
    SAME_TIME = "same_time", "The change moved no time, and nothing else that the resident acts on."
    PART_OF_REBOOKING = "part_of_rebooking", "The visit booked in its place has the notice."
    SAME_VISIT = (
        "same_visit",
        "Another system's booking of the same visit, as one of them says, stands for it.",
    )
    LIKE_VISIT = (
        "like_visit",
        "Another system's booking of the same patient, unit and time stands for the visit.",
    )
    ONLY_BOOKING = "only_booking", "No other system's booking stands for the visit."
    SAME_SERIES = "same_series", "Another visit of the same series has the notice."
    PASSED = "passed", "The time has come or gone, or the call letter has run out."
    DECEASED = "deceased", "The patient is deceased."
    UNIT_IN_SHADOW = "unit_in_shadow", "The unit is in shadow: worked out, and not sent."
    NOTICE_GONE = "notice_gone", "What became of the notice was settled before it was withdrawn."
    WITHDRAWN = (
        "withdrawn",
        "Whoever asked for the notice has withdrawn it: it is done, or of no use any more.",
    )
    RESERVNUMMER = "reservnummer", "The patient cannot log in to 1177 with a reservnummer: paper and phone."
    NOTIFIED_BY_1177 = "notified_by_1177", "1177 itself gives the notice."
    NOTICE_NOT_WISHED = "notice_not_wished", "The resident has no way of contact with notices switched on."
    CONTACT_UNUSABLE = "contact_unusable", "Notices are wished, but to no mobile number or e-mail address."
    CONTACT_OWNER_UNKNOWN = (
        "contact_owner_unknown",
        "Whose the contact data is, the child's or a guardian's, is unknown.",
    )
    GUARDIAN_CONTACT_LAPSED = (
        "guardian_contact_lapsed",
        "The contact data is a guardian's, from before the 13th birthday.",
    )
    PRINTED = "printed", "The journal system has printed the call letter."
    REACHED_ON_1177 = "reached_on_1177", "The digital call letter takes the place of paper."
    NOT_PAIRED = "not_paired", "No visit was booked in the place of the cancelled one."
    NOT_BULK = "not_bulk", "Too few events at once for a bulk load."
    # why a person is asked to act, or the case waits
    NOT_REACHED = "not_reached", "A message has not arrived, or there is no way left for it to go."
    NO_ADDRESS = "no_address", "The region's file does not say where patients log in to the system."
    MANUAL_HANDLING = "manual_handling", "Staff tell the patient in the way that their own routine says."
    DIGITAL_ONLY_UNREACHABLE = (
        "digital_only_unreachable",
        "Digital only is wished, and 1177 does not reach.",
    )
    STANDS_ELSEWHERE = "stands_elsewhere", "The visit is cancelled in one system and stands in another."
    LETTER_ASTRAY = "letter_astray", "A call letter has gone to a patient whom the booking was not meant for."
    PERSON_UNKNOWN = "person_unknown", "The person register has not answered."
    GUARDIAN_UNKNOWN = "guardian_unknown", "The person register has not said who the guardians are."
    CONTACT_UNKNOWN = "contact_unknown", "The resident's contact data has not been had."
    PORTAL_UNKNOWN = "portal_unknown", "1177 has not said whether the resident uses it."
    REBOOKING_POSSIBLE = "rebooking_possible", "A new time may follow within the window for rebookings."
    UNIT_UNKNOWN = "unit_unknown", "The unit is not in the region file."
    PLATFORM_UNKNOWN = "platform_unknown", "The platform of the visit is not in the region file."
    DEATH_DISPUTED = (
        "death_disputed",
        "The person register says that the patient is deceased, the journal system that this was an error.",
    )
    NOT_DISPUTED = "not_disputed", "No register contradicts the journal system on whether the patient lives."
    # of a text
    NEUTRAL = "neutral", "The text says only that there is something to log in for."
    FOREIGN_LINK = "foreign_link", "The text leads to a place that the region has not listed."
    IDENTITY_NUMBER = "identity_number", "The text has what looks like an identity number."
    PHONE_NUMBER = "phone_number", "The text has what looks like a phone number."
    FORBIDDEN_WORD = "forbidden_word", "The text has a word that must not be in it."
    CLINICAL_WORD = "clinical_word", "The text has a word that tells of care or illness."
    REVEALING_UNIT = "revealing_unit", "The text names a unit whose name reveals the kind of care."
    # of channels (system-1 to 5, val-1)
    APPROVED = "approved", "The channel is approved for this."
    NOT_LISTED = "not_listed", "The channel is not among the region's approved systems."
    NOT_FOR_THIS_USE = "not_for_this_use", "The channel is approved, but not for this use."
    NOT_CHECKED = "not_checked", "No security check is on record for the channel."
    NOT_APPROVED_YET = "not_approved_yet", "The channel's approval begins later."
    NO_LONGER_APPROVED = "no_longer_approved", "The channel's approval has ended."
    NOT_AT_THIS_UNIT = "not_at_this_unit", "The channel is approved at other units only."
    NOT_FOR_THIS_PURPOSE = "not_for_this_purpose", "The channel is approved for other purposes only."
    PURPOSE_UNKNOWN = (
        "purpose_unknown",
        "The channel is for certain purposes only, and this one is not known.",
    )
    NOTHING_IN_THE_WAY = "nothing_in_the_way", "Nothing about the person stands in the way."
    WISH_MET = "wish_met", "The patient has the channel that they wish."
    WISH_UNKNOWN = "wish_unknown", "The patient has wished for no channel, as far as is known."
    WISH_NOT_SECURE = "wish_not_secure", "The channel that the patient wishes is not approved."
    # of children, and of those who act for them (barn-1 to 5)
    GUARDIAN_AS_PROXY = "guardian_as_proxy", "A guardian can be proxy for a child under 13."
    FOR_THEMSELVES = (
        "for_themselves",
        "From 13 the patient acts for themselves, with their own e-identification.",
    )
    TOO_YOUNG = "too_young", "Under 13 a guardian acts for the child."
    TOO_YOUNG_FOR_JOURNAL = "too_young_for_journal", "The own journal is read from 16."
    CHILD_ACTS_ALONE = "child_acts_alone", "From 13 no guardian acts, sees or is told for the child."
    NOT_BY_PROXY = "not_by_proxy", "A proxy on 1177 cannot wish, consent or share for a child under 13."
    ROLE_UNKNOWN = "role_unknown", "In whose right the person acts is not known."
    NOT_A_GUARDIAN = "not_a_guardian", "Only a guardian, or the patient, can do this."
    AGE_UNKNOWN = "age_unknown", "The patient's age is not known."
    # of a contact and its answer (patient-1 to 4, byte-5, suicid-1)
    SAME_CHANNEL = "same_channel", "The patient is answered in the channel that they chose."
    OTHER_CHANNEL = "other_channel", "The answer left the channel that the patient chose."
    ASKED_TO_CALL = "asked_to_call", "The answer asks the patient to call, and gives no special reason."
    SPECIAL_REASON = "special_reason", "The answer asks the patient to call, for a special reason."
    CALLING_UNKNOWN = "calling_unknown", "Whether the answer asks the patient to call is not known."
    CHANNEL_NOT_APPROVED = "channel_not_approved", "The patient wrote by a way that care may not use."
    REFERRAL_OFF = "referral_off", "The unit refers patients itself: no referral is sent for it."
    REFERRED_TODAY = "referred_today", "The address has had the referral today."
    NO_REPLY_ADDRESS = "no_reply_address", "There is no address to answer to."
    READY_SERVICE = "ready_service", "There is a ready service for the errand."
    DIALOGUE_WISHED = "dialogue_wished", "The patient asks for dialogue, or nothing says otherwise."
    NO_SUCH_SERVICE = "no_such_service", "1177 has no such service for this unit and this age."
    SERVICE_UNKNOWN = "service_unknown", "1177 has not said whether it has the service."
    RISK_OF_SUICIDE = "risk_of_suicide", "A human is needed at once."
    NO_RISK_KNOWN = "no_risk_known", "Nothing says that a human is needed at once."
    ACKNOWLEDGED = "acknowledged", "A human has the alert."
    ON_CALL = "on_call", "Whoever is next on the list for alerts."
    NOBODY_ON_CALL = "nobody_on_call", "There is no list for alerts: the same staff are alerted again."
    HUMAN_FIRST = "human_first", "Nothing goes by itself until a human has acted."
    ANSWERED_IN_TIME = "answered_in_time", "The contact is answered, or its time to be has not come."
    UNANSWERED = "unanswered", "The contact has waited longer for an answer than the unit allows."
    # of a change of channel (byte-1 to 6, patient-3)
    SAFER_ASSESSMENT = "safer_assessment", "Talking makes a safer assessment."
    NO_SAFER_ASSESSMENT = "no_safer_assessment", "Nobody has judged that talking makes a safer assessment."
    ADDED_VALUE = "added_value", "The change adds value for the patient."
    NO_ADDED_VALUE = "no_added_value", "Nobody has judged that the change adds value for the patient."
    KEY_PRESS = "key_press", "The patient has pressed the key for a link."
    NO_KEY_PRESS = "no_key_press", "The patient has pressed no key for a link."
    CALLER_UNKNOWN = "caller_unknown", "The call is from no mobile number that a link could be sent to."
    TEXTED_ENOUGH = "texted_enough", "The number has had as many links today as it may."
    NO_CHANGE = "no_change", "The contact is in that channel already."
    NOT_OFFERED = "not_offered", "The unit does not offer the channel."
    NO_E_ID = "no_e_id", "The patient has no e-identification."
    ANSWERED_WITH_NUMBER = "answered_with_number", "The patient answered the question with one phone number."
    NOT_ONE_NUMBER = "not_one_number", "The answer has no phone number, or more than one."
    WORD_OF_REFUSAL = "word_of_refusal", "The answer has a word of refusal in it."
    MORE_THAN_A_NUMBER = "more_than_a_number", "The answer has other figures that may mean something else."
    NOT_SURELY_YES = "not_surely_yes", "The answer says more than a number and a yes."
    FOREIGN_NUMBER = "foreign_number", "The number is foreign, or dearer to call than others."
    NOT_ASKED = "not_asked", "The question has not been put."
    LOGGED_IN = "logged_in", "The link was followed, and the patient logged in."
    SAYS_STOP = "says_stop", "By SMS the patient wants no more of them: staff take the consent back."
    SAYS_SOMETHING_ELSE = "says_something_else", "The SMS does not begin with STOPP: staff read it."
    ALREADY_ANSWERED = "already_answered", "Staff have answered by now: nothing goes by itself after them."
    AUTOMATIC_SENDER = "automatic_sender", "A machine wrote it, or we ourselves: it is never answered."
    REFERRED_BY_STAFF = "referred_by_staff", "The first answer there refers the patient, as the task says."
    NOT_PRINTABLE = "not_printable", "The text has a character that is not seen as it stands."
    LEFT_IN_VAS = (
        "left_in_vas",
        "The note is signed, or it is not known whether it is there: staff see to it.",
    )
    CALLER_IN_QUEUE = (
        "caller_in_queue",
        "The link could not be handed over in the call, which went on to a human.",
    )
    CALLER_HAS_NO_LINK = (
        "caller_has_no_link",
        "A key was pressed, and the call was over before the link could go.",
    )
    LINK_NOT_FOLLOWED = "link_not_followed", "The link has not been followed."
    NOT_LOGGED_IN = "not_logged_in", "The link was followed, and nobody has logged in."
    LOGIN_TOO_WEAK = "login_too_weak", "The login was weaker than the region demands."
    LOGIN_NOT_VOUCHED = (
        "login_not_vouched",
        "A login was told of by one who cannot vouch for it: it counts for nothing.",
    )
    LOGIN_BY_ANOTHER = "login_by_another", "Someone else than the patient logged in."
    LINK_EXPIRED = "link_expired", "The link's time is over."
    LINK_USED = "link_used", "The link has been used already."
    STAYS = "stays", "The contact stays in the channel that the patient chose."
    DOCUMENTED = "documented", "The consent is documented in the journal."
    NOT_DOCUMENTED = "not_documented", "The consent need not be documented in the journal."
    OVERRIDDEN = "overridden", "Staff have gone past the rule, for a reason that they gave."
    OVERRIDE_WITHOUT_REASON = "override_without_reason", "To go past a rule takes a reason."
    NOT_TO_OVERRIDE = "not_to_override", "No reason opens this: staff act by themselves, not through us."
    CONTACT_NOT_KNOWN = "contact_not_known", "No channel has told of a contact with that id."
    SEVERAL_CONTACTS = "several_contacts", "Several channels have a contact with that id."
    CONTACT_OVER = "contact_over", "The contact is closed."
    NO_WAY_OF_OURS = "no_way_of_ours", "We have no way into the channel: staff write there by themselves."
    REPLACED = "replaced", "A later proposal has taken its place."
    # of consent (samtycke-1, 2, paminnelse-1, 2)
    CONSENT_GIVEN = "consent_given", "The patient has consented."
    CONSENT_REFUSED = "consent_refused", "The patient has said no."
    CONSENT_UNKNOWN = "consent_unknown", "Nothing says that the patient has consented."
    CONSENT_WITHDRAWN = "consent_withdrawn", "The patient has said no since it was carried out."
    CONSENT_ELSEWHERE = "consent_elsewhere", "The consent was given to another unit, for that unit."
    GUARDIAN_CONSENT_LAPSED = "guardian_consent_lapsed", "A guardian's consent ended on the 13th birthday."
    GUARDIAN_CONSENT_NOT_COUNTED = (
        "guardian_consent_not_counted",
        "The region does not count a guardian's consent to staff.",
    )
    # of what a patient wishes (onskemal-1, paminnelse-2, barn-5)
    WISH_SET = "wish_set", "It was set by someone who may."
    WISH_WITHDRAWN = "wish_withdrawn", "It was withdrawn, or answered with no: it ends at once."
    SAME_WISH = "same_wish", "It stood so already."
    NEWER_HELD = "newer_held", "A newer word on it is held."
    NEWER_FROM_ANOTHER = "newer_from_another", "It takes the place of another word, from another system."
    # of a visit and its form (vard-1 to 3, besok-3, 4)
    AGREED = "agreed", "Form and time are agreed with the patient."
    NOT_AGREED = "not_agreed", "The form of the visit is not agreed with the patient."
    AGREEMENT_UNKNOWN = "agreement_unknown", "Nothing says that the form of the visit is agreed."
    NOT_FIT_FOR_FORM = "not_fit_for_form", "Care has judged that the visit cannot be held in this form."
    FITNESS_UNKNOWN = "fitness_unknown", "Nobody has judged whether the visit can be held in this form."
    E_ID_UNKNOWN = "e_id_unknown", "Nobody has made sure that the patient has e-identification."
    ASKED_ANEW = (
        "asked_anew",
        "Staff have a new task in its place: the visit is near, or something else is amiss.",
    )
    ALLOWED_BY_UNIT = "allowed_by_unit", "The unit lets the resident do this on 1177."
    NOT_ALLOWED_BY_UNIT = "not_allowed_by_unit", "The unit has not opened this to the resident on 1177."
    NOT_CARRIED_OUT = "not_carried_out", "We do not carry it out for 1177 yet: the unit does it."
    # of what a resident asks for by themselves on 1177 (policy-sjalvservice-1)
    NO_SUCH_BOOKING = "no_such_booking", "The patient has no such booking at the unit."
    OTHER_SYSTEM = "other_system", "Another system has the booking, or one of the same visit."
    TOO_LATE = "too_late", "It is too near the visit for 1177: the unit does it."
    LETTER_USED = "letter_used", "The call letter is no open one, or a time has been booked from it."
    LETTER_EXPIRED = "letter_expired", "The open call letter has run out."
    NO_TIME_YET = "no_time_yet", "An open call letter has no time to change: one is booked from it."
    TIME_UNCLEAR = (
        "time_unclear",
        "The time that is asked for is left out, or does not end after it begins.",
    )
    TIME_PASSED = "time_passed", "The time that is asked for has come or gone."
    ASKED_BEFORE = (
        "asked_before",
        "The journal system was asked, and its answer was lost: it is asked again, under the same key.",
    )
    NOT_SETTLED = (
        "not_settled",
        "Nobody can tell by the journal system's answers what became of it: staff and ops see to it.",
    )
    TIME_TAKEN = "time_taken", "Somebody else has the time by now."
    TIME_NOT_OFFERED = "time_not_offered", "The journal system does not offer the time."
    NO_SUCH_PERFORMER = "no_such_performer", "Nobody whom the time is asked for with can be booked there."
    NOT_BY_PATIENT = "not_by_patient", "Staff of 1177 are shown no times that are chosen by the patient."
    NOT_BY_STAFF_OF_1177 = (
        "not_by_staff_of_1177",
        "Staff of 1177 book for a resident; what is booked they neither move nor cancel.",
    )
    # of a reminder (paminnelse-1, besok-5, distans-3)
    REMINDER = "reminder", "The visit is soon, and the patient has consented to be reminded."
    NO_BOOKED_TIME = "no_booked_time", "There is no booked time to remind of."
    REMINDED = "reminded", "The reminder of this time has gone."
    TOO_EARLY = "too_early", "The time for it has not come."
    QUIET_HOURS = "quiet_hours", "It is held until the quiet hours are over."
    POINTLESS = "pointless", "When it could go, it would come too late to be of use."
    # of a contact's registration (distans-1, 2)
    IS_A_VISIT = "is_a_visit", "It replaces and matches a clinic visit, was agreed, and the fee was known."
    REPLACES_NO_VISIT = "replaces_no_visit", "It does not replace a clinic visit of the same content."
    NOT_BOOKED_OR_AGREED = "not_booked_or_agreed", "It was neither booked nor agreed."
    FEE_NOT_KNOWN = "fee_not_known", "The patient did not know of the fee beforehand."
    VISIT_UNKNOWN = "visit_unknown", "Too little is known for a visit, from which a fee would follow."
    # of images (bilder-1 to 4)
    OWN_FILE = "own_file", "Whoever put the file there may read it."
    OTHERS_FILE = "others_file", "Only the one who put the file there may read it."
    STORED = "stored", "The file lies in the intermediate storage."
    STORAGE_NOT_APPOINTED = "storage_not_appointed", "The region has not appointed the intermediate storage."
    FILE_DELETED = "file_deleted", "The file's time is over: it is fetched anew from its source."
    CONTACT_OF_PATIENT = "contact_of_patient", "The contact is the patient's whom staff named."
    CONTACT_OF_OTHER = "contact_of_other", "The contact is not the patient's whom staff named."
    CONTACT_OF_NOBODY = "contact_of_nobody", "The contact's channel does not say whose it is."
    JOURNALLED_AFTER_DEATH = (
        "journalled_after_death",
        "The patient has died; what they sent may still be journalled.",
    )
    FILES_AWAITED = "files_awaited", "More files of the transfer are on their way."
    FILE_LAPSES = "file_lapses", "The file's time is soon over, and it is not in the journal yet."
    FILE_DISCARDED = "file_discarded", "The one whose file it is has deleted it."
    FILE_JOURNALLED = (
        "file_journalled",
        "The file is in the journal: what lay of it in the storage is gone, or was already.",
    )
    FILE_WISHED_AGAIN = (
        "file_wished_again",
        "It is fetched anew from its source, as the one whose file it is wishes.",
    )
    FILE_LIES_THERE = "file_lies_there", "It need not be fetched: it lies in the storage, or is on its way."
    ATTACHMENT_GONE = "attachment_gone", "Its source has the original no more."
    FILE_NOT_FETCHED = (
        "file_not_fetched",
        "Its source did not give the file, however often it was asked: it does not take our token, say.",
    )
    FILE_NOT_OPENED = (
        "file_not_opened",
        "What lies in the storage cannot be opened: it is fetched anew from its source.",
    )
    # of what a file is found to be (policy-bild-1 to 3)
    KIND_KEPT = "kind_kept", "The file is of a kind that the region keeps."
    KIND_NOT_KEPT = "kind_not_kept", "The file is of no kind that the region keeps, whatever it is called."
    EMPTY_FILE = "empty_file", "The file is empty."
    FILE_TOO_BIG = "file_too_big", "The file is larger than the region allows."
    FILE_INFECTED = "file_infected", "The scanner found something harmful in the file."
    SCANNED_CLEAN = "scanned_clean", "The scanner has looked at all of the file, and found nothing."
    NOT_SCANNED = "not_scanned", "No scanner has looked at the file; the region lets it be given out."
    SCAN_AWAITED = "scan_awaited", "No scanner has looked at the file; the region holds it until one has."
    NEVER_SCANNED = (
        "never_scanned",
        "No scanner has looked at the file, or can; the region gives none such out, and it is kept no longer.",
    )
    PREVIEW_MADE = "preview_made", "A small picture of it can be drawn."
    NO_PREVIEW = "no_preview", "No small picture is drawn of a file of this kind, or with these marks."
    # of what a source tells, and no longer tells
    WITHIN_SOURCE = "within_source", "The source may tell of it."
    TYPE_NOT_FOR_SOURCE = (
        "type_not_for_source",
        "The region does not let this source tell of that: kept, not acted on.",
    )
    UNIT_NOT_FOR_SOURCE = (
        "unit_not_for_source",
        "The region does not let this source speak for that unit: kept, not acted on.",
    )
    TOO_MANY_NOTICES = (
        "too_many_notices",
        "More notices, referrals or reminders would follow from this source in an hour than the region allows.",
    )
    GONE_FROM_SOURCE = "gone_from_source", "The journal system no longer lists the visit."
    TOO_MANY_GONE = "too_many_gone", "More is missing over there than can be true."
    # of staff who log in (policy-personal-1)
    STAFF_KNOWN = "staff_known", "The member of staff is logged in, and surely enough."
    COMMISSION_FOR_CARE = "commission_for_care", "The member of staff has a commission to care for patients."
    NO_COMMISSION = "no_commission", "The member of staff logged in without a commission."
    COMMISSION_FOR_OTHER = "commission_for_other", "The commission is for something else than care."
    CASE_AT_UNIT = "case_at_unit", "The case is at the unit of the commission."
    CASE_ELSEWHERE = "case_elsewhere", "The case is at another unit than that of the commission."
    SESSION_IDLE = "session_idle", "The login was not used for too long."
    SESSION_TOO_LONG = "session_too_long", "It was too long ago that the member of staff logged in."
    FIGURES_SHOWN = "figures_shown", "The figures are of their own unit, or of the region."
    FIGURES_OF_OTHER = "figures_of_other", "The figures are of a unit that their commission is not at."
    # of whoever checks in by mobile (policy-incheckning-1)
    CHECKED_IN = "checked_in", "The patient has checked in by mobile: the journal system is told."
    VISIT_GONE = "visit_gone", "The visit does not stand any more."
    NOT_TODAY = "not_today", "The visit is on another day."
    NOT_ON_SITE = "not_on_site", "The visit is not held at the unit."
    AT_THE_DESK = "at_the_desk", "The visit is checked in at the desk only."
    ARRIVAL_REFUSED = "arrival_refused", "The journal system has refused it: the desk settles it."
    ARRIVAL_KNOWN = "arrival_known", "The journal system knew of it: the desk was quicker."
    # whether a digital visit is joined
    NOT_DIGITAL = "not_digital", "The visit is not held by video or chat any more: there is nothing to join."
    JOINED_ELSEWHERE = (
        "joined_elsewhere",
        "The address to join by is at a host that the region has not listed for its platform.",
    )
    NO_WAY_IN = "no_way_in", "Neither the booking nor the region's file says where the visit is joined."


def reason_of(code: str) -> Reason:
    """The reason with this code.

    Raises:
        KeyError: there is none.
    """
    return {str(reason): reason for reason in Reason}[code]
