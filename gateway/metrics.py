"""`/metrics`: how things stand and how quickly webhooks are answered, for Prometheus. Counts, codes and seconds."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime

import structlog
from anyio import fail_after, to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.base import clock
from engine.ops.log_delivery import Undelivered
from engine.ops.metrics import FiguresNow
from gateway.callers import Networks, is_from_here, is_from_one_of
from gateway.ports import Figures
from gateway.problems import no_such_path

log = structlog.get_logger(__name__)

PATIENCE = 5.0
"""Seconds for the database to answer; after that the rest is told without it."""
WEBHOOKS = "/webhooks/"
OTHER = "other"
"""The source of a webhook whose source we do not know: a label for each would have no end."""
SECONDS = (0.005, 0.01, 0.02, 0.03, 0.04, 0.05, 0.075, 0.1, 0.2, 0.5, 1, 2, 5, 10)
BATCH_SECONDS = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


def install(
    app: FastAPI, figures: Figures, allowed: Networks, also: Collection[CollectorRegistry] = ()
) -> None:
    """Give the app `GET /metrics`, and take the time of its webhooks.

    Args:
        figures: what the database has to say.
        allowed: who may read beside this machine.
        also: what other parts of this gateway count.
    """
    registry = CollectorRegistry()
    app.add_middleware(Timed, registry=registry)
    app.include_router(_routes(figures, (registry, *also), allowed))


def _routes(figures: Figures, counted: Collection[CollectorRegistry], allowed: Networks) -> APIRouter:
    router = APIRouter(include_in_schema=False)
    since = clock.now()

    @router.get("/metrics")
    async def metrics(request: Request) -> Response:
        """The text format of Prometheus; 404 for whoever may not read it."""
        if not (is_from_here(request) or is_from_one_of(request, allowed)):
            return no_such_path()
        ours = [family for registry in counted for family in registry.collect()]
        told = _Told([*_families(await _ask(figures), since), *ours])
        return Response(generate_latest(told), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return router


async def _ask(figures: Figures) -> FiguresNow | None:
    """How things stand; None: the database does not say."""
    try:
        with fail_after(PATIENCE):
            return await to_thread.run_sync(figures, abandon_on_cancel=True)
    except Exception as error:  # noqa: BLE001  # whatever it was, the database does not answer
        log.warning("not_counted", error=type(error).__name__)
        return None


class _Told(Collector):
    """What one scrape is told."""

    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def _families(standing: FiguresNow | None, since: datetime) -> Iterator[Metric]:
    """Every gauge; a schedule that has never run counts from `since`, so that it alarms too."""
    up = standing is not None
    yield _gauge(
        "up", "1: the database has answered. 0: it has not, and its counts are missing.", (), [((), up)]
    )
    if standing is None:
        return
    last = {name: (schedule.last or since).timestamp() for name, schedule in standing.schedules.items()}
    interval = {name: schedule.interval for name, schedule in standing.schedules.items()}
    said = "1: the table cannot be read, and what is counted in it is missing."
    yield _gauge(
        "table_unreadable", said, ("table", "error"), [(of, 1) for of in standing.unreadable.items()]
    )
    yield _gauge("cases", "Cases by state, parked ones too.", ("process", "state"), standing.cases.items())
    yield _gauge("cases_parked", "Parked cases by reason.", ("process", "reason"), standing.parked.items())
    yield _gauge("effects", "Effects by outcome.", ("system", "outcome"), standing.effects.items())
    said = "Parked cases and parked effects, by who sees to them."
    yield _gauge("waiting_for_human", said, ("process", "whose"), standing.for_humans.items())
    yield _by(
        "process", "oldest_due_seconds", "For how long the oldest due case has been due.", standing.oldest_due
    )
    yield _by("process", "events_waiting", "Webhooks stored and not yet applied.", standing.waiting)
    yield _by("source", "refused_events", "Webhooks refused with a right signature.", standing.refused)
    yield _gauge("events_held", "Webhooks that are held.", ("source", "reason"), standing.held.items())
    said = "Webhooks taken in without their wrong parts."
    yield _by("source", "taken_in_events", said, standing.taken_in)
    said = "Wrong webhooks with a risk of suicide that nobody was alerted of: vaxel refused."
    yield _gauge("unheard_risks", said, (), _alone(standing.unheard))
    said = "For how long a risk has been flagged without a delivered alert; 0: there is none."
    yield _gauge("alert_undelivered_seconds", said, (), _alone(standing.undelivered))
    said = "For how long an alert of a risk has stood that nobody has acknowledged; 0: none does."
    yield _gauge("alert_unacknowledged_seconds", said, (), _alone(standing.unacknowledged))
    yield _by("system", "system_down", "1: the outer system is down and left alone.", standing.down)
    at = [(key, at.timestamp()) for key, at in standing.incidents.items()]
    said = "When a system last gave a reason that no case gets past."
    yield _gauge("incident_last_timestamp_seconds", said, ("system", "reason"), at)
    yield _by("process", "timelines_broken", "Timelines that are not as they were written.", standing.broken)
    said = "Entries of the access log; they never become fewer."
    yield _gauge("access_log_entries", said, (), _alone(standing.accesses))
    said = "Entries of it that are not as they were written."
    yield _gauge("accesses_broken", said, (), _alone(standing.accesses_broken))
    yield from _log_delivery(standing.undelivered_log)
    yield _by(
        "process", "schedule_last_run_timestamp_seconds", "If it never ran: this gateway's start.", last
    )
    yield _by("process", "schedule_interval_seconds", "From one run of the schedule to the next.", interval)


def _log_delivery(undelivered: Undelivered | None) -> Iterator[Metric]:
    """Nothing where no log service is set: then nothing waits for it."""
    if undelivered is None:
        return
    since = undelivered.since
    seconds = max((clock.now() - since).total_seconds(), 0.0) if since else 0.0
    said = "Entries of the access log that wait for the national log service."
    yield _gauge("log_entries_waiting", said, (), [((), undelivered.waiting)])
    said = "For how long the oldest of them has waited; 0: none waits."
    yield _gauge("log_oldest_waiting_seconds", said, (), [((), seconds)])
    said = "Entries that the log service has refused: vaxel access --refused."
    yield _gauge("log_entries_refused", said, (), [((), undelivered.refused)])


def _alone(value: float | None) -> list[tuple[tuple[str, ...], float]]:
    """The one sample of a metric without labels; None: it is not known, and there is none."""
    return [] if value is None else [((), value)]


def _by(label: str, name: str, said: str, values: Mapping[str, float]) -> Metric:
    return _gauge(name, said, (label,), [((key,), value) for key, value in values.items()])


def _gauge(
    name: str, said: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"vaxel_{name}", said, labels=labels)
    for key, value in sorted(values):
        family.add_metric(key, float(value))
    return family


class Timed:
    """ASGI middleware: the time from a webhook's head until its answer is out, by source and status.

    The source is what the route has found it to be (`request.state.source`), so that only those that we know
    become labels. How long a sender takes to send its body is in the time.
    """

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        labels = ("source", "status")
        said = "From the request to the whole answer"
        self._one = Histogram("vaxel_webhook_seconds", f"{said}.", labels, registry=registry, buckets=SECONDS)
        self._batch = Histogram(
            "vaxel_webhook_batch_seconds", f"{said}, of a batch.", labels, registry=registry, buckets=BATCH_SECONDS
        )  # fmt: skip

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        if scope["type"] != "http" or not scope["path"].startswith(WEBHOOKS):
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), ""
        state = scope.setdefault("state", {})

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            histogram = self._batch if scope["path"].endswith("/batch") else self._one
            took = time.perf_counter() - began
            histogram.labels(state.get("source", OTHER), status or "none").observe(took)
