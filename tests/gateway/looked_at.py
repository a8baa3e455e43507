"""A page of a real browser, held against axe (WCAG 2.2 AA); with `SHOTS_TO=folder` a picture of it is kept."""

from __future__ import annotations

import os
from typing import Any

import pytest

WARD, PHONE = 1366, 360
"""A ward's PC and a phone, in pixels."""
SHOTS_TO = os.environ.get("SHOTS_TO")
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""All of axe's: WCAG 2.0 to 2.2, A and AA, and what it calls best practice."""
VIOLATIONS = """rules => axe.run(rules).then(found =>
    found.violations.map(each => [each.id, each.nodes.map(node => node.html)]))"""


def looked_at(tab: Any, name: str, *, by_axe: bool = True) -> None:
    """Whole, clean by axe, and nothing to be pushed aside.

    Args:
        by_axe: False: axe has seen the same page, of the same width, with other words.
    """
    if SHOTS_TO:
        language = tab.get_attribute("html", "lang")
        tab.screenshot(path=f"{SHOTS_TO}/{name}-{tab.viewport_size['width']}-{language}.png", full_page=True)
    assert fits(tab)
    assert not by_axe or wrong_by_axe(tab) == []


def fits(tab: Any) -> bool:
    """Is nothing wider than the window?"""
    return bool(tab.evaluate("document.documentElement.scrollWidth") <= tab.viewport_size["width"])


def wrong_by_axe(tab: Any) -> list[tuple[str, list[str]]]:
    """What axe finds: by rule, the elements."""
    axe = pytest.importorskip("axe_playwright_python.base")
    tab.evaluate(axe.AXE_SCRIPT)
    return [(rule, elements) for rule, elements in tab.evaluate(VIOLATIONS, RULES)]
