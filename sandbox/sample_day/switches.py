"""The stories of the sample day in which staff propose another channel (byte-1, byte-3, byte-4, byte-6)."""

from __future__ import annotations

from sandbox.sample_day.contacts import HEARD
from sandbox.sample_day.scene import Day
from sandbox.sample_day.talk import (
    ASKED_TO_CALL,
    ASKED_TO_CHANGE,
    SAFER,
    VALUE,
    Talk,
    child,
    guardian,
    writes,
)

CALL, CHANGE = (2, ASKED_TO_CALL), (2, ASKED_TO_CHANGE)
STAYS = "byte-6: the contact stays where it is."


def asked(day: Day, title: str, channel: str = "platform24", to: str = "phone", **fields: object) -> Talk:
    """A contact in which another channel is proposed, and the patient asked: `talk.parts` wait for their end."""
    talk = writes(day, title, channel, **fields)  # type: ignore[arg-type]
    talk.ends("open", "patient-3: asked in the channel that the patient came through.", HEARD)
    talk.proposed = talk.proposes(to, SAFER if to == "phone" else VALUE)
    return talk


# --- to phone


def number_given(day: Day) -> None:
    for channel, said in (
        ("platform24", "Ja, det går bra. 070-174 06 05"),
        ("hope", "0701740606"),
        ("lifecare", "+46 70 174 06 07, tack"),
        ("e1177", "Ring mig gärna på 070-174 06 08"),
    ):
        talk = asked(day, f"Asked in {channel}, answers with a number", channel)
        talk.says(said)
        talk.waits("byte-1: the number is the consent, and the journal says so.")
        talk.switch(talk.proposed, "changed", CALL, tasks=("answered_with_number",), journal=1)


def not_surely_yes(day: Day) -> None:
    for title, said, reason in (
        ("Says no, with a number", "Ring inte, 070-174 06 05", "word_of_refusal"),
        ("Gives two numbers", "070-174 06 05 eller 070-174 06 06", "not_one_number"),
        ("Says when to call", "070-174 06 05 efter klockan 15", "more_than_a_number"),
        ("Gives a number in another country", "+358 40 1234567", "foreign_number"),
    ):
        talk = asked(day, title)
        talk.says(said)
        talk.waits("byte-1: not surely a yes, so staff read it; until then it is none.")
        talk.switch(talk.proposed, "asked", CALL, tasks=(reason,))


def settled_by_staff(day: Day) -> None:
    for title, said, given, reason in (
        ("Says 'ja, ring', and staff settle it", "ja, ring", True, "not_one_number"),
        (
            "Gives two numbers, and staff settle it",
            "070-174 06 05 eller 070-174 06 06",
            True,
            "not_one_number",
        ),
        ("Says no, and staff record it", "Ring inte, 070-174 06 05", False, "word_of_refusal"),
    ):
        talk = asked(day, title)
        talk.says(said)
        talk.consents(talk.proposed, given=given, stage=4)
        talk.waits("byte-1: what staff record settles what was unclear.")
        after = ("consent_given",) if given else ()
        talk.switch(
            talk.proposed, "changed" if given else "stays", CALL, tasks=(reason, *after), journal=int(given)
        )


def no_need_to_talk(day: Day) -> None:
    for title, reason in (
        ("No need to talk, and no reason", None),
        ("Danger to life: staff go past the rule", "Fara"),
    ):
        talk = writes(day, title)
        talk.ends(
            "open", "byte-1, policy-fara-1: not without a need, unless staff go past it with a reason.", HEARD
        )
        key = talk.proposes("phone", None)
        talk.overrides(key, reason)
        told = ("no_safer_assessment",)
        if reason is None:
            talk.switch(key, "stays", tasks=told)
            continue
        talk.says("070-174 06 05", stage=4)
        talk.switch(key, "changed", (3, ASKED_TO_CALL), tasks=(*told, "answered_with_number"), journal=1)


def for_a_child(day: Day) -> None:
    own = guardian(day)
    number = child(day, 8, 3)
    talk = asked(day, "The guardian of a child of 8 is asked", number=number, person={"guardians": [own]},
                  by=own, by_role="guardian")  # fmt: skip
    talk.says("070-174 06 05")
    talk.waits("barn-1, byte-1: the guardian answers for the child.")
    talk.switch(talk.proposed, "changed", CALL, tasks=("answered_with_number",), journal=1)
    own = guardian(day)
    talk = writes(day, "The guardian of a child of 13 is not asked", number=child(day, 13, 2),
                  person={"guardians": [own]}, by=own, by_role="guardian")  # fmt: skip
    talk.ends("open", "policy-barn-1: nothing goes to a guardian for one of 13; staff see to it.")
    talk.switch(talk.proposes("phone"), "stays", tasks=("child_acts_alone",))


# --- to another digital channel


def logs_in(day: Day) -> None:
    for channel, to in (
        ("hope", "platform24"),
        ("platform24", "e1177"),
        ("e1177", "platform24"),
        ("lifecare", "hope"),
    ):
        talk = asked(day, f"From {channel} to {to}: logs in", channel, to)
        talk.logs_in()
        talk.waits("byte-3: to click and to log in is the consent; nothing in the journal.")
        talk.switch(talk.proposed, "changed", CHANGE, tasks=("logged_in",), opened=((3, to),))


def guardian_logs_in(day: Day) -> None:
    own = guardian(day)
    talk = asked(day, "The guardian of a child of 8 logs in", "hope", "platform24", number=child(day, 8, 4),
                  person={"guardians": [own]}, by=own, by_role="guardian")  # fmt: skip
    talk.logs_in()
    talk.waits("barn-1, byte-3: the rightful proxy's login is the consent.")
    talk.switch(talk.proposed, "changed", CHANGE, tasks=("logged_in",), opened=((3, "platform24"),))


def no_login_of_theirs(day: Day) -> None:
    other = guardian(day)
    for title, how in (
        ("Someone else logs in", {"number": other}),
        ("Logs in too weakly", {"loa": 2}),
        ("Changes their mind at the login", {"cancel": True}),
    ):
        talk = asked(day, title, "hope", "platform24")
        talk.logs_in(**how)
        talk.waits("byte-3: no consent; the link stays good for the patient.")
        talk.switch(talk.proposed, "asked", CHANGE)


def someone_else_and_then_the_patient(day: Day) -> None:
    talk = asked(day, "Someone else logs in, and then the patient", "e1177", "platform24")
    talk.logs_in(guardian(day))
    talk.logs_in(stage=4)
    talk.waits("byte-3: the patient's own login is the consent.")
    talk.switch(talk.proposed, "changed", CHANGE, tasks=("logged_in",), opened=((4, "platform24"),))


def does_nothing(day: Day) -> None:
    for channel, to in (("platform24", "e1177"), ("e1177", "hope")):
        talk = asked(day, f"Asked in {channel}, does nothing", channel, to)
        talk.waits("byte-6: the question lapses by itself when the link has had its time.")
        talk.switch(talk.proposed, "asked", CHANGE)


def declines(day: Day) -> None:
    talk = asked(day, "Declines, and stays", "hope", "platform24")
    talk.says("Nej tack, jag skriver hellre här.")
    talk.consents(talk.proposed, given=False, stage=4)
    talk.waits(STAYS)
    talk.switch(talk.proposed, "stays", CHANGE)


def refused_by_the_routine(day: Day) -> None:
    for title, to, why, reason, clause in (
        ("No added value", "platform24", None, "no_added_value", "byte-4"),
        ("A channel that the unit does not offer", "lifecare", VALUE, "not_offered", "byte-3"),
        ("The channel that they are in", "hope", VALUE, "no_change", "patient-1"),
    ):
        talk = writes(day, title, "hope")
        talk.ends("open", f"{clause}: the patient is not asked, and staff hear why.", HEARD)
        talk.switch(talk.proposes(to, why), "stays", tasks=(reason,))


def not_for_everyone(day: Day) -> None:
    for title, person, number in (
        ("Protected, and led nowhere by us", {"protected": True}, ""),
        ("A reservnummer cannot log in", {}, "98240301AA08"),
    ):
        talk = writes(day, title, "hope", person=person, number=number)
        talk.ends("open", "policy-skydd-1: staff do it by their system's own routine.")
        talk.switch(talk.proposes("platform24", VALUE), "stays", tasks=("manual_handling",))
    talk = writes(day, "Came by e-mail", "mail", reply_address=f"byte.{day.run_id}@example.com")
    talk.ends(
        "open", "patient-4: nothing is asked by a way that is not approved.", tasks=("channel_not_approved",)
    )
    talk.switch(talk.proposes("platform24", VALUE), "stays", tasks=("channel_not_approved",))


def past_the_rule(day: Day) -> None:
    talk = writes(day, "No added value, and staff go past it", "hope")
    key = talk.proposes("platform24", None)
    talk.overrides(key, "Patienten kan inte skriva längre texter")
    talk.logs_in(stage=4)
    talk.ends(
        "open", "policy-fara-1: with a reason staff go past the gate; the patient still decides.", HEARD
    )
    talk.switch(key, "changed", (3, ASKED_TO_CHANGE), tasks=("no_added_value", "logged_in"),
                opened=((4, "platform24"),))  # fmt: skip


def replaced(day: Day) -> None:
    talk = asked(day, "A later proposal takes the place of the first", "hope", "platform24")
    later = talk.proposes("phone", stage=3)
    talk.says("070-174 06 05", stage=4)
    talk.waits("patient-3: of two proposals the later stands.")
    talk.switch(talk.proposed, "stays", CHANGE)
    talk.switch(later, "changed", (3, ASKED_TO_CALL), tasks=("answered_with_number",), journal=1)


def over_before_the_answer(day: Day) -> None:
    talk = writes(day, "Closed before the answer")
    key = talk.proposes("phone")
    talk.closed(stage=3)
    talk.ends(
        "registered", "byte-6: the contact is over, and the proposal with it.", HEARD, registered=(None,)
    )
    talk.switch(key, "stays", CALL)


SWITCHES = (
    number_given, not_surely_yes, settled_by_staff, no_need_to_talk, for_a_child, logs_in, guardian_logs_in,
    no_login_of_theirs, someone_else_and_then_the_patient, does_nothing, declines, refused_by_the_routine,
    not_for_everyone, past_the_rule, replaced, over_before_the_answer,
)  # fmt: skip
