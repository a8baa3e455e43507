"""What becomes of a file whose storage fails: our own storage is tried again, and costs no file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from engine.base.errors import Incident, NotSent, SystemDown, VaxelError
from engine.outer import incidents

OURS = ("storage_", "keys_")
"""How the reasons begin of what is wrong with our storage, not with a file's source."""
NOT_THERE = ("file_gone", "name_taken")
"""What else only the storage says."""
FOR_GOOD = ("file_gone", "file_changed")
"""Why a file is never opened again: the storage is there, and its bytes are not, or are others."""
ALARMING = 2
"""So many tries in a row the storage may do nothing before ops are called."""


@contextmanager
def tried_again(tries: int = 0) -> Iterator[None]:
    """Around what is asked of the storage: nothing is lost by one that is full, read-only, away or not ours.

    It is tried again by the ladder, and ops are called: at once for what is set up wrongly, else after some tries.

    Raises:
        NotSent: in place of what says that something is wrong with our own storage.
    """
    try:
        yield
    except VaxelError as error:
        if not is_of_storage(error):
            raise
        if tries >= ALARMING or isinstance(error, Incident):
            incidents.note("storage", error.reason)
        reason = error.reason if error.reason.startswith(OURS) else "storage_failed"
        raise NotSent(reason, error.detail or error.reason) from None


def is_of_storage(error: VaxelError) -> bool:
    """Whether it is our own storage that fails; a source that is down is none of the engine's `SystemDown`."""
    return error.reason.startswith(OURS) or error.reason in NOT_THERE or isinstance(error, SystemDown)


def is_over_for_good(error: VaxelError) -> bool:
    """Whether a file will never be opened again, so that its case is over.

    A key that is missing, or another, may be the folder of keys that is: the right one may be mounted again.
    """
    return error.reason in FOR_GOOD or (error.reason, error.detail) == ("keys_gone", "destroyed")
