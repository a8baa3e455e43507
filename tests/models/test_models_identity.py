"""Numbers and HSA-ids: what is one, and what only looks like one."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer as luhn_and_date
from pydantic import TypeAdapter, ValidationError

from models.identity import (
    HsaId,
    IdentityType,
    PatientId,
    Staff,
    Unit,
    is_hsa_id,
    is_identity_number,
    kind_of,
    patient_in,
)
from systems.vas_times import HsaId as HsaIdOfVas

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


def test_every_official_test_number_is_one() -> None:
    """In each file of test persons: personnummer and samordningsnummer, with and without a date of birth."""
    files = [*(MATERIAL / "people").glob("*")]
    if not files:
        pytest.skip(f"no test numbers at {MATERIAL}")
    written = re.compile(r"(?<![0-9.])(?:18|19|20)[0-9]{10}(?![0-9])")
    numbers = {number for file in files for number in written.findall(file.read_text("utf-8"))}
    wrong = [number for number in sorted(numbers) if kind_of(number) is None]
    assert (wrong, len(numbers) > 40_000) == ([], True)


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


@pytest.mark.parametrize(
    "number", ["191500882392", "191500722390", "191502602399", "191500602391", "197010632391"]
)
def test_a_samordningsnummer_whose_date_of_birth_is_not_established_is_one(number: str) -> None:
    """As Skatteverket gives them out: month 00, or day 60. The age is then not known."""
    number = number[:11] + next(figure for figure in "0123456789" if is_identity_number(number[:11] + figure))
    assert _is(number, SAMORDNINGSNUMMER)
    assert not _is(number, PERSONNUMMER)
    established = number[4:6] != "00" and number[6:8] != "60"
    assert (PatientId(id=number, type=SAMORDNINGSNUMMER).birth_date is not None) is established


@pytest.mark.parametrize(
    "number", ["191500122399", "191500922390", "191513602398", "191500720006", "19150072239", "1915007２2390"]
)
def test_what_only_looks_like_one_is_none(number: str) -> None:
    """Month 00 of a personnummer, day 92, month 13, birth number 000, eleven figures, a figure that is not ASCII."""
    for figure in "0123456789":
        assert not _is(number[:-1] + figure, SAMORDNINGSNUMMER)
        assert not _is(number[:-1] + figure, PERSONNUMMER)


@given(st.from_regex(r"(18|19|20)[0-9]{10}", fullmatch=True))
def test_a_number_with_a_date_is_one_if_the_library_says_so(number: str) -> None:
    """`personnummer` knows all but those whose date of birth is not established."""
    if number[4:6] != "00" and number[6:8] != "60":
        assert is_identity_number(number) == luhn_and_date.valid(number)


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
    [
        *("", "SE2321000115", "SE2321000115-", "NO2321000115-E1", "SE232100011-E1", "SE2321000115-Å1", "x\n"),
        *("SE2321000115-E1\n", "SE2321000115-" + "E" * 19, "SE2321000115 E1", "SE2321000115_E1", "TSTNMT"),
    ],
)
def test_what_is_no_hsa_id(hsa_id: str) -> None:
    with pytest.raises(ValidationError):
        Unit(hsa_id=hsa_id)


@pytest.mark.parametrize("extra", [0, 1])
def test_an_hsa_id_has_31_characters_at_most_wherever_it_is_read(extra: int) -> None:
    """By Inera's rules of HSA."""
    said = "SE2321000115-" + "E" * (18 + extra)
    taken = [is_hsa_id(said), _takes(HsaId, said), _takes(HsaIdOfVas, said)]
    assert taken == [extra == 0] * 3


def _takes(kind: Any, said: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(said)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "hsa_id",
    ["SE162321000255-O11960", "SE2321000016-1003", "TSTNMT2321000156-1077", "SE5565594230-B9P"],
)
def test_other_regions_and_units_for_tests_have_hsa_ids_too(hsa_id: str) -> None:
    """Whether a unit is ours is the region file's to say."""
    assert Unit(hsa_id=hsa_id).hsa_id == hsa_id
    assert Staff(hsa_id=hsa_id.lower(), name="Anna Test").hsa_id == hsa_id


@given(number=st.text(max_size=14) | st.from_regex(r"(19|20)[0-9]{10}", fullmatch=True))
def test_any_text_is_a_number_or_is_not(number: str) -> None:
    for kind in IdentityType:
        assert _is(number, kind) in (True, False)


@given(number=st.from_regex(r"(19|20)[0-9]{10}", fullmatch=True), place=st.integers(2, 11))
def test_one_wrong_digit_is_always_found(number: str, place: int) -> None:
    if _is(number, PERSONNUMMER):
        changed = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
        assert not _is(changed, PERSONNUMMER)


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ('{"type": "personnummer", "id": "191212121213"}', ()),
        ('{"patient": {"id": "191212121212"}}', ("patient",)),
        ('{"patient": null}', ("patient",)),
        ("{}", ("patient",)),
        ("7", ("patient",)),
        ("no JSON", ()),
    ],
)
def test_a_patient_who_cannot_be_read_is_nobody(said: str, at: tuple[str, ...]) -> None:
    """What ops look at then has an entry in the access log all the same."""
    assert patient_in(said, at) is None


def test_a_patient_is_read_where_they_stand() -> None:
    kept = '{"type": "personnummer", "id": "191212121212"}'
    assert (
        patient_in(kept)
        == patient_in(f'{{"patient": {kept}}}', ("patient",))
        == PatientId.model_validate_json(kept)
    )
