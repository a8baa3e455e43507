"""What a patient reads in a conversation, and that no region starts with a text that may not go out."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import UTC, datetime
from itertools import product

import pytest
from routine_cases import REGION

from models.contact import Topic
from routine.approved import PHONE
from routine.conversation import acknowledgement, guidance, question, referral, sms_link
from routine.figures import Login
from routine.neutral import is_neutral
from routine.region import Region
from routine.self_service import Service
from routine.sms import Encoding, Parts, sms_parts
from routine.text import sms_reminder
from routine.texts_checked import wrong_with_texts

UNIT = "Vårdcentralen Halmstad"
CHATS = ("platform24", "hope", "lifecare")
DIGITAL = ("e1177", *CHATS)


# byte-1 and byte-3: the routine's own words


@pytest.mark.parametrize("channel", DIGITAL)
def test_to_phone_the_patient_is_asked_in_the_words_of_the_routine(channel: str) -> None:
    asked = question(channel, PHONE, "Anna Test", "sjuksköterska", UNIT)
    assert (asked.template, asked.version) == ("ask_to_call", 1)
    assert asked.body == (
        "Hej!\n\nFör att vi ska kunna ställa några kompletterande frågor och hjälpa dig på bästa sätt behöver vi "
        "fortsätta vår kontakt på telefon. Vi ringer upp dig. Genom att svara med ditt telefonnummer godkänner du "
        "att vi ringer upp dig.\n\nVänliga hälsningar Anna Test, sjuksköterska"
    )


def test_to_the_chat_the_patient_is_asked_in_the_words_of_the_routine() -> None:
    asked = question("e1177", "platform24", "Anna Test", "sjuksköterska", UNIT)
    assert (asked.template, asked.version) == ("ask_to_change", 1)
    assert asked.body == (
        "Hej! Tack för att du kontaktat oss. Jag skulle gärna vilja fortsätta kontakten via vår chatt eftersom det "
        "är lättare att ha dialog där. Klicka på länken nedan och logga in om du godkänner det. Annars kan du "
        "fortsätta skriva här om du hellre vill det.\n\nVänliga hälsningar Anna Test, sjuksköterska"
    )


@pytest.mark.parametrize("channel", CHATS)
def test_to_1177_nothing_is_said_of_a_chat(channel: str) -> None:
    body = question(channel, "e1177", "Anna Test", "läkare", UNIT).body
    assert "fortsätta kontakten via 1177.se. Klicka på länken nedan" in body
    assert "chatt" not in body


@pytest.mark.parametrize(
    ("name", "title", "greeting"),
    [
        ("Anna Test", "sjuksköterska", "Vänliga hälsningar Anna Test, sjuksköterska"),
        ("Anna Test", None, "Vänliga hälsningar Anna Test"),
        (None, "sjuksköterska", f"Vänliga hälsningar {UNIT}"),
        (None, None, f"Vänliga hälsningar {UNIT}"),
        ("", "", f"Vänliga hälsningar {UNIT}"),
    ],
)
def test_the_question_is_signed_by_who_asks_or_else_by_the_unit(
    name: str | None, title: str | None, greeting: str
) -> None:
    for to in (PHONE, "hope"):
        assert question("e1177", to, name, title, UNIT).body.endswith(f"\n\n{greeting}")


def test_a_caller_is_not_asked_since_the_key_press_was_theirs() -> None:
    with pytest.raises(ValueError, match="key press"):
        question(PHONE, "platform24", "Anna Test", None, UNIT)


# byte-2, patient-4, patient-1


def test_the_link_after_a_key_press_is_neutral_and_one_sms() -> None:
    text = sms_link("https://www.1177.se/" + "x" * 60, REGION)
    assert (text.template, text.version) == ("sms_link", 1)
    assert text.body == (
        f"Logga in via länken för att fortsätta digitalt: https://www.1177.se/{'x' * 60} Hälsningar Region Halland"
    )
    assert sms_parts(text.body) == Parts(Encoding.GSM7, 1, None)
    assert is_neutral(text.body, REGION).allowed


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        (("e1177", PHONE), "Kontakta oss i stället via 1177.se eller telefon."),
        (("e1177", "platform24", PHONE), "via 1177.se, Platform24 (Clinic24) eller telefon."),
        (("e1177", "platform24", "hope", PHONE), "via 1177.se, Platform24 (Clinic24), HOPE eller telefon."),
        ((PHONE,), "Kontakta oss i stället via telefon."),
    ],
)
def test_a_referral_names_the_approved_ways(ways: tuple[str, ...], said: str) -> None:
    text = referral(ways, REGION)
    assert (text.template, text.version) == ("referral", 1)
    assert said in text.body
    assert text.body.startswith("Hej! Den här vägen är inte säker, så vi kan inte svara dig här. Kontakta")
    assert (
        "Logga in på https://www.1177.se/ för att skriva till oss. Vid akuta besvär, ring 112." in text.body
    )
    assert text.body.endswith("Hälsningar Region Halland")
    assert text.subject == "Kontakta oss på ett säkert sätt - Region Halland"


def test_a_referral_is_neutral_by_whatever_way_it_goes() -> None:
    assert all(
        is_neutral(referral((a, b), REGION).body, REGION).allowed for a, b in product(DIGITAL, (PHONE,))
    )


def test_a_way_that_the_region_has_not_listed_is_named_to_nobody() -> None:
    with pytest.raises(KeyError):
        referral(("skype",), REGION)


def test_an_acknowledgement_says_that_the_answer_comes_there() -> None:
    text = acknowledgement()
    assert (text.template, text.version) == ("acknowledgement", 1)
    assert text.body == (
        "Hej! Vi har tagit emot ditt meddelande och svarar dig här. Vid akuta besvär, ring 112."
    )
    assert text.subject == "Vi har tagit emot ditt meddelande"
    assert is_neutral(text.body, REGION).allowed


READY = [
    (Topic.REBOOK, (), 1, "På 1177.se ser du din tid, och kan be om att få ändra eller avboka den."),
    (Topic.REBOOK, {Service.CANCEL}, 1, "På 1177.se ser du din tid, och kan be om att få ändra eller avboka den."),
    (Topic.REBOOK, {Service.CANCEL, Service.REBOOK}, 2, "På 1177.se ser du din tid, och om du kan ändra eller avboka den själv."),
    (Topic.REBOOK, Service, 2, "På 1177.se ser du din tid, och om du kan ändra eller avboka den själv."),
    (Topic.JOURNAL, Service, 1, "Du kan läsa din journal på 1177.se."),
]  # fmt: skip


@pytest.mark.parametrize(("topic", "carried_out", "version", "says"), READY)
def test_byte_5_whoever_is_guided_hears_what_can_be_done_there(
    topic: Topic, carried_out: Collection[Service], version: int, says: str
) -> None:
    text = guidance(topic, REGION, carried_out)
    assert text.body == (
        f"Hej! {says} Följ länken och logga in. Du kan också fortsätta skriva här. Hälsningar Region Halland"
    )
    assert (text.template, text.version) == (f"guidance_{topic}", version)
    assert text.subject == "Det här kan du göra på 1177.se"
    assert is_neutral(text.body, REGION).allowed


@pytest.mark.parametrize("topic", [Topic.FORM, Topic.DIALOGUE])
def test_byte_5_nobody_is_guided_to_what_1177_puts_before_them_itself(topic: Topic) -> None:
    with pytest.raises(KeyError):
        guidance(topic, REGION)


# besok-5, avisering-2


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), "1/12 kl. 09.00"),
        (datetime(2026, 6, 30, 22, 5, tzinfo=UTC), "1/7 kl. 00.05"),
    ],
)
def test_a_reminder_says_when_and_neither_where_nor_what_for(start: datetime, said: str) -> None:
    text = sms_reminder(start, REGION)
    assert (text.template, text.version) == ("reminder_sms", 2)
    assert text.body == (
        f"Påminnelse om en bokad tid {said}. Logga in på https://www.1177.se/ för att se hur du ändrar eller "
        "avbokar. Hälsningar Region Halland"
    )
    assert is_neutral(text.body, REGION).allowed


# before anything starts


def named(name: str, **differs: object) -> Region:
    return REGION.model_copy(update={"name": name, **differs})


def test_hallands_texts_may_all_go_out() -> None:
    assert wrong_with_texts(REGION) is None


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        (named("Region Halland" + "d" * 20), "notice_sms_changed is one GSM-7 part"),
        (named("Region Hallánd"), "notice_sms_booked is one GSM-7 part"),
        (named("Cancerregionen"), r"notice_sms_booked is neutral \(clinical_word\)"),
        (named("Region x.se"), r"notice_sms_booked is neutral \(foreign_link\)"),
    ],
)
def test_a_name_that_makes_a_wrong_text_is_found_before_anything_starts(
    region: Region, expected: str
) -> None:
    wrong = wrong_with_texts(region)
    assert wrong is not None
    assert re.fullmatch(f"a name and a link with which {expected}", wrong)


def test_a_link_too_long_for_one_sms_is_found() -> None:
    link = "https://www.1177.se/" + "x" * 40
    region = named(REGION.name, login=Login(link=link, hosts=REGION.login.hosts))
    assert wrong_with_texts(region) == "a name and a link with which notice_sms_booked is one GSM-7 part"


@pytest.mark.parametrize(
    ("word", "template"),
    [
        ("sedan förra påminnelsen", "reminder_sms_moved"),
        ("påminnelse från", "reminder_mail"),
    ],
)
def test_the_reminders_are_looked_at_too_as_they_are_of_a_visit_that_has_moved(
    word: str, template: str
) -> None:
    clinical = REGION.neutral.model_copy(update={"clinical": frozenset({word})})
    wrong = wrong_with_texts(named(REGION.name, neutral=clinical))
    assert wrong == f"a name and a link with which {template} is neutral (clinical_word)"


def test_what_goes_by_e_mail_is_looked_at_too() -> None:
    word = frozenset({"det går inte att svara på detta meddelande"})
    clinical = REGION.neutral.model_copy(update={"clinical": word})
    wrong = wrong_with_texts(named(REGION.name, neutral=clinical))
    assert wrong == "a name and a link with which notice_mail_booked is neutral (clinical_word)"
