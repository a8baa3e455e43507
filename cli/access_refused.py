"""`vaxel access --refused`: what the national log service has refused, and what ops say is to become of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from cli.looking import looker, reason_given
from cli.terminal import fail, say, show, warn
from engine.base import clock
from engine.base.database import transaction
from engine.ops import log_delivery
from engine.ops.access_log import Access, Act, write
from engine.ops.log_delivery import Span
from models.access_log import RefusedState

NAMES = ["number", "log_id", "written_at", "refused_at", "state", "reason"]
NUMBERS = re.compile(r"([0-9]{1,18})(?:-([0-9]{1,18}))?")


def show_refused(
    as_json: bool, *, again: bool, let_go: bool, entries: Sequence[str], reason: str | None
) -> None:
    """Show what was refused, by number: nothing of whom it is about. First have it sent again, or let it go.

    Whoever has that done stands in the log with it, and why.
    """
    if again and let_go:
        fail("Either --again or --let-go.")
    if entries and not (again or let_go):
        fail("Say what is to become of them: --again or --let-go.")
    if let_go and not entries:
        fail("Name what is to be let go: --entry 17, or --entry 17-216.")
    named = [_span_of(each) for each in entries]
    changed: list[int] = []
    if again or let_go:
        why = reason_given(reason, "have them sent again" if again else "let them go")
        changed = _do(Act.SEND_AGAIN if again else Act.LET_GO, named, why)
    _show_refused(as_json)
    if not as_json and again:
        say(f"{len(changed)} are sent once more, within five minutes.")
    if not as_json and let_go:
        say(f"{len(changed)} are let go: they are not sent, and what is behind them is.")


def _span_of(given: str) -> Span:
    parts = NUMBERS.fullmatch(given)
    if parts is None:
        fail("--entry has to be the number of an entry, 17, or two of them, 17-216.")
    return int(parts[1]), int(parts[2] or parts[1])


def _do(act: Act, named: Sequence[Span], why: str) -> list[int]:
    """Gives the numbers of the entries that it is done with; all that are named are refused, or it fails with a
    sentence."""
    with transaction() as connection:
        do = log_delivery.let_go if act is Act.LET_GO else log_delivery.ask_again
        changed = do(connection, named)
        for first, last in named:
            if not any(first <= number <= last for number in changed):
                fail(f"{_words(first, last)} is not refused, or that stands already: vaxel access --refused.")
        if changed:
            told = f"{' '.join(map(str, changed))}: {why}"
            write(connection, [Access(who=looker(), act=act, process="access_log", why=told)], clock.now())
    return changed


def _words(first: int, last: int) -> str:
    return f"Entry {first}" if first == last else f"What is from {first} to {last}"


def _show_refused(as_json: bool) -> None:
    with transaction() as connection:
        found = log_delivery.refused_accesses(connection)
    rows: list[dict[str, Any]] = [asdict(line) for line in found]
    show(rows, NAMES, as_json)
    holding = [line.number for line in found if line.state is RefusedState.HOLDS]
    if holding:
        warn(f"{len(holding)} hold up what is behind them: the log service takes nothing of them.")
