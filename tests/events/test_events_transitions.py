"""Whatever events come in whatever order: a case's state only ever changes as its model declares for an event.

The engine parks a case whose event does more, so that none may be parked. Between the events the cases go on from
state to state as their steps would take them.
"""

from __future__ import annotations

import random
import uuid
from collections import defaultdict
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from engine.base import clock
from engine.base.database import table_of, transaction
from engine.steps.process import Process
from engine.tables.claims import Claim
from engine.tables.inbox import Inbox
from flows.registry import PROCESSES
from models.events import ACKNOWLEDGED, Arrival
from models.processes import EVENTS
from models.routes import patient_key
from sandbox.people.numbers import ADULTS
from tasks.identity_events import TOLD

CASES, ROUNDS = 40, 10
STAFF = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test"}
PATIENT = {"id": "201312012386", "type": "personnummer"}
UNIT = {"hsa_id": "SE2321000115-E000000000001"}
Data = Mapping[str, Any]


def _booking(rng: random.Random, **more: Any) -> Data:
    start = f"2026-12-{rng.randint(10, 20)}T09:00:00+01:00"
    end = start.replace("T09:00", "T09:30")
    return {"booking": EVENTS["booking.created"].example["booking"] | {"start": start, "end": end} | more}


def _consent(rng: random.Random, *asked: str) -> Data:
    how = rng.choice(["oral", "written", None])
    given = {"id": "C", "for": rng.choice(asked), "subject": "S", "given": rng.random() < 0.6, "how": how}
    return {"consent": given | {"by": STAFF}}


def _message(rng: random.Random) -> Data:
    words = rng.choice(["Ja, ring 070-174 06 33", "Jag ångrar mig, ring inte", "Vet inte", None])
    said = {"id": "M", "from": rng.choice(["patient", "staff"]), "text": words}
    return {"contact": "K", "message": said | {"suggests_calling": rng.choice([True, None])}}


def _override(rng: random.Random) -> Data:
    return {"override": {"id": "O", "case": "S", "reason": rng.random() < 0.8, "by": STAFF}}


def _login(rng: random.Random) -> Data:
    consented = rng.random() < 0.7
    reason = "consent_given" if consented else "link_expired"
    return {"consented": consented, "loa": 3, "reason": reason, "clause": "byte-3"}


def _wish(rng: random.Random, patient: Data = PATIENT) -> Data:
    at = f"2026-11-{rng.randint(1, 20):02}T08:00:00Z"
    wish = {"patient": patient, "at": at, "set_by": {"role": rng.choice(["self", "guardian", "staff"])}}
    return {"preferences": wish | {"digital_only": rng.choice([True, False, None])}}


def _failed(rng: random.Random) -> Data:
    return {"effect": str(uuid.uuid4()), "key": rng.choice(["notice:x", "referral:x"])}


def _nothing(rng: random.Random) -> Data:
    return {}


Say = Callable[[random.Random], Data]
_WHOLE = EVENTS["transfer.requested"].example["transfer"]
TRANSFER: Data = _WHOLE | {"attachments": _WHOLE["attachments"][:1]}
CONTACT: Data = {"contact": {"id": "K", "patient": PATIENT, "unit": UNIT}}
OF_ONE: Mapping[str, Mapping[str, Say]] = {
    "booking_publication": {
        "booking.created": _booking,
        "booking.changed": _booking,
        "booking.cancelled": lambda rng: _booking(rng, cancelled_by="staff"),
        "booking.corrected": lambda rng: _booking(rng, cancelled_by="staff") | {"letter": rng.random() < 0.5},
        "booking.ended": lambda rng: {"booking": {"id": "VAS-1", "version": 9, "outcome": "attended"}},
        "booking.also_told": _nothing,
        "resident.logged_in": _nothing,
        "visit.joined": lambda rng: {"reason": "for_themselves", "clause": "barn-2"},
        "message.failed": _failed,
    },
    "inbound_contact": {
        "contact.received": lambda rng: CONTACT,
        "contact.message": _message,
        "contact.closed": lambda rng: {"contact": "K"},
        "message.failed": _failed,
    },
    "risk_alert": {
        "contact.received": lambda rng: CONTACT,
        "contact.message": lambda rng: {"contact": "K"},
        "contact.risk_flagged": lambda rng: {"contact": "K"},
        ACKNOWLEDGED: lambda rng: {"contact": "K", "by": STAFF},
        "message.failed": _failed,
    },
    "channel_switch": {
        "switch.proposed": lambda rng: {
            "switch": {"id": "S", "contact": "K", "to": rng.choice(["phone", "e1177"]), "by": STAFF}
        },
        "switch.replaced": _nothing,
        "call.key_pressed": lambda rng: {
            "call": "K", "unit": UNIT["hsa_id"], "to": "platform24", "from": "+46701740633"
        },
        "consent.recorded": lambda rng: _consent(rng, "switch"),
        "gate.overridden": _override,
        "contact.message": _message,
        "contact.closed": lambda rng: {"contact": "K"},
        "contact.risk_flagged": _nothing,
        "link.login_completed": _login,
        "message.failed": _failed,
    },
    "participation": {
        "handover.proposed": lambda rng: {"proposal": {"id": "H", "contact": "K", "by": STAFF}},
        "participant.proposed": lambda rng: {"proposal": {"id": "H", "contact": "K", "by": STAFF}},
        "consent.recorded": lambda rng: _consent(rng, "handover", "participant"),
        "gate.overridden": _override,
    },
    "preferences": {"preferences.changed": _wish},
    "requested_notice": {"message.failed": _failed},
    "visit_reminder": {
        "booking.created": _booking,
        "booking.changed": _booking,
        "booking.cancelled": _booking,
        "message.failed": _failed,
    },
    "image_transfer": {
        "transfer.requested": lambda rng: {"transfer": TRANSFER},
        "transfer.journalled": lambda rng: {"logged": True},
        "file.deleted": _nothing,
        "file.unreadable": _nothing,
        "file.wished_again": _nothing,
    },
    "check_in": {
        "visit.checked_in": lambda rng: {
            "case": str(uuid.UUID(int=1)), "booking": "VAS-1", "patient": PATIENT, "unit": UNIT,
            "start": "2026-12-10T09:00:00+01:00",
        },
    },
    "self_service": {
        "service.requested": lambda rng: {
            "service": rng.choice(["rebook", "cancel"]), "unit": UNIT["hsa_id"], "patient": PATIENT,
            "actor": PATIENT["id"], "by_agent": False, "booking": "VAS-1",
            "start": "2026-12-10T09:00:00+01:00", "end": "2026-12-10T09:30:00+01:00",
        },
    },
}  # fmt: skip
"""What may be told of one case, by process and type; of a type that is not here, its example."""
OF_WHAT_IS_THERE = {
    "message.failed", "booking.also_told", "visit.joined", "switch.replaced", "gate.overridden", "link.login_completed",
    "transfer.journalled", "file.deleted", "file.unreadable", "file.wished_again", *TOLD,
}  # fmt: skip
"""What we tell a case ourselves, or find it for: there is one, and it has begun."""
BEGUN = {
    "booking_publication": "snapshot", "inbound_contact": "received_at", "risk_alert": "flagged_at",
    "channel_switch": "proposed_at", "participation": "what", "preferences": "patient",
    "image_transfer": "requested_at", "check_in": "pressed_at", "visit_reminder": "patient", "self_service": "patient",
}  # fmt: skip
"""The column by which a case has begun, so that its steps take it; of a process that is not here, each has."""
FOUND = "from_channel = 'platform24', contact_case = 'platform24:K', unit = 'SE2321000115-E000000000001'"
STEPS: Mapping[tuple[str, str], str] = {
    ("channel_switch", "found"): FOUND,
    ("channel_switch", "asked"): "asked_at = now()",
    ("image_transfer", "held"): "deleted_at = now() + interval '30 days'",
    ("image_transfer", "stored"): "deleted_at = now() + interval '30 days'",
    ("risk_alert", "acknowledged"): "acknowledged_at = now()",
}
"""What a step writes with the state, where a handler looks at it."""


@pytest.mark.parametrize("process", PROCESSES)
def test_every_type_that_the_process_handles_is_told_here_or_has_an_example(process: str) -> None:
    handled, told = _handled(_made(process)), OF_ONE.get(process, {}).keys()
    assert told <= set(handled) <= told | EVENTS.keys()


@pytest.mark.parametrize("process", PROCESSES)
@pytest.mark.parametrize("seed", range(2))
def test_events_in_any_order_change_a_state_only_as_is_declared(
    process: str, seed: int, database: None
) -> None:
    rng, made = random.Random(f"{process}{seed}"), _made(process)
    _a_contact_is_there()
    changes: set[tuple[str, str]] = set()
    with capture_logs() as logs:
        for turn in range(ROUNDS):
            before = _states(made)
            _tell(made, rng, turn)
            _apply(made)
            changes |= {(before.get(key, made.model.INITIAL), now) for key, now in _states(made).items()}
            _steps(made, rng)
    assert [log for log in logs if log["event"] in ("no_transition", "events_not_applied")] == []
    assert _parked(made) == 0
    if any(made.model.EVENT_TRANSITIONS.values()):
        assert {one for one in changes if one[0] != one[1]}, "else nothing has been looked at"


def _a_contact_is_there() -> None:
    """In which a change of channel is asked for."""
    known = ("contact.received", "inbound_contact", "platform24:K", None, clock.now(), CONTACT)
    Inbox().store("platform24", [Arrival("k", *known)])
    _apply(_made("inbound_contact"))


def _made(process: str) -> Process[Any]:
    made: Process[Any] = getattr(import_module(f"flows.{process}"), process).process
    return made


def _handled(made: Process[Any]) -> list[str]:
    return [each.name for each in made.events.handled]


def _key(process: str, number: int) -> str:
    match process:
        case "preferences":
            return patient_key(ADULTS[number])
        case "inbound_contact" | "risk_alert":
            return f"platform24:K-{number}"
        case _:
            return f"vas:{number}"


def _tell(made: Process[Any], rng: random.Random, turn: int) -> None:
    """One to three events for most cases, of any type and in any order of versions."""
    begun = _begun(made)
    every = _handled(made)
    first = [type for type in every if type not in OF_WHAT_IS_THERE]
    arrivals = []
    for number in range(CASES):
        key = _key(made.name, number)
        for place in range(rng.randint(0, 3)):
            type = rng.choice(every if key in begun else first)
            named = (type, made.name, key, _version(type, rng), clock.now())
            arrivals.append(Arrival(f"{turn}-{key}-{place}", *named, _say(made, type, number, rng)))
    Inbox().store("staff", arrivals)


def _say(made: Process[Any], type: str, number: int, rng: random.Random) -> Data:
    if type == "preferences.changed":
        return _wish(rng, {"id": ADULTS[number], "type": "personnummer"})
    if type in TOLD:
        return {}
    told = OF_ONE.get(made.name, {}).get(type)
    return told(rng) if told else _example(made.name, type)


def _example(process: str, type: str) -> Data:
    """What the process stores of the example."""
    known = EVENTS[type]
    (route,) = [each for each in known.routes if each.process == process]
    return route.data(min(known.sources), known.model.model_validate(known.example))


def _version(type: str, rng: random.Random) -> int | None:
    return rng.randint(1, 20) if type.startswith("booking.") and rng.random() < 0.7 else None


def _apply(made: Process[Any]) -> None:
    claim: Claim[Any] = Claim(made.model)
    made.claim_due(claim)
    with transaction() as connection:
        claim.release(connection, list(claim.cases.values()))


def _states(made: Process[Any]) -> dict[str, str]:
    with transaction() as connection:
        rows = connection.execute(text(f"SELECT key, state FROM {table_of(made.model).name}"))
        return {key: state for key, state in rows}


def _begun(made: Process[Any]) -> set[str]:
    query = text(
        f"SELECT key FROM {table_of(made.model).name} WHERE {BEGUN.get(made.name, 'key')} IS NOT NULL"
    )
    with transaction() as connection:
        return set(connection.execute(query).scalars())


def _steps(made: Process[Any], rng: random.Random) -> None:
    """Half of the cases go on as a step may take them."""
    states, table = _states(made), table_of(made.model).name
    reached: dict[str, list[str]] = defaultdict(list)
    for key in sorted(_begun(made)):
        after = sorted(made.model.TRANSITIONS[states[key]])
        if after and rng.random() >= 0.5:
            reached[str(rng.choice(after))].append(key)
    with transaction() as connection:
        for state, keys in reached.items():
            more = STEPS.get((made.name, state))
            moves = f"state = :state{', ' + more if more else ''}"
            given = {"state": state, "keys": keys}
            connection.execute(text(f"UPDATE {table} SET {moves} WHERE key = ANY(:keys)"), given)


def _parked(made: Process[Any]) -> int:
    with transaction() as connection:
        count = text(f"SELECT count(*) FROM {table_of(made.model).name} WHERE parked IS NOT NULL")
        return int(connection.execute(count).scalar_one())


@pytest.mark.parametrize("model", PROCESSES.values(), ids=PROCESSES)
def test_where_a_step_tells_of_what_is_parked_is_where_a_step_may_take_it_too(model: Any) -> None:
    for state, told_at in model.WHEN_PARKED.items():
        assert told_at in model.TRANSITIONS[state]
        assert told_at not in model.WHEN_PARKED
        assert state in model.TRANSITIONS[told_at], "a retry takes it back there"
    assert len({*model.WHEN_PARKED.values()}) == len(model.WHEN_PARKED)
