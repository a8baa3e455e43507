"""When a reply is consent to be called (byte-1), and when an SMS says STOPP (paminnelse-1)."""

from __future__ import annotations

import time
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import MOBILE, REGION

from models.identity import is_identity_number
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region
from routine.reply import CallNumber, StaffRead, is_consent_withdrawn, is_reply_consent, is_stop

NUMBER = "070-174 06 05"


def reply(text: str, region: Region = REGION) -> Decision[CallNumber | StaffRead]:
    return is_reply_consent(text, True, region)


def consent(number: str = MOBILE) -> Decision[CallNumber | StaffRead]:
    return Decision(CallNumber(number), Reason.ANSWERED_WITH_NUMBER, "byte-1")


def left_to_staff(reason: Reason) -> Decision[CallNumber | StaffRead]:
    return Decision(StaffRead(), reason, "byte-1")


YES = [
    NUMBER,
    "0701740605",
    "0701740605.",
    "070 174 06 05",
    "070-1740605",
    "070/174 06 05",
    "070.174.06.05",
    "070–174 06 05",
    "(070) 174 06 05",
    "+46701740605",
    "+46 70 174 06 05",
    "+46 (0)70-174 06 05",
    "+46 0701740605",
    "0046701740605",
    "0046 70 174 06 05",
    "46701740605",
    "tel:+46701740605",
    "Ja, ring 0701740605 tack",
    "JA! Ring 0701740605",
    "Ja tack! 070-174 06 05",
    "Det går bra. 070-174 06 05",
    "Ok 0701740605",
    "Mitt nummer är 070-174 06 05, hälsningar Åsa",
    "Tack!\n\n0701740605\n\nMvh Bo",
    "0701740605\0",
    "０７０１７４０６０５",
    "٠٧٠١٧٤٠٦٠٥",
    "0701740605 0701740605",
    "0701740605 / 0701740605",
]


@pytest.mark.parametrize("text", YES)
def test_byte_1_a_reply_with_one_number_is_consent_to_be_called_on_it(text: str) -> None:
    assert reply(text) == consent()


def test_byte_1_the_number_may_be_a_fixed_one() -> None:
    assert reply("ring mig på 035-13 10 00") == consent("+4635131000")


REFUSED = [
    "ring inte, 070-174 06 05",
    "ring inte 0701740605",
    "070-174 06 05 men ring INTE",
    "Nej 070-174 06 05",
    "NEJ! 070-174 06 05",
    "Nä, 070-174 06 05",
    "InTe 070-174 06 05",
    "inte: 070-174 06 05",
    "ring-inte-0701740605",
    "nej.070-1740605",
    "Jag vill ej bli uppringd, 070-174 06 05",
    "Undvik att ringa, 070-174 06 05",
    "Jag avstår. 070-174 06 05",
    "VÄGRAR 070-174 06 05",
    "Sluta ringa 070-174 06 05",
    "Do NOT call 070-174 06 05",
    "Don't call 070-174 06 05",
    "Don’t call 070-174 06 05",
    "DON’T call 070-174 06 05",
    "inte\x00 070-174 06 05",
    "inte\u200b 070-174 06 05",
]


@pytest.mark.parametrize("text", REFUSED)
def test_byte_1_a_number_with_a_word_of_refusal_is_none(text: str) -> None:
    assert reply(text) == left_to_staff(Reason.WORD_OF_REFUSAL)


@pytest.mark.parametrize("word", sorted(REGION.contacts.words_of_refusal))
@pytest.mark.parametrize("spelt", [str, str.upper, str.capitalize])
def test_every_word_of_refusal_counts_in_any_case_before_and_after(word: str, spelt: Any) -> None:
    assert reply(f"{spelt(word)} {NUMBER}") == left_to_staff(Reason.WORD_OF_REFUSAL)
    assert reply(f"{NUMBER}, {spelt(word)}!") == left_to_staff(Reason.WORD_OF_REFUSAL)


@pytest.mark.parametrize("word", ["intensiv", "Omar", "Nejla", "Ejnar", "stopplikt", "Änej"])
def test_a_word_that_only_contains_a_word_of_refusal_is_none(word: str) -> None:
    assert reply(f"{NUMBER} {word}") == left_to_staff(Reason.NOT_SURELY_YES)
    assert reply(f"{NUMBER}\nHälsningar {word}") == consent()


@pytest.mark.parametrize("word", sorted(REGION.contacts.words_of_yes))
@pytest.mark.parametrize("spelt", [str, str.upper, str.capitalize])
def test_every_word_of_a_yes_may_stand_beside_the_number(word: str, spelt: Any) -> None:
    assert reply(f"{spelt(word)} {NUMBER}, {spelt(word)}!") == consent()


@pytest.mark.parametrize(
    ("signed", "is_consent"),
    [
        ("Mvh Bo", True),
        ("mvh, Anna Testsson", True),
        ("Hälsningar\nÅsa", True),
        ("vh B. Test", True),
        ("Hälsningar", True),
        ("Mvh Anna Maria Testsson", False),
        ("Hälsningar men bara chatt", False),
        ("Hälsningar bara chatt", False),
        ("Mvh Bo. Ring ingen annan dag", False),
        ("Bo Testsson", False),
        ("Hälsningar? Bo", False),
    ],
)
def test_a_name_of_three_words_may_stand_below_a_greeting(signed: str, is_consent: bool) -> None:
    assert isinstance(reply(f"{NUMBER}\n{signed}").answer, CallNumber) is is_consent


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\n",
        "\0",
        "\0" * 10,
        "Ja tack, ring!",
        "ja",
        "noll sju noll ett sju fyra noll sex noll fem",
        "07O1740605",
        "112",
        "1177",
        "113 13",
        "070-174 06",
        "070-174 06 0",
        "070-174 06 055",
        "070\x00174 06 05",
        "070\n174\n06\n05",
        "070-174 06 05 (121212-1212)",
        "070-174 06 05\n121212-1212",
        "070-174 06 05 eller 070-174 06 06",
        "070-174 06 05, 035-13 10 00",
        "0701740605/0701740606",
        "0701740605-0701740606",
        "19121212-1212",
        "191212121212",
        "121212-1212",
        "121212-1212 070-174 06 05",
        "ring efter kl 15 070-174 06 05",
        "ring kl 15:30 070-174 06 05",
        "nej070-1740605",
        "پاسخ",
        "电话",
    ],
)
def test_byte_1_no_number_or_more_than_one_is_for_staff(text: str) -> None:
    assert reply(text) == left_to_staff(Reason.NOT_ONE_NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        "pnr 8001019999 0701740605",
        "0701740605, kl 1530",
        "0701740605 kl 15.30",
        "0701740605 kl 15-16",
        "0701740605 portkod 1234",
        "0701740605 portkod 1 2/3-4",
        "0701740605, den 2026-12-01",
        "hemma 13 10 00, mobil 0701740605",
        "Är detta 1177? 070-174 06 05",
    ],
)
def test_byte_1_other_figures_that_may_say_when_or_whom_are_for_staff(text: str) -> None:
    assert reply(text) == left_to_staff(Reason.MORE_THAN_A_NUMBER)


def test_one_other_figure_is_enough() -> None:
    assert reply(f"{NUMBER}, 7").reason is Reason.MORE_THAN_A_NUMBER


def test_what_was_not_asked_is_not_answered_whatever_it_says() -> None:
    assert is_reply_consent(NUMBER, False, REGION) == left_to_staff(Reason.NOT_ASKED)
    assert is_reply_consent("nej", False, REGION) == left_to_staff(Reason.NOT_ASKED)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("nej", Reason.NOT_ONE_NUMBER),
        ("nej, 0701740605 eller 0701740606", Reason.NOT_ONE_NUMBER),
        ("nej, 0701740605, kod 1234", Reason.MORE_THAN_A_NUMBER),
    ],
)
def test_numbers_are_counted_before_words_are_read(text: str, reason: Reason) -> None:
    assert reply(text) == left_to_staff(reason)


def with_words(**words: frozenset[str]) -> Region:
    return REGION.model_copy(update={"contacts": REGION.contacts.model_copy(update=words)})


def test_the_region_says_which_words_refuse_and_which_are_of_a_yes() -> None:
    assert reply(f"hej {NUMBER}", with_words(words_of_refusal=frozenset({"hej"}))) == left_to_staff(
        Reason.WORD_OF_REFUSAL
    )
    assert reply(f"hej {NUMBER}", with_words(words_of_yes=frozenset({"ja"}))) == left_to_staff(
        Reason.NOT_SURELY_YES
    )


@pytest.mark.parametrize(
    "text",
    [
        "1" * 100_000,
        "1 " * 50_000,
        "(" * 100_000,
        "0-" * 50_000,
        "\0" * 100_000,
        "0" + " " * 100_000 + "1",
        "a" * 100_000 + " " + NUMBER,
        "ring mig " * 11_000 + NUMBER,
        NUMBER + ", " + "a'" * 50_000,
        NUMBER + ", 000" + " " * 99_000,
        "0701740605" + "." * 100_000,
    ],
    ids=lambda text: text[:12],
)
def test_a_reply_of_a_hundred_thousand_characters_is_read_at_once(text: str) -> None:
    began = time.process_time()
    reply(text)
    assert time.process_time() - began < 2


def test_a_reply_of_numbers_only_is_read_at_once() -> None:
    began = time.process_time()
    reply("0701740605 " * 9_000)
    assert time.process_time() - began < 2


@given(st.text(max_size=200))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(reply(text).answer, CallNumber | StaffRead)


@given(st.sampled_from(sorted(REGION.contacts.words_of_refusal)), st.sampled_from(YES))
def test_no_yes_outweighs_a_word_of_refusal(word: str, yes: str) -> None:
    assert isinstance(reply(f"{word} {yes}").answer, StaffRead)
    assert isinstance(reply(f"{yes} {word}").answer, StaffRead)


def test_no_number_shows_in_a_repr() -> None:
    assert "701740605" not in repr(reply(NUMBER))


WRONGLY_A_YES = [
    pytest.param(f"{words} {NUMBER}", id=words)
    for words in (
        "Icke ring",
        "Ring ingen",
        "Ring inget",
        "Ingen får ringa",
        "Låt bli att ringa",
        "Näe",
        "Nää",
        "Nejj",
        "Nix",
        "Nope",
        "Jag avböjer.",
        "Motsätter mig detta",
        "Jag föredrar chatten",
        "Kan vi fortsätta skriva här?",
        "Jag skriver här i stället.",
        "Endast chatt",
        "Enbart sms",
        "Sms:a",
        "Stopp",
        "Vänta med att ringa",
        "Jag ringer själv från",
        "Fel nummer",
        "Ring min dotter på",
        "Numret till min man är",
        "Någon ringde mig från",
        "Är det ni som ringt från",
        "Varför?",
        "I can't talk",
        "Don´t call",
        "Don`t call",
        "لا تتصل",
        "не звоните",
        "nie dzwonić",
        "hayır",
        "älä soita",
        "in\u00adte",
        "ＩＮＴＥ",
    )
]


@pytest.mark.parametrize("text", WRONGLY_A_YES)
def test_what_is_not_surely_a_yes_is_for_staff(text: str) -> None:
    assert isinstance(reply(text).answer, StaffRead)


@pytest.mark.parametrize("word", ["vägrar", "nä", "avstår", "förrän", "istället"])
def test_a_word_of_refusal_counts_as_some_phones_write_it(word: str) -> None:
    assert isinstance(reply(unicodedata.normalize("NFD", f"{word} {NUMBER}")).answer, StaffRead)


@pytest.mark.parametrize(
    "text", ["070203-2399", "080910-2385", "010101-9999", "Mitt personnummer är 080910-2385"]
)
def test_an_identity_number_is_no_phone_number(text: str) -> None:
    assert isinstance(reply(text).answer, StaffRead)


@pytest.mark.parametrize(
    "text",
    [
        "0701740605 kl 15",
        "0701740605 efter 15",
        "0701740605 ankn 12",
        "070-1740605x12",
        "0701740605/06",
        "070-174 06 05 eller 112",
        "Ring i morgon 0701740605",
        "Ring efter tre 0701740605",
    ],
)
def test_a_time_or_an_extension_is_for_staff(text: str) -> None:
    assert isinstance(reply(text).answer, StaffRead)


@pytest.mark.parametrize(
    "text",
    [
        "+47 22 12 34 56",
        "+1 202 555 0143",
        "+881 6 1234 5678",
        "+979 123456789",
        "0900-123 45 67",
        "020-123 456",
    ],
)
def test_a_foreign_or_a_dear_number_is_for_staff(text: str) -> None:
    assert isinstance(reply(text).answer, StaffRead)


@pytest.mark.parametrize(
    "text",
    [
        "070-174 06 05 / 070 174 06 05",
        "0701740605 (+46701740605)",
        "Ring 0701740605, ja 070-174 06 05",
        "Det går bra, tack! 0701740605",
        "Du kan ringa mig på 0701740605",
        "Yes please, my number is 0701740605",
    ],
)
def test_an_everyday_yes_is_consent(text: str) -> None:
    assert reply(text) == consent()


@pytest.mark.parametrize(
    "text",
    [
        "0701740605 😊",
        "👎 0701740605",
        "Tack, det är bra så 0701740605",
        "Jag ringer er på 0701740605",
        "0701740605 om det går bra",
        "Tack, det är inte bråttom! 0701740605",
        "Anna 0701740605",
    ],
)
def test_some_an_everyday_yes_is_left_to_staff_rather_than_a_no_taken_for_one(text: str) -> None:
    assert isinstance(reply(text).answer, StaffRead)


def test_a_reply_of_more_than_500_characters_is_for_staff() -> None:
    assert reply(NUMBER + " " * (500 - len(NUMBER))) == consent()
    assert reply(NUMBER + " " * (501 - len(NUMBER))) == left_to_staff(Reason.NOT_SURELY_YES)


@pytest.mark.parametrize(
    ("number", "called"),
    [("035-13 10 00", "+4635131000"), ("010-123 45 67", "+46101234567"), (NUMBER, MOBILE)],
)
def test_ordinary_numbers_are_called_fixed_mobile_and_switchboards(number: str, called: str) -> None:
    assert reply(number) == consent(called)


TEST_NUMBERS = [f"0701740{last}" for last in range(605, 700)]
"""The regulator's mobile numbers that are nobody's; 10 of them pass as an identity number."""
EITHER = [number for number in TEST_NUMBERS if is_identity_number(number)]


def spelt(number: str, how: str) -> str:
    figures = iter(number)
    return "".join(next(figures) if char == "0" else char for char in how)


@pytest.mark.parametrize(
    "how", ["000-000 00 00", "000 000 00 00", "000-0000000", "(000) 000 00 00", "000.000.00.00"]
)
def test_byte_1_how_a_number_is_written_tells_that_it_is_a_phone_number(how: str) -> None:
    assert "0701740607" in EITHER
    for number in TEST_NUMBERS:
        assert reply(f"ring {spelt(number, how)}") == consent(f"+46{number[1:]}")


@pytest.mark.parametrize("code", ["+46", "0046", "+46 (0)", "+46 "])
def test_byte_1_with_the_code_of_the_country_it_is_a_phone_number(code: str) -> None:
    for number in EITHER:
        assert reply(f"{code}{number[1:]}") == consent(f"+46{number[1:]}")


@pytest.mark.parametrize("number", EITHER)
def test_byte_1_ten_figures_in_a_row_that_could_be_either_are_for_staff_unless_it_is_the_patients_own(
    number: str,
) -> None:
    assert reply(number) == left_to_staff(Reason.MORE_THAN_A_NUMBER)
    assert reply(f"{number[:6]} {number[6:]}") == left_to_staff(Reason.MORE_THAN_A_NUMBER)
    e164 = f"+46{number[1:]}"
    assert is_reply_consent(number, True, REGION, own=[e164]) == consent(e164)


@pytest.mark.parametrize("number", TEST_NUMBERS[:5])
def test_byte_1_six_and_four_with_a_dash_are_an_identity_number_even_if_it_is_ones_own_phone(
    number: str,
) -> None:
    written = f"{number[:6]}-{number[6:]}"
    assert isinstance(is_reply_consent(written, True, REGION, own=[f"+46{number[1:]}"]).answer, StaffRead)


@pytest.mark.parametrize("figures", ["191212121212", "20070114-0607", "200701140607", "19121212-1212"])
def test_byte_1_twelve_figures_are_no_phone_number(figures: str) -> None:
    assert isinstance(reply(figures).answer, StaffRead)


def test_byte_1_letters_are_no_figures_as_they_are_on_a_keypad() -> None:
    """`phonenumbers.parse` reads "(mamma)" as 62662; whose number it is, staff find out."""
    assert reply(f"{NUMBER} (mamma)") == left_to_staff(Reason.NOT_SURELY_YES)
    assert reply("070-RING MIG") == left_to_staff(Reason.NOT_ONE_NUMBER)


@pytest.mark.parametrize(
    "text",
    [
        f"Ja, ni når mig på {NUMBER}. Tack så mycket!",
        f"Tack så mycket. {NUMBER}",
        f"Du når mig på {NUMBER}, tusen tack",
        f"Jag nås bäst på {NUMBER}",
    ],
)
def test_byte_1_where_one_is_reached_and_thanks_are_no_refusal(text: str) -> None:
    assert reply(text) == consent()


@pytest.mark.parametrize(
    "said",
    [
        "Nej ring inte",
        "Nej, ring inte!",
        "RING INTE",
        "Stopp",
        "Nej tack",
        "Nej",
        "Jag vill inte bli uppringd längre",
        "Jag har ångrat mig",
        "Vi behöver inget samtal, ring ej",
        "Please don't call me",
        "in\u200bte ring",
        "Jag kan inte prata i dag, ring på fredag",
    ],
)
def test_byte_1_a_no_to_the_call_takes_the_consent_back(said: str) -> None:
    assert is_consent_withdrawn(said, REGION) == Decision(True, Reason.CONSENT_WITHDRAWN, "byte-1")


@pytest.mark.parametrize(
    "said",
    [
        "",
        "Ja",
        "Tack!",
        "Nej, jag har ingen feber",
        "Jag har inte ont längre",
        "Ring gärna i dag",
        NUMBER,
        "När ringer ni?",
    ],
)
def test_byte_1_what_is_said_of_anything_else_does_not(said: str) -> None:
    assert not is_consent_withdrawn(said, REGION).allowed


@given(st.text(max_size=300))
def test_any_text_may_be_asked_whether_it_takes_a_consent_back(said: str) -> None:
    assert isinstance(is_consent_withdrawn(said, REGION).allowed, bool)


# STOPP (paminnelse-1)

SAYS_STOP = [
    "STOPP", "stop", "Stopp!", "  stopp  ", "\nSTOP\n", "s t o p p", "S.T.O.P", "STOPPA", "Stoppa alla sms tack",
    "stop 1177", "1177 STOP", "ＳＴＯＰ", "Stoppp", "SSTTOOPP", "Ståpp", "st\u200bopp", "Sluta skicka", "Avsluta",
    "Avregistrera mig", "unsubscribe",
]  # fmt: skip
SAYS_ELSE = [
    "", " ", "Hej", "Det är stopp i avloppet", "stoppad näsa", "Stopplikt?", "stop\u00e5n", "non stop", "1177", "s t o",
    "s t o p p i n g", "Slutade jag?", "Jag vill inte ha fler sms",
]  # fmt: skip


@pytest.mark.parametrize("said", SAYS_STOP)
def test_paminnelse_1_an_sms_that_begins_with_stopp_says_it_in_any_spelling(said: str) -> None:
    assert is_stop(said) == Decision(True, Reason.SAYS_STOP, "paminnelse-1")


@pytest.mark.parametrize("said", SAYS_ELSE)
def test_paminnelse_1_what_only_has_the_word_in_it_is_for_staff_to_read(said: str) -> None:
    assert is_stop(said) == Decision(False, Reason.SAYS_SOMETHING_ELSE, "paminnelse-1")


def test_paminnelse_1_it_is_looked_for_where_a_text_begins() -> None:
    assert is_stop("stopp" + " och" * 10_000).allowed
    assert not is_stop("!" * 500 + "stopp").allowed


@given(st.text(max_size=300))
def test_any_text_may_be_asked_whether_it_is_stopp(said: str) -> None:
    assert isinstance(is_stop(said).allowed, bool)
