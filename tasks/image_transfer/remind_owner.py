"""Whoever asked for files is reminded before their time is over (policy-bild-5)."""

from __future__ import annotations

from engine.base import clock
from engine.steps.stage import from_case, step
from engine.steps.verdicts import Done, Go, Rest, Verdict
from engine.tables.timeline import Entry
from models.image_transfer import ImageTransfer, State
from routine.image_transfer import reminded_at
from routine.images import is_file_over
from routine.reasons import Reason
from tasks import clients, conversation, journal_system
from tasks.image_transfer.owner_message import BACKOFF, Telling, message_to_owner, tell


def judge_reminder(case: ImageTransfer, facts: None) -> Verdict[Telling | journal_system.Posting]:
    """Reminded once for a transfer, of what is not in the journal yet."""
    assert case.deleted_at is not None
    now, region = clock.now(), clients.region()
    if is_file_over(case.deleted_at, now).allowed:
        return Go(State.LAPSED)
    if now < reminded_at(case.deleted_at, region):
        return Rest(State.TOLD, due_at=reminded_at(case.deleted_at, region))
    entry = Entry("owner_reminded", Reason.FILE_LAPSES, "policy-bild-5")
    then = Rest(State.REMINDED, (entry,), due_at=case.deleted_at)
    return message_to_owner(case, Reason.FILE_LAPSES, then, region.storage.remind_hours)


def _unreminded(case: ImageTransfer, reason: str) -> Go:
    return Rest(State.REMINDED, (Entry("owner_not_told", reason, "policy-bild-5"),), due_at=case.deleted_at)


@step(
    system="vas",
    others=conversation.PLATFORMS,
    backoff=BACKOFF[:4],
    facts=from_case(ImageTransfer),
    gate=judge_reminder,
    ask=journal_system.ask_of_posting,
    exhausted=_unreminded,
)
def remind_owner(what: Telling | journal_system.Posting) -> Done:
    """Remind the one who asked for the files that their time is soon over (policy-bild-5)."""
    return tell(what)
