"""Protected, young, merged and deceased residents: what reaches them, and what never does."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from town import ADULTS, HALMSTAD, HYLTE, INBOX_UNIT, LAHOLM, STOCKHOLM, TIMED, Town, identity, in_days

from sandbox.people.numbers import CHILDREN, SAMORDNINGSNUMMER, birthday, turning


async def test_nothing_of_ours_reaches_a_protected_person_but_the_inbox(town: Town) -> None:
    """policy-skydd-1, skyddade-2: on 1177, which may notify; anything else is staff's."""
    silent, notified, absent, at_inbox = town.residents(4, protected=True)
    town.resident(notified, notified_by_1177=["SMS"])
    town.resident(absent, active_on_1177=False)
    bookings = [town.books(number) for number in (silent, notified, absent)]
    bookings.append(town.books(at_inbox, unit=INBOX_UNIT, call_letter=TIMED))
    await town.comes_to_rest()
    by_staff = {"tasks": ["manual_handling"]}
    assert [town.reached(number) for number in (silent, absent)] == [by_staff, by_staff]
    assert town.reached(notified) == {"by_1177": 1}
    assert town.reached(at_inbox) == {"inbox": 1} | by_staff
    assert [town.on_1177(booking["patient"]["id"]) for booking in bookings] == [
        [each["id"]] for each in bookings
    ]
    for booking in bookings:
        town.cancels(booking)
    await town.comes_to_rest()
    assert town.sms() + town.mails() + town.letters() == []
    assert town.staff_tasks() == ["manual_handling"] * 7


async def test_that_a_person_is_protected_shows_nowhere_outside_our_encrypted_tables(town: Town) -> None:
    """policy-skydd-2: one for whom PU does not answer leaves the same timeline and the same task."""
    protected, unknown = town.residents(2)
    town.resident(protected, protected=True)
    town.resident(unknown, known_to_pu=False)
    one, other = town.books(protected), town.books(unknown)
    await town.comes_to_rest()
    assert town.why(one, "notice") == town.why(other, "notice") == ("manual_handling", "policy-skydd-1")
    tasks = town.holds("vas")["staff_tasks"]
    assert len({(task["reason"], task["text"]) for task in tasks}) == 1
    assert not any(word in str(entry) for entry in town.story(one).timeline for word in ("protect", "skydd_"))


async def test_one_who_becomes_protected_between_planning_and_sending_is_left_to_staff(town: Town) -> None:
    """policy-skydd-1: asked again at the door, by SMS and by e-mail."""
    by_sms, by_mail = town.residents(2)
    town.resident(by_mail, preferences={"notice_by": ["email"]})
    for system in ("sms", "mail"):
        town.has_fault(system, "error_500", times=1)
    for number in (by_sms, by_mail):
        town.books(number)
    await town.runs()
    for number in (by_sms, by_mail):
        town.resident(number, protected=True)
    await town.comes_to_rest()
    assert [town.reached(number) for number in (by_sms, by_mail)] == [{"tasks": ["manual_handling"]}] * 2


async def test_while_the_person_register_is_silent_nothing_is_sent_and_then_staff_are_asked(
    town: Town,
) -> None:
    """policy-skydd-1: wait, then hand to staff; besok-1: shown on 1177 meanwhile."""
    short, long = town.residents(2)
    town.has_fault("person", "error_500", times=4)
    quick = town.books(short)
    await town.runs()
    assert town.engagements(quick) == ["Booking"]
    assert town.reached(short) == {}
    assert town.case(quick).state == "called"
    assert [what for what, _, _ in town.told(quick) if "wait" in what] == []  # policy-skydd-2
    town.is_well_again()
    await town.comes_to_rest()
    assert town.reached(short) == {"sms": 1}
    town.has_fault("person", "error_500")
    slow = town.books(long)
    await town.comes_to_rest()
    assert town.reached(long) == {"tasks": ["manual_handling"]}
    assert (town.standing(slow), town.engagements(slow)) == ("settled", ["Booking"])
    town.is_well_again()
    town.waits(minutes=30)
    await town.comes_to_rest()
    assert town.reached(long) == {"tasks": ["manual_handling"]}


async def test_before_the_13th_birthday_the_guardian_is_told_and_from_midnight_nobody(town: Town) -> None:
    """barn-1, policy-barn-1, policy-barn-2: the contact on the child's record lapses at 00:00 in Sweden."""
    child = turning(13, in_days(3).date())
    midnight = datetime.combine(birthday(child, 13), time(), STOCKHOLM)
    town.resident(
        child,
        contact_registered=(midnight - timedelta(days=400)).date().isoformat(),
        guardians=[town.resident(ADULTS[0])],
    )
    far = in_days(45)
    town.is_now(midnight - timedelta(minutes=10))
    town.books(child, start=far)
    await town.comes_to_rest()
    assert town.reached(child) == {"sms": 1}
    town.is_now(midnight - timedelta(seconds=6))
    town.has_fault("sms", "error_500", times=2)
    late = town.books(child, start=far + timedelta(days=1))
    await town.runs()
    town.is_now(midnight + timedelta(seconds=1))
    town.is_well_again()
    await town.comes_to_rest(within=120)
    assert town.reached(child) == {"sms": 1}
    assert town.why(late, "notice") == ("guardian_contact_lapsed", "policy-barn-2")


async def test_a_number_on_a_small_childs_record_is_used_only_if_every_guardian_may_be_sent_to(
    town: Town,
) -> None:
    """policy-skydd-1: it is a guardian's, nobody knows whose; of one who is protected, or unknown, staff see to it."""
    open_one, hidden, stranger = town.residents(3)
    town.resident(hidden, protected=True)
    town.resident(stranger, known_to_pu=False)
    who = {
        "both may": ([open_one], {"sms": 1}),
        "one is protected": ([open_one, hidden], {"tasks": ["manual_handling"]}),
        "none is registered": ([], {"tasks": ["manual_handling"]}),
        "one is not known": ([open_one, stranger], {"tasks": ["manual_handling"]}),
    }
    children = dict(zip(who, CHILDREN[-len(who) :], strict=True))
    for why, child in children.items():
        town.resident(child, guardians=who[why][0])
        town.books(child)
    await town.comes_to_rest(within=3600)
    assert {why: town.reached(child) for why, child in children.items()} == {why: who[why][1] for why in who}


async def test_a_child_of_13_is_told_by_their_own_contact_only(town: Town) -> None:
    """barn-2, barn-3, policy-barn-1: a contact without a date may be a guardian's."""
    year = timedelta(days=365)
    own, guardians, undated = (turning(13, (in_days(0) - year * n).date()) for n in (1, 2, 0.6))  # fmt: skip
    town.resident(own, contact_registered=(birthday(own, 13) + timedelta(days=1)).isoformat())
    town.resident(guardians, contact_registered=(birthday(guardians, 13) - timedelta(days=1)).isoformat())
    town.resident(undated)
    of_age = town.resident(contact_registered=None)
    bookings = {number: town.books(number) for number in (own, guardians, undated, of_age)}
    await town.comes_to_rest()
    assert [town.reached(number) for number in bookings] == [{"sms": 1}, {}, {}, {"sms": 1}]
    assert town.why(bookings[guardians], "notice") == ("guardian_contact_lapsed", "policy-barn-2")
    assert town.why(bookings[undated], "notice") == ("contact_owner_unknown", "policy-barn-1")
    assert [town.on_1177(number) for number in bookings] == [[each["id"]] for each in bookings.values()]


async def test_a_small_child_on_paper_whatever_a_guardian_wished(town: Town) -> None:
    """barn-5: no guardian can wish digital only."""
    child = CHILDREN[-1]
    wishes = {"notice_by": ["sms"], "digital_only": True}
    town.resident(child, active_on_1177=False, preferences=wishes, guardians=[town.resident()])
    town.books(child)
    await town.comes_to_rest()
    assert town.reached(child) == {"letters": 1, "sms": 1}


async def test_a_death_ends_everything_and_nothing_is_ever_sent_after_it(town: Town) -> None:
    """policy-avliden-1: what stands in the index goes, what waits is not sent, what comes later is nothing."""
    number = town.resident()
    settled = town.books()
    await town.comes_to_rest()
    assert town.reached(number) == {"sms": 1}
    town.has_fault("sms", "error_500", times=1)
    waiting = town.books(unit=INBOX_UNIT)
    await town.runs()
    town.tells("patient.deceased", {"patient": identity(number), "at": in_days(0, 1).isoformat()})
    await town.comes_to_rest()
    before = town.reached(number)
    assert before == {"sms": 1, "inbox": 1}
    later = town.books(unit=INBOX_UNIT)
    town.cancels(settled)
    town.changes(waiting, start=in_days(20))
    await town.comes_to_rest()
    assert town.reached(number) == before
    assert [town.engagements(each) for each in (settled, waiting, later)] == [[], [], []]
    assert {town.standing(each) for each in (settled, waiting, later)} == {"closed"}
    assert town.on_1177(number) == []
    assert town.why(later, "closed") == ("deceased", "policy-avliden-1")


async def test_one_whom_only_the_person_register_knows_as_dead_is_sent_nothing(town: Town) -> None:
    """policy-avliden-1: VAS has not told yet."""
    number = town.resident(deceased=in_days(-1).date().isoformat(), active_on_1177=False)
    town.books(unit=INBOX_UNIT)
    town.books()
    await town.comes_to_rest()
    assert town.reached(number) == {}


async def test_a_merged_patient_is_known_by_the_new_number_in_silence(town: Town) -> None:
    """A samordningsnummer that becomes a personnummer; a late event under the old one is the new one's too."""
    old, new = town.resident(SAMORDNINGSNUMMER), town.resident(ADULTS[1])
    booking = town.books(old)
    await town.comes_to_rest()
    town.tells("patient.merged", {"from": identity(old), "to": identity(new)})
    await town.comes_to_rest()
    assert (town.reached(old), town.reached(new)) == ({"sms": 1}, {})
    assert (town.on_1177(old), town.on_1177(new)) == ([], [booking["id"]])
    town.changes(booking, start=in_days(9))
    late = town.books(old)
    await town.comes_to_rest()
    assert (town.reached(old), town.reached(new)) == ({"sms": 1}, {"sms": 2})
    assert (town.on_1177(old), sorted(town.on_1177(new))) == ([], sorted([booking["id"], late["id"]]))
    assert town.engagements(booking) == town.engagements(late) == ["Booking"]


async def test_a_merge_that_is_told_before_any_booking_and_one_in_two_steps_hold_too(town: Town) -> None:
    first, second, third = town.residents(3)
    town.tells("patient.merged", {"from": identity(first), "to": identity(second)})
    town.tells("patient.merged", {"from": identity(second), "to": identity(third)})
    await town.comes_to_rest()
    booking = town.books(first)
    await town.comes_to_rest()
    assert [town.reached(number) for number in (first, second, third)] == [{}, {}, {"sms": 1}]
    assert town.on_1177(third) == [booking["id"]]


async def test_the_death_of_one_who_was_merged_ends_what_is_under_the_new_number(town: Town) -> None:
    """policy-avliden-1: told under the old number, or told before the merge."""
    old, new, dead, known_as = town.residents(4)
    town.tells("patient.merged", {"from": identity(old), "to": identity(new)})
    booking, other = town.books(new), town.books(dead)
    await town.comes_to_rest()
    town.tells("patient.deceased", {"patient": identity(old), "at": in_days(0, 1).isoformat()})
    town.tells("patient.deceased", {"patient": identity(dead), "at": in_days(0, 1).isoformat()})
    await town.comes_to_rest()
    town.tells("patient.merged", {"from": identity(dead), "to": identity(known_as)})
    await town.comes_to_rest()
    assert (town.engagements(booking), town.engagements(other)) == ([], [])
    assert town.standing(booking) == town.standing(other) == "closed"


async def test_a_merged_unit_is_re_keyed_in_silence_and_a_late_event_lands_at_the_new_one(town: Town) -> None:
    number = town.resident()
    booking = town.books(unit=HYLTE)
    await town.comes_to_rest()
    town.tells("unit.merged", {"from": HYLTE, "to": LAHOLM, "at": in_days(0).isoformat()})
    await town.comes_to_rest()
    town.changes(booking, purpose="Samtal")
    await town.comes_to_rest()
    held = town.holds("engagement_index", patient=number)["engagements"]
    assert [each["logical_address"] for each in held] == [LAHOLM["hsa_id"]]
    assert town.reached(number) == {"sms": 1}
    [seen] = town.seen_on_1177(number)
    assert (seen["unit"], seen["unit_name"]) == (LAHOLM["hsa_id"], LAHOLM["name"])


async def test_a_merge_sends_no_letter_and_no_notice_to_a_person_with_everything_on(town: Town) -> None:
    """In silence: no new inbox letter, no paper, no SMS under the new number."""
    old, new = town.residents(2)
    bookings = [town.books(old, unit=unit, call_letter=TIMED) for unit in (INBOX_UNIT, HALMSTAD)]
    town.resident(new, active_on_1177=False)
    await town.comes_to_rest()
    town.waits(minutes=20)
    town.tells("patient.merged", {"from": identity(old), "to": identity(new)})
    await town.comes_to_rest()
    assert town.reached(new) == {}
    assert [town.engagements(each) for each in bookings] == [["Invitation"]] * 2
