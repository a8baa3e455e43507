"""Each decision of a time, decided anew under another region's figures, from what was known then."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from engine.tables.decisions import answer_code, whole
from routine.decision import Decision
from routine.region import Region
from routine.rules_by_name import NOT_ASKED, RULES, CannotRead, UnitNotListed
from tasks.what_if.findings import OTHERWISE, Difference, Findings, Side
from tasks.what_if.stored import NotReadable, Row

NOT_ASKED_THEN = "not_asked_then"
"""The figures of then did not need to know it, and nobody asked."""
UNIT_UNKNOWN = Side("park", "unit_unknown", "policy-okand-1")


class Unasked(NamedTuple):
    """A decision that can't be made anew, since something was not asked then."""

    row: Row
    said: dict[str, Any]
    asked: Any


@dataclass
class Anew:
    """One look at what would be, and what it has found so far."""

    region: Region
    since: datetime
    until: datetime
    found: Findings = field(default_factory=Findings)
    unasked: list[Unasked] = field(default_factory=list)
    """Those that lack an answer, until somebody has looked for it (`tasks.what_if.completed`)."""

    def judge(self, row: Row) -> None:
        """Decide one anew; what cannot be is counted, with why."""
        try:
            asked, said = self.facts_of(row)
        except NotReadable as error:
            self.found.not_decidable[row.rule, error.why] += 1
            return
        if not self.hold(row, said, asked):
            self.unasked.append(Unasked(row, said, asked))

    def facts_of(self, row: Row) -> tuple[Any, dict[str, Any]]:
        """What the rule was asked with, and all that is kept of the decision.

        Raises:
            NotReadable: it can't be asked anew.
        """
        named = RULES.get(row.rule)
        if named is None:
            raise NotReadable("rule_unknown")
        said = row.said()
        try:
            unit = named.policy(said["facts"], self.region.unit(row.unit), self.region)
            return named.kept.read(said["facts"], unit), said
        except UnitNotListed:
            return None, said
        except (CannotRead, KeyError):
            raise NotReadable("of_another_version") from None

    def hold(self, row: Row, said: dict[str, Any], asked: Any) -> bool:
        """Hold what is decided by these facts against what was; no: something would have to be asked first.

        Args:
            asked: None: the unit is not listed.
        """
        was = Side(row.answer, row.reason, row.clause)
        if asked is None:
            self.found.decided += 1
            self.found.differs(row.case_id, Difference(row.rule, row.unit, was, UNIT_UNKNOWN))
            return True
        decision = RULES[row.rule].decide(asked, self.region)
        would = side_of(decision)
        if would != was and decision.reason in NOT_ASKED:
            return False
        self.found.decided += 1
        if would == was and whole(decision.answer) != said.get("answer"):
            would = would._replace(answer=would.answer + OTHERWISE)
        if would != was:
            self.found.differs(row.case_id, Difference(row.rule, row.unit, was, would))
        return True


def side_of(decision: Decision[Any]) -> Side:
    """A decision by its codes."""
    return Side(answer_code(decision.answer), decision.reason, decision.clause)
