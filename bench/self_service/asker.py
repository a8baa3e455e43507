"""So many residents a second ask for their times: `python -m bench.self_service.asker`; prints as JSON how soon.

A process of its own. Only residents of one unit are asked for, each of whom has one time there.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Iterator
from functools import partial
from itertools import cycle, islice

from bench.journey import mix
from bench.self_service import calls
from bench.sending import CONNECTIONS, Request, send_all

UNIT = "SE2321000115-E000000000001"


def at_the_unit(count: int) -> list[int]:
    """The numbers of so many bookings there."""
    numbers = (number for number in range(mix.RESIDENTS) if mix.sort_of(number) not in mix.UNITS)
    return list(islice(numbers, count))


def request(port: int, secret: str, resident: str) -> bytes:
    """One call as it goes over the wire."""
    body = calls.schedule(UNIT, resident).encode()
    said = "".join(f"{name}: {value}\r\n" for name, value in calls.headers(secret).items())
    head = (
        f"POST {calls.PATH} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {len(body)}\r\n{said}\r\n"
    )
    return head.encode() + body


def _schedules_asked(given: argparse.Namespace, secret: str, began: float) -> Iterator[Request]:
    people = mix.identities()
    whose = cycle(people[number] for number in at_the_unit(given.residents))
    for at, resident in enumerate(islice(whose, given.count)):
        yield began + at / given.rate, partial(request, given.port, secret, resident)


def main() -> None:
    """Ask and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the gateway's, or the echo's")
    parser.add_argument("--residents", type=int, required=True, help="who take turns")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, required=True, help="a second")
    given = parser.parse_args()
    secret = os.environ["VAXEL_RIVTA__PROXY_SECRET"]
    print(
        json.dumps(
            asyncio.run(send_all(given.port, partial(_schedules_asked, given, secret), CONNECTIONS)).shown()
        )
    )


if __name__ == "__main__":
    main()
