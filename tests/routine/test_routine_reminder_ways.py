"""By what means a reminder goes where it has not arrived (policy-avisering-3), and what a STOPP ends (paminnelse-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from routine_cases import ADULT, EMAIL, MAIL, MOBILE, REGION, SMS, resident
from test_routine_reminder import DUE, OWN, facts

from routine.children import Role
from routine.decision import Decision
from routine.facts import Wish, Wishes
from routine.reasons import Reason
from routine.region import Region
from routine.reminder import Consent, NoReminder, Remind, RemindByMail, Reminder, consent_in, reminder

SECOND = "+46701740606"
OTHER = replace(SMS, value=SECOND, rank=2)
NO_MAIL = REGION.model_copy(
    update={"systems": {id: system for id, system in REGION.systems.items() if id != "mail"}}
)


def after(
    *unreached: str, contacts: tuple[Any, ...] = (SMS, EMAIL), region: Region = REGION, **differs: Any
) -> Decision[Reminder]:
    """The decision once the reminder has not arrived at these."""
    of = resident(contacts=contacts, **differs)
    return reminder(facts(resident=of, unreached=frozenset(unreached)), region)


def sent(to: Remind | RemindByMail) -> Decision[Reminder]:
    return Decision(to, Reason.REMINDER, "besok-5")


NOT_REACHED: Decision[Reminder] = Decision(NoReminder(), Reason.NOT_REACHED, "policy-avisering-3")


def test_policy_avisering_3_it_goes_on_to_the_next_number_and_then_by_e_mail_where_that_is_chosen() -> None:
    contacts = (SMS, OTHER, EMAIL)
    assert after(contacts=contacts) == sent(Remind(MOBILE))
    assert after(MOBILE, contacts=contacts) == sent(Remind(SECOND))
    assert after(MOBILE, SECOND, contacts=contacts) == sent(RemindByMail(MAIL))
    assert after(MOBILE, SECOND, MAIL, contacts=contacts) == NOT_REACHED


@pytest.mark.parametrize("wished", [False, None])
def test_avisering_1_nobody_is_mailed_who_has_not_chosen_e_mail(wished: bool | None) -> None:
    assert after(MOBILE, contacts=(SMS, replace(EMAIL, wished=wished))) == NOT_REACHED


def test_paminnelse_1_without_a_number_nobody_is_mailed() -> None:
    """E-mail is for one that has not arrived: what was consented to is SMS."""
    assert after(contacts=(EMAIL,)).answer == NoReminder()


@pytest.mark.parametrize(
    ("region", "contacts", "decision"),
    [
        (REGION, (SMS,), NOT_REACHED),
        (NO_MAIL, (SMS, EMAIL), NOT_REACHED),
        (REGION, (SMS, replace(EMAIL, until=date(2026, 11, 27))), NOT_REACHED),
        (
            REGION,
            (SMS, replace(EMAIL, value="no address")),
            Decision(NoReminder(), Reason.CONTACT_UNUSABLE, "val-1"),
        ),
    ],
    ids=["none there", "mail is not approved", "it no longer holds", "it is no address"],
)
def test_policy_avisering_3_with_no_way_left_it_is_let_be_and_is_no_task_for_staff(
    region: Region, contacts: tuple[Any, ...], decision: Decision[Reminder]
) -> None:
    assert after(MOBILE, contacts=contacts, region=region) == decision


def test_policy_barn_2_nor_is_it_mailed_to_where_a_guardian_of_a_grown_child_reads() -> None:
    theirs = replace(EMAIL, since=date(1990, 1, 1))
    decision = after(MOBILE, contacts=(SMS, theirs), birth=ADULT)
    assert (decision.answer, decision.reason, decision.clause) == (
        NoReminder(),
        Reason.GUARDIAN_CONTACT_LAPSED,
        "policy-barn-2",
    )


@pytest.mark.parametrize("shown", [Remind(MOBILE), RemindByMail(MAIL)])
def test_where_it_goes_shows_in_no_repr(shown: object) -> None:
    assert repr(shown) in ("Remind()", "RemindByMail()")


# STOPP (paminnelse-1)

MOMENT = timedelta(microseconds=1)
STOPPED = Decision(NoReminder(), Reason.SAYS_STOP, "paminnelse-1")


def stopped(at: datetime | None, consent: Consent, **differs: Any) -> Decision[Reminder]:
    return reminder(facts(stopped_at=at, consent=consent, **differs), REGION)


@pytest.mark.parametrize(
    ("consented_at", "stopped_at", "is_stopped"),
    [
        (DUE - timedelta(days=9), None, False),
        (DUE - timedelta(days=9), DUE - timedelta(days=1), True),
        (DUE - timedelta(days=1), DUE - timedelta(days=1), True),
        (DUE - timedelta(days=1) + MOMENT, DUE - timedelta(days=1), False),
        (None, DUE - timedelta(days=900), True),
        (None, None, False),
    ],
    ids=[
        "none was sent",
        "after",
        "at one moment",
        "consented anew",
        "not known when",
        "not known, none sent",
    ],
)
def test_paminnelse_1_a_stopp_ends_what_was_consented_to_before_it(
    consented_at: datetime | None, stopped_at: datetime | None, is_stopped: bool
) -> None:
    decision = stopped(stopped_at, replace(OWN, at=consented_at))
    assert decision == (STOPPED if is_stopped else sent(Remind(MOBILE)))


def test_paminnelse_1_it_ends_what_would_go_by_e_mail_too() -> None:
    of = facts(stopped_at=DUE, consent=replace(OWN, at=DUE - MOMENT), unreached=frozenset({MOBILE}))
    assert reminder(of, REGION) == STOPPED


def test_policy_skydd_1_staff_remind_the_protected_whoever_has_sent_a_stopp() -> None:
    protected = resident(protected=True)
    decision = stopped(DUE, replace(OWN, at=DUE - MOMENT), resident=protected)
    assert decision.reason is Reason.MANUAL_HANDLING


# the newest word as a consent (paminnelse-1, paminnelse-2)

LATE = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)  # the 24th in Sweden

WORDS = [
    ("on 1177", Wish(True, LATE, "e1177", "self"), Consent(given=True, by=Role.SELF)),
    ("withdrawn", Wish(None, LATE, "e1177", "self"), Consent(given=False, by=Role.SELF)),
    (
        "a guardian's",
        Wish(True, LATE, "vas", "guardian"),
        Consent(given=True, by=Role.GUARDIAN, to_staff=True),
    ),
    ("to staff", Wish(True, LATE, "vas", "staff", "U"), Consent(given=True, to_staff=True, unit="U")),
    ("nobody says whose", Wish(False, LATE, "vas"), Consent(given=False, to_staff=True)),
    ("lapsed", Wish(False, LATE, None), Consent(given=False, to_staff=True)),
]


@pytest.mark.parametrize(("name", "word", "consent"), WORDS, ids=[row[0] for row in WORDS])
def test_paminnelse_2_the_newest_word_is_the_consent_from_its_moment_on(
    name: str, word: Wish, consent: Consent
) -> None:
    expected = replace(consent, on=date(2026, 11, 24), at=LATE)
    assert consent_in(Wishes(sms_reminders=word)) == expected


def test_paminnelse_1_without_a_word_there_is_no_consent() -> None:
    assert consent_in(Wishes()) is None
