"""How long from a webhook to its first effect, when nothing else is going on.

Starts everything in a folder of its own, sends one booking at a time, and takes the time from sending the
webhook until the engagement index has the booking. `python -m bench.idle_latency --help`
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from typing import Any

from bench.town import booking, person, settle_in


def seconds_to_first_effect(town: Any, number: int) -> float:
    """Send one webhook and wait until the index has its booking."""
    sent, began = booking(number), time.perf_counter()
    event = {"type": "booking.created", "data": {"booking": sent}}
    town.post("/act/vas", json={"events": [event]}).raise_for_status()
    while not town.get("/inspect/engagement_index", params={"booking": sent["id"]}).json()["engagements"]:
        time.sleep(0.005)
    return time.perf_counter() - began


def measure(count: int, pause: float) -> list[float]:
    """So many webhooks, one at a time, with a pause in which everything comes to rest."""
    import httpx

    from engine.settings import settings
    from gateway.up import everything

    with everything(lambda what: print(f"  starting {what} …", flush=True)):
        base = f"http://127.0.0.1:{settings().sandbox.port}"
        with httpx.Client(base_url=base, timeout=30, trust_env=False) as town:
            town.post("/people", json=person()).raise_for_status()
            seconds_to_first_effect(town, 0)
            times = []
            for number in range(1, count + 1):
                time.sleep(pause + random.random())
                times.append(seconds_to_first_effect(town, number))
            return times


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20, help="webhooks (default 20)")
    parser.add_argument("--pause", type=float, default=6.0, help="seconds of rest between two (default 6)")
    parser.add_argument("--json", action="store_true", help="for a program to read")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vaxel-bench-") as home:
        settle_in(home)
        times = sorted(measure(given.count, given.pause))
    result = {
        "webhook_to_first_effect_seconds": {
            "median": round(statistics.median(times), 3),
            "slowest": round(times[-1], 3),
            "webhooks": len(times),
        }
    }
    if given.json:
        print(json.dumps(result))
    else:
        print(
            f"webhook to first effect, idle: median {statistics.median(times):.3f} s, slowest {times[-1]:.3f} s"
        )


if __name__ == "__main__":
    main()
