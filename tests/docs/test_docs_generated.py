"""What docs/ shows of the code is what the code is: after a change, `make docs`."""

from __future__ import annotations

import pytest
from generated import DOCS, PAGES


@pytest.mark.parametrize("page", PAGES)
def test_what_is_drawn_from_the_code_is_as_the_code_is_now(page: str) -> None:
    assert (DOCS / page).read_text("utf-8") == PAGES[page](), "run: make docs"
