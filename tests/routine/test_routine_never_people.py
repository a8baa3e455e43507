"""What must never reach a person, whatever is known of them: hypothesis looks for a case that breaks it.

Each promise is a question "is it broken?". It is asked of the rules, where the answer is never yes; and of the
rules with one gate taken out, where hypothesis has to find a yes, so that the promise is seen to be able to break.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from drawn_cases import mostly, there_is
from hypothesis import given, settings
from hypothesis import strategies as st
from routine_cases import REGION, UNIT

from routine import children, gate
from routine.ages import AgeBand
from routine.approved import E1177, INSECURE, PHONE, Use
from routine.channels import (
    approved_channels,
    channel_by_wish,
    may_dialogue_be_held,
    ways_to_reach,
)
from routine.children import Act, Role, may_act, may_be_told
from routine.decision import Decision
from routine.gate import Addressee, may_leave
from routine.protected import Passage, may_be_sent_to
from routine.reasons import Reason
from routine.region import Region

HERE, ELSEWHERE = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
TODAY = date(2026, 12, 1)
MAYBE = st.sampled_from([None, True, False])
BIRTHS = st.sampled_from(
    [date(2013, 12, 1), date(2013, 12, 2), date(2012, 2, 29), date(2018, 5, 5), date(1980, 5, 5)]
) | st.dates(date(2005, 1, 1), date(2023, 12, 31))
DAYS = st.sampled_from([TODAY, date(2025, 2, 28), date(2025, 3, 1)]) | st.dates(
    date(2024, 1, 1), date(2030, 1, 1)
)
WHO = st.sampled_from(
    [(Role.SELF, date(1980, 5, 5)), (Role.GUARDIAN, date(2020, 5, 5)), (Role.SELF, date(2012, 2, 29))]
) | st.tuples(st.sampled_from([*Role, None]), st.none() | BIRTHS)
ADDRESSEES = st.builds(
    lambda who, deceased, protected, human_first: Addressee(
        role=who[0], birth=who[1], deceased=deceased, protected=protected, human_first=human_first
    ),
    WHO,
    mostly(False, MAYBE, 4),
    st.sampled_from([False, False, True, None]),
    mostly(False, st.just(True), 4),
)
HALLANDS = {
    (E1177, Use.TEXT), ("stodbehandling", Use.TEXT), ("platform24", Use.TEXT), ("hope", Use.TEXT), ("lifecare", Use.TEXT),
    ("platform24", Use.VIDEO), ("hope", Use.VIDEO),
    ("sms", Use.REMINDER), ("sms", Use.NOTICE), ("sms", Use.LINK), ("mail", Use.NOTICE),
}  # fmt: skip
CHANNELS = st.sampled_from([*REGION.systems, PHONE, "facetime", "local-hjarta"])
WAYS = (
    st.just((E1177, Use.TEXT)) | st.sampled_from(sorted(HALLANDS)) | st.tuples(CHANNELS, st.sampled_from(Use))
)


def with_all(**differs: Any) -> Region:
    """Halland, where all systems differ so, and a unit offers every one of them."""
    systems = {channel: system.model_copy(update=differs) for channel, system in REGION.systems.items()}
    unit = UNIT.model_copy(update={"offers": frozenset(systems)})
    return REGION.model_copy(update={"systems": systems, "units": {HERE: unit}})


REGIONS = mostly(
    REGION,
    st.sampled_from(
        [
            with_all(),
            with_all(check=None),
            with_all(since=TODAY),
            with_all(until=TODAY),
            with_all(units=frozenset({HERE})),
            with_all(only_for=frozenset({"care_planning"})),
            with_all(protected=True),
            REGION.model_copy(update={"systems": {}}),
        ]
    ),
    4,
)


@dataclass(frozen=True)
class Case:
    """A message that someone wants to send."""

    to: Addressee
    channel: str
    use: Use
    unit: str
    day: date
    region: Region

    @property
    def passage(self) -> Passage:
        return may_leave(self.to, self.channel, self.use, self.unit, self.day, self.region).answer

    @property
    def leaves(self) -> bool:
        return self.passage is Passage.SEND


CASES = st.builds(
    lambda to, way, unit, day, region: Case(to, *way, unit, day, region),
    ADDRESSEES,
    WAYS,
    st.sampled_from([HERE, ELSEWHERE]),
    DAYS,
    REGIONS,
)
never = settings(max_examples=80)


def is_13(birth: date, day: date) -> bool:
    """By the figures alone, not by the rules that are tried here."""
    return (birth.year + 13, birth.month, birth.day) <= (day.year, day.month, day.day)


def leaves_outside_the_approved_channels(case: Case) -> bool:
    approved = case.region.systems.get(case.channel)
    return case.leaves and (
        approved is None
        or case.use not in approved.uses
        or approved.check is None
        or (approved.only_for is not None and case.use is not Use.TEXT)
        or not (approved.since or case.day) <= case.day <= (approved.until or case.day)
        or (approved.units is not None and case.unit not in approved.units)
        or (case.region is REGION and (case.channel, case.use) not in HALLANDS)
    )


def leaves_for_the_guardian_of_a_child_of_13(case: Case) -> bool:
    to = case.to
    return case.leaves and to.role is Role.GUARDIAN and to.birth is not None and is_13(to.birth, case.day)


def anything_comes_of_a_message_about_the_deceased(case: Case) -> bool:
    return case.to.deceased is True and case.passage is not Passage.NONE


def leaves_where_nobody_knows_whether_they_live(case: Case) -> bool:
    return case.to.deceased is None and case.leaves


def leaves_for_a_protected_person_but_to_1177(case: Case) -> bool:
    return case.to.protected is True and case.leaves and case.channel != E1177


def leaves_for_a_protected_guardian(case: Case) -> bool:
    return case.to.protected is True and case.leaves and case.to.role is Role.GUARDIAN


def leaves_while_protection_is_unknown(case: Case) -> bool:
    return case.to.protected is None and case.leaves


def leaves_while_a_human_is_needed_first(case: Case) -> bool:
    return case.to.human_first and case.leaves


def leaves_for_one_who_is_neither_patient_nor_guardian(case: Case) -> bool:
    return case.leaves and case.to.role not in (Role.SELF, Role.GUARDIAN)


def is_own_inbox(case: Case) -> bool:
    return case.channel == E1177 and case.to.role is Role.SELF


def leaves_for_one_of_unknown_age(case: Case) -> bool:
    return case.leaves and case.to.birth is None and not is_own_inbox(case)


def leaves_for_a_child_under_13(case: Case) -> bool:
    to = case.to
    is_young = to.role is Role.SELF and to.birth is not None and not is_13(to.birth, case.day)
    return case.leaves and is_young and not is_own_inbox(case)


def through(answer: object, clause: str) -> Callable[..., Decision[Any]]:
    """A gate that stands open."""
    return lambda *_, **__: Decision(answer, Reason.APPROVED, clause)


OPEN_CHANNELS = (gate, "is_channel_approved", through(True, "system-1"))
OPEN_PROTECTION = (gate, "may_be_sent_to", through(Passage.SEND, "policy-skydd-1"))
OPEN_AGES = (gate, "may_be_told", through(True, "barn-1"))
ONLY_AGE = (children, "age_band", lambda *_: AgeBand.CHILD)


def without(field: str, value: Any) -> tuple[Any, str, Callable[..., Decision[Passage]]]:
    """The door, blind to one thing that is known of the person."""

    def blind(to: Addressee, *rest: Any) -> Decision[Passage]:
        return gate.may_leave(replace(to, **{field: value}), *rest)

    return sys.modules[__name__], "may_leave", blind


PROMISES = [
    # the promise, the gate that keeps it
    (leaves_outside_the_approved_channels, OPEN_CHANNELS),
    (leaves_for_the_guardian_of_a_child_of_13, OPEN_AGES),
    (leaves_for_the_guardian_of_a_child_of_13, ONLY_AGE),
    (anything_comes_of_a_message_about_the_deceased, without("deceased", False)),
    (leaves_where_nobody_knows_whether_they_live, without("deceased", False)),
    (leaves_for_a_protected_person_but_to_1177, OPEN_PROTECTION),
    (leaves_for_a_protected_guardian, OPEN_AGES),
    (leaves_while_protection_is_unknown, OPEN_PROTECTION),
    (leaves_while_a_human_is_needed_first, without("human_first", False)),
    (leaves_for_one_who_is_neither_patient_nor_guardian, OPEN_AGES),
    (leaves_for_one_of_unknown_age, OPEN_AGES),
    (leaves_for_a_child_under_13, OPEN_AGES),
]
BROKEN = list(dict.fromkeys(broken for broken, _ in PROMISES))


@pytest.mark.parametrize("broken", BROKEN, ids=[broken.__name__ for broken in BROKEN])
def test_never(broken: Callable[[Case], bool]) -> None:
    @never
    @given(CASES)
    def promise(case: Case) -> None:
        assert not broken(case)

    promise()


@pytest.mark.parametrize(
    ("broken", "opened"), PROMISES, ids=[f"{broken.__name__}: {opened[1]}" for broken, opened in PROMISES]
)
def test_a_promise_breaks_where_its_gate_stands_open(
    broken: Callable[[Case], bool], opened: tuple[Any, str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(*opened)
    assert there_is(CASES, broken)


GOOD: list[tuple[str, Callable[[Case], bool]]] = [
    ("an SMS to a patient", lambda case: case.to.role is Role.SELF and case.channel == "sms"),
    ("an SMS to a guardian", lambda case: case.to.role is Role.GUARDIAN and case.channel == "sms"),
    ("a link", lambda case: case.use is Use.LINK),
    ("an e-mail", lambda case: case.channel == "mail"),
    ("1177 to a protected person", lambda case: case.to.protected is True),
    (
        "an SMS to a child of 13 to 17",
        lambda case: case.to.role is Role.SELF and case.to.birth is not None and case.to.birth.year > 2011,
    ),
    ("a region of its own", lambda case: case.region is not REGION),
]


@pytest.mark.parametrize(("what", "is_it"), GOOD, ids=[what for what, _ in GOOD])
def test_the_cases_tried_here_do_leave(what: str, is_it: Callable[[Case], bool]) -> None:
    assert there_is(CASES, lambda case: case.leaves and is_it(case))


@never
@given(st.sampled_from(Act), BIRTHS, DAYS, MAYBE)
def test_from_13_no_guardian_acts_sees_or_is_told(
    act: Act, birth: date, day: date, protected: bool | None
) -> None:
    if is_13(birth, day):
        assert not may_act(act, Role.GUARDIAN, birth, day, REGION, protected=protected).allowed
        told = may_be_told(Role.GUARDIAN, birth, day, REGION, protected=protected)
        assert (told.answer, told.clause) == (False, "policy-barn-1")


@never
@given(st.sampled_from(Act), BIRTHS, DAYS, MAYBE)
def test_under_13_a_guardian_whose_protection_is_not_known_to_be_none_is_let_into_nothing(
    act: Act, birth: date, day: date, protected: bool | None
) -> None:
    may = may_act(act, Role.GUARDIAN, birth, day, REGION, protected=protected)
    assert not may.allowed or protected is False
    told = may_be_told(Role.GUARDIAN, birth, day, REGION, protected=protected)
    assert not told.allowed or protected is False


@never
@given(st.sampled_from(Act), st.none() | st.sampled_from(Role), st.none() | BIRTHS, DAYS, MAYBE)
def test_what_is_not_known_of_age_or_role_opens_nothing(
    act: Act, role: Role | None, birth: date | None, day: date, protected: bool | None
) -> None:
    if birth is None or role not in (Role.SELF, Role.GUARDIAN):
        assert not may_act(act, role, birth, day, REGION, protected=protected).allowed
        assert not may_be_told(role, birth, day, REGION, protected=protected).allowed


@pytest.mark.parametrize("act", sorted(set(Act) - children.NOT_BY_PROXY))
def test_a_guardian_does_act_and_is_told_under_13_in_the_cases_tried_here(act: Act) -> None:
    def acts(case: tuple[date, date, bool | None]) -> bool:
        birth, day, protected = case
        may = may_act(act, Role.GUARDIAN, birth, day, REGION, protected=protected)
        return may.allowed and may_be_told(Role.GUARDIAN, birth, day, REGION, protected=protected).allowed

    assert there_is(st.tuples(BIRTHS, DAYS, MAYBE), acts)


def test_a_guardian_would_act_at_13_if_the_age_were_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*ONLY_AGE)

    def acts(case: tuple[date, date]) -> bool:
        return is_13(*case) and may_act(Act.SEE_TIMES, Role.GUARDIAN, *case, REGION, protected=False).allowed

    assert there_is(st.tuples(BIRTHS, DAYS), acts)


@never
@given(CHANNELS, MAYBE)
def test_unknown_protection_sends_nothing_and_the_protected_have_1177_only(
    channel: str, protected: bool | None
) -> None:
    goes = may_be_sent_to(protected, channel).answer is Passage.SEND
    assert goes is (protected is False or (protected is True and channel == E1177))


@never
@given(CHANNELS, st.sampled_from([HERE, ELSEWHERE]), DAYS, REGIONS)
def test_no_wish_leads_to_a_channel_that_is_not_approved(
    wish: str, unit: str, day: date, region: Region
) -> None:
    chosen = channel_by_wish(wish, unit, day, region)
    assert chosen.answer in (wish, ways_to_reach(unit, day, region)[0])
    if chosen.reason is Reason.WISH_MET and wish != PHONE:
        assert may_dialogue_be_held(wish, unit, day, region).allowed
        assert wish not in INSECURE


@pytest.mark.parametrize("wish", [E1177, "platform24", PHONE])
def test_a_wish_is_met_in_the_cases_tried_here(wish: str) -> None:
    def is_met(case: tuple[Region, date]) -> bool:
        region, day = case
        chosen = channel_by_wish(wish, HERE, day, region)
        return (chosen.answer, chosen.reason) == (wish, Reason.WISH_MET)

    assert there_is(st.tuples(REGIONS, DAYS), is_met)


@never
@given(st.sampled_from([HERE, ELSEWHERE]), DAYS, REGIONS)
def test_no_way_to_a_unit_is_insecure_and_the_phone_is_always_one(
    unit: str, day: date, region: Region
) -> None:
    ways = ways_to_reach(unit, day, region)
    assert ways[-1] == PHONE
    assert set(ways[:-1]) <= set(approved_channels(Use.TEXT, unit, day, region)) - INSECURE.keys()
