"""When the patient contacts care: answered where they wrote, referred, guided; never left (patient-1 to 4, byte-5)."""

from __future__ import annotations

import pytest
from contact_town import ContactTown, aged
from sqlalchemy import text
from sqlmodel import select
from town import HALMSTAD, LAHOLM, SHADOW_UNIT, as_json, with_deadline
from typer.testing import CliRunner

from cli.app import app
from engine.base.database import load, transaction
from engine.base.settings import SystemName, settings
from engine.steps.verdicts import Go, Park, Send
from models.case import Event
from models.identity import IdentityType, PatientId
from routine.text import Text
from systems.channel import Link
from tasks import conversation

PHONE = "+46701740622"


def departures() -> list[tuple[str, str, int]]:
    """What is counted of answers that depart from the routine."""
    query = text("SELECT unit, reason, answers FROM departure ORDER BY reason")
    with transaction() as connection:
        return [(unit, reason, answers) for unit, reason, answers in connection.execute(query)]


@pytest.mark.parametrize("channel", ["platform24", "hope", "lifecare", "stodbehandling"])
async def test_system_1_a_contact_is_acknowledged_once_in_the_channel_that_the_patient_chose(
    contact_town: ContactTown, channel: str
) -> None:
    """patient-1, onskemal-2: neutral, and once, however often they write."""
    town = contact_town
    contact = town.writes(town.resident(), channel)
    await town.comes_to_rest()
    town.says(contact, "Och en sak till.", channel)
    await town.comes_to_rest()
    (said,) = town.heard(contact, channel)
    assert "svarar dig här" in said
    assert town.state("inbound_contact", f"{channel}:{contact}") == "open"
    assert town.because("inbound_contact", f"{channel}:{contact}", "contact") == (
        "same_channel",
        "onskemal-2",
    )
    assert town.tasks() == []


async def test_system_1_a_contact_through_1177_is_acknowledged_in_its_thread(
    contact_town: ContactTown,
) -> None:
    """patient-1: in the inbox."""
    town = contact_town
    patient = town.resident()
    contact = town.writes(patient, "e1177")
    await town.comes_to_rest()
    (message,) = town.inbox(patient)
    assert message["thread"] == contact


async def test_an_answer_there_is_as_the_routine_says_and_please_call_us_is_counted_for_the_unit(
    contact_town: ContactTown,
) -> None:
    """patient-1, patient-2: not known is not counted, and a special reason, such as great urgency, is none."""
    town = contact_town
    contact = town.writes(town.resident())
    await town.comes_to_rest()
    key = f"platform24:{contact}"
    for suggests, reason, why in (
        (False, None, ("same_channel", "patient-1")),
        (None, None, ("calling_unknown", "patient-2")),
        (True, "Mycket brådskande", ("special_reason", "patient-2")),
        (True, None, ("asked_to_call", "patient-2")),
    ):
        town.staff_answer(contact, suggests_calling=suggests, reason=reason)
        await town.comes_to_rest()
        assert town.because("inbound_contact", key, "answer") == why
    assert departures() == [(HALMSTAD["hsa_id"], "asked_to_call", 1)]
    told = as_json(CliRunner().invoke(app, ["contacts", "--json"]).output)
    assert {
        "unit": HALMSTAD["hsa_id"],
        "what": "answer: asked_to_call",
        "clause": "patient-2",
        "contacts": 1,
    } in told
    assert town.state("inbound_contact", key) == "answered"


@pytest.mark.parametrize(("channel", "address"), [("sms", "+46701740699"), ("mail", "someone@example.org")])
async def test_by_a_way_that_is_not_approved_staff_read_it_at_once_and_the_writer_is_referred(
    contact_town: ContactTown, channel: str, address: str
) -> None:
    """patient-4, policy-hanvisning-1: by the way it came, naming the approved ways, quoting nothing."""
    town = contact_town
    said = "Jag har ont i bröstet"
    town.writes(town.resident(), channel, unit=LAHOLM, text=said, reply_address=address)
    await town.comes_to_rest()
    (task,) = town.tasks()
    assert task["urgent"] is True
    assert "genast" in task["text"]
    (sent,) = town.holds(channel)["messages"]
    body = sent.get("message") or sent.get("text") or sent.get("body")
    assert "1177" in body
    assert said not in str(sent) + str(task)


async def test_three_more_from_the_same_address_that_day_get_no_more_replies_and_the_task_says_so(
    contact_town: ContactTown,
) -> None:
    """policy-hanvisning-1: four tasks, one referral, however the address is written."""
    town = contact_town
    for written in (
        "a@example.org",
        "Anna <a@EXAMPLE.org>",
        '"Å, A" <A@example.ORG>',
        "a@Example.org (Anna)",
    ):
        town.writes(None, "mail", unit=LAHOLM, reply_address=written)
        await town.comes_to_rest()
    assert [mail["to"] for mail in town.mails()] == ["a@example.org"]
    texts = [task["text"] for task in town.tasks()]
    assert ["redan fått en" in said for said in texts] == [False, True, True, True]


async def test_where_the_unit_has_not_switched_it_on_staff_refer_by_themselves(
    contact_town: ContactTown,
) -> None:
    """patient-4: the task comes, and nothing goes out."""
    town = contact_town
    town.writes(town.resident(), "sms", reply_address="+46701740699")
    await town.comes_to_rest()
    assert [task["reason"] for task in town.tasks()] == ["channel_not_approved"]
    assert town.holds("sms")["messages"] == []


async def test_a_referral_that_is_turned_away_is_told_to_staff_who_offer_phone_or_a_visit(
    contact_town: ContactTown,
) -> None:
    """policy-hanvisning-1."""
    town = contact_town
    town.writes(None, "mail", unit=LAHOLM, reply_address="Anna <anna@ex_ample.org>")
    await town.comes_to_rest()
    assert "telefon eller besök" in town.tasks()[-1]["text"]


async def test_policy_hanvisning_1_a_machine_is_never_answered_and_staff_read_it(
    contact_town: ContactTown,
) -> None:
    """Nor we ourselves, nor a land line: two machines that answer each other never stop."""
    town = contact_town
    senders = [
        ("mail", {"reply_address": "Mail Delivery System <MAILER-DAEMON@example.org>"}),
        ("mail", {"reply_address": "no-reply@regionhalland.se"}),
        ("mail", {"reply_address": "anna@example.org", "automatic": True}),
        ("sms", {"reply_address": "+46313900611"}),
    ]
    for channel, sender in senders:
        town.writes(None, channel, unit=LAHOLM, **sender)
    await town.comes_to_rest()
    assert (town.mails(), town.sms(), len(town.tasks())) == ([], [], len(senders))


async def test_patient_1_after_staffs_answer_nothing_goes_by_itself(contact_town: ContactTown) -> None:
    """The channel, or the mail server, was down in between: "svarar dig här" would come after the answer."""
    town = contact_town
    town.has_fault("platform24", "error_500")
    contact = town.writes(town.resident(), topic="rebook")
    await town.comes_to_rest()
    town.staff_answer(contact)
    await town.comes_to_rest()
    town.is_well_again()
    town.waits(minutes=10)
    await town.comes_to_rest()
    assert town.heard(contact) == []
    key = f"platform24:{contact}"
    assert town.because("inbound_contact", key, "acknowledgement") == ("already_answered", "patient-1")
    assert town.because("inbound_contact", key, "guidance") == ("already_answered", "syfte-3")
    assert town.state("inbound_contact", key) == "answered"


async def test_patient_4_staff_who_refer_an_e_mail_by_e_mail_do_as_the_routine_says(
    contact_town: ContactTown,
) -> None:
    """The first answer there is the referral that the task asks for; a second is a dialogue, and departs.

    However the address is written: the contact is read again for each answer.
    """
    town = contact_town
    mail = town.writes(None, "mail", reply_address="Anna <A@Example.org>")  # Halmstad refers by itself
    await town.comes_to_rest()
    for why in (("referred_by_staff", "patient-4"), ("channel_not_approved", "patient-4")):
        town.staff_answer(mail, "mail", suggests_calling=False)
        await town.comes_to_rest()
        assert town.because("inbound_contact", f"mail:{mail}", "answer") == why
    assert [why for _, why, _ in departures()] == ["channel_not_approved"]


async def test_patient_4_and_system_3_an_sms_to_a_unit_is_read_by_staff_at_once_and_referred(
    contact_town: ContactTown,
) -> None:
    """By 46elks' own webhook; nothing of its text is kept, and no text is answered, which would be an SMS."""
    town = contact_town
    town.region_learns(f'[units."{HALMSTAD["hsa_id"]}"]\nrefers = true\n')
    told = town._post("/act/text", {"phone": PHONE, "unit": HALMSTAD["hsa_id"], "text": "En hemlighet"})
    assert (told["status"], told["reply"]) == (204, "")
    await town.comes_to_rest()
    (task,), (sms,) = town.tasks(), town.sms()
    assert (task["reason"], task["urgent"], PHONE in task["text"]) == ("channel_not_approved", True, True)
    assert (sms["to"], "1177" in sms["message"]) == (PHONE, True)
    assert "hemlighet" not in str(town.holds("vas")) + str(town.row("inbound_contact", f"sms:{told['id']}"))
    nobody = town._post("/act/text", {"phone": PHONE, "to": "+46313900699", "text": "Hej"})
    assert nobody["status"] == 404


@pytest.mark.parametrize("way", conversation.WAYS)
@pytest.mark.parametrize(
    "wrong", [{"body": "Hej\u202e!"}, {"subject": "Hej\u202e!"}, {"link": "Logga in\u202e"}]
)
def test_avisering_2_a_message_in_a_conversation_parks_if_all_of_it_is_not_seen(
    way: SystemName, wrong: dict[str, str]
) -> None:
    def verdict(body: str = "Hej!", subject: str = "Hej!", link: str = "Logga in") -> Send | Park:
        patient = PatientId(id="201312012386", type=IdentityType.PERSONNUMMER)
        leads = [Link(link, f"{settings().gateway_url}/l/x")]
        said = Text("test", 1, body, subject)
        return conversation.send_saying(
            conversation.Saying("k", way, "c", patient, HALMSTAD["hsa_id"], said, Go("open"), leads)
        )

    assert isinstance(verdict(), Send)
    assert verdict(**wrong) == Park("not_printable", "avisering-2")


@pytest.mark.parametrize("said", ["STOPP", "Stop!", " s t o p p", "stoppa alla sms", "ＳＴＯＰＰ"])
async def test_paminnelse_1_stopp_by_sms_is_a_task_for_staff_and_is_not_answered(
    contact_town: ContactTown, said: str
) -> None:
    town = contact_town
    town.region_learns(f'[units."{HALMSTAD["hsa_id"]}"]\nrefers = true\n')
    town._post("/act/text", {"phone": PHONE, "unit": HALMSTAD["hsa_id"], "text": said})
    await town.comes_to_rest()
    (task,) = town.tasks()
    assert (task["reason"], "samtycke till sms" in task["text"], PHONE in task["text"]) == (
        "says_stop",
        True,
        True,
    )
    assert town.sms() == []


async def test_nothing_that_the_patient_wrote_is_kept(contact_town: ContactTown) -> None:
    """policy-hanvisning-1: neither in a case nor, once it is read, in an event."""
    town = contact_town
    contact = town.writes(town.resident(), text="En hemlighet")
    town.says(contact, "En hemlighet till")
    await town.comes_to_rest()
    with transaction() as connection:
        kept = load(connection, select(Event))
    assert kept
    assert {event.data for event in kept} == {"{}"}


@pytest.mark.parametrize("said", ["\x00 NUL", "x" * 100_000, "مرحبا 你好 👩‍⚕️", ""])
async def test_whatever_is_written_is_taken_in(contact_town: ContactTown, said: str) -> None:
    """A word of suicide must not end in a 422."""
    town = contact_town
    contact = {"id": "odd", "patient": None, "unit": HALMSTAD, "text": said}
    assert town.tells("contact.received", {"contact": contact}, source="e1177")["status"] == 202
    await town.comes_to_rest()
    assert town.state("inbound_contact", "e1177:odd") == "open"


async def test_a_message_for_a_contact_that_nobody_knows_waits_for_it_and_is_then_shown_to_ops(
    contact_town: ContactTown,
) -> None:
    """Nothing is lost: a message may be ahead of its contact."""
    town = contact_town
    message = {"id": "m", "from": "patient", "text": "Hej"}
    town.tells("contact.message", {"contact": "lost", "message": message}, source="hope")
    await town.comes_to_rest(within=900)
    assert town.state("inbound_contact", "hope:lost") == "parked:contact_unknown"
    contact = {"id": "lost", "patient": None, "unit": HALMSTAD}
    town.tells("contact.received", {"contact": contact}, source="hope")
    await town.comes_to_rest()
    assert town.state("inbound_contact", "hope:lost") == "open"


async def test_an_answer_that_is_overdue_is_shown_to_ops(contact_town: ContactTown) -> None:
    """policy-svarstid-1: after the unit's limit, and not once staff have answered."""
    town = contact_town
    late, answered = town.writes(town.resident()), town.writes(town.resident())
    await town.comes_to_rest()
    town.staff_answer(answered)
    town.waits(hours=73)
    await town.comes_to_rest()
    assert town.state("inbound_contact", f"platform24:{late}") == "unanswered"
    assert town.because("inbound_contact", f"platform24:{late}", "contact") == (
        "unanswered",
        "policy-svarstid-1",
    )
    assert town.state("inbound_contact", f"platform24:{answered}") == "answered"


async def test_a_wish_that_a_service_meets_is_led_there_by_a_direct_link_and_the_dialogue_stays_open(
    contact_town: ContactTown,
) -> None:
    """byte-5, syfte-3: by 1177's own catalogue."""
    town = contact_town
    contact = town.writes(town.resident(), topic="rebook")
    await town.comes_to_rest()
    assert town.link_in(contact).startswith("https://e-tjanster.1177.se/")
    assert "fortsätta skriva här" in town.heard(contact)[-1]
    assert town.state("inbound_contact", f"platform24:{contact}") == "open"


@pytest.mark.parametrize(
    ("years", "by_guardian", "why"),
    [
        (12, True, ("no_such_service", "byte-5")),
        (12, False, ("too_young", "barn-2")),
        (14, True, ("child_acts_alone", "barn-4")),
        (14, False, ("too_young_for_journal", "barn-4")),
        (16, False, ("ready_service", "byte-5")),
    ],
)
async def test_barn_4_whoever_asks_of_the_journal_is_led_to_one_that_they_can_read(
    contact_town: ContactTown, years: int, by_guardian: bool, why: tuple[str, str]
) -> None:
    """byte-5: a guardian reads it until 13, the child from 16; the sandbox's catalogue offers it from 16 only."""
    town = contact_town
    guardian, child = town.resident(), aged(years)
    town.resident(child, guardians=[guardian])
    who = {"by": guardian, "by_role": "guardian"} if by_guardian else {}
    contact = town.writes(child, topic="journal", **who)
    await town.comes_to_rest()
    assert town.because("inbound_contact", f"platform24:{contact}", "guidance") == why
    led = [True for said in town.heard(contact) if "journal på 1177" in said]
    assert led == ([True] if why[0] == "ready_service" else [])


async def test_system_1_a_form_is_put_before_the_patient_by_1177s_own_forms(
    contact_town: ContactTown,
) -> None:
    """byte-5: once, also if the answer is lost."""
    town = contact_town
    patient = town.resident()
    with_deadline(0.5)
    town.has_fault("e1177", "timeout_after", times=1)
    town.writes(patient, topic="form", service="form")
    await town.comes_to_rest()
    assert len(town.holds("e1177")["forms"]) == 1


async def test_when_pu_does_not_answer_nothing_goes_to_the_patient_and_the_contact_is_open(
    contact_town: ContactTown,
) -> None:
    """policy-skydd-1: fail closed."""
    town = contact_town
    town.has_fault("person", "down", probability=1.0)
    contact = town.writes(town.resident())
    await town.comes_to_rest(within=90)
    assert town.heard(contact) == []
    assert town.state("inbound_contact", f"platform24:{contact}") == "open"


async def test_a_unit_in_shadow_is_only_watched(contact_town: ContactTown) -> None:
    """policy-skugga-1."""
    town = contact_town
    contact = town.writes(town.resident(), unit=SHADOW_UNIT)
    town.writes(town.resident(), "sms", unit=SHADOW_UNIT, reply_address="+46701740699")
    await town.comes_to_rest()
    assert town.heard(contact) + town.tasks() + town.holds("sms")["messages"] == []


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        ({"booked_or_agreed": True, "replaces_clinic_visit": True, "fee_informed": True}, True),
        ({"booked_or_agreed": True, "replaces_clinic_visit": False, "fee_informed": True}, False),
        (None, None),
    ],
)
async def test_at_its_end_it_is_proposed_to_the_journal_system_how_it_is_registered(
    contact_town: ContactTown, visit: dict[str, bool] | None, expected: bool | None
) -> None:
    """distans-1: a visit or not; unknown is never one."""
    town = contact_town
    contact = town.writes(town.resident())
    await town.comes_to_rest()
    town.closes(contact, visit=visit and {"documented": None} | visit)
    await town.comes_to_rest()
    (registered,) = town.holds("vas")["contacts"]
    assert (registered["contact"], registered["visit"]) == (contact, expected)
    assert any(code["code"] == "ZV051" for code in registered["codes"]) is bool(expected)
    assert town.state("inbound_contact", f"platform24:{contact}") == "registered"
    town.tells(
        "contact.message",
        {"contact": contact, "message": {"id": "late", "from": "staff", "text": "Ett tillägg."}},
        source="platform24",
    )
    await town.comes_to_rest()
    assert town.state("inbound_contact", f"platform24:{contact}") == "registered"
