"""How much a reader has to know of ours before a process can be read: it grows only by who says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from counted import House, house_at
from names import in_all, in_one_file, names_of

MOST_IN_ALL = {
    "booking_publication": 279,  # what a decision rested on is kept, and its texts tell what may be done on 1177
    "channel_switch": 238,
    "image_transfer": 163,
    "inbound_contact": 182,
    "participation": 59,
    "preferences": 74,
    "risk_alert": 128,
}
"""As `python tests/house/names.py` has it; a new process is listed when it is whole. It goes up only with a reason; where it shrinks, write that."""
A_STEP = 15
"""So many a new step may bring: one goes by unwritten, a second does not."""
MOST_IN_A_FILE = 60
"""Where a file meets more, part of it belongs to somebody else."""


def test_a_process_makes_no_more_names_known_than_are_listed(house: House) -> None:
    numbers = in_all(house)
    off = {process: number - MOST_IN_ALL.get(process, number) for process, number in numbers.items()}
    assert {process: more for process, more in off.items() if abs(more) > A_STEP} == {}


def test_a_file_of_a_process_can_be_read_by_itself(house: House) -> None:
    numbers = in_one_file(house)
    assert {process: number for process, number in numbers.items() if number > MOST_IN_A_FILE} == {}


FILES = {
    "flows/letters.py": "from tasks.letters.send import send\n",
    "models/letters.py": "from models.case import Case\nclass Letter(Case): ...\n",
    "models/case.py": "class Case: ...\n",
    "tasks/letters/send.py": "from models.letters import Letter\nfrom tasks import clock as time\n"
    "import os\nfrom requests import get\ndef send(x): return time.now(), time.now(), time.today(), _own(x)\n"
    "def _own(x): return Letter\n",
    "tasks/clock.py": "def now(): ...\ndef today(): ...\n",
}


@pytest.mark.parametrize(
    ("add", "more"),
    [
        ("", set()),
        ("from models.case import Case\n", set()),
        ("from tasks.clock import today\n", set()),
        ("from tasks.clock import later\n", {"tasks.clock.later"}),
    ],
)
def test_each_name_is_counted_once_wherever_it_is_met(tmp_path: Path, add: str, more: set[str]) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content + (add if "send" in name else ""))
    met = names_of(house_at(tmp_path, ("flows", "models", "tasks")), "letters")
    once = {"tasks.letters.send.send", "models.case.Case", "models.letters.Letter", "tasks.clock.now"}
    assert met == once | {"tasks.clock.today"} | more
