"""What is wrong as a whole, by what the gateways tell in `/metrics`: one judgement, for `vaxel health` and for the
flow `watch`. The limits are those of the settings (`watch`); those of `docs/alerts.yml` are the same as they come.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import requests
from prometheus_client.parser import text_string_to_metric_families

from engine.base import clock
from engine.base.setting_sections import Watch
from engine.base.settings import settings
from engine.ops.metrics import OPS, STAFF

UNDELIVERED = 30.0
"""Seconds from a flag of a risk to a delivered alert."""
UNTOLD = 4 * 3600.0
"""Seconds that an entry of the access log may wait for the national log service."""
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
TOO_MANY_NOTICES = "too_many_notices"
UNACKNOWLEDGED = "unacknowledged"
"""An alert that stands is noted as an incident too, each minute; it alarms by the tables, and ends with them."""
NOT_SAID_BY_IT = {
    "no_way_in": "a visit that {system} has told of has no address at which it is joined: give its platform an "
    "`entry` in the region file, or have {system} tell `join` or `platform`",
    "joined_elsewhere": "a visit that {system} has told of is joined at a host that its platform does not list: if "
    "it is the platform's, add it to `join_hosts` in the region file, else find out who books such visits",
    "not_reached": "an SMS to whoever is on call for risks has not arrived: the alerts go on to the next; look "
    "at the number in the region file",
    "several_contacts": "an acknowledgement named a contact that two systems have, so it silenced none: "
    "whoever sent it is to name the channel too",
    "not_swept": "the sweep could not ask the table {system} what there is to do: the worker's log says why",
}
"""Incidents that the system itself has not told us of, by reason: what it is, and what to do."""
LATELY = 600.0
"""An incident that came up within so many seconds stands."""
MOST_IN_A_ROW = 5
"""So many logins that fail one after another are no longer each person's own."""
PATIENCE = 15.0
WHERE = (
    "Is `vaxel gateway` up, with the same VAXEL_GATEWAY__HOST and VAXEL_GATEWAY__PORT as here? Where none is on this "
    "machine, VAXEL_WATCH__GATEWAYS has to say where they are, and their VAXEL_METRICS__ALLOWED has to name this one."
)


@dataclass(frozen=True)
class Alarm:
    """Something that someone should see to; its name is that of the rule in `docs/alerts.yml`."""

    name: str
    said: str


Samples = dict[str, list[tuple[dict[str, str], float]]]


def alarms_now() -> list[Alarm]:
    """What is wrong now, by every gateway that is watched; what several say is said once."""
    gateways = settings().watch.gateways or [settings().gateway_here]
    found = [alarm for each in gateways for alarm in alarms_raised(f"{each.rstrip('/')}/metrics")]
    return list(dict.fromkeys(found))


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
            return list(alarms(answer.text, clock.now().timestamp(), settings().watch))
    return [_down(f"no metrics are told at {url} (HTTP {answer.status_code}). {WHERE}")]


def _down(said: str) -> Alarm:
    return Alarm("VaxelDown", said)


def alarms(metrics: str, now: float, limits: Watch) -> Iterator[Alarm]:
    """What is wrong by these metrics, at this moment (seconds since 1970)."""
    found: Samples = {}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            found.setdefault(sample.name, []).append((sample.labels, sample.value))
    if found.get("vaxel_up") != [({}, 1.0)]:
        yield _down("the database does not answer")
    for labels, _ in found.get("vaxel_table_unreadable", []):
        yield Alarm("VaxelTableUnreadable", f"{labels['table']} cannot be read: {labels['error']}")
    yield from _risks(found, limits)
    yield from _silent(found, now)
    for labels, seconds in found.get("vaxel_oldest_due_seconds", []):
        if seconds > limits.overdue_seconds:
            yield Alarm("VaxelCasesOverdue", f"a case of {labels['process']} is due since {seconds:.0f} s")
    yield from _parked(found, limits)
    for labels, number in found.get("vaxel_events_held", []):
        yield Alarm(
            "VaxelEventsHeld",
            f"{number:.0f} webhooks of {labels['source']} are held: {labels['reason']} (`vaxel held`)",
        )
    yield from _broken(found)
    yield from _log_not_delivered(found)
    for labels, at in found.get("vaxel_incident_last_timestamp_seconds", []):
        if now - at < LATELY and labels["reason"] != UNACKNOWLEDGED:
            yield Alarm("VaxelIncidentNow", _incident(labels["system"], labels["reason"], now - at))
    yield from _systems(found)


def _incident(system: str, reason: str, ago: float) -> str:
    if what := NOT_SAID_BY_IT.get(reason):
        return f"{what.format(system=system)} ({reason}, {ago:.0f} s ago)"
    return f"{system} says {reason}, {ago:.0f} s ago"


def _log_not_delivered(found: Samples) -> Iterator[Alarm]:
    """What the national log service does not have; where none is set there are no such samples."""
    waiting = sum(number for _, number in found.get("vaxel_log_entries_waiting", []))
    for _, seconds in found.get("vaxel_log_oldest_waiting_seconds", []):
        if seconds > UNTOLD:
            said = f"{waiting:.0f} entries of the access log wait for the log service"
            yield Alarm("VaxelLogNotDelivered", f"{said}, the oldest for {seconds:.0f} s")
    for _, number in found.get("vaxel_log_entries_refused", []):
        if number:
            said = (
                f"the log service has refused {number:.0f} entries of the access log: vaxel access --refused"
            )
            yield Alarm("VaxelLogRefused", said)


def _systems(found: Samples) -> Iterator[Alarm]:
    for labels, down in found.get("vaxel_system_down", []):
        if down:
            yield Alarm("VaxelSystemDown", f"{labels['system']} is down")
    for labels, number in found.get("vaxel_logins_failed_in_a_row", []):
        if number >= MOST_IN_A_ROW:
            yield Alarm(
                "VaxelLoginsFail", f"the last {number:.0f} logins at {labels['provider']} have failed"
            )


def _risks(found: Samples, limits: Watch) -> Iterator[Alarm]:
    """What nobody may wait for: a risk of suicide that no human has heard of, or has."""
    for _, seconds in found.get("vaxel_alert_undelivered_seconds", []):
        if seconds > UNDELIVERED:
            yield Alarm(
                "VaxelAlertUndelivered",
                f"a risk of suicide is flagged and nobody alerted for {seconds:.0f} s",
            )
    for _, seconds in found.get("vaxel_alert_unacknowledged_seconds", []):
        if seconds > limits.unacknowledged_seconds:
            said = f"an alert of a risk of suicide stands, and nobody has acknowledged it for {seconds:.0f} s"
            yield Alarm("VaxelAlertUnacknowledged", said)
    for _, number in found.get("vaxel_unheard_risks", []):
        if number:
            said = f"{number:.0f} wrong webhooks held a risk, and nobody is alerted: vaxel refused"
            yield Alarm("VaxelRiskUnheard", said)


def _parked(found: Samples, limits: Watch) -> Iterator[Alarm]:
    for labels, number in found.get("vaxel_cases_parked", []):
        if labels["reason"] in INCIDENTS:
            yield Alarm(
                "VaxelIncident", f"{number:.0f} of {labels['process']} are parked: {labels['reason']}"
            )
        if labels["reason"] == TOO_MANY_NOTICES:
            yield Alarm(
                "VaxelTooManyNotices",
                f"{number:.0f} notices are held: more follow from a source than may in an hour",
            )
    waiting = dict.fromkeys((OPS, STAFF), 0.0)
    for labels, number in found.get("vaxel_waiting_for_human", []):
        waiting[labels.get("whose", OPS)] += number
    if waiting[OPS] > limits.parked:
        yield Alarm("VaxelParked", f"{_cases_wait(waiting[OPS])} for a human")
    if waiting[STAFF] > limits.parked_for_staff:
        yield Alarm("VaxelParkedForStaff", f"{_cases_wait(waiting[STAFF])} for staff of their units")


def _cases_wait(number: float) -> str:
    return f"{number:.0f} {'case waits' if number == 1 else 'cases wait'}"


def _broken(found: Samples) -> Iterator[Alarm]:
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


def _silent(found: Samples, now: float) -> Iterator[Alarm]:
    every = {
        labels["process"]: seconds for labels, seconds in found.get("vaxel_schedule_interval_seconds", [])
    }
    for labels, at in found.get("vaxel_schedule_last_run_timestamp_seconds", []):
        interval = every[labels["process"]]
        if now - at > interval + min(2 * interval, GRACE):
            yield Alarm("VaxelScheduleSilent", f"{labels['process']} has not run for {now - at:.0f} s")
