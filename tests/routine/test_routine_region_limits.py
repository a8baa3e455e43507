"""How far each figure of a region's file may go: the last that is taken, and the first that is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from routine.region_file import HALLAND, RegionError, load_region

WEEK, YEAR, DAY = 7 * 24 * 3600, 366 * 24, 24 * 60
LONG = "x" * 200
LIMITS = [
    # table, key, what is taken, what is not
    ("", "coalescing_window_seconds", [1, 2, WEEK], [0, -1, WEEK + 1]),
    ("", "bulk_threshold", [1, 100_000], [0, -1]),
    ("", "most_missing", [0, 1], [-1]),
    ("contacts", "answer_within_hours", [1, 2, YEAR], [0, YEAR + 1]),
    ("contacts", "escalation_seconds", ["[1]", "[1, 2, 86400]"], ["[]", "[0]", "[2, 2]", "[2, 1]", "[86401]"]),
    ("contacts", "words_of_yes", ['["ja"]', f'["{"a" * 40}"]'], ['["Ja"]', '["a  b"]', '["a "]', '["a b c d e f"]', '[""]', f'["{"a" * 41}"]']),
    ("contacts", "on_call", ["[]", '["+4670174"]', '["+46701740605", "+46701740606"]'], ['["0701740605"]', '["+46 70"]', '[""]']),
    ("reminders", "pointless_minutes", [1, 2, DAY], [0, DAY + 1]),
    ("reminders", "lead_hours", ["[25]", f"[{YEAR}]", "[25, 26, 27, 28, 29]"], ["[]", "[24]", "[23]", "[12, 72]"]),
    ("reminders", "lead_hours", [], ["[25, 26, 27, 28, 29, 30]", f"[{YEAR + 1}]"]),
    ("digital_visits", "ask_about", ["[]", '["e_id"]', '["agreement", "e_id"]'], ['["fitness"]', '"e_id"']),
    ("digital_visits", "ask_again_hours", [1, 2, YEAR], [0, YEAR + 1]),
    ("self_service", "last_change_hours", [0, 1, 71], [-1, 72, 1.5]),
    ("links", "life_hours", [1, 2, YEAR], [0, YEAR + 1]),
    ("links", "level_of_assurance", [1, 2, 4], [0, 5]),
    ("storage", "life_hours", [5, YEAR], [0, 4, YEAR + 1]),
    ("storage", "remind_hours", [1, 23], [0, 24]),
    ("storage", "most_megabytes", [1, 4000], [0, 4001]),
    ("storage", "kinds", ['["image/jpeg"]', '["video/mp4", "application/pdf"]'], ["[]", '["image/svg+xml"]', '["image/JPEG"]']),
    ("storage", "most_megapixels", [1, 1000], [0, 1001]),
    ("storage", "preview_pixels", [64, 2048], [63, 2049]),
    ("storage", "scanned_megabytes", [1, 4000], [0, 4001]),
    ("storage", "shown_days", [1, 366], [0, 367]),
    ("storage", "not_scanned", ['"give"', '"hold"'], ['"keep"', "true"]),
    ("quiet", "from", ["01:59:59", "03:00:01", "23:59:59"], ["02:00:00", "02:30:00", "03:00:00"]),
    ("quiet", "to", ["01:00:00", "01:59:59", "03:00:01"], ["02:00:00", "02:30:00", "03:00:00"]),
    ("quiet", "urgent_hours", [1, 2, YEAR], [0, YEAR + 1]),
    ("ages", "own_login", [1, 2, 15], [0, -1, 16, 17]),
    ("ages", "own_journal", [14, 17], [13, 12, 18, 19]),
    ("ages", "adult", [17, 18, 99], [16, 15]),
    ("systems.hope", "name", ['"x"', f'"{LONG}"'], ['""', f'"{LONG}x"']),
    ("systems.hope", "until", ["2026-01-01"], ['"2026-13-01"']),
    ("systems.e1177", "uses", ['["text"]', '["video"]', '["text", "video"]'], ['["text", "link"]', "[]"]),
    ("systems.sms", "uses", ['["notice"]', '["reminder", "link"]'], ['["video"]', '["notice", "text"]']),
    ("systems.mail", "uses", ['["notice"]'], ['["reminder"]', '["link"]', '["text"]']),
]  # fmt: skip
TAKEN = [(table, key, value) for table, key, taken, _ in LIMITS for value in taken]
REFUSED = [(table, key, value) for table, key, _, refused in LIMITS for value in refused]


def overlay(folder: Path, table: str, key: str, value: object) -> Path:
    path = folder / "overlay.toml"
    path.write_text(f"[{table}]\n{key} = {value}\n" if table else f"{key} = {value}\n", "utf-8")
    return path


@pytest.mark.parametrize(("table", "key", "value"), TAKEN)
def test_within_its_limits_a_figure_is_taken(tmp_path: Path, table: str, key: str, value: object) -> None:
    assert load_region([HALLAND, overlay(tmp_path, table, key, value)])


@pytest.mark.parametrize(("table", "key", "value"), REFUSED)
def test_beyond_its_limits_the_start_stops(tmp_path: Path, table: str, key: str, value: object) -> None:
    with pytest.raises(RegionError):
        load_region([HALLAND, overlay(tmp_path, table, key, value)])


def test_no_error_shows_what_stood_there(tmp_path: Path) -> None:
    path = overlay(tmp_path, "sms", "sender", '"hemligt ord"')
    with pytest.raises(RegionError) as error:
        load_region([HALLAND, path])
    assert "hemligt" not in str(error.value)
