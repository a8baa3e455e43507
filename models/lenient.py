"""Reading contacts leniently: what is odd in one and does no harm is dropped, and then *not known*.

A booking with a wrong field is refused, since a resident would act on it. A patient who has written is let in: staff
have the conversation, and a topic that nobody knows must not keep them from it.
"""

from __future__ import annotations

import copy
from collections.abc import Collection
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from models.reading import JSON, Invalid, Problem, problems

M = TypeVar("M", bound=BaseModel)
Path = tuple[str | int, ...]


def lenient(
    model: type[M], content: dict[str, JSON], needed: Collection[str] = ()
) -> tuple[M, list[Problem]]:
    """The event, without its wrong parts; and what was wrong.

    Args:
        model: of the whole body. What it requires can't be dropped.
        needed: paths that are not dropped either.

    Raises:
        Invalid: something is wrong that can't be done without; it names all that is wrong.
    """
    try:
        return model.model_validate(content), []
    except ValidationError as error:
        wrong = problems(error)
        found: ValidationError | None = error
    kept = copy.deepcopy(content)
    while found and not {problem["path"] for problem in wrong} & set(needed) and _drop(kept, found):
        try:
            return model.model_validate(_nobody_becomes_the_patient(kept, wrong)), wrong
        except ValidationError as error:
            found = error
    raise Invalid(wrong)


def _drop(kept: dict[str, JSON], error: ValidationError) -> bool:
    """Take out what each error is about: the field itself, or where that is not there what it is missing in."""
    places = {_deepest(kept, each["loc"]) for each in error.errors(include_url=False, include_input=False)}
    if any(len(place) < 2 for place in places):  # all of the data, or the envelope
        return False
    for place in places:
        at: Any = kept
        for step in place[:-1]:
            at = at.get(step, {})
        at.pop(place[-1], None)
    return True


def _deepest(kept: JSON, path: Path) -> Path:
    """As far as the path leads to what is there."""
    at, found = kept, 0
    for step in path:
        if not (isinstance(at, dict) and step in at):
            break
        at, found = at[str(step)], found + 1
    return path[:found]


def _nobody_becomes_the_patient(kept: dict[str, Any], wrong: list[Problem]) -> dict[str, Any]:
    """Whoever writes for a patient does not become the patient, because it can't be read who it is (barn-1)."""
    paths = {problem["path"].removeprefix("data.contact.") for problem in wrong}
    contact = kept["data"].get("contact")
    if (
        paths & {"by", "by_role"}
        and isinstance(contact, dict)
        and not (contact.get("by") or contact.get("by_role"))
    ):
        contact["by_role"] = "other"
    return kept
