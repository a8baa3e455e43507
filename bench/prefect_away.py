"""Prefect goes away while bookings come in, and comes back: is every webhook taken, and every booking settled?

`python -m bench.prefect_away --seconds 300`
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable

from bench.town import booking, person, settle_in


def prefect_server(port: str) -> subprocess.Popen[bytes]:
    """A Prefect server on our database."""
    from engine import database

    url = database.with_driver(database.url_of(database.PREFECT), "asyncpg")
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    environment = os.environ | {"PREFECT_SERVER_DATABASE_CONNECTION_URL": url}
    return subprocess.Popen(command, env=environment, **quiet)  # type: ignore[call-overload,no-any-return]


def settled() -> int:
    """How many bookings are settled."""
    from engine import ops
    from flows.registry import PROCESSES

    return ops.counts(PROCESSES)["booking_publication"].get("settled", 0)


def wait(is_so: Callable[[], bool], seconds: float) -> float:
    """Wait until it is so; gives how long that took."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            raise SystemExit(f"not settled after {seconds} s: {settled()} are")
        time.sleep(0.5)
    return time.monotonic() - began


def outage(seconds: float, count: int, port: str) -> None:
    """The whole story, told as it goes."""
    import httpx

    from engine import database
    from engine.settings import settings
    from gateway.up import everything

    database.create_databases()
    server = prefect_server(port)
    try:
        with everything(lambda what: print(f"  starting {what} …", flush=True)):
            base = f"http://127.0.0.1:{settings().sandbox.port}"
            with httpx.Client(base_url=base, timeout=60, trust_env=False) as town:
                town.post("/people", json=person()).raise_for_status()

                def send(number: int) -> int:
                    event = {"type": "booking.created", "data": {"booking": booking(number)}}
                    return int(town.post("/act/vas", json={"events": [event]}).json()["sent"][0]["status"])

                send(0)
                print(
                    f"before: one booking settled after {wait(lambda: settled() == 1, 60):.1f} s", flush=True
                )
                server.terminate()
                server.wait()
                print(f"Prefect is gone for {seconds:.0f} s", flush=True)
                answers = []
                for number in range(1, count + 1):
                    answers.append(send(number))
                    time.sleep(seconds / count)
                print(
                    f"meanwhile: {answers.count(202)} of {count} webhooks taken, {settled() - 1} settled",
                    flush=True,
                )
                server = prefect_server(port)
                took = wait(lambda: settled() == count + 1, 300)
                print(f"back: all {count} settled {took:.0f} s after Prefect's server was started again")
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="how long Prefect is away (default 300)")
    parser.add_argument("--count", type=int, default=20, help="webhooks meanwhile (default 20)")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as home:
        settle_in(home)
        port = os.environ["VAXEL_PREFECT__PORT"]
        os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
        outage(given.seconds, given.count, port)


if __name__ == "__main__":
    main()
