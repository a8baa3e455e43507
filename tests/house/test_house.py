"""How the house is built: no file in a circle, one name for one thing, SQL where the tables' owners have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from counted import House, allowed, grown, house_at, written

HOW = "python tests/house/counted.py --write"
PUBLIC = {
    "tasks.booking_publication.visits",  # booked visits as they stand: who comes to one, and who joins it
    "tasks.booking_publication.changeable",  # bookings as whoever wants to change one finds them
    "tasks.self_service.stored",  # whether whoever asked for a change has heard how it ended
    "tasks.preferences.wishes",  # what a patient wishes just now: letters, notices and replies go by it
    "tasks.inbound_contact.stored",  # who and where a contact is that staff or an alert names
    "tasks.channel_switch.stored",  # what is under way in a contact hears what happens in it
    "tasks.risk_alert.standing_risks",  # nothing goes by itself while a risk stands
}
"""What a process makes public."""
BY_NIGHT = {"tasks.booking_publication.stored", "tasks.booking_publication.engagements"}
"""What the bookings' own comparison, by night, may know beside it."""


def made_up(at: Path, **files: str) -> House:
    """A house of one room."""
    (at / "room").mkdir()
    for name, content in files.items():
        (at / "room" / f"{name}.py").write_text(content)
    return house_at(at, ("room",))


def test_no_file_stands_in_a_circle_of_imports(house: House) -> None:
    assert len(house.modules) > 300
    assert house.circles() == []


def test_a_process_knows_of_another_what_that_makes_public_and_what_several_use_knows_none(
    house: House,
) -> None:
    """A folder in `tasks/` is a process; the files beside the folders are what several use."""
    tasks = [name for name in house.modules if name.startswith("tasks.")]
    assert set(tasks) >= PUBLIC
    reached = [(name, other) for name in tasks for other in house.imports[name] - PUBLIC]
    reached = [each for each in reached if "index_reconciliation" not in each[0] or each[1] not in BY_NIGHT]
    assert [each for each in reached if _process(each[1]) not in (None, _process(each[0]))] == []


def _process(module: str) -> str | None:
    room, *folder, _file = module.split(".")
    return folder[0] if room == "tasks" and folder else None


@pytest.mark.parametrize("kind", ["sql_strings", "functions", "methods"])
def test_what_is_left_to_mend_is_listed_to_the_number(house: House, kind: str) -> None:
    assert house.counts[kind] == allowed()[kind], f"mended? {HOW}; else find a name that says what it does"


def test_an_import_for_types_alone_closes_a_circle(tmp_path: Path) -> None:
    house = made_up(
        tmp_path,
        a="from room.b import B\n",
        b="from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from room.c import C\n",
        c="def later() -> None:\n    import room.a\n",
        apart="from room import a\n",
    )
    assert house.circles() == [["room.a", "room.b", "room.c"]]


def test_a_name_is_too_many_from_its_fourth_definition(tmp_path: Path) -> None:
    four = {f"m{at}": "async def ask() -> None: ...\n" for at in range(4)}
    house = made_up(tmp_path, **four, **{f"n{at}": "def look() -> None: ...\n" for at in range(3)})
    assert house.functions() == {"ask": 4}


def test_what_a_program_begins_with_has_one_name_in_all(tmp_path: Path) -> None:
    assert made_up(tmp_path, **{f"m{at}": "def main() -> None: ...\n" for at in range(9)}).functions() == {}


def test_a_method_that_carries_out_its_bases_is_no_name_of_its_own(tmp_path: Path) -> None:
    base = "class Base:\n    def give(self) -> None: ...\n"
    heirs = "".join(f"class C{at}(Base):\n    def give(self) -> None: ...\n" for at in range(5))
    strangers = "".join(f"class S{at}:\n    def take(self) -> None: ...\n" for at in range(4))
    assert made_up(tmp_path, all=base + heirs + strangers).methods() == {"take": 4}


def test_only_the_text_of_sqlalchemy_is_sql(tmp_path: Path) -> None:
    sql = "from sqlalchemy import text\nquery = text('SELECT 1')\n"
    assert made_up(tmp_path, a=sql, b="def text(x): ...\ntext('a')\n").sql_strings() == {"room": 1}


def test_sql_in_a_string_is_sql_whoever_carries_it_out(tmp_path: Path) -> None:
    a = "query = f'SELECT key FROM {table}'\nload(query, 'ON CONFLICT (key) DO NOTHING')\n"
    b = "def select_from(x): 'Updates what was selected from it.'\n"
    assert made_up(tmp_path, a=a, b=b).sql_strings() == {"room": 2}


def test_the_list_can_only_shrink() -> None:
    before = {"functions": {"read": 5}}
    assert grown(before, {"functions": {"read": 4}}) == []
    assert grown(before, {"functions": {"read": 6, "look": 4}}) == [
        "functions: read 6, allowed 5",
        "functions: look 4, allowed 0",
    ]
    assert written(before).endswith("\n[functions]\nread = 5\n")
