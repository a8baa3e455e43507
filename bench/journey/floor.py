"""The floor: the calls that the sandbox recorded of a journey, made again by bare `requests` in threads.

A process of its own: `python -m bench.journey.floor`. The same methods, paths, headers and bodies, so the same work
for the systems; no webhook, no database, nothing durable. Each system has as many connections as Växel has to it.
A call waits for the latest one before it about the same resident, so that each booking's calls come in their order;
nothing else waits for anything.
"""

from __future__ import annotations

import argparse
import email
import json
import queue
import re
import smtplib
import statistics
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests

SECONDS = 30.0
LAST = ("sms", "mail")
"""Systems whose calls are the last about a booking: nothing waits for them."""
ABOUT = re.compile(r"(?<!\d)\d{12}(?!\d)|%2B467\d{8}|person\d+@example\.org")
LOGIN = ("sandbox", "sandbox")
"""The SMS provider's; the sandbox records no passwords."""
Json = dict[str, Any]


@dataclass
class Ordered:
    """A call with how many others it waits for, and those that wait for it."""

    call: Json
    waits_for: int = 0
    then: list[int] = field(default_factory=list)


def ordered(calls: Sequence[Json], residents: Mapping[str, Iterable[str]]) -> list[Ordered]:
    """What each call waits for.

    Args:
        calls: as the sandbox shows them, in the order in which they came.
        residents: whom an identity number, a phone number or an address in a call may mean.
    """
    plan = [Ordered(call) for call in calls]
    latest: dict[str, int] = {}
    for at, one in enumerate(plan):
        named = set(ABOUT.findall(one.call["body"]))
        about = {who for name in named for who in residents.get(name.replace("%2B", "+"), ())}
        before = {latest[who] for who in about if who in latest}
        one.waits_for = len(before)
        for earlier in before:
            plan[earlier].then.append(at)
        if one.call["system"] not in LAST:
            latest |= dict.fromkeys(about, at)
    return plan


class Replay:
    """The calls, made by so many threads for each system, each over its own kept-alive connection."""

    def __init__(self, plan: Sequence[Ordered], base: str, smtp_port: int, connections: int) -> None:
        self._plan = plan
        self._base, self._smtp_port = base, smtp_port
        self._ready: dict[str, queue.SimpleQueue[int | None]] = {
            one.call["system"]: queue.SimpleQueue() for one in plan
        }
        self._lock = threading.Lock()
        self._left = len(plan)
        self._threads = [
            threading.Thread(target=self._work, args=(system,))
            for system in self._ready
            for _ in range(connections)
        ]
        self.took: dict[str, list[float]] = {system: [] for system in self._ready}
        self.wrong: list[str] = []

    def make_calls(self) -> float:
        """Make them all; gives the seconds that it took."""
        for at, one in enumerate(self._plan):
            if not one.waits_for:
                self._is_ready(at)
        began = time.perf_counter()
        for thread in self._threads:
            thread.start()
        for thread in self._threads:
            thread.join()
        return time.perf_counter() - began

    def _is_ready(self, at: int) -> None:
        self._ready[self._plan[at].call["system"]].put(at)

    def _work(self, system: str) -> None:
        session = requests.Session()
        session.trust_env = False
        session.headers["Accept-Encoding"] = "identity"
        while (at := self._ready[system].get()) is not None:
            one = self._plan[at]
            began = time.perf_counter()
            try:
                status = self._mail(one.call) if system == "mail" else self._http(session, one.call)
            except (requests.RequestException, smtplib.SMTPException, OSError) as error:
                status = type(error).__name__
            self.took[system].append(time.perf_counter() - began)
            if status != one.call["status"]:
                self.wrong.append(f"{one.call['operation']}: {status}, not {one.call['status']}")
            self._done(one)

    def _done(self, one: Ordered) -> None:
        with self._lock:
            for at in one.then:
                self._plan[at].waits_for -= 1
            ready = [at for at in one.then if not self._plan[at].waits_for]
            self._left -= 1
        for at in ready:
            self._is_ready(at)
        if not self._left:
            for waiting in self._ready.values():
                for _ in self._threads:
                    waiting.put(None)

    def _http(self, session: requests.Session, call: Json) -> int | str:
        answer = session.request(
            call["method"],
            f"{self._base}/{call['system']}{call['path']}",
            data=call["body"].encode(),
            headers=call["headers"],
            auth=LOGIN if call["system"] == "sms" else None,
            timeout=SECONDS,
        )
        return answer.status_code

    def _mail(self, call: Json) -> int | str:
        """One message in a session of its own, as Växel sends it; after its acceptance nothing is waited for."""
        message = email.message_from_string(call["body"])
        domain = message["From"].rpartition("@")[2].strip(">")
        server = smtplib.SMTP("127.0.0.1", self._smtp_port, local_hostname=domain, timeout=SECONDS)
        try:
            server.sendmail(message["From"], message["To"], call["body"].encode())
            server.putcmd("QUIT")
        finally:
            server.close()
        return 250


def main() -> None:
    """Make the calls and tell how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recorded", type=Path, required=True, help="JSON: calls, and residents by name")
    parser.add_argument("--sandbox", required=True, help="its address")
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--connections", type=int, required=True, help="to each system")
    given = parser.parse_args()
    recorded = json.loads(given.recorded.read_text())
    plan = ordered(recorded["calls"], recorded["residents"])
    replay = Replay(plan, given.sandbox, given.smtp_port, given.connections)
    seconds = replay.make_calls()
    a_call = {system: statistics.median(took) for system, took in replay.took.items()}
    told = {"seconds": seconds, "calls": len(recorded["calls"]), "seconds_a_call": a_call}
    print(json.dumps(told | {"wrong": replay.wrong[:10]}))


if __name__ == "__main__":
    main()
