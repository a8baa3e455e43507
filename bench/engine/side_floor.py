"""The floor: a thread pool that makes the bare calls. Nothing is durable; what is lost is lost."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from bench.engine.side import Side, arguments, measure
from bench.engine.work import NOTE, STEPS, post


class Floor(Side):
    """Cases as functions in a pool."""

    def __init__(self, threads: int) -> None:
        self._pool = ThreadPoolExecutor(threads)
        self._under_way: dict[str, Future[None]] = {}
        self._stored: list[str] = []

    def trigger(self, key: str) -> None:
        self._under_way[key] = self._pool.submit(_case, key)

    def store(self, keys: Sequence[str]) -> None:
        self._stored = list(keys)

    def begin(self) -> None:
        for key in self._stored:
            self.trigger(key)

    def wait(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._under_way.pop(key).result()


def _case(key: str) -> None:
    for step in STEPS:
        post(key, step, NOTE)


if __name__ == "__main__":
    given = arguments()
    measure("floor", Floor(given.threads), given)
