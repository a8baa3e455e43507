"""`python -m sandbox --port 8090 --gateway http://127.0.0.1:8080`"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading

from sandbox.server.sandbox import Sandbox

SLICE_SECONDS = 0.2


def run_until_stopped() -> None:
    """Runs until SIGINT or SIGTERM."""
    environment = os.environ
    gateway_port = environment.get("VAXEL_GATEWAY__PORT", "8080")
    gateway = environment.get("VAXEL_GATEWAY__URL", f"http://127.0.0.1:{gateway_port}")
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A small region on this machine.")
    parser.add_argument("--port", type=int, default=int(environment.get("VAXEL_SANDBOX__PORT", "8090")))
    parser.add_argument("--gateway", default=gateway, help="where webhooks go and our producer is")
    given = parser.parse_args()
    secrets = json.loads(environment.get("VAXEL_WEBHOOK_SECRETS", "{}"))
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    sms, eid, staff_eid = (_account(system) for system in ("SMS", "EID", "STAFF_EID"))
    names = ("VAXEL_FORTYSIXELKS__HOOK_USER", "VAXEL_FORTYSIXELKS__HOOK_PASSWORD")
    hook = (environment.get(names[0], "vaxel"), environment.get(names[1], ""))
    proxy = environment.get("VAXEL_RIVTA__PROXY_SECRET")
    with Sandbox(
        given.port,
        given.gateway,
        secrets,
        sms,
        eid_account=eid,
        hook=hook,
        proxy_secret=proxy,
        staff_eid_account=staff_eid,
    ) as sandbox:
        sys.stdout.write(f"sandbox on {sandbox.url}, mail on port {sandbox.smtp_port}\n")
        sys.stdout.flush()
        # In slices: a signal that another thread has taken is seen when this one goes on.
        while not done.wait(SLICE_SECONDS):
            pass


def _account(system: str) -> tuple[str, str] | None:
    """The user and password that we have been given there, if we have."""
    names = (f"VAXEL_SYSTEMS__{system}__{name}" for name in ("USER", "PASSWORD"))
    user, password = (os.environ.get(name) for name in names)
    return (user, password) if user and password else None


if __name__ == "__main__":
    run_until_stopped()
