"""What several commands take, and how they look a thing up."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, TypeVar

import typer

from cli.terminal import fail
from engine.ops import by_hand
from models.times import STOCKHOLM

T = TypeVar("T")
SUCH_AS = "284a84bd-ecaf-4405-8b6f-785bd7f07bfe"
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]
Most = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]


def found(get: Callable[[], T], nothing: str) -> T:
    """What `get` finds; where a run has it, or there is nothing, the command ends with a sentence.

    Args:
        nothing: that sentence: what is not there, and what to do.
    """
    try:
        return get()
    except by_hand.NotFound:
        fail(nothing)
    except by_hand.Busy:
        fail("A run holds the case just now. Try again in a moment.")


def case_id(given: str) -> uuid.UUID:
    """The id of a case, as it is typed."""
    how = "`vaxel find` finds it by a booking, contact, patient or phone number; `vaxel cases` lists the newest."
    return _id_given(given, "a case", how)


def file_or_case_id(given: str) -> uuid.UUID:
    """The id of a file or a case, as it is typed."""
    how = "`vaxel find` finds a case; a file's stands in the address of its page for staff."
    return _id_given(given, "a file or a case", how)


def effect_id(given: str) -> uuid.UUID:
    """The id of an effect, as it is typed."""
    return _id_given(given, "an effect", "`vaxel case ID` lists those of a case.")


def webhook_id(given: str) -> uuid.UUID:
    """The id of a webhook that is held, as it is typed."""
    return _id_given(given, "a webhook", "`vaxel held` lists them.")


def _id_given(given: str, of: str, how: str) -> uuid.UUID:
    """What is typed is not repeated: it may be a patient's number."""
    try:
        return uuid.UUID(given)
    except ValueError:
        raise typer.BadParameter(f"that is not the id of {of}, such as {SUCH_AS}. {how}") from None


def day_given(given: str) -> date:
    """A date, as it is typed."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise typer.BadParameter("that is not a date, such as 2026-11-28.") from None


def moment_given(given: str | None, option: str, days: int = 0) -> datetime | None:
    """A date is its beginning in Swedish time, or so many days later."""
    if given is None:
        return None
    try:
        if len(given) == len("2026-11-28"):
            day = date.fromisoformat(given) + timedelta(days=days)
            return datetime.combine(day, time(), STOCKHOLM)
        moment = datetime.fromisoformat(given)
    except (ValueError, OverflowError):
        fail(f"{option} has to be a date, 2026-11-28, or a time with an offset, 2026-11-28T08:00:00+01:00.")
    if moment.tzinfo is None:
        fail(f"{option} has no offset: 2026-11-28T08:00:00+01:00.")
    return moment
