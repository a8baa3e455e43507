"""Delivery reports, as the gateway takes them in. What a message that failed means is decided behind it."""

from __future__ import annotations

from datetime import datetime

from anyio import from_thread

from engine import receipts
from gateway.wake import Waker


class KeptReceipts:
    """`gateway.ports.Receipts`.

    Args:
        waker: asks for a run of the process whose message has failed.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def __call__(self, token: str, provider_id: str, status: str, at: datetime, /) -> bool:
        """As the port has it."""
        taken = receipts.take(token, provider_id, status, at)
        if taken and taken.wakes:
            from_thread.run_sync(self._waker.soon, taken.wakes)
        return taken is not None
