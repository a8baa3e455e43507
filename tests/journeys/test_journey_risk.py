"""A risk of suicide: a human at once, again and again, and nothing by itself meanwhile (suicid-1, policy-suicid-1)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from contact_town import ANNA, ContactTown
from sqlalchemy import text
from sqlmodel import select
from town import HALMSTAD, Json, identity, with_deadline

from engine.base import clock
from engine.base.database import load, transaction
from engine.ops import by_hand
from engine.outer import incidents
from flows.registry import PROCESSES
from models.risk_alert import RiskAlert

PSYCHIATRY = {"hsa_id": "SE2321000115-E000000000004", "name": "Psykiatrimottagningen Falkenberg"}
FIRST, SECOND, THIRD = "+46701740691", "+46701740692", "+46701740693"
MINUTE = timedelta(minutes=1)


class RiskTown(ContactTown):
    """The town, where somebody is in danger."""

    def flags(self, contact: str, source: str = "staff") -> None:
        """Somebody sees a risk of suicide in a contact."""
        self._risk("contact.risk_flagged", contact, source)

    def acknowledges(self, contact: str, source: str = "staff") -> None:
        """A human says that they have it."""
        self._risk("contact.risk_acknowledged", contact, source)

    def _risk(self, type: str, contact: str, source: str) -> None:
        data = {"contact": contact, "risk": "suicide", "by": ANNA, "at": clock.now().isoformat()}
        assert self.tells(type, data, source=source)["status"] == 202

    async def comes_to_rest(self, within: float = 1.0, stride: float = 0.0) -> None:
        """An alert that stands never rests for long."""
        await super().comes_to_rest(within, stride)

    def alerts(self, contact: str, channel: str = "platform24") -> list[int]:
        """How high the alert stood, each time that a platform's staff had it."""
        return [alert["level"] for alert in self.conversation(contact, channel)["alerts"]]

    def texts(self) -> list[str]:
        """Who has had an SMS, in order."""
        return [sms["to"] for sms in self.sms()]

    def rung(self) -> list[str]:
        """Who has been called, in order."""
        return [call["to"] for call in self.holds("voice")["calls"]]

    def risk(self, contact: str, channel: str = "platform24") -> str:
        """Where the alert stands."""
        return self.state("risk_alert", f"{channel}:{contact}")


@pytest.fixture
def risk_town(contact_town: ContactTown) -> RiskTown:
    """The same town, with nobody in it yet."""
    incidents._written.clear()
    return RiskTown(str(contact_town.http.base_url), contact_town.clock)


def told_to_ops() -> set[tuple[str, str]]:
    """What ops have been told."""
    with transaction() as connection:
        rows = connection.execute(text("SELECT system, reason FROM incident"))
        return {(system, reason) for system, reason in rows}


def urgent(task: Json) -> tuple[str, bool]:
    return task["reason"], task["urgent"]


# --- suicid-1: a human at once


@pytest.mark.parametrize("channel", ["platform24", "hope", "lifecare", "stodbehandling"])
async def test_suicid_1_a_risk_on_receipt_is_an_alert_in_the_platform(
    risk_town: RiskTown, channel: str
) -> None:
    contact = risk_town.writes(risk_town.resident(), channel, risk="suicide", text="Jag vill inte leva")
    await risk_town.comes_to_rest()
    (alert,) = risk_town.conversation(contact, channel)["alerts"]
    assert (alert["reason"], alert["level"]) == ("suicide_risk", 0)
    assert "leva" not in alert["text"]
    assert risk_town.because("risk_alert", f"{channel}:{contact}", "alert") == ("risk_of_suicide", "suicid-1")
    assert (risk_town.texts(), risk_town.rung()) == ([], [])


@pytest.mark.parametrize("channel", ["e1177", "mail", "sms"])
async def test_suicid_1_in_any_other_channel_it_is_an_urgent_task_for_the_unit(
    risk_town: RiskTown, channel: str
) -> None:
    risk_town.writes(
        risk_town.resident(),
        channel,
        risk="suicide",
        reply_address="someone@example.org",
        text="Jag vill inte leva",
    )
    await risk_town.comes_to_rest()
    (task,) = [each for each in risk_town.tasks() if each["reason"] == "suicide_risk"]
    assert task["urgent"] is True
    assert task["unit"] == HALMSTAD
    assert "leva" not in task["text"]


async def test_suicid_1_a_risk_that_is_seen_in_a_message_is_an_alert(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident())
    await risk_town.comes_to_rest()
    risk_town.says(contact, "Jag orkar inte", risk="suicide")
    await risk_town.comes_to_rest()
    assert risk_town.alerts(contact) == [0]


@pytest.mark.parametrize("source", ["staff", "platform24"])
async def test_suicid_1_a_risk_that_is_flagged_later_is_an_alert_where_the_contact_is(
    risk_town: RiskTown, source: str
) -> None:
    contact = risk_town.writes(risk_town.resident())
    await risk_town.comes_to_rest()
    risk_town.flags(contact, source)
    await risk_town.comes_to_rest()
    assert risk_town.alerts(contact) == [0]


async def test_staff_flag_a_contact_of_1177_without_naming_its_channel(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident(), "e1177")
    await risk_town.comes_to_rest()
    risk_town.flags(contact)
    await risk_town.comes_to_rest()
    assert [urgent(task) for task in risk_town.tasks()] == [("suicide_risk", True)]


async def test_one_alert_stands_however_often_it_is_flagged(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    risk_town.flags(contact)
    await risk_town.comes_to_rest()
    risk_town.flags(contact, "platform24")
    await risk_town.comes_to_rest()
    assert risk_town.alerts(contact) == [0]


async def test_a_conversation_that_is_closed_is_a_task_for_the_unit_instead(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident())
    risk_town.closes(contact)
    await risk_town.comes_to_rest()
    risk_town.flags(contact)
    await risk_town.comes_to_rest()
    assert ("suicide_risk", True) in [urgent(task) for task in risk_town.tasks()]


# --- policy-suicid-1: acknowledged, or it escalates


async def test_policy_suicid_1_an_acknowledged_alert_rests_and_a_new_flag_raises_it_anew(
    risk_town: RiskTown,
) -> None:
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    risk_town.acknowledges(contact)
    await risk_town.comes_to_rest()
    assert risk_town.risk(contact) == "acknowledged"
    risk_town.waits(minutes=30)
    await risk_town.comes_to_rest()
    assert (risk_town.alerts(contact), risk_town.texts()) == ([0], [])
    risk_town.flags(contact)
    await risk_town.comes_to_rest()
    assert risk_town.alerts(contact) == [0, 0]


async def test_policy_suicid_1_unacknowledged_it_escalates_by_sms_together_with_a_call(
    risk_town: RiskTown,
) -> None:
    """After 2, 5 and 10 minutes, and then each ten; what each hears says nothing of the patient."""
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    for minutes, called in ((2, [FIRST]), (3, [FIRST, SECOND]), (5, [FIRST, SECOND, THIRD])):
        risk_town.waits(seconds=60 * minutes - 30)
        await risk_town.comes_to_rest()
        assert risk_town.texts() == called[:-1]
        risk_town.waits(seconds=30)
        await risk_town.comes_to_rest()
        assert (risk_town.texts(), risk_town.rung()) == (called, called)
    risk_town.waits(minutes=10)
    await risk_town.comes_to_rest()
    assert risk_town.rung() == [FIRST, SECOND, THIRD, FIRST]
    assert {sms["message"] for sms in risk_town.sms()} == {
        "Ett larm i Platform24 (Clinic24) vid Vårdcentralen Halmstad väntar på att kvitteras. "
        "Hälsningar Region Halland"
    }
    assert risk_town.alerts(contact) == [0]
    assert ("risk_alert", "unacknowledged") in told_to_ops()


async def test_a_unit_is_named_in_full_to_those_on_call_whatever_its_name_tells(risk_town: RiskTown) -> None:
    """policy-suicid-1: what is neutral is for patients (avisering-2); staff have to know where."""
    risk_town.writes(risk_town.resident(), risk="suicide", unit=PSYCHIATRY)
    await risk_town.comes_to_rest()
    risk_town.waits(minutes=2)
    await risk_town.comes_to_rest()
    (sms,) = risk_town.sms()
    assert f" vid {PSYCHIATRY['name']} väntar" in sms["message"]


async def test_acknowledged_between_it_escalates_no_more(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    risk_town.waits(minutes=2)
    await risk_town.comes_to_rest()
    risk_town.acknowledges(contact, "platform24")
    risk_town.waits(minutes=30)
    await risk_town.comes_to_rest()
    assert (risk_town.texts(), risk_town.rung()) == ([FIRST], [FIRST])


async def test_more_flags_do_not_hold_the_escalation_back(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    for _ in range(3):
        risk_town.waits(seconds=50)
        risk_town.says(contact, "Hjälp", risk="suicide")
        await risk_town.comes_to_rest()
    assert risk_town.rung() == [FIRST]


async def test_where_nobody_is_on_call_the_platform_is_alerted_again_and_ops_hear_of_it(
    risk_town: RiskTown,
) -> None:
    risk_town.region_learns("[contacts]\non_call = []\n")
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    for minutes in (2, 3):
        risk_town.waits(minutes=minutes)
        await risk_town.comes_to_rest()
    assert risk_town.alerts(contact) == [0, 1, 2]
    assert told_to_ops() == {("risk_alert", "unacknowledged"), ("risk_alert", "nobody_on_call")}


# --- tried without end


@pytest.mark.parametrize("kind", ["down", "error_500", "timeout_before", "malformed"])
async def test_a_platform_that_fails_holds_nothing_back_and_is_tried_without_end(
    risk_town: RiskTown, kind: str
) -> None:
    with_deadline(0.5)
    risk_town.has_fault("platform24", kind)
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    risk_town.waits(minutes=2)
    await risk_town.comes_to_rest()
    assert (risk_town.texts(), risk_town.rung()) == ([FIRST], [FIRST])
    risk_town.is_well_again()
    risk_town.waits(seconds=30)
    await risk_town.comes_to_rest()
    assert len(risk_town.alerts(contact)) == 1


@pytest.mark.parametrize("system", ["sms", "voice"])
@pytest.mark.parametrize("kind", ["down", "timeout_before", "timeout_after"])
async def test_neither_the_sms_nor_the_call_waits_for_the_other_and_each_comes_once(
    risk_town: RiskTown, system: str, kind: str
) -> None:
    with_deadline(0.5)
    risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    risk_town.has_fault(system, kind, operation="POST /a1/sms" if system == "sms" else "POST /a1/calls")
    risk_town.waits(minutes=2)
    await risk_town.comes_to_rest()
    other = risk_town.rung() if system == "sms" else risk_town.texts()
    assert other == [FIRST]
    risk_town.is_well_again()
    for _ in range(3):
        risk_town.waits(seconds=30)
        await risk_town.comes_to_rest()
    assert (risk_town.texts(), risk_town.rung()) == ([FIRST], [FIRST])


async def test_a_system_that_others_have_found_down_is_tried_all_the_same(risk_town: RiskTown) -> None:
    with transaction() as connection:
        later = clock.now() + timedelta(minutes=5)
        down = text("INSERT INTO system_state (system, failures, open_until) VALUES ('platform24', 9, :at)")
        connection.execute(down, {"at": later})
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    assert risk_town.alerts(contact) == [0]


async def test_an_unknown_contact_is_asked_for_again_while_ops_hear_of_it(risk_town: RiskTown) -> None:
    risk_town.flags("K-1")
    await risk_town.comes_to_rest(within=0.5)
    assert told_to_ops() == {("risk_alert", "place_unknown"), ("risk_alert", "unacknowledged")}
    assert risk_town.rung() == [FIRST], (
        "nobody has the contact, as far as is known: whoever is on call, at once"
    )
    risk_town.writes(risk_town.resident(), contact="K-1")
    risk_town.waits(seconds=2)
    await risk_town.comes_to_rest(within=0.5)
    risk_town.waits(seconds=2)
    await risk_town.comes_to_rest(within=0.5)
    assert risk_town.alerts("K-1") == [0]


async def test_one_that_stays_unknown_escalates_all_the_same(risk_town: RiskTown) -> None:
    risk_town.flags("K-2")
    await risk_town.comes_to_rest(within=0.5)
    risk_town.waits(minutes=5)
    await risk_town.comes_to_rest(within=0.5)
    assert risk_town.rung() == [FIRST, SECOND]


# --- nothing goes by itself meanwhile


async def test_policy_suicid_1_an_open_proposal_is_withdrawn(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident())
    await risk_town.comes_to_rest()
    switch = risk_town.proposes(contact)
    await risk_town.comes_to_rest()
    assert risk_town.state("channel_switch", switch) == "asked"
    risk_town.flags(contact)
    await risk_town.comes_to_rest()
    assert risk_town.state("channel_switch", switch) == "stays"


async def test_policy_suicid_1_so_is_one_in_another_contact_of_the_same_patient(risk_town: RiskTown) -> None:
    patient = risk_town.resident()
    calm, other = risk_town.writes(patient, "hope"), risk_town.writes(patient)
    await risk_town.comes_to_rest()
    switch = risk_town.proposes(calm)
    await risk_town.comes_to_rest()
    risk_town.flags(other)
    await risk_town.comes_to_rest()
    assert risk_town.state("channel_switch", switch) == "stays"


async def test_policy_suicid_1_a_contact_that_does_not_open_holds_no_alert_up(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident())
    await risk_town.comes_to_rest()
    with transaction() as connection:
        connection.execute(text("UPDATE inbound_contact SET patient = substring(patient FROM 1 FOR 40)"))
    risk_town.flags(contact)
    await risk_town.comes_to_rest()
    assert risk_town.alerts(contact) == [0]


async def test_policy_suicid_1_a_merge_that_does_not_open_holds_up_neither_its_persons_alert_nor_anyone(
    risk_town: RiskTown,
) -> None:
    """policy-identitet-1: they stand under the number that they came with, and are still known to be one person."""
    town = risk_town
    old, new, other = town.residents(3)
    contact, of_another, switched = town.writes(old), town.writes(other), town.writes(new, "hope")
    switch = town.proposes(switched)
    merge = {"from": identity(old), "to": identity(new)}
    town.tells("patient.merged", merge)
    await town.comes_to_rest()
    with transaction() as connection:
        connection.execute(text("UPDATE merge SET known_as = substring(known_as FROM 1 FOR 40)"))
    later = town.writes(old, "hope")
    town.flags(contact)
    town.flags(of_another)
    town.flags(later)
    await town.comes_to_rest()
    assert [town.alerts(contact), town.alerts(of_another), town.alerts(later, "hope")] == [[0], [0], [0]]
    assert town.state("channel_switch", switch) == "stays"


async def test_policy_suicid_1_another_channels_contact_of_the_same_id_is_answered_all_the_same(
    risk_town: RiskTown,
) -> None:
    """Another patient's: a contact is known by its channel and its id."""
    at_risk, other = risk_town.residents(2)
    risk_town.writes(at_risk, contact="K-30", risk="suicide")
    risk_town.writes(other, "hope", contact="K-30")
    await risk_town.comes_to_rest()
    assert (risk_town.heard("K-30"), len(risk_town.heard("K-30", "hope"))) == ([], 1)


async def test_policy_suicid_1_no_acknowledgement_goes_to_the_patient(risk_town: RiskTown) -> None:
    contact = risk_town.writes(risk_town.resident(), risk="suicide")
    await risk_town.comes_to_rest()
    assert risk_town.heard(contact) == []


# --- whose word it is


async def test_policy_suicid_1_another_channel_silences_no_alert_though_it_has_a_contact_of_the_same_id(
    risk_town: RiskTown,
) -> None:
    town, contact = risk_town, "K-20"
    for channel in ("platform24", "mail"):
        town.writes(town.resident(), channel, contact=contact, risk="suicide", reply_address="x@example.org")
    town.acknowledges(contact, source="mail")
    town.acknowledges("K-21", source="mail")
    named = {"contact": contact, "channel": "platform24"}
    assert town.tells("contact.risk_acknowledged", named, source="mail")["status"] == 422
    await town.comes_to_rest()
    assert (town.risk(contact), town.risk(contact, "mail")) == ("alerted", "acknowledged")

    town.acknowledges(contact)  # staff, who do not say which of the two
    town.flags(contact, source="mail")
    await town.comes_to_rest()
    assert (town.risk(contact), town.risk(contact, "mail")) == ("alerted", "alerted")
    assert ("risk_alert", "several_contacts") in told_to_ops()

    assert town.tells("contact.risk_acknowledged", named | {"by": ANNA}, source="staff")["status"] == 202
    await town.comes_to_rest()
    assert (town.risk(contact), town.risk(contact, "mail")) == ("acknowledged", "alerted")
    assert ANNA["hsa_id"].encode() not in bytes(
        town.row("risk_alert", f"platform24:{contact}").acknowledged_by
    )
    with transaction() as connection:
        (alert,) = load(connection, select(RiskAlert).where(RiskAlert.key == f"platform24:{contact}"))
    assert json.loads(alert.acknowledged_by or "")["hsa_id"] == ANNA["hsa_id"]
    story = by_hand.story(PROCESSES, town.row("risk_alert", f"platform24:{contact}").id)
    assert [e["detail"]["source"] for e in story.timeline if e["what"] == "risk_acknowledged"] == ["staff"]


async def test_what_staff_flagged_before_the_channel_told_of_the_contact_the_channel_can_acknowledge(
    risk_town: RiskTown,
) -> None:
    risk_town.flags("K-22")
    await risk_town.comes_to_rest(within=0.5)
    risk_town.writes(risk_town.resident(), contact="K-22")
    risk_town.waits(seconds=2)
    await risk_town.comes_to_rest(within=0.5)
    risk_town.acknowledges("K-22", source="hope")
    await risk_town.comes_to_rest(within=0.5)
    assert risk_town.risk("K-22", "staff") != "acknowledged"
    risk_town.acknowledges("K-22", source="platform24")
    await risk_town.comes_to_rest(within=0.5)
    assert risk_town.risk("K-22", "staff") == "acknowledged"
