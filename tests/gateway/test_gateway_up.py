"""What `vaxel up` starts."""

from __future__ import annotations

from typing import Any

import pytest

from gateway import up
from gateway.children import Children


class Noted(Children):
    """Starts nothing, and notes what would have been."""

    started: list[tuple[str, tuple[str, ...]]]

    def start(self, name: str, *command: str, without: str | tuple[str, ...] = ()) -> Any:
        self.started.append((name, command[2:]))

    def wait_for(self, name: str, url: str, seconds: float = 90.0) -> None:
        pass


def test_policy_suicid_1_two_workers_of_the_alerts_run_beside_the_others(
    postgres: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that dies takes seconds to be back, and an alert waits for none."""
    monkeypatch.setattr(Noted, "started", [], raising=False)
    monkeypatch.setattr(up, "Children", Noted)
    for step in ("ports_are_free", "deploy"):  # the tests' own servers are on the ports, and it needs another
        monkeypatch.setattr(up, step, lambda *_: None)
    with up.everything(lambda _: None):
        of_alerts = [name for name, command in Noted.started if command[-2:] == ("--queue", "risk")]
        others = [name for name, command in Noted.started if command[-1:] == ("worker",)]
    assert len(of_alerts) == len(set(of_alerts)) == 2
    assert others == ["worker"]
