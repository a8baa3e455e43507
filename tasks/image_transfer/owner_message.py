"""What the owner of files is told, in the platform that they came from, or by a task in the journal system.

It says nothing of the files, nor of the patient (bilder-2); once for a transfer (policy-bild-5).
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.base.errors import Refused
from engine.base.settings import Platform
from engine.steps.verdicts import Done, Go, Send
from models.identity import PatientId
from models.image_transfer import ImageTransfer
from routine import staff_text
from routine.reasons import Reason
from routine.text import Text
from tasks import clients, conversation, journal_system
from tasks.image_transfer import effect_keys

BACKOFF = [2, 10, 60, 300, 1800, 7200]
ELSEWHERE = frozenset({Reason.CONTACT_NOT_KNOWN, Reason.CONTACT_OF_OTHER, Reason.CONTACT_OF_NOBODY})
"""What is not told in the conversation that staff have named: it may be another patient's."""


@dataclass(frozen=True)
class Telling:
    """What the owner is told in a platform; `task`: in the journal system, if that has no such conversation."""

    key: str
    platform: Platform
    contact: str
    code: str
    text: Text
    task: journal_system.Posting
    then: Go


def message_to_owner(
    case: ImageTransfer, reason: Reason, then: Go, hours: int | None = None
) -> Send[Telling | journal_system.Posting]:
    """The verdict that tells them, once."""
    key = effect_keys.told(case, reason)
    named = clients.region().systems.get(case.system)
    said = staff_text.files(reason, named.name if named else "1177", hours)
    task = _task(case, key, reason, said, then)
    platform = case.system
    if not conversation.is_platform(platform) or reason in ELSEWHERE:
        return task
    return Send(
        key, then, Telling(key, platform, case.contact_id, _code(reason), said, task.payload, then), platform
    )


def _code(reason: Reason) -> str:
    """As the platforms know it."""
    codes = {
        Reason.STORED: "image_ready",
        Reason.FILE_LAPSES: "image_lapses",
        Reason.ATTACHMENT_GONE: "original_gone",
    }
    return codes.get(reason, "image_refused")


def _task(
    case: ImageTransfer, key: str, reason: Reason, said: Text, then: Go
) -> Send[journal_system.Posting]:
    """A task for the unit's staff; whose contact it is, nobody is told by it."""
    unit = clients.region().unit(case.unit or "")
    known = reason is not Reason.CONTACT_OF_OTHER and case.patient
    return journal_system.staff_task(
        key,
        patient=PatientId.model_validate_json(case.patient) if known and case.patient else None,
        unit=case.unit or "",
        unit_name=unit.name if unit else case.unit_name,
        contact=case.contact_id,
        reason=_code(reason),
        said=said,
        then=then,
    )


def tell(what: Telling | journal_system.Posting) -> Done:
    """Tell them, where they have the conversation; a closed one, or one that is not known there, by a task."""
    if isinstance(what, journal_system.Posting):
        return journal_system.post(what)
    platform = clients.channel(what.platform)
    try:
        told = platform.raise_alert(what.key, what.contact, reason=what.code, text=what.text.body)
    except Refused:
        return journal_system.post(what.task)
    return Done(what.then, told)
