"""Asked again at the door: what has been committed when *sending* is written counts, events that wait too."""

from __future__ import annotations

from typing import Any

from errands import Errand, Movable, a_process, a_step, by_key, done, effect_of, put_cases, run, sends, sql

from engine import clock
from engine.inbox import Arrival, Inbox


def tell(key: str, version: int) -> None:
    """An event comes in, and is committed."""
    Inbox().store(
        "vas", [Arrival(f"{key}-{version}", "told", "errand", key, version, clock.now(), {"v": version})]
    )


def test_a_case_whose_event_came_after_the_claim_is_not_judged_by_what_was(moving: Movable) -> None:
    put_cases(2)
    seen: list[tuple[str, int | None]] = []

    def look(cases: Any) -> None:
        if not seen:
            tell("case-00001", 7)

    def gate(case: Errand, facts: Any) -> Any:
        seen.append((case.key, case.version))
        return sends()(case, facts)

    run(a_process(a_step(gate, done, look=look)))
    assert ("case-00001", None) not in seen
    assert set(seen) == {("case-00000", None), ("case-00001", 7)}
    assert sql("SELECT outcome FROM event") == [("applied",)]
    assert effect_of("errand:case-00001") is not None
    assert by_key("case-00001").state == "done"
