"""A worker that dies at a named point: run in a process of its own, it claims, takes its cases through, and is gone."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from errands import DONE, Errand, a_claim, a_step, occasion, pumped
from outer_system import messages, post

from engine.base.settings import settings
from engine.steps.step import Step
from engine.steps.verdicts import Arrived, Done, Finding, NotArrived, Send
from engine.tables import effects
from models.case import Effect

ALIKE = b"one number, one text"
POINTS = ("before the call", "after the call", "while recording", "after the record")
Point = Callable[[str], None]


def alive(point: str) -> None:
    """A worker that does not die."""


def step_to(kind: str, port: int, reached: Point = alive) -> Step[Errand]:
    """The one step of a process, against a system that can be asked, takes a key, can't be asked, or has twins."""

    def act(key: str) -> Done:
        reached("before the call")
        id = post(port, "alike" if kind == "twins" else key)
        reached("after the call")
        return Done(DONE, id)

    def ask(effect: Effect) -> Finding:
        if kind == "takes a key":
            return NotArrived()
        if kind == "twins":
            found = effects.adopt(effect, [id for _, id in messages(port)])
        else:
            found = next((id for key, id in messages(port) if key == effect.key), None)
        return Arrived(found) if found else NotArrived()

    def gate(case: Errand, facts: Any) -> Send:
        return Send(occasion(case), DONE, occasion(case), likeness=ALIKE if kind == "twins" else None)

    how: dict[str, Any] = {"cannot_be_asked": ("sms",)} if kind == "cannot_be_asked" else {"ask": ask}
    return a_step(gate, act, record=lambda connection, calls: reached("while recording"), **how)


def work_and_die(kind: str, port: int, point: str, url: str) -> None:
    """Claim what is due, take it through, and be killed at the point."""
    settings().database_url = url

    def reached(now: str) -> None:
        if now == point:
            os._exit(9)

    pumped(step_to(kind, port, reached), a_claim())
    reached("after the record")
    os._exit(0)
