"""The region's figures, and what is said of a wrong file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from routine.figures import Letters
from routine.occasion import Occasion
from routine.region import CallLetterWay, Publish
from routine.region_file import HALLAND, RegionError, load_region

Overlay = Callable[..., Path]
HSA_ID = "SE2321000115-E000000000001"
UNIT = f'[units."{HSA_ID}"]\nname = "Vårdcentralen Halmstad"\nturn_to = "031-390 06 00"\n'


@pytest.fixture
def overlay(tmp_path: Path) -> Overlay:
    def write(text: str, name: str = "overlay.toml") -> Path:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return write


def test_hallands_figures() -> None:
    region = load_region()
    assert (region.ages.own_login, region.ages.own_journal, region.ages.adult) == (13, 16, 18)
    assert region.coalescing_window == region.bulk_window == timedelta(minutes=10)
    assert region.wait_for_person == timedelta(minutes=30)
    assert (region.bulk_threshold, region.letters.paper, region.sms.sender) == (200, True, "RegHalland")
    assert (region.login.link, region.units) == ("https://www.1177.se/", {})
    assert region.notices.portal_notifies_of == {Occasion.BOOKED, Occasion.CHANGED}


def test_a_unit_starts_in_shadow_by_scheduling_and_as_the_region(overlay: Overlay) -> None:
    region = load_region([HALLAND, overlay(UNIT)])
    unit = region.unit(HSA_ID)
    assert (unit.publish, unit.call_letter) == (Publish.SHADOW, CallLetterWay.SCHEDULING)
    assert (unit.paper, unit.reveals, unit.is_connected) == (None, False, True)
    assert region.sends_paper(unit)


def test_hsa_ids_compare_whatever_their_case(overlay: Overlay) -> None:
    region = load_region([HALLAND, overlay(UNIT.replace("E0", "e0").replace("SE", "se"))])
    assert region.unit(HSA_ID.lower()) == region.unit(HSA_ID) is not None
    assert region.unit("SE2321000115-E000000000002") is None


def test_paper_goes_where_a_region_says_nothing_of_it() -> None:
    assert Letters().paper


def test_a_later_file_goes_over_an_earlier_table_by_table(overlay: Overlay) -> None:
    second = (
        f'[units."{HSA_ID.lower()}"]\npublish = "vaxel"\ncall_letter = "inbox"\n[letters]\npaper = false\n'
    )
    region = load_region([HALLAND, overlay(UNIT), overlay(second, "second.toml")])
    unit = region.unit(HSA_ID)
    assert (unit.name, unit.publish, unit.is_connected) == ("Vårdcentralen Halmstad", Publish.VAXEL, False)
    assert not region.sends_paper(unit)
    assert region.sms.sender == "RegHalland"


WRONG = [
    ("[ages]\nown_login = 13.5\n", 2, "ages.own_login: .*integer"),
    ('[ages]\nown_login = "13"\n', 2, "ages.own_login: .*integer"),
    ("[ages]\nown_login = 17\n", 1, "ages: own_login below own_journal below adult"),
    ("bulk_threshold = 0\n", 1, "bulk_threshold: .*greater than 0"),
    ("\n\nwait_for_person_seconds = true\n", 3, "wait_for_person_seconds: .*integer"),
    ('[sms]\nsender = "Region Halland"\n', 2, "sms.sender: .*pattern"),
    ('[sms]\nsender = "1177"\n', 2, "sms.sender: .*pattern"),
    ('[sms]\nsender = "RegHallandXY"\n', 2, "sms.sender: .*pattern"),
    ("\n[letters]\npapper = false\n", 3, "letters.papper: no such key"),
    ("[letter]\npaper = false\n", 1, "letter: no such key"),
    ("letters = 3\n", 1, "letters: .*"),
    ('[login]\nlink = "http://www.1177.se/"\n', 1, "login: an https link to one of the hosts"),
    ('[login]\nlink = "https://www.1177.se.evil.se/"\n', 1, "login: an https link"),
    ('[notices]\nportal_notifies_of = ["booked", "moved"]\n', 2, "notices.portal_notifies_of.1: .*'booked'"),
    (UNIT + 'publish = "sometimes"\n', 4, f"units.{HSA_ID}.publish: .*'shadow' or 'vaxel'"),
    (UNIT.replace("turn_to", "turn"), 1, f"units.{HSA_ID}.turn_to: required, but left out"),
    (UNIT.replace(HSA_ID, "E1"), 1, "units.E1: .*pattern"),
    ("units = 3\n", 1, "units: .*"),
    ("a = \n", 1, "valid TOML"),
    ("[ages]\nown_login = 13\n[ages]\n", 3, "valid TOML"),
    ('name = """never closed', 1, "valid TOML"),
]


@pytest.mark.parametrize(("text", "line", "expected"), WRONG)
def test_a_wrong_file_is_named_with_the_line_and_what_was_expected(
    overlay: Overlay, text: str, line: int, expected: str
) -> None:
    path = overlay(text)
    with pytest.raises(RegionError, match=f"line {line}: {expected}") as error:
        load_region([HALLAND, path])
    assert (error.value.file, error.value.line) == (path, line)


def test_the_line_is_that_of_the_file_that_set_the_key(overlay: Overlay) -> None:
    good, bad = overlay(UNIT), overlay(f'# more\n[units."{HSA_ID}"]\nreveals = 1\n', "bad.toml")
    with pytest.raises(RegionError) as error:
        load_region([HALLAND, good, bad])
    assert (error.value.file, error.value.line) == (bad, 3)


def test_a_missing_table_is_named(overlay: Overlay) -> None:
    path = overlay('name = "Region Test"\n')
    with pytest.raises(RegionError, match="left out") as error:
        load_region([path])
    assert error.value.file == path


def test_a_file_that_is_not_there_or_no_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(RegionError, match="readable TOML file"):
        load_region([tmp_path / "none.toml"])
    (tmp_path / "latin.toml").write_bytes('name = "Hälsa"'.encode("latin-1"))
    with pytest.raises(RegionError, match="UTF-8"):
        load_region([tmp_path / "latin.toml"])


def test_no_file_at_all_is_an_error_too() -> None:
    with pytest.raises(RegionError, match="at least one"):
        load_region([])


def test_a_region_is_not_changed_afterwards() -> None:
    with pytest.raises(ValidationError):
        load_region().bulk_threshold = 1
