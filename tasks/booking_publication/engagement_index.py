"""The engagement index: what stands there because of us, for each booking exactly one engagement (besok-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from sqlalchemy import Connection, Table, text

from engine import clock
from engine.database import columns, given_rows, insert_all, load, packed
from engine.errors import NotSent
from engine.flow import step
from engine.timeline import Entry
from engine.verdicts import Call, Done, Go, Park, Rest, Verdict
from models.booking_publication import BookingPublication, State
from models.booking_publication import Engagement as OurEngagement
from models.encryption import ring
from routine.decision import Decision
from routine.publication import Category
from routine.reasons import Reason
from systems.engagement_index import MAX_TRANSACTIONS, Engagement, Transaction
from tasks import clients, identities
from tasks.booking_publication import same_visit
from tasks.booking_publication.facts import booking_of, shown_on_1177
from tasks.booking_publication.tell_staff_of_form import amiss

OURS: Table = OurEngagement.__table__  # type: ignore[attr-defined]
Case = BookingPublication
BACKOFF = [4, 20, 60, 300, 1800, 7200, 7200, 7200]
SHOWN_BACKOFF = [1, 4, 20, 60, 300, 1800]
OVER = (Reason.PASSED, Reason.DECEASED)


@dataclass(frozen=True)
class Plan:
    """What the index should hold for a case, and what has to be said to it.

    Args:
        shown: the rule's answer.
        wanted: the engagement that should be there; None: none.
        stands: it is there already, just so.
        remove: what we have put there and that should not be.
        in_shadow: nothing is said, only compared.
        amiss: staff are to hear of its form or platform next.
    """

    shown: Decision[Category | None]
    wanted: Engagement | None
    stands: bool
    remove: tuple[Engagement, ...]
    in_shadow: bool
    amiss: bool = False

    @property
    def next(self) -> State:
        """Where the case goes once the index shows it."""
        return State.QUESTIONED if self.amiss else State.SHOWN

    @property
    def transactions(self) -> list[Transaction]:
        """What is to be said; an engagement that stands is not said again."""
        said = [Transaction(engagement, delete=True) for engagement in self.remove]
        return said + ([Transaction(self.wanted)] if self.wanted and not self.stands else [])


def plans(
    connection: Connection, cases: Sequence[Case], _seen: object = None
) -> dict[uuid.UUID, Plan | Park]:
    """What is to be in the index for each case, by the rules and by what we have put there before."""
    query = f"SELECT {columns(OurEngagement)} FROM engagement WHERE case_id = ANY(:ids)"
    ours: dict[uuid.UUID, list[OurEngagement]] = {}
    for each in load(connection, OurEngagement, query, {"ids": [case.id for case in cases]}):
        ours.setdefault(each.case_id, []).append(each)
    dead = identities.deceased(connection, [case.patient_hash for case in cases])
    same = same_visit.found(connection, cases)
    return {
        case.id: _plan(case, ours.get(case.id, []), case.patient_hash in dead, same.get(case.id))
        for case in cases
    }


def _plan(
    case: Case, ours: Sequence[OurEngagement], deceased: bool, same: same_visit.SameVisit | None
) -> Plan:
    booking = booking_of(case)
    shown = shown_on_1177(case, booking, deceased=deceased, same=same)
    wanted = _engagement(case, booking.patient.id, shown.answer) if shown.answer else None
    standing = {_key(row): row for row in ours if row.wanted or not row.accepted}
    stands = wanted is not None and _stands(standing.get(wanted.key), wanted)
    remove = tuple(_as_sent(row) for key, row in standing.items() if wanted is None or key != wanted.key)
    unit = clients.region().unit(case.unit)
    in_shadow = unit is not None and unit.in_shadow
    return Plan(shown, wanted, stands, remove, in_shadow, bool(amiss(case, booking)))


def _engagement(case: Case, patient: str, category: Category) -> Engagement:
    named = cast(Literal["Booking", "Invitation"], str(category))
    return Engagement(patient, named, case.unit, case.booking_id, case.time_at)


def _key(row: OurEngagement) -> tuple[str, str, str, str]:
    return row.resident, row.categorization, row.unit, row.booking_id


def _as_sent(row: OurEngagement) -> Engagement:
    named = cast(Literal["Booking", "Invitation"], row.categorization)
    return Engagement(row.resident, named, row.unit, row.booking_id)


def _stands(row: OurEngagement | None, wanted: Engagement) -> bool:
    return row is not None and row.wanted and row.accepted and row.most_recent == wanted.most_recent_content


def intend(connection: Connection, cases: Sequence[Case], _seen: object = None) -> Mapping[Any, Plan | Park]:
    """The plans, and a row for each engagement before the index is told of it: none of ours is ever forgotten."""
    made = plans(connection, cases)
    rows: dict[tuple[bytes, str, str, str], dict[str, Any]] = {}
    for case in cases:
        plan = made[case.id]
        if isinstance(plan, Plan) and not plan.in_shadow:
            for transaction in plan.transactions:
                row = _row(case, transaction)
                rows.setdefault(_row_key(row), row)
    owners = _put(connection, [rows[key] for key in sorted(rows)])
    return {id: _unless_taken(id, plan, owners) for id, plan in made.items()}


def _row_key(row: Mapping[str, Any]) -> tuple[bytes, str, str, str]:
    return row["resident_hash"], row["categorization"], row["unit"], row["booking_id"]


def _unless_taken(
    id: uuid.UUID, plan: Plan | Park, owners: Mapping[tuple[str, str, str, str], uuid.UUID]
) -> Plan | Park:
    """Two sources may give one booking id at one unit; the index can't tell them apart, so the first has it."""
    if isinstance(plan, Plan) and any(
        owners.get(each.engagement.key, id) != id for each in plan.transactions
    ):
        return Park("engagement_taken", "besok-1")
    return plan


def _put(
    connection: Connection, rows: Sequence[dict[str, Any]]
) -> dict[tuple[str, str, str, str], uuid.UUID]:
    """Write the rows, but none over another case's; gives whose each engagement is."""
    then = """
        ON CONFLICT (resident_hash, categorization, unit, booking_id) DO UPDATE SET
            case_id = EXCLUDED.case_id, wanted = EXCLUDED.wanted, most_recent = EXCLUDED.most_recent,
            accepted = false, asked_at = EXCLUDED.asked_at
        WHERE engagement.case_id = EXCLUDED.case_id"""
    insert_all(connection, OURS, rows, [column.name for column in OURS.columns], then)
    names = ["resident_hash", "categorization", "unit", "booking_id"]
    same = " AND ".join(f"engagement.{name} = given.{name}" for name in names)
    query = f"SELECT {columns(OurEngagement)} FROM engagement JOIN {given_rows(OURS)} ON {same}"
    found = load(connection, OurEngagement, query, packed(OURS, rows, names)) if rows else []
    return {_key(each): each.case_id for each in found}


def _row(case: Case, transaction: Transaction) -> dict[str, Any]:
    of = transaction.engagement
    key = {"resident_hash": ring().digest(of.resident), "resident": of.resident}
    place = {"categorization": of.categorization, "unit": of.unit, "booking_id": of.business_object_id}
    said = {"most_recent": of.most_recent_content, "wanted": not transaction.delete, "accepted": False}
    return {"id": uuid.uuid4(), "case_id": case.id, "asked_at": clock.now()} | key | place | said


def gate_index(case: Case, plan: Plan | Park) -> Verdict:
    """Say to the index what it does not hold yet; in shadow nothing is said."""
    if isinstance(plan, Park):
        return plan
    if plan.transactions and not plan.in_shadow:
        return Call(plan)
    return _parked(plan) or Go(State.INDEXED)


def _parked(plan: Plan) -> Park | None:
    waits = plan.shown.reason is Reason.UNIT_UNKNOWN
    return Park(plan.shown.reason, plan.shown.clause) if waits else None


def record_index(connection: Connection, done: Sequence[tuple[Case, Plan]]) -> None:
    """What was said has been taken. A deleted one is remembered for a while: it might come back by itself."""
    said = [(case, transaction) for case, plan in done for transaction in plan.transactions]
    rows = sorted((_row(case, each) for case, each in said), key=lambda row: row["resident_hash"])
    names = ["resident_hash", "categorization", "unit", "booking_id", "wanted"]
    match = " AND ".join(f"engagement.{name} = given.{name}" for name in names)
    taken = f"UPDATE engagement SET accepted = true FROM {given_rows(OURS)} WHERE {match}"
    connection.execute(text(taken), packed(OURS, rows, names))


@step(
    system="engagement_index",
    backoff=BACKOFF,
    many=True,
    size=MAX_TRANSACTIONS,
    read=intend,
    gate=gate_index,
    record=record_index,
)
def index_bookings(plans: Sequence[Plan]) -> list[Done]:
    """Update the engagement index: up to 1000 changes in a call, all or none."""
    transactions = [transaction for plan in plans for transaction in plan.transactions]
    for start in range(0, len(transactions), MAX_TRANSACTIONS):
        clients.engagement_index().update(transactions[start : start + MAX_TRANSACTIONS])
    return [Done(Go(State.INDEXED, (_told(plan),))) for plan in plans]


def _told(plan: Plan) -> Entry:
    category = plan.wanted.categorization if plan.wanted else "none"
    detail: dict[str, str | int] = {"engagement": category, "removed": len(plan.remove)}
    return Entry("index_updated", plan.shown.reason, plan.shown.clause, detail)


@dataclass(frozen=True)
class Sought:
    """What is looked for in the index for a case, and how the case goes on when it is as it should be."""

    resident: str
    booking_id: str
    plan: Plan
    cancelled: bool


def gate_shown(case: Case, plan: Plan | Park) -> Verdict:
    """See for ourselves that the index shows it; who has a reservnummer is never there."""
    if isinstance(plan, Park):
        return plan
    if case.corrected:  # what stands there is the right patient's case's to say
        return Go(State.SHOWN)
    if plan.transactions and not plan.in_shadow:
        return Go(State.RECEIVED)
    if parked := _parked(plan):
        return parked
    if plan.shown.reason is Reason.RESERVNUMMER:
        told = Entry("not_in_index", plan.shown.reason, plan.shown.clause)
        return Go(plan.next, (told,))
    return Call(Sought(booking_of(case).patient.id, case.booking_id, plan, case.cancelled))


@step(
    system="engagement_index",
    backoff=SHOWN_BACKOFF,
    read=plans,
    gate=gate_shown,
)
def find_in_index(sought: Sought) -> Done:
    """Find the engagement with FindContent, or find it gone; in shadow, compare."""
    plan = sought.plan
    found = clients.engagement_index().find(
        sought.resident, business_object=sought.booking_id, ours=not plan.in_shadow
    )
    as_it_should_be = {each.key for each in found} == ({plan.wanted.key} if plan.wanted else set())
    if plan.in_shadow:
        return Done(_compared(sought, found, as_it_should_be))
    if not as_it_should_be:
        raise NotSent("not_as_in_index")
    return Done(
        _next(plan, Entry("index_shows", plan.shown.reason, plan.shown.clause, {"found": len(found)}))
    )


def _compared(sought: Sought, found: Sequence[Engagement], same: bool) -> Go:
    wanted = sought.plan.wanted.categorization if sought.plan.wanted else "none"
    held = ",".join(sorted(each.categorization for each in found)) or "none"
    reason = "same_as_index" if same else "differs_from_index"
    return _next(
        sought.plan, Entry("shadow_compared", reason, "policy-skugga-1", {"ours": wanted, "index": held})
    )


def _next(plan: Plan, told: Entry) -> Go:
    """A visit that has passed, or whose patient has died, is closed without a word; else the letter is next.

    What the dead were still to hear is kept, for a death that is taken back (policy-avliden-2).
    """
    if plan.shown.reason in OVER:
        closed = Entry("closed", plan.shown.reason, plan.shown.clause)
        forgotten = {} if plan.shown.reason is Reason.DECEASED else {"occasion": None}
        return Rest(State.CLOSED, (told, closed), changes=forgotten)
    return Go(plan.next, (told,))
