"""`vaxel health`: what is wrong now, by the gateway's own `/metrics`. The same limits as in `docs/alerts.yml`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Annotated

import requests
import typer
from prometheus_client.parser import text_string_to_metric_families

from cli.terminal import say, show_json
from engine.base import clock
from engine.base.settings import settings
from gateway.login.watch import MOST_IN_A_ROW
from routine.reasons import Reason

OVERDUE = 600.0
"""Seconds that a case may be due before someone is told."""
UNDELIVERED = 30.0
"""Seconds from a flag of a risk to a delivered alert."""
GRACE = 7200.0
"""A schedule may miss two runs, but none by more than so many seconds: a sweep 3 minutes, the nightly 26 h."""
INCIDENTS = {
    "bad_address",
    "certificate_refused",
    "does_not_open",
    "logical_address_missing",
    "mail_sender_refused",
    "not_authorised",
    "platform_misconfigured",
    "protocol_refused",
    "storage_not_authorised",
    "storage_not_there",
    "tls_failed",
    "version_not_supported",
}
"""Reasons that no case gets past before someone has mended something (docs/reasons.md: Incident)."""
LATELY = 600.0
"""An incident that came up within so many seconds stands."""
MET_BY_PEOPLE = {"eid", "staff_eid"}
"""Systems that a patient or staff wait for: nothing tries again in their place, as it does for the others."""
PATIENCE = 15.0
WHERE = (
    "Is `vaxel gateway` up, with the same VAXEL_GATEWAY__HOST and VAXEL_GATEWAY__PORT as here? "
    "On an address that is not this machine's own loopback VAXEL_METRICS__ALLOWED has to name this machine."
)
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # what is listened on, and where that is here


@dataclass(frozen=True)
class Alarm:
    """Something that someone should see to; its name is that of the rule in `docs/alerts.yml`."""

    name: str
    said: str


Samples = dict[str, list[tuple[dict[str, str], float]]]


def health(as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False) -> None:
    """Tell what is wrong, by the gateway's /metrics: a silent schedule, late cases, an incident. Exits 1 then."""
    at = settings().gateway
    host = EVERYWHERE.get(at.host, at.host)
    found = alarms_raised(f"http://{f'[{host}]' if ':' in host else host}:{at.port}/metrics")
    if as_json:
        show_json([asdict(alarm) for alarm in found])
    else:
        for line in [f"{alarm.name}  {alarm.said}" for alarm in found] or ["Nothing is wrong."]:
            say(line)
    raise typer.Exit(1 if found else 0)


def alarms_raised(url: str) -> list[Alarm]:
    """The alarms that a gateway's metrics raise; that it does not tell them is one."""
    try:
        with requests.Session() as http:
            http.trust_env = False
            answer = http.get(url, timeout=PATIENCE)
    except requests.RequestException as error:
        return [_down(f"no gateway answers at {url} ({type(error).__name__}). {WHERE}")]
    if answer.status_code == 200:
        with suppress(ValueError):  # it is something else that listens there
            return list(alarms(answer.text, clock.now().timestamp()))
    return [_down(f"no metrics are told at {url} (HTTP {answer.status_code}). {WHERE}")]


def _down(said: str) -> Alarm:
    return Alarm("VaxelDown", said)


def alarms(metrics: str, now: float) -> Iterator[Alarm]:
    """What is wrong by these metrics, at this moment (seconds since 1970)."""
    found: Samples = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    if found.get("vaxel_up") != [({}, 1.0)]:
        yield _down("the database does not answer")
    yield from _risks(found)
    yield from _silent(found, now)
    for labels, seconds in found.get("vaxel_oldest_due_seconds", []):
        if seconds > OVERDUE:
            yield Alarm("VaxelCasesOverdue", f"a case of {labels['process']} is due since {seconds:.0f} s")
    yield from _parked(found)
    for labels, number in found.get("vaxel_events_held", []):
        yield Alarm(
            "VaxelEventsHeld",
            f"{number:.0f} webhooks of {labels['source']} are held: {labels['reason']} (`vaxel held`)",
        )
    for labels, number in found.get("vaxel_timelines_broken", []):
        if number:
            said = f"{number:.0f} of {labels['process']} have a timeline that is not as it was written"
            yield Alarm("VaxelTimelineBroken", said)
    for _, number in found.get("vaxel_accesses_broken", []):
        if number:
            said = (
                f"{number:.0f} entries of the access log are not as they were written: vaxel access --check"
            )
            yield Alarm("VaxelAccessLogBroken", said)
    for labels, at in found.get("vaxel_incident_last_timestamp_seconds", []):
        if now - at < LATELY:
            yield Alarm(
                "VaxelIncidentNow", f"{labels['system']} says {labels['reason']}, {now - at:.0f} s ago"
            )
    yield from _no_logins(found)


def _no_logins(found: Samples) -> Iterator[Alarm]:
    for labels, down in found.get("vaxel_system_down", []):
        if down and labels["system"] in MET_BY_PEOPLE:
            yield Alarm("VaxelSystemDown", f"{labels['system']} is down")
    for labels, number in found.get("vaxel_logins_failed_in_a_row", []):
        if number >= MOST_IN_A_ROW:
            yield Alarm(
                "VaxelLoginsFail", f"the last {number:.0f} logins at {labels['provider']} have failed"
            )


def _risks(found: Samples) -> Iterator[Alarm]:
    """What nobody may wait for: a risk of suicide that no human has heard of."""
    for _, seconds in found.get("vaxel_alert_undelivered_seconds", []):
        if seconds > UNDELIVERED:
            yield Alarm(
                "VaxelAlertUndelivered",
                f"a risk of suicide is flagged and nobody alerted for {seconds:.0f} s",
            )
    for _, number in found.get("vaxel_unheard_risks", []):
        if number:
            said = f"{number:.0f} wrong webhooks held a risk, and nobody is alerted: vaxel refused"
            yield Alarm("VaxelRiskUnheard", said)


def _parked(found: Samples) -> Iterator[Alarm]:
    for labels, number in found.get("vaxel_cases_parked", []):
        if labels["reason"] in INCIDENTS:
            yield Alarm(
                "VaxelIncident", f"{number:.0f} of {labels['process']} are parked: {labels['reason']}"
            )
        if labels["reason"] == Reason.TOO_MANY_NOTICES:
            yield Alarm(
                "VaxelTooManyNotices",
                f"{number:.0f} notices are held: more follow from a source than may in an hour",
            )


def _silent(found: Samples, now: float) -> Iterator[Alarm]:
    every = {
        labels["process"]: seconds for labels, seconds in found.get("vaxel_schedule_interval_seconds", [])
    }
    for labels, at in found.get("vaxel_schedule_last_run_timestamp_seconds", []):
        interval = every[labels["process"]]
        if now - at > interval + min(2 * interval, GRACE):
            yield Alarm("VaxelScheduleSilent", f"{labels['process']} has not run for {now - at:.0f} s")
