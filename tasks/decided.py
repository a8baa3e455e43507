"""Timeline entries of decisions, with what each rested on (`engine.tables.decisions`)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from routine.decision import Decision

NOTHING_MORE: Mapping[str, str | int] = MappingProxyType({})


def decided(rule: str, facts: object, unit: str | None, decision: Decision[Any]) -> Decided:
    """A decision as it is kept.

    Args:
        rule: its name in `routine.rules_by_name`.
        facts: what the rule was asked with.
        unit: whose policy it took; None: it is not known.
    """
    return Decided(
        rule=rule,
        facts=facts,
        unit=unit or "",
        answer=decision.answer,
        reason=decision.reason,
        clause=decision.clause,
    )


def entry_of(
    what: str, decision: Decision[Any], by: Decided, detail: Mapping[str, str | int] = NOTHING_MORE
) -> Entry:
    """An entry that gives the reason and the clause of a decision."""
    return Entry(what, decision.reason, decision.clause, detail, by)
