"""A call for many that is all or none: when it is refused, halve until the bad one stands alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.errors import Refused, VaxelError
from engine.verdicts import Done


def halved(
    act_many: Callable[[Sequence[Any]], Sequence[Done]], payloads: Sequence[Any]
) -> list[Done | VaxelError]:
    """One answer a payload, in order; a failure that is not a refusal is the answer of all it was for."""
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
    return halved(act_many, payloads[:middle]) + halved(act_many, payloads[middle:])
