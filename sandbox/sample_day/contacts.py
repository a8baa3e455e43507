"""The stories of the sample day in which a patient writes, and is answered, referred or guided."""

from __future__ import annotations

from sandbox.people.numbers import phone
from sandbox.sample_day.scene import Day
from sandbox.sample_day.talk import ACKNOWLEDGED, GUIDED, writes
from sandbox.sample_day.units import HALMSTAD, KUNGSBACKA, LAHOLM, UNLISTED

CHANNELS = ("platform24", "hope", "lifecare", "stodbehandling", "e1177")
OWN, UNCHECKED = "local-hjarta", "local-sar"
"""Units' own solutions, of `region.toml`: one that is approved at Halmstad, one whose security nobody has checked."""
RESERVNUMMER = "98240301AA07"
HEARD = (1, ACKNOWLEDGED)
READ = ("channel_not_approved",)
"""Staff read the original at once."""


def answered_where_they_wrote(day: Day) -> None:
    for channel in CHANNELS:
        talk = writes(day, f"Writes in {channel}, and is answered there", channel)
        talk.answered()
        talk.ends(
            "answered", "patient-1, onskemal-2: acknowledged and answered where the patient wrote.", HEARD
        )


def own_solution(day: Day) -> None:
    talk = writes(day, "Writes in the unit's own solution, and is answered there", OWN)
    talk.answered()
    talk.ends(
        "answered",
        "system-4: approved for its purpose, at its unit; by the same wire as the platforms.",
        HEARD,
    )
    talk = writes(day, "Writes in a solution of the unit's that nobody has checked", UNCHECKED)
    talk.ends("open", "system-5: not security-checked, so nothing is sent there; staff read it, and are told.",
              tasks=READ)  # fmt: skip


def not_answered_yet(day: Day) -> None:
    for channel in ("platform24", "e1177"):
        talk = writes(day, f"Writes in {channel}, and waits", channel, urgent=channel == "e1177")
        talk.ends("open", "patient-1: acknowledged; ops see it when it has waited too long.", HEARD)


def writes_again(day: Day) -> None:
    talk = writes(day, "Writes again, and again")
    talk.says("En sak till.", stage=2)
    talk.says("Och en till.")
    talk.answered(stage=4)
    talk.ends("answered", "patient-1: one acknowledgement, however often they write.", HEARD)


def asked_to_call(day: Day) -> None:
    for unit in (HALMSTAD, LAHOLM, LAHOLM):
        talk = writes(day, f"Is answered 'please call us' at {unit.name}", unit=unit)
        talk.answered("Ring oss!", suggests_calling=True)
        talk.ends("answered", "patient-2: not 'please call us'; counted for the unit, not by person.", HEARD,
                  departs=("asked_to_call",))  # fmt: skip


def asked_to_call_for_a_reason(day: Day) -> None:
    talk = writes(day, "Is asked to call at once", text="Det gör väldigt ont.")
    talk.answered("Ring oss genast!", suggests_calling=True, reason="Mycket brådskande")
    talk.ends("answered", "patient-2: great urgency is a special reason, so it is not counted.", HEARD)


def calling_unknown(day: Day) -> None:
    talk = writes(day, "Is answered, and nobody says whether it suggests to call", "hope")
    talk.answered(suggests_calling=None)
    talk.ends("answered", "patient-2: what is not known is not counted.", HEARD)


def answered_by_mail(day: Day) -> None:
    talk = writes(day, "Is answered by e-mail", "mail", reply_address=_mail(day, "besvarad"))
    talk.answered()
    talk.answered("Ta en tablett till.")
    talk.ends("answered", "patient-4: the first refers; to go on there departs, and is counted.", tasks=READ,
              departs=("channel_not_approved",))  # fmt: skip


# --- a way that is not approved


def referred(day: Day) -> None:
    address = _mail(day, "skriver")
    talk = writes(day, "Writes an e-mail", "mail", unit=LAHOLM, reply_address=address)
    talk.ends("open", "patient-4, policy-hanvisning-1: staff read it, and a fixed text names the ways.",
              tasks=READ, notices=((1, {"by": "mail", "to": address}),))  # fmt: skip
    talk = writes(day, "Writes an SMS", "sms", unit=LAHOLM, reply_address=phone(day.now, 0))
    talk.ends("open", "patient-4, policy-hanvisning-1: by the way it came.", tasks=READ,
              notices=((1, {"by": "sms", "to": phone(day.now, 0)}),))  # fmt: skip


def referral_off(day: Day) -> None:
    for channel, address in (("mail", _mail(day, "utan")), ("sms", phone(day.now, 1))):
        talk = writes(
            day, f"Writes by {channel} to a unit that refers by itself", channel, reply_address=address
        )
        talk.ends("open", "patient-4: staff have the task; the unit has not switched our referral on.",
                  tasks=READ)  # fmt: skip


def four_from_one_address(day: Day) -> None:
    to = phone(day.now, 2)
    for at in range(4):
        stage = min(1 + at, 2)
        talk = writes(day, "Writes four SMS in a day", "sms", unit=LAHOLM, reply_address=to, stage=stage)
        talk.ends("open", "policy-hanvisning-1: one referral for an address and a day, a task for each.",
                  tasks=READ, notices=() if at else ((1, {"by": "sms", "to": to}),))  # fmt: skip


def referral_declined(day: Day) -> None:
    for channel, address in (
        ("sms", "inget nummer"),
        ("mail", "ingen adress"),
        ("mail", "mailer-daemon@example.org"),
    ):
        talk = writes(day, f"Writes by {channel} from an address that nobody reads", channel, unit=LAHOLM,
                      reply_address=address)  # fmt: skip
        talk.ends(
            "open", "policy-hanvisning-1: there is nobody to answer, so staff have the task.", tasks=READ
        )
    talk = writes(day, "Writes from an address that the mail server declines", "mail", unit=LAHOLM,
                  reply_address=f"skriver@{day.now:%H%M}_.example.org")  # fmt: skip
    talk.ends("open", "policy-hanvisning-1: declined, so staff offer phone or a visit.",
              tasks=(*READ, "referral_declined"))  # fmt: skip


def strangers(day: Day) -> None:
    to = phone(day.now, 3)
    talk = writes(day, "A stranger writes an SMS", "sms", unit=LAHOLM, number=None, reply_address=to)
    talk.ends("open", "patient-4: the text says nothing of anyone, so it may go to a stranger.", tasks=READ,
              notices=((1, {"by": "sms", "to": to}),))  # fmt: skip
    talk = writes(day, "A stranger writes, and cannot be answered", "mail", unit=LAHOLM, number=None)
    talk.ends("open", "patient-4: there is no address to refer to; staff read it.", tasks=READ)
    talk = writes(day, "A stranger writes in the chat", number=None)
    talk.ends("open", "policy-skydd-1: nobody knows who it is, so nothing goes by itself; staff answer.")


def protected(day: Day) -> None:
    hidden = {"protected": True}
    talk = writes(day, "Protected, writes in 1177", "e1177", person=hidden)
    talk.ends("open", "skyddade-2, policy-skydd-1: by 1177's inbox, and by nothing else.", HEARD)
    talk = writes(day, "Protected, writes in the chat", person=hidden)
    talk.ends("open", "policy-skydd-1: nothing from us but by the inbox; staff answer.")
    talk = writes(day, "Protected, writes an e-mail", "mail", unit=LAHOLM, person=hidden,
                  reply_address=_mail(day, "skyddad"))  # fmt: skip
    talk.ends("open", "policy-skydd-1: staff refer by their own routine.", tasks=READ)


def unknown_to_the_register(day: Day) -> None:
    talk = writes(day, "PU does not know who writes", person={"known_to_pu": False})
    talk.ends("open", "policy-skydd-1: not known, so nothing is sent; staff answer.")
    talk = writes(day, "A reservnummer writes", number=RESERVNUMMER)
    talk.ends("open", "policy-skydd-1: PU cannot be asked, so nothing is sent; staff answer.")


def deceased(day: Day) -> None:
    gone = {"deceased": day.in_days(-20).date().isoformat()}
    talk = writes(day, "Someone writes as one who has died", person=gone)
    talk.ends("open", "policy-avliden-1: nothing is sent to or about the deceased; staff see it.")
    talk = writes(day, "An e-mail about one who has died", "mail", unit=LAHOLM, person=gone,
                  reply_address=_mail(day, "avliden"))  # fmt: skip
    talk.ends("open", "policy-avliden-1: no referral; staff read it.", tasks=READ)


def units(day: Day) -> None:
    for channel in ("platform24", "sms"):
        talk = writes(day, f"Writes by {channel} to a unit in shadow", channel, unit=KUNGSBACKA,
                      reply_address=phone(day.now, 4))  # fmt: skip
        talk.ends("open", "policy-skugga-1: only worked out, nothing leaves.")
    talk = writes(day, "Writes to a unit that nobody has listed", unit=UNLISTED)
    talk.ends("parked:unit_unknown", "policy-okand-1: shown to ops.")


# --- a ready service


def guided(day: Day) -> None:
    for topic, channel in (("rebook", "platform24"), ("rebook", "e1177"), ("journal", "hope")):
        talk = writes(day, f"Wants {topic}, in {channel}", channel, topic=topic)
        talk.ends("open", "byte-5, syfte-3: a direct link, and the dialogue stays open.", HEARD, (1, GUIDED))
    talk = writes(day, "Wants to fill in a form", topic="form", service="form")
    talk.ends("open", "byte-5: the form is put before the patient in 1177.", HEARD, forms=1)
    talk = writes(day, "Wants a dialogue", topic="dialogue")
    talk.ends("open", "syfte-3: who wishes dialogue is led nowhere.", HEARD)


# --- the end


def closed(day: Day) -> None:
    known = {
        "booked_or_agreed": True,
        "replaces_clinic_visit": True,
        "fee_informed": True,
        "documented": True,
    }
    for title, visit, registered in (
        ("Closed, and was a visit", known, True),
        ("Closed, and was no visit", known | {"replaces_clinic_visit": False}, False),
        ("Closed, and nobody knew of the fee", known | {"fee_informed": False}, False),
        ("Closed, and nobody says whether it was a visit", None, None),
    ):
        talk = writes(day, title)
        talk.answered()
        talk.closed(visit)
        talk.ends("registered", "distans-1: proposed for staff to confirm; unknown is never a visit.", HEARD,
                  registered=(registered,))  # fmt: skip
    talk = writes(day, "A stranger's contact is closed", number=None)
    talk.closed(known)
    talk.ends("registered", "distans-1: of nobody that is known, so nothing is proposed.")


def _mail(day: Day, who: str) -> str:
    """An address that is referred today for the first time."""
    return f"{who}.{day.run_id}@example.com"


CONTACTS = (
    answered_where_they_wrote, own_solution, not_answered_yet, writes_again, asked_to_call,
    asked_to_call_for_a_reason, calling_unknown, answered_by_mail, referred, referral_off,
    four_from_one_address, referral_declined, strangers, protected, unknown_to_the_register, deceased, units,
    guided, closed,
)  # fmt: skip
