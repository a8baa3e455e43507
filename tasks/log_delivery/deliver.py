"""The access log is told to the national log service: in order, at least once, and nothing is passed over in silence.

1. No address: nothing is sent. The service is down: it is left alone, as every outer system.
2. What ops have asked for once more goes first; what is refused again holds up nothing.
3. A batch is read, sent, and then the cursor is moved. Who dies in between sends it again, under the same LogIds.
4. A batch that is refused is halved until the bad entry stands alone. That one is kept for ops; the rest goes on.
5. Where nothing at all of a batch is taken it is likely not the entries that are wrong: the cursor stays, they are
   kept as what holds, and ops hear of an incident. Where it is the entries after all, ops let them go, and the rest
   goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta

from engine.base import clock
from engine.base.database import transaction
from engine.base.errors import Incident, Refused, SystemDown, VaxelError
from engine.ops import log_delivery
from engine.outer import breaker, incidents
from engine.steps.halving import halved
from models.access_log import LoggedAccess
from systems.log_store import LogStore, StoredAccess
from tasks import clients
from tasks.log_delivery.entries import as_stored

LOG = "log"
BATCH = 200
LONGEST = timedelta(seconds=200)
"""A run goes on for so long at most; the next one is soon."""

Outcomes = tuple[list[int], dict[int, str]]
"""The numbers of what was taken, and of what was not, with the reason."""


class NothingTaken(Incident):
    """The service has refused all of several entries, each by itself.

    Args:
        refused: why, by number.
    """

    def __init__(self, refused: Mapping[int, str]) -> None:
        super().__init__("log_refused")
        self.refused = refused


def deliver() -> Counter[str]:
    """Send what waits; gives how many entries were taken, how many refused, and whether it was broken off."""
    store, found = clients.log_store(), Counter[str]()
    if store is None or _is_left_alone():
        return found
    until = clock.now() + LONGEST
    try:
        found += _send_again(store)
        while clock.now() < until and (sent := _send_next(store)) is not None:
            found += sent
    except VaxelError as error:
        _note(error)
        return found + Counter(broken_off=1)
    _note_well()
    return found


def _send_again(store: LogStore) -> Counter[str]:
    with transaction() as connection:
        entries = log_delivery.to_send_again(connection, BATCH)
    if not entries:
        return Counter()
    taken, refused = _outcomes(store, entries, are_known=True)
    with transaction() as connection:
        log_delivery.settle_again(connection, taken, refused)
    return _tally(taken, refused)


def _send_next(store: LogStore) -> Counter[str] | None:
    """One batch; None: there is nothing more, or somebody else sends it too."""
    with transaction() as connection:
        batch = log_delivery.next_batch(connection, BATCH)
    if batch.until == batch.before:
        return None
    try:
        taken, refused = _outcomes(store, batch.entries)
    except NothingTaken as held:
        with transaction() as connection:
            log_delivery.hold(connection, batch, held.refused)
        raise
    refused |= dict.fromkeys(batch.unopened, "does_not_open")
    with transaction() as connection:
        if not log_delivery.move(connection, batch, refused):
            return None
    return _tally(taken, refused)


def _outcomes(store: LogStore, entries: Sequence[LoggedAccess], *, are_known: bool = False) -> Outcomes:
    """What becomes of entries; `are_known`: as those that are refused.

    Raises:
        NothingTaken: the service takes none of several.
        VaxelError: nobody knows, and all of them are to be sent again.
    """
    refused: dict[int, str] = {}
    sent: dict[int, StoredAccess] = {}
    for entry in entries:
        try:
            sent[entry.number] = as_stored(entry)
        except Refused as error:
            refused[entry.number] = error.reason
    answers = dict(zip(sent, _stored(store, list(sent.values())), strict=True))
    taken = [number for number, answer in answers.items() if not isinstance(answer, VaxelError)]
    for number, answer in answers.items():
        if isinstance(answer, Refused):
            refused[number] = answer.reason
        elif isinstance(answer, VaxelError):
            raise answer
    if len(sent) > 1 and not (taken or are_known):
        raise NothingTaken({number: refused[number] for number in sent})
    return taken, refused


def _stored(store: LogStore, entries: Sequence[StoredAccess]) -> Sequence[VaxelError | None]:
    """The service's answer of each, asked of all at once, and of halves where it refuses."""

    def deliver_all(some: Sequence[StoredAccess]) -> Sequence[None]:
        store.deliver(some)
        return [None] * len(some)

    return halved(deliver_all, entries) if entries else []


def _tally(taken: Sequence[int], refused: Mapping[int, str]) -> Counter[str]:
    return +Counter(delivered=len(taken), refused=len(refused))


def _is_left_alone() -> bool:
    until = breaker.states_now().get(LOG)
    return until is not None and until > clock.now()


def _note(error: VaxelError) -> None:
    if isinstance(error, SystemDown):
        breaker.trip(LOG)
    if isinstance(error, Incident):
        incidents.note(LOG, error.reason)


def _note_well() -> None:
    if LOG in breaker.states_now():
        breaker.close(LOG)
