"""The names that a decision may cite: clauses of the routine, and policies of ours where it is silent.

`ROUTINE` names the region's routine "Digital kommunikation med patient" clause by clause, with the policies
settled together with it. `OWN_POLICIES` are those that this project adds: a decision cites one of them rather
than a clause for what the routine does not say.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_NUMBERED: Mapping[str, int] = MappingProxyType(
    {
        "syfte": 3,
        "onskemal": 4,
        "barn": 5,
        "system": 5,
        "skyddade": 2,
        "bilder": 4,
        "besok": 5,
        "val": 2,
        "patient": 4,
        "suicid": 1,
        "vard": 3,
        "samtycke": 2,
        "byte": 6,
        "paminnelse": 2,
        "avisering": 3,
        "dokumentation": 1,
        "uppfoljning": 1,
        "distans": 3,
        "policy-barn": 3,
        "policy-skydd": 2,
        "policy-avisering": 1,
        "policy-hanvisning": 1,
        "policy-suicid": 1,
        "policy-fara": 1,
    }
)

ROUTINE: frozenset[str] = frozenset(
    f"{section}-{number}" for section, last in _NUMBERED.items() for number in range(1, last + 1)
)

OWN_POLICIES: Mapping[str, str] = MappingProxyType(
    {
        "policy-avisering-2": "Only news is told: not a load of visits already booked, not the echo of a "
        "change that was asked for through us, not what the resident did, not what has passed.",
        "policy-avisering-3": "A notice that does not arrive goes on by the next way that the resident wished; with "
        "none left, staff tell of a visit that is near or that was cancelled, and of something to do.",
        "policy-andring-1": "Whatever a resident acts on is told as a changed time is: where the visit is, in which "
        "form, on which platform. A change of the call letter's words alone is a new letter, and no notice.",
        "policy-andring-2": "A booking that was made for the wrong patient is cancelled to the one and booked to the "
        "other, and neither hears of the other; where a call letter has gone astray, staff are told.",
        "policy-dubblett-1": "A visit that two systems tell of is one: one engagement, one letter, one notice. "
        "One says so, whatever times they give, and the time that was set last leads; or patient, unit and start are "
        "the same, however far apart they were told of: one system may be held up for days, and nobody is at one "
        "unit twice at once. Cancelled in one only, staff settle it.",
        "policy-avliden-1": "Nothing is ever sent to or about the deceased.",
        "policy-avliden-2": "Of a death and of its being taken back the newer word holds; while the person register "
        "still says deceased, a person settles it, and nothing is sent.",
        "policy-identitet-1": "Of two merges the newer holds, in everything that is known of a person or a unit, and "
        "in silence: B into A undoes A into B.",
        "policy-reserv-1": "The holder of a reservnummer cannot log in to 1177: paper and phone, by staff.",
        "policy-papper-1": "Paper goes to whoever cannot be reached on 1177, once for a booking and its "
        "time, and never where paper has gone already.",
        "policy-skugga-1": "For a unit in shadow everything is worked out and nothing is sent.",
        "policy-tystnad-1": "In quiet hours nothing is sent that can wait; what would come too late to be of use "
        "is not sent at all.",
        "policy-lank-1": "A link to log in is single-use, bound to the patient, and lives a set time; a login "
        "counts from a set level of assurance, and where one vouches for it who may: our own provider, or the "
        "system that the link leads to, if it has a login of its own.",
        "policy-knapp-1": "A caller's link goes by SMS to the mobile number that they call from, a few times a day "
        "at most: a number can be forged. Who it is, is asked once they have logged in.",
        "policy-samtycke-1": "A consent that was given to the staff of one unit, for that unit, holds there only.",
        "policy-onskan-1": "Of two words on one wish, for all care or at one unit, the newer holds, whichever "
        "system it came from.",
        "policy-svarstid-1": "A contact that waits longer for its answer than the unit allows is shown to ops.",
        "policy-saknad-1": "What the journal system no longer lists is taken off 1177 without a word, a few "
        "at a time: nobody knows who cancelled it.",
        "policy-kalla-1": "A source of webhooks tells of what the region's file lets it: which types, which units, "
        "and how many notices, and how many referrals, may follow in an hour. What is beyond that is kept and shown "
        "to ops, not acted on; a risk of suicide always is.",
        "policy-bild-1": "A file is what a decoder finds in it, not what it is called. Pictures, PDFs and films of "
        "the kinds that the region lists are kept, up to its size; of any other a reason is kept, and nothing else.",
        "policy-bild-2": "What a scanner finds harmful is not kept. What no scanner has looked at is marked so, and "
        "the region says whether it may be given out.",
        "policy-bild-3": "The original is never changed, and leaves the storage as a download only. What has in it "
        "something that may act, or could not be looked into whole, is kept and marked; what cannot be drawn safely "
        "has no preview.",
        "policy-bild-4": "A transfer is of the patient's own contact, in the platform that has the originals; where "
        "that cannot be seen, nothing is fetched, and staff hear why. What somebody had sent who has died may be "
        "journalled: staff document it (dokumentation-1), and only they hear of it.",
        "policy-bild-5": "Whoever asked for files hears once for a transfer that they are there, and once before "
        "their time is over; what is in the journal is removed at once, since the original stays in its source.",
        "policy-personal-1": "Staff log in by SITHS at level 3. Anything about a patient takes a commission for "
        'care, "Vård och behandling", and a case one at its unit; a login ends after 30 minutes without use, and '
        "after 8 hours.",
        "policy-incheckning-1": "Whoever has logged in at a unit's code checks in to a visit that is held there that "
        "day, once; the journal system is told on that day only. With anything else they go to the desk, and the "
        "page says nothing of why.",
        "policy-anslutning-1": "A digital visit is joined by a link of its own and a login, from a set time before "
        "it begins to a set time after its end; the link stays when the visit moves. To whoever cannot join, the "
        "page says what to do; of a visit that is not theirs it shows nothing.",
        "policy-sjalvservice-1": "What a resident books, changes or cancels on 1177 is asked of the journal system, "
        "which has the last word: until a set time before the visit, and from an open call letter once. Staff of "
        "1177 who help a resident book only, and are shown no times that are chosen by the patient. Whoever cannot "
        "is told what to do, and nothing of a booking that is not theirs. What nobody can tell "
        "the end of is with staff in 2.5 hours.",
        "policy-uppfoljning-1": "Staff who care for patients see how their own unit and the region follow the "
        "routine, and no other unit. A number under 5 is shown to nobody, nor what it could be worked out from; only "
        "whole weeks in which nothing changes any more are shown, and children and protected persons only in a sum "
        "of the region.",
        "policy-okand-1": "A booking at a unit that the region file does not list is kept, and waits for a person to "
        "list it; one on a platform that is not listed is shown, told to staff, and waits for ops.",
    }
)

CLAUSES: frozenset[str] = ROUTINE | OWN_POLICIES.keys()
