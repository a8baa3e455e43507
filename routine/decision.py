"""What a rule answers: the answer itself, why, and the clause that it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from routine.clauses import CLAUSES
from routine.reasons import Reason

Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Decision(Generic[Answer_co]):
    """An answer with its reason and the clause (`besok-2`) or policy (`policy-barn-1`) that it rests on.

    Raises:
        ValueError: the clause is in neither the routine nor our policies.
    """

    answer: Answer_co
    reason: Reason
    clause: str

    def __post_init__(self) -> None:
        if self.clause not in CLAUSES:
            raise ValueError(f"no such clause: {self.clause}")

    @property
    def allowed(self: Decision[bool]) -> bool:
        """The answer of a question that is answered by yes or no."""
        return self.answer


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing for now: ask the same question again when more is known, at the latest at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class StaffTask:
    """A task for the unit's staff; its code is the decision's reason."""
