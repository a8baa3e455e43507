"""The judge of a chaos run: of what is as it should be it says nothing, and it finds whatever is not."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bench.chaos import judge
from bench.chaos.judge import Stop
from bench.chaos.mix import Booked, Planned, Resident
from bench.chaos.seen import Seen
from bench.chaos.senders import Taken

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNIT = "SE2321000115-E000000000003"


def case(**fields: Any) -> dict[str, Any]:
    shared = {"id": "case", "booking": "B", "key": "vas:B", "state": "settled", "parked": None}
    return shared | {"cancelled": False, "due_at": None, "unit": UNIT, "patient": "P"} | fields


def effect(step: str = "give_notice", system: str = "sms", **fields: Any) -> dict[str, Any]:
    place = {"id": f"{step}-{system}", "case_id": "case", "step": step, "system": system, "state": "done"}
    known = {"key": "notice:case:booked:-:-", "sending_at": NOW, "likeness": None, "token": None}
    return place | known | fields


LETTER = {"patient": "P", "unit": UNIT, "text": "T", "at": NOW}
PAPER = {"booking": "B", "text": "T", "idempotency_key": "letter:case"}
SHOWN = {"booking": "B"}
TOLD = {"about": "B", "why": "engagement_new"}
CREATED = {"id": "e1", "webhook_id": "B-1", "key": "vas:B", "type": "booking.created", "outcome": "applied"}
WELL: dict[str, list[dict[str, Any]]] = {
    "cases": [case()],
    "effects": [
        effect(likeness="L"),
        effect("send_call_letter", "e1177", key="call_letter:case:-"),
        effect("post_letter", "vas", key="letter:case"),
    ],
    "events": [CREATED | {"applied_at": NOW}],
    "engagements": [SHOWN],
    "by_1177": [TOLD],
    "inbox": [LETTER],
    "sms": [{"likeness": "L", "at": NOW}],
    "letters": [PAPER],
}


def found(**rows: Any) -> list[str]:
    return judge.findings(Seen(**WELL | rows))


def only(*effects: dict[str, Any], **rows: Any) -> list[str]:
    """With just these effects, and nothing that any other has left."""
    return found(**{"effects": list(effects), "inbox": [], "sms": [], "letters": []} | rows)


def test_of_what_is_as_it_should_be_it_says_nothing() -> None:
    assert found() == []


def test_a_double_is_found_in_every_system() -> None:
    assert "2 engagements" in found(engagements=[SHOWN] * 2)[0]
    assert found(sms=WELL["sms"] * 2) == ["too many SMS: 2 for 1 done and 0 unknown (case case)"]
    assert any("one letter is 2 times" in finding for finding in found(inbox=[LETTER] * 2))
    assert "2 times" in found(letters=[PAPER] * 2)[0]
    assert "told 2 times" in found(by_1177=[TOLD] * 2)[0]


def test_a_double_by_mail_is_found_by_its_message_id() -> None:
    mail, by_mail = {"token": "t", "at": NOW}, effect(system="mail", token="t")
    assert only(by_mail, mails=[mail]) == []
    assert "too many mails" in only(by_mail, mails=[mail] * 2)[0]


def test_a_letter_under_two_keys_is_a_double() -> None:
    again = PAPER | {"idempotency_key": "letter:case:again"}
    both = [effect("post_letter", "vas", key=key) for key in ("letter:case", "letter:case:again")]
    assert only(*both, letters=[PAPER, again]) == ["booking B has the same letters 2 times at vas"]


def test_what_is_lost_is_found_in_every_system() -> None:
    assert "0 engagements" in found(engagements=[])[0]
    assert found(sms=[]) == ["lost SMS: 0 for 1 done (case case)"]
    assert "lost letters in the inbox" in found(inbox=[])[0]
    assert "taken 0 times" in found(letters=[])[0]


def test_twins_need_one_message_each() -> None:
    twins = [effect(likeness="L"), effect(likeness="L", key="notice:other", id="other")]
    assert only(*twins, sms=WELL["sms"] * 2) == []
    assert only(*twins, sms=WELL["sms"]) == ["lost SMS: 1 for 2 done (case case)"]


def test_what_nobody_can_tell_may_be_there_once_or_not_at_all_but_never_twice() -> None:
    letter = effect("send_call_letter", "e1177", state="parked")
    other = LETTER | {"text": "another"}
    assert [only(letter, inbox=there) for there in ([], [LETTER])] == [[], []]
    assert "too many letters" in only(letter, inbox=[LETTER, other])[0]


def test_what_can_be_asked_about_is_not_to_be_given_up() -> None:
    assert "given up" in only(effect("post_letter", "vas", key="letter:case", state="parked"))[0]
    assert judge.unknown(Seen(effects=[effect(system="mail", state="parked")])) == {"mail": 1}


def test_what_was_surely_not_sent_is_not_to_be_there() -> None:
    assert "too many SMS" in only(effect(likeness="L", state="not_sent"), sms=WELL["sms"])[0]


def test_nothing_is_left_in_the_air() -> None:
    assert "left sending" in only(effect(likeness="L", state="sending"))[0]
    assert "left unknown" in only(effect(likeness="L", state="unknown"))[0]


def test_a_case_is_settled_or_parked_with_a_reason() -> None:
    assert "neither settled nor parked" in found(cases=[case(state="called")])[0]
    assert found(cases=[case(state="called", parked="answer_lost")]) == []


def test_a_case_that_a_bug_has_parked_is_found() -> None:
    for reason in ("no_step", "internal_error", "engagement_taken"):
        assert any(reason in finding for finding in found(cases=[case(parked=reason)]))


def test_a_cancelled_visit_is_off_the_index() -> None:
    assert "is closed and has 1 engagements" in found(cases=[case(state="closed")])[0]


def test_whoever_had_a_202_is_served() -> None:
    taken = [Taken("B-1", "B", "created", "e1", NOW)]
    waits = CREATED | {"applied_at": None, "outcome": None}
    assert list(judge.not_served(Seen(**WELL), taken)) == []
    assert "not in the database" in next(iter(judge.not_served(Seen(), taken)))
    assert "not applied" in next(iter(judge.not_served(Seen(events=[waits]), taken)))


def test_a_settled_booking_of_which_nobody_was_told_is_found() -> None:
    resident = Resident("191212121212", "sms")
    booked = Booked("B", resident, UNIT, (Planned(0, "B-1", "created", {}),))
    assert list(judge.not_told(Seen(**WELL), [booked])) == []
    untold = Seen(**WELL | {"effects": []})
    assert list(judge.not_told(untold, [booked])) == ["booking B is settled, and nobody was told (sms)"]
    assert list(judge.not_told(Seen(), [booked])) == ["booking B has no case"]


def test_a_message_past_the_gate_is_found() -> None:
    withdrawn = "consent withdrawn"
    before, after = NOW - timedelta(seconds=3), NOW + timedelta(seconds=3)
    stops = [Stop(withdrawn, ("notice:{}:",), {"B": at}) for at in (before, after)]
    seen = Seen(cases=[case()], effects=[effect(likeness="L")])
    assert list(judge.past_the_gate(seen, stops)) == [
        "case case: give_notice begun 3.00 s after: consent withdrawn"
    ]


def test_the_notice_of_the_cancelling_itself_may_go() -> None:
    stop = Stop("cancelled", ("notice:{}:booked:",), {"B": NOW - timedelta(seconds=3)})
    seen = Seen(cases=[case()], effects=[effect(key="notice:case:cancelled:-:-")])
    assert list(judge.past_the_gate(seen, [stop])) == []
