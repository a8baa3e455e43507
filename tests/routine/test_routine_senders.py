"""Who wrote by a way that is not approved, and whether a human reads an answer there (policy-hanvisning-1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION, UNIT

from routine.figures import Telephone
from routine.reasons import Reason
from routine.senders import address_of, is_read_by_a_human

UNIT_ID, LAND_LINE, QUEUE = "SE2321000115-E000000000001", "+46313900611", "+46701740690"
TELEPHONE = Telephone(
    number=LAND_LINE,
    queue=QUEUE,
    menu="https://example.org/a.mp3",
    sent="https://example.org/b.mp3",
    keys={"1": "platform24"},
)
CALLED = REGION.model_copy(update={"units": {UNIT_ID: UNIT.model_copy(update={"telephone": TELEPHONE})}})


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("a@example.org", "a@example.org"),
        ("A.B@EXAMPLE.org", "A.B@example.org"),
        ("Anna <anna@example.org>", "anna@example.org"),
        ('"Testsson, Anna" <anna@Example.Org>', "anna@example.org"),
        ("=?utf-8?q?=C3=85sa?= <asa@example.org>", "asa@example.org"),
        ("anna@example.org (Anna)", "anna@example.org"),
        (" anna@example.org\n", "anna@example.org"),
        ("anna@räksmörgås.se", "anna@räksmörgås.se"),
        ("a@example.org, b@example.org", None),
        ("a@example.org <b@example.org>", None),
        ("anna@example.org\r\nBcc: b@example.org", None),
        ("anna", None),
        ("anna@localhost", None),
        ("<>", None),
        (":;", None),
        (".:", None),
        (".>", None),
        ("b@[", None),
        ("", None),
        (None, None),
        ("a" * 400 + "@example.org", None),
    ],
)
def test_a_mailbox_is_read_as_the_standard_has_it(written: str | None, address: str | None) -> None:
    assert address_of("mail", written) == address


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("+46701740605", "+46701740605"),
        ("070-174 06 05", "+46701740605"),
        ("070-174 06 05 (mamma)", "+46701740605"),
        ("031-390 06 11", LAND_LINE),
        ("0701740605, 0701740606", None),
        ("1177", None),
        ("RegHalland", None),
        ("nobody", None),
    ],
)
def test_a_number_is_read_in_any_spelling(written: str, address: str | None) -> None:
    assert address_of("sms", written) == address


@pytest.mark.parametrize(
    "address",
    [
        "mailer-daemon@example.org", "MAILER-DAEMON@example.org", "MailerDaemon@example.org", "no-reply@example.org",
        "noreply@example.org", "No_Reply@example.org", "no.reply+tag@example.org", "donotreply@example.org",
        "postmaster@example.org", "bounces-123=x@example.org", "bounces+7@example.org", "svara-inte@example.org",
        "anna@regionhalland.se", "anna@mail.regionhalland.se",
    ],
)  # fmt: skip
def test_roles_and_our_own_domain_are_never_answered(address: str) -> None:
    decision = is_read_by_a_human("mail", address_of("mail", address), None, REGION)
    assert (decision.allowed, decision.reason) == (False, Reason.AUTOMATIC_SENDER)


@pytest.mark.parametrize(
    "address",
    ["anna@example.org", "rootsy@example.org", "postman@example.org", "newsome.anna@example.org",
     "a@notregionhalland.se", "system.anna@example.org"],
)  # fmt: skip
def test_people_with_such_a_name_are_answered(address: str) -> None:
    assert is_read_by_a_human("mail", address, None, REGION).allowed


@pytest.mark.parametrize(
    ("number", "reason"),
    [(LAND_LINE, Reason.AUTOMATIC_SENDER), (QUEUE, Reason.AUTOMATIC_SENDER), ("+46351310000", Reason.NO_REPLY_ADDRESS),
     (None, Reason.NO_REPLY_ADDRESS)],
)  # fmt: skip
def test_no_sms_goes_to_the_units_own_number_nor_to_a_land_line(number: str | None, reason: Reason) -> None:
    assert is_read_by_a_human("sms", number, None, CALLED).reason is reason


@pytest.mark.parametrize("channel", ["mail", "sms"])
@given(st.text(max_size=60))
def test_what_a_machine_has_written_is_never_answered_whatever_its_address(
    channel: str, written: str
) -> None:
    address = address_of(channel, written)
    assert not is_read_by_a_human(channel, address, True, REGION).allowed
    assert address is None or address_of(channel, address) == address
