"""What docs/ shows of the code is what the code is: after a change, `make docs`."""

from __future__ import annotations

import pytest
from generated import DOCS, PAGES, states

from flows.registry import PROCESSES


@pytest.mark.parametrize("page", PAGES)
def test_what_is_drawn_from_the_code_is_as_the_code_is_now(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == PAGES[page](), "run: make docs"


@pytest.mark.parametrize("process", PROCESSES)
def test_every_state_of_a_process_says_what_it_is(process: str) -> None:
    part = states().split(f"\n## {process}\n", 1)[1].split("\n## ", 1)[0]
    unsaid = [state for state in PROCESSES[process].TRANSITIONS if f"| `{state}` | " not in part]
    assert unsaid == [], f"models/{process}.py: a sentence below each of these states"
