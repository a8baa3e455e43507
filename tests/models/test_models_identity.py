"""Numbers and HSA-ids: what is one, and what only looks like one."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from models.identity import IdentityType, PatientId, Staff, Unit

MATERIAL = Path("../shared/material")
PERSONNUMMER, SAMORDNINGSNUMMER, RESERVNUMMER = IdentityType


def _is(number: object, kind: IdentityType) -> bool:
    try:
        PatientId.model_validate({"id": number, "type": kind})
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("number", ["201312012386", "191212121212", "201012012389", "196101182803"])
def test_a_personnummer_is_one(number: str) -> None:
    assert _is(number, PERSONNUMMER)


def test_all_official_test_numbers_are_personnummer() -> None:
    numbers = MATERIAL / "people" / "skatteverket_testpersonnummer.txt"
    if not numbers.exists():
        pytest.skip(f"no test numbers at {numbers}")
    wrong = [number for number in numbers.read_text().split() if not _is(number, PERSONNUMMER)]
    assert wrong == []


@pytest.mark.parametrize(
    "number",
    [
        "201312012387",  # the check digit
        "201313012386",  # the month
        "201302302382",  # the day
        "20131201-2386",
        "1312012386",
        "131201-2386",
        "20131201+2386",
        "201312012386 ",
        "201312012386\n",
        "２０１３１２０１２３８６",
        "301312012386",
        "000000000000",
        "201312010000",
        "",
        None,
        201312012386,
        ["201312012386"],
    ],
)
def test_what_only_looks_like_a_personnummer_is_none(number: object) -> None:
    assert not _is(number, PERSONNUMMER)


def test_a_samordningsnummer_has_sixty_added_to_its_day() -> None:
    assert _is("197010632391", SAMORDNINGSNUMMER)
    assert not _is("197010632391", PERSONNUMMER)
    assert not _is("201312012386", SAMORDNINGSNUMMER)


@pytest.mark.parametrize("number", ["NH81A2K4P0", "1234567890", "a" * 13])
def test_a_reservnummer_is_10_to_13_letters_and_digits(number: str) -> None:
    assert _is(number, RESERVNUMMER)


@pytest.mark.parametrize("number", ["NH81A2K4P", "a" * 14, "NH81-A2K4P", "ÅÄÖ1234567", "NH81A2K4P0\n"])
def test_what_is_no_reservnummer(number: str) -> None:
    assert not _is(number, RESERVNUMMER)


def test_an_unknown_kind_of_number_is_refused() -> None:
    with pytest.raises(ValidationError):
        PatientId.model_validate({"id": "201312012386", "type": "passport"})


@pytest.mark.parametrize(
    ("number", "kind", "born"),
    [
        ("201312012386", PERSONNUMMER, date(2013, 12, 1)),
        ("197010632391", SAMORDNINGSNUMMER, date(1970, 10, 3)),
        ("201312012386", RESERVNUMMER, None),
    ],
)
def test_the_date_of_birth_is_in_the_number(number: str, kind: IdentityType, born: date | None) -> None:
    assert PatientId(id=number, type=kind).birth_date == born


def test_a_number_shows_in_no_log_and_no_error() -> None:
    assert "201312012386" not in repr(PatientId(id="201312012386", type=PERSONNUMMER))
    assert "201312012386" not in str(PatientId(id="201312012386", type=PERSONNUMMER))
    with pytest.raises(ValidationError) as wrong:
        PatientId.model_validate({"id": "201312012387", "type": "personnummer"})
    assert "201312012387" not in str(wrong.value)


def test_equal_patients_are_one_key() -> None:
    one, same = (PatientId(id="201312012386", type=PERSONNUMMER) for _ in range(2))
    assert {one: 1}[same] == 1


def test_an_hsa_id_is_kept_in_upper_case() -> None:
    assert Unit(hsa_id="se2321000115-e000000000001") == Unit(hsa_id="SE2321000115-E000000000001")
    assert Staff(hsa_id="se2321000115-p1", name="Anna Test").hsa_id == "SE2321000115-P1"


@pytest.mark.parametrize(
    "hsa_id",
    ["", "SE2321000115", "SE2321000115-", "NO2321000115-E1", "SE232100011-E1", "SE2321000115-Å1", "x\n"],
)
def test_what_is_no_hsa_id(hsa_id: str) -> None:
    with pytest.raises(ValidationError):
        Unit(hsa_id=hsa_id)


@given(number=st.text(max_size=14) | st.from_regex(r"(19|20)[0-9]{10}", fullmatch=True))
def test_any_text_is_a_number_or_is_not(number: str) -> None:
    for kind in IdentityType:
        assert _is(number, kind) in (True, False)


@given(number=st.from_regex(r"(19|20)[0-9]{10}", fullmatch=True), place=st.integers(2, 11))
def test_one_wrong_digit_is_always_found(number: str, place: int) -> None:
    if _is(number, PERSONNUMMER):
        changed = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert not _is(changed, PERSONNUMMER)
