"""Going past a gate (policy-fara-1): staff may, and what they must give is a reason, which is recorded."""

from __future__ import annotations


def is_reason_given(text: str | None) -> bool:
    """Is there a word in it?"""
    return any(char.isalnum() for char in text or "")
