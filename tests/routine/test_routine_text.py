"""What patients and staff read (avisering-2, avisering-3, onskemal-3, policy-skydd-2)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION, UNIT, visit

from routine.facts import CallLetterKind, Form, Visit
from routine.neutral import is_neutral
from routine.notice import NoticeKind
from routine.printable import may_reach_patient
from routine.reasons import Reason
from routine.self_service import Service
from routine.sms import Encoding, sms_parts
from routine.text import (
    Text,
    call_letter,
    mail_notice,
    mail_reminder,
    paper_letter,
    sms_notice,
    sms_reminder,
    staff_task,
    swedish_time,
)

LETTERS = [call_letter, paper_letter]
OPEN = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=date(2027, 1, 31))


@pytest.mark.parametrize("kind", NoticeKind)
def test_an_sms_is_one_neutral_part_with_the_link_to_log_in(kind: NoticeKind) -> None:
    text = sms_notice(kind, REGION)
    parts = sms_parts(text.body)
    assert (parts.encoding, parts.parts, parts.dearest) == (Encoding.GSM7, 1, None)
    assert is_neutral(text.body, REGION, ["Tolvan", "Halmstad", "besök", "läkare"]).allowed
    assert "https://www.1177.se/" in text.body


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize(
    ("wrote", "seen"),
    [
        ("Ta med legitimation.", "Ta med legitimation."),
        ("Fasta\r\nfrån\u2028midnatt\u2029", "Fasta\nfrån\nmidnatt"),
        ("Kom kl.\t8\u00ad30", "Kom kl. 830"),
        ("Ring \u202e00-321\u202c\u200b \ufeffi dag\x00\x1b[2J", "Ring 00-321 i dag[2J"),
        ("\u200b\n\u2066", None),
    ],
)
def test_avisering_2_what_the_journal_system_wrote_reads_as_it_is_seen(
    letter: Callable[..., Text], wrote: str, seen: str | None
) -> None:
    """Marks of direction, blanks of no width and controls are left out, and hold no letter up."""
    assert letter(visit(), UNIT, "Kontroll\u202e", wrote).body == letter(visit(), UNIT, "Kontroll", seen).body


@given(st.text(), st.text())
def test_avisering_2_no_call_letter_has_a_character_that_is_not_seen(purpose: str, message: str) -> None:
    said = call_letter(visit(), UNIT, purpose, message)
    assert may_reach_patient(said, (), "https://a.se/l/", REGION).reason is not Reason.NOT_PRINTABLE


@pytest.mark.parametrize("kind", NoticeKind)
def test_an_e_mail_is_neutral_with_the_link_to_log_in(kind: NoticeKind) -> None:
    text = mail_notice(kind, REGION)
    assert is_neutral(f"{text.subject}\n{text.body}", REGION).allowed
    assert "https://www.1177.se/" in text.body
    assert "sms" not in text.body
    assert text.subject == "Ny information från Region Halland"


def test_the_sms_of_a_new_visit() -> None:
    assert sms_notice(NoticeKind.BOOKED, REGION).body == (
        "Det finns en ny bokad tid. Logga in på https://www.1177.se/ för att se tiden. "
        "Det går inte att svara på detta sms. Hälsningar Region Halland"
    )


def test_every_text_has_a_template_of_its_own_and_a_version() -> None:
    texts = [make(kind, REGION) for make in (sms_notice, mail_notice) for kind in NoticeKind]
    texts += [make(case, UNIT) for make in LETTERS for case in (visit(), OPEN)]
    texts += [staff_task(reason) for reason in (Reason.MANUAL_HANDLING, Reason.DIGITAL_ONLY_UNREACHABLE)]
    assert len({text.template for text in texts}) == len(texts) == 18
    assert {text.version for text in texts} <= {1, 2, 3, 4}


def test_no_text_shows_in_a_repr() -> None:
    assert "Vårdcentralen" not in repr(call_letter(visit(), UNIT))


@pytest.mark.parametrize("reason", [Reason.MANUAL_HANDLING, Reason.DIGITAL_ONLY_UNREACHABLE])
def test_a_task_for_staff_tells_nothing_of_a_protected_identity(reason: Reason) -> None:
    body = staff_task(reason).body.casefold()
    assert not any(word in body for word in ("skydd", "sekretess", "hemlig", "folkbokför"))


def test_staff_have_no_task_for_another_reason() -> None:
    with pytest.raises(KeyError):
        staff_task(Reason.REPLAY)


@pytest.mark.parametrize("letter", LETTERS)
def test_a_call_letter_names_unit_time_purpose_and_where_to_turn(letter: Callable[..., Text]) -> None:
    text = letter(visit(), UNIT, purpose="Läkarbesök", message="Kom i god tid.")
    for part in ("Vårdcentralen Halmstad", "tisdag 1 december 2026 kl. 09.00", "Gäller: Läkarbesök"):
        assert part in text.body
    assert "031-390 06 00" in text.body
    assert "Kom i god tid." in text.body
    assert text.subject == "Kallelse till Vårdcentralen Halmstad"


def test_the_digital_call_letter_in_full() -> None:
    text = call_letter(visit(form=Form.VIDEO), UNIT, purpose="Återbesök", carried_out=())
    assert text.body == (
        "Välkommen till Vårdcentralen Halmstad.\n\n"
        "Tid: tisdag 1 december 2026 kl. 09.00\nMottagning: Vårdcentralen Halmstad\nGäller: Återbesök\n\n"
        "Besöket sker via video. Anslut genom att logga in på 1177.se med e-legitimation.\n\n"
        "Har du frågor, eller vill du avboka eller byta tid? Kontakta Vårdcentralen Halmstad: 031-390 06 00.\n\n"
        "Hälsningar\nVårdcentralen Halmstad"
    )


@pytest.mark.parametrize("form", [Form.VIDEO, Form.CHAT])
def test_distans_2_the_digital_call_letter_has_the_link_that_its_visit_is_joined_by(form: Form) -> None:
    link = "https://vaxel.example.org/v/" + "x" * 22
    said = f"När det är dags ansluter du här, med e-legitimation:\n{link}\n\n"
    assert said in call_letter(visit(form=form), UNIT, link=link).body
    assert link not in call_letter(visit(form=Form.PHONE), UNIT, link=link).body
    assert "Anslut genom att logga in på 1177.se" in paper_letter(visit(form=form), UNIT).body


LINK = "https://vaxel.example.org/v/" + "x" * 22
LISTED = REGION.model_copy(
    update={"login": REGION.login.model_copy(update={"hosts": REGION.login.hosts | {"vaxel.example.org"}})}
)


@pytest.mark.parametrize("moved", [False, True])
def test_avisering_2_a_reminder_leads_to_a_digital_visit_only_where_the_region_lists_the_host(
    moved: bool,
) -> None:
    start = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    for remind in (sms_reminder, mail_reminder):
        assert remind(start, REGION, moved=moved, link=LINK).body == remind(start, REGION, moved=moved).body
        assert LINK in remind(start, LISTED, moved=moved, link=LINK).body
        assert LINK not in remind(start, LISTED, moved=moved, link=LINK.replace("https", "http")).body
    body = sms_reminder(start, LISTED, moved=moved, link=LINK).body
    assert (sms_parts(body).parts, sms_parts(body).encoding) == (1, Encoding.GSM7)
    assert is_neutral(body, LISTED).allowed
    assert "31/12 kl. 13.00" in body


def test_avisering_2_a_link_that_would_make_a_reminder_two_sms_is_left_out() -> None:
    host = f"{'x' * 60}.example.org"
    hosts = REGION.login.hosts | {host}
    region = REGION.model_copy(update={"login": REGION.login.model_copy(update={"hosts": hosts})})
    start = datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    assert "1177.se" in sms_reminder(start, region, link=f"https://{host}/v/{'x' * 22}").body


@pytest.mark.parametrize(
    "token", ["xxHiVxx-xxxxxxxxxxxxxx", "xx_5551234567_xxxxxxxx", "pSyKxxxxxxxxxxxxxxxxxx"]
)
def test_avisering_2_a_link_that_happens_to_spell_what_no_text_may_say_is_left_out(token: str) -> None:
    link, start = f"https://vaxel.example.org/v/{token}", datetime(2026, 12, 31, 12, 0, tzinfo=UTC)
    for remind in (sms_reminder, mail_reminder):
        text = remind(start, LISTED, link=link)
        assert is_neutral(text.body, LISTED).allowed
        assert text == remind(start, LISTED)


@pytest.mark.parametrize("letter", LETTERS)
def test_policy_andring_1_a_letter_that_replaces_another_says_so(letter: Callable[..., Text]) -> None:
    assert letter(visit(), UNIT, replaces=True).body.startswith("Den här kallelsen ersätter en tidigare.\n\n")
    assert "ersätter" not in letter(visit(), UNIT).body


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("case", [visit(), OPEN])
@pytest.mark.parametrize("carried_out", [(), {Service.CANCEL}, {Service.REBOOK}])
def test_besok_3_no_letter_leads_to_1177_for_what_1177_cannot_do(
    letter: Callable[..., Text], case: Visit, carried_out: Collection[Service]
) -> None:
    body = letter(case, UNIT, carried_out=carried_out).body
    assert "ontakta Vårdcentralen Halmstad: 031-390 06 00." in body
    assert "ogga in" not in body
    assert letter(case, UNIT, carried_out=carried_out).version == 3


@pytest.mark.parametrize("carried_out", [{Service.CANCEL, Service.REBOOK}, set(Service)])
def test_besok_3_a_letter_promises_no_change_on_1177_that_the_unit_may_not_allow(
    carried_out: set[Service],
) -> None:
    ask = "Har du frågor, eller vill du avboka eller byta tid?"
    turn = "Vårdcentralen Halmstad: 031-390 06 00."
    digital, paper = (letter(visit(), UNIT, carried_out=carried_out) for letter in LETTERS)
    assert f"{ask} Logga in på 1177.se och se om du kan göra det själv, eller kontakta {turn}" in digital.body
    assert (
        f"{ask} Kontakta {turn} Den som har e-legitimation kan också logga in på 1177.se och se om det går att "
        "göra där."
    ) in paper.body
    assert digital.version == paper.version == 4


@pytest.mark.parametrize("carried_out", [{Service.BOOK}, set(Service)])
def test_besok_4_an_open_call_letter_leads_to_1177_to_choose_a_time(carried_out: set[Service]) -> None:
    ask, turn = "Vill du boka en tid, eller har du frågor?", "Vårdcentralen Halmstad: 031-390 06 00."
    digital, paper = (letter(OPEN, UNIT, carried_out=carried_out) for letter in LETTERS)
    assert f"{ask} Logga in på 1177.se eller kontakta {turn}" in digital.body
    assert f"{ask} Kontakta {turn} Den som har e-legitimation kan också logga in på 1177.se." in paper.body
    assert digital.version == paper.version == 4


@pytest.mark.parametrize("notice", [sms_notice, mail_notice])
def test_besok_4_a_notice_says_that_a_time_is_chosen_there_where_it_is(notice: Callable[..., Text]) -> None:
    chosen, seen = (notice(NoticeKind.OPEN_CALL_LETTER, REGION, None, on) for on in (Service, ()))
    assert ("för att välja tid" in chosen.body, chosen.version) == (True, 2)
    assert ("för att se hur" in seen.body, seen.version) == (True, 1)
    assert is_neutral(chosen.body, REGION).allowed
    for kind in set(NoticeKind) - {NoticeKind.OPEN_CALL_LETTER}:
        assert notice(kind, REGION, None, Service) == notice(kind, REGION, None, ())
    assert sms_parts(sms_notice(NoticeKind.OPEN_CALL_LETTER, REGION, None, Service).body).parts == 1


@pytest.mark.parametrize("letter", LETTERS)
def test_an_open_call_letter_says_how_long_it_holds(letter: Callable[..., Text]) -> None:
    text = letter(OPEN, UNIT)
    assert "Det går nu att boka en tid hos Vårdcentralen Halmstad." in text.body
    assert "Boka senast: söndag 31 januari 2027" in text.body
    assert "Tid:" not in text.body
    assert text.subject == "Boka tid hos Vårdcentralen Halmstad"


def test_an_open_call_letter_may_hold_to_a_moment_or_for_ever() -> None:
    moment = visit(
        start=None,
        end=None,
        call_letter=CallLetterKind.OPEN,
        valid_until=datetime(2027, 1, 31, 11, 0, tzinfo=UTC),
    )
    for_ever = visit(start=None, end=None, call_letter=CallLetterKind.OPEN)
    assert "Boka senast: söndag 31 januari 2027 kl. 12.00" in call_letter(moment, UNIT).body
    assert "Boka senast" not in call_letter(for_ever, UNIT).body


@pytest.mark.parametrize(
    ("form", "says"), [(Form.VIDEO, "via video"), (Form.CHAT, "via chatt"), (Form.PHONE, "Vi ringer upp.")]
)
def test_a_call_letter_says_how_to_join(form: Form | None, says: str) -> None:
    assert says in call_letter(visit(form=form), UNIT).body


@pytest.mark.parametrize("form", [Form.ON_SITE, None])
def test_a_visit_on_site_or_of_unknown_form_needs_no_joining(form: Form | None) -> None:
    assert "sker via" not in call_letter(visit(form=form), UNIT).body


def test_paper_names_the_phone_before_the_login() -> None:
    body = paper_letter(visit(), UNIT).body
    assert body.index("031-390 06 00") < body.index("1177.se")


def test_no_text_has_a_hole() -> None:
    for make in LETTERS:
        for case in (visit(), visit(start=None), OPEN):
            body = make(case, UNIT).body
            assert "None" not in body
            assert "\n\n\n" not in body
            assert body == body.strip()


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (datetime(2026, 12, 1, 8, 0, tzinfo=UTC), "tisdag 1 december 2026 kl. 09.00"),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "fredag 1 januari 2027 kl. 00.30"),
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "söndag 29 mars 2026 kl. 01.59"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "söndag 29 mars 2026 kl. 03.00"),
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "söndag 25 oktober 2026 kl. 02.30 (sommartid)"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "söndag 25 oktober 2026 kl. 02.30 (vintertid)"),
        (datetime(2026, 10, 25, 2, 0, tzinfo=UTC), "söndag 25 oktober 2026 kl. 03.00"),
        (datetime(2026, 8, 5, 6, 5, tzinfo=UTC), "onsdag 5 augusti 2026 kl. 08.05"),
    ],
)
def test_times_are_in_swedish_and_as_the_clock_stands_in_sweden(moment: datetime, text: str) -> None:
    assert swedish_time(moment) == text


# neutral (avisering-2)

NOT_NEUTRAL = [
    ("Se https://www.1177.se.evil.se/", Reason.FOREIGN_LINK),
    ("Se http://www.1177.se/", Reason.FOREIGN_LINK),
    ("Se https://www.1177.se:8443/", Reason.FOREIGN_LINK),
    ("Se https://www.1177.se@evil.se/", Reason.FOREIGN_LINK),
    ("Se https://evil.se\\@www.1177.se/", Reason.FOREIGN_LINK),
    ("Se HTTPS://EVIL.SE/", Reason.FOREIGN_LINK),
    ("Se https://[x/", Reason.FOREIGN_LINK),
    ("Se bit.ly/abc", Reason.FOREIGN_LINK),
    ("Skriv till a@b.se", Reason.FOREIGN_LINK),
    ("Gäller 201312012386", Reason.IDENTITY_NUMBER),
    ("Gäller 20131201-2386", Reason.IDENTITY_NUMBER),
    ("Gäller 131201-2386.", Reason.IDENTITY_NUMBER),
    ("Gäller 131201+2386", Reason.IDENTITY_NUMBER),
    ("Gäller 19121212-T212", Reason.IDENTITY_NUMBER),
    ("Ring 031-390 06 00", Reason.PHONE_NUMBER),
    ("Ring +46 (0)31 390", Reason.PHONE_NUMBER),
    ("Hej TOLVAN!", Reason.FORBIDDEN_WORD),
    ("Välkommen till Ungdomsmottagningen.", Reason.REVEALING_UNIT),
    ("Tid hos PSYKOLOGEN", Reason.CLINICAL_WORD),
    ("Ditt cancerprovsvar finns", Reason.CLINICAL_WORD),
]
SECRET = UNIT.model_copy(update={"name": "Ungdomsmottagningen", "reveals": True})
WITH_SECRET = REGION.model_copy(
    update={"units": {"SE2321000115-E000000000001": UNIT, "SE2321000115-E2": SECRET}}
)


@pytest.mark.parametrize(("text", "reason"), NOT_NEUTRAL)
def test_not_neutral(text: str, reason: Reason) -> None:
    decision = is_neutral(text, WITH_SECRET, ["Tolvan"])
    assert (decision.allowed, decision.reason, decision.clause) == (False, reason, "avisering-2")


@pytest.mark.parametrize(
    "text",
    [
        "Logga in på https://www.1177.se/.",
        "Logga in på (https://www.1177.se/)",
        "Logga in på 1177.se.",
        "Ring 1177 om du är orolig.",
        "Tolvanheten",
        "Välkommen till Vårdcentralen Halmstad",
        "",
    ],
)
def test_neutral(text: str) -> None:
    decision = is_neutral(text, WITH_SECRET, ["Tolvan", "", " "])
    assert (decision.allowed, decision.reason) == (True, Reason.NEUTRAL)
