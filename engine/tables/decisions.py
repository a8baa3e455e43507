"""What decisions rested on, kept beside the timeline: one insert for all of a turn, sealed (`models.decision`)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

import orjson
import structlog
from pydantic import BaseModel
from sqlalchemy import Connection

from engine.base.database import if_new, insert_all, table_of
from models.decision import KeptDecision

DECISION = table_of(KeptDecision)
COLUMNS = ["case_id", "number", "process", "rule", "unit", "at", "answer", "reason", "clause", "facts"]
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision, and what it rested on.

    Args:
        rule: the rule's name (`routine.rules_by_name`).
        facts: the frozen dataclass that it was asked with.
        unit: the HSA-id of the unit whose policy it took.
        answer, reason, clause: what it gave.
    """

    rule: str
    facts: object = field(repr=False)
    unit: str
    answer: object = field(default=None, repr=False)
    reason: str = ""
    clause: str = ""


def answer_code(answer: object) -> str:
    """What a rule answered, without anything of the patient's: `send_sms`, `wait`, `yes`, `none`."""
    match answer:
        case None:
            return "none"
        case bool():
            return "yes" if answer else "no"
        case Enum():
            return str(answer.value)
        case tuple():
            return "+".join(answer_code(each) for each in answer) or "none"
        case _:
            return _code_of(type(answer).__name__)


@cache
def _code_of(kind: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind).lower()


def whole(answer: object) -> Any:
    """An answer as it is kept: what its code leaves out, such as the number that an SMS goes to."""
    return orjson.loads(_json(answer))


def keep_decisions(
    connection: Connection, process: str, at: datetime, told: Sequence[tuple[uuid.UUID, int, Decided]]
) -> None:
    """Keep what decisions rested on.

    Args:
        told: each with its case and the number of the entry that tells it.
    """
    insert_all(connection, DECISION, [_as_row(process, at, *each) for each in told], COLUMNS, if_new)


def _as_row(process: str, at: datetime, case_id: uuid.UUID, number: int, decided: Decided) -> dict[str, Any]:
    return {
        "case_id": case_id,
        "number": number,
        "process": process,
        "rule": decided.rule,
        "unit": decided.unit,
        "at": at,
        "answer": answer_code(decided.answer),
        "reason": decided.reason,
        "clause": decided.clause,
        "facts": written(decided),
    }


def written(decided: Decided) -> str | None:
    """What a decision rested on, as it is kept.

    None, and a line in the log, where something in it cannot be written: nobody's notice waits for that.
    """
    try:
        return _json({"facts": decided.facts, "answer": decided.answer}).decode()
    except orjson.JSONEncodeError:
        log.error("facts_not_kept", rule=decided.rule)
        return None


def _json(what: object) -> bytes:
    return orjson.dumps(what, default=_plain)


def _plain(value: object) -> object:
    """What JSON does not have. Of a unit's policy, which is the region's, kept is only that there was one."""
    match value:
        case frozenset():
            return sorted(value, key=str)
        case BaseModel():
            return True
    raise TypeError(type(value).__name__)
