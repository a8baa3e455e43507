"""A page of a real browser, held against axe (WCAG 2.2 AA), and a picture of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

WARD, PHONE = 1366, 360
"""A ward's PC and a phone, in pixels."""
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}


def looked_at(tab: Any, name: str, shots: Path) -> None:
    """Whole, clean by axe, and nothing to be pushed aside; a picture of it is kept."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    width = tab.viewport_size["width"]
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    language = tab.get_attribute("html", "lang")
    tab.screenshot(path=shots / f"{name}-{width}-{language}.png", full_page=True)
    found = axe.Axe().run(tab, options=RULES).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []
