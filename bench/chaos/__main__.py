"""Växel in trouble, and a judge: `make chaos`, or `python -m bench.chaos --only workers,postgres --bookings 1000`.

Everything is real: gateway, two workers, Prefect's server, PostgreSQL and the sandbox, each a program of its own, in
a temporary folder. In each part bookings come in while something goes wrong:

  workers   both workers are killed (SIGKILL) at random moments, again and again
  postgres  PostgreSQL is restarted every few seconds, now and then by a crash; Prefect's database is on it too
  prefect   Prefect's server is away for a while in the middle
  gateway   the gateway is killed in a storm of webhooks; the senders send again
  systems   the outer systems: a third errors, a tenth answers lost after the effect, slow, malformed
  alerts    a risk of suicide, again and again, while Prefect is killed, paused, restarted: how soon it is an alert
  between   consent withdrawn, booking cancelled, person becoming protected, between planning and sending
  together  the first five at once; only when it is asked for

Then everything has to come to rest within the part's time, and is judged. Ends with 1 if anything is wrong.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

RESULTS = Path(__file__).resolve().parent.parent / "results"
NAMES = ("workers", "postgres", "prefect", "gateway", "systems", "between", "alerts")
EVERY = (*NAMES, "together")


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", default=",".join(NAMES), help="these parts, with commas between")
    parser.add_argument("--bookings", type=int, default=5000, help="of each part, at least (default 5000)")
    parser.add_argument(
        "--kills", type=int, default=50, help="of workers, at least; the other parts have a share of it"
    )
    parser.add_argument("--alerts", type=int, default=60, help="of each situation, at least (default 60)")
    parser.add_argument("--away", type=float, default=60, help="seconds that Prefect is away (default 60)")
    parser.add_argument(
        "--minutes", type=float, default=10, help="the longest that a part may take (default 10)"
    )
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (default 1)")
    parser.add_argument("--output", type=Path, default=RESULTS, help="the folder for chaos.json and chaos.md")
    parser.add_argument(
        "--json", action="store_true", help="the result as JSON on stdout, progress on stderr"
    )
    parser.add_argument(
        "--short",
        action="store_true",
        help="beside other tests: without workers of the alerts, and no program gives way",
    )
    given = parser.parse_args()
    given.only = given.only.split(",")
    if unknown := set(given.only) - set(EVERY):
        parser.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(EVERY)}")
    if given.short and "alerts" in given.only:
        parser.error("alerts needs its workers, and --short has none")
    return given


def main() -> int:
    """Play the parts, tell what came of them, and write it down."""
    asked = arguments()
    out = sys.stderr if asked.json else sys.stdout

    def say(what: str) -> None:
        print(what, file=out, flush=True)

    from bench import machine
    from bench.chaos import alerts, between, parts, report
    from bench.chaos.programs import LOWERED, up
    from engine.base.database import transaction

    given = parts.Given(asked.bookings, asked.kills, asked.away, asked.minutes, asked.seed)
    say(f"  {LOWERED}\n  seed {given.seed}")
    try:
        with up(say, short=asked.short) as programs:
            with transaction() as connection:
                on = machine.described(connection)
            told: list[parts.Told] = []
            alerted: list[alerts.Measured] = []
            for name in asked.only:
                say(f"  {name} …")
                if name == "alerts":
                    alerted = alerts.play(programs, given, asked.alerts, say)
                    alerts.written(asked.output, on, given, alerted)
                    continue
                play = between.play if name == "between" else parts.play
                told.append(play(name, programs, given, say))
                say(report.line(told[-1]))
    except KeyboardInterrupt:
        say("  stopped.")
        return 130
    whole = report.written(asked.output, on, given, told) if told else {}
    say(report.parts_as_lines(told) if told else "")
    if asked.json:
        print(json.dumps(whole))
    return 1 if any(one.findings for one in told) or any(one.findings for one in alerted) else 0


if __name__ == "__main__":
    sys.exit(main())
