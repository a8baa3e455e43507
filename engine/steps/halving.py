"""A call for many that is all or none: when it is refused, halve until the bad one stands alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from engine.base.errors import Refused, VaxelError

R = TypeVar("R")


def halved(act_many: Callable[[Sequence[Any]], Sequence[R]], payloads: Sequence[Any]) -> list[R | VaxelError]:
    """One answer a payload, in order.

    A failure that is not a refusal is the answer of all it was for, and of all that would be called after:
    a system that has just gone down is not asked on.
    """
    try:
        return list(act_many(payloads))
    except Refused as error:
        refused = error
    except VaxelError as error:
        return [error] * len(payloads)
    except Exception as error:  # noqa: BLE001 (one payload must not hold up the others)
        refused = Refused("internal_error", type(error).__name__)
    if len(payloads) == 1:
        return [refused]
    middle = len(payloads) // 2
    first, rest = halved(act_many, payloads[:middle]), payloads[middle:]
    stopped = next((each for each in first if isinstance(each, VaxelError) and _stops(each)), None)
    return first + ([stopped] * len(rest) if stopped else halved(act_many, rest))


def _stops(answer: VaxelError) -> bool:
    return not isinstance(answer, Refused)
