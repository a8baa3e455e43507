"""Delivery reports, as the gateway takes them in. What a message that failed means is decided behind it."""

from __future__ import annotations

from collections.abc import Sequence

from anyio import from_thread

from engine.tables import receipts
from engine.tables.receipts import Receipt
from gateway.wake import Waker


class KeptReceipts:
    """`gateway.ports.Receipts`.

    Args:
        waker: asks for a run of the process whose message has failed.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def __call__(self, given: Sequence[Receipt], /) -> list[bool]:
        """As the port has it."""
        taken = receipts.take(given)
        for process in {each.wakes for each in taken if each and each.wakes}:
            from_thread.run_sync(self._waker.soon, process)
        return [each is not None for each in taken]
