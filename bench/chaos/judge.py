"""The judge: what is wrong with what came of a part, as sentences; none means that all is well. Pure.

- every webhook that had a 202 is stored and applied
- every case is settled, or parked with a reason; no effect is left in the air
- never two of anything; exactly one wherever the system can be asked or takes a key
- what nobody can tell is named, and only where nobody can be asked
- nothing went out that the gate should have stopped
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.chaos.mix import Booked
from bench.chaos.seen import Row, Seen
from bench.chaos.senders import Taken

AT_REST = ("settled", "closed", "shadowed")
LADDERS = {
    "answer_lost",
    "connect_timeout",
    "connection_lost",
    "deadline",
    "mail_deferred",
    "malformed_answer",
    "not_as_in_index",
    "technical_error",
    "unreachable",
}
"""The reasons that the troubles can park a case for (docs/reasons.md): its ladder is used up. Any other is a bug."""
CANNOT_BE_ASKED = {("send_call_letter", "e1177"), ("give_notice", "mail")}
"""The effects that nobody can be asked about: 1177's inbox and mail."""
OPEN = ("parked", "sending", "unknown")
"""It may have arrived, or not."""
TRANSACTION = timedelta(seconds=0.2)
"""The longest that the gate's transaction takes until it writes *sending*."""


@dataclass(frozen=True)
class Stop:
    """From some moment on nothing of these kinds may be begun for these bookings.

    Args:
        why: what had changed.
        kinds: what the keys of such effects begin with, `{}` standing for the case's id.
        at: by booking, from when the gate had to know.
    """

    why: str
    kinds: tuple[str, ...]
    at: Mapping[str, datetime]


def findings(seen: Seen) -> list[str]:
    """What is wrong with what stands in the outer systems, whatever was sent."""
    checks = (unfinished, in_the_air, in_the_index, by_sms, by_mail, in_the_inbox, at_vas, told_by_1177)
    return [finding for check in checks for finding in check(seen)]


# --- cases and effects


def unfinished(seen: Seen) -> Iterable[str]:
    """Every case is settled, closed or in shadow, or parked with a reason that troubles outside can have."""
    for case in seen.cases:
        if not case["parked"] and case["state"] not in AT_REST:
            yield f"case {case['id']} is neither settled nor parked: {case['state']}"
        if case["parked"] and case["parked"] not in LADDERS:
            yield f"case {case['id']} is parked for what no trouble brings about: {case['parked']}"


def in_the_air(seen: Seen) -> Iterable[str]:
    """No effect is *sending* or *unknown*; parked are only those that nobody can be asked about."""
    for effect in seen.effects:
        if effect["state"] in ("sending", "unknown"):
            yield f"effect {effect['id']} of {effect['step']} is left {effect['state']}"
        if effect["state"] == "parked" and (effect["step"], effect["system"]) not in CANNOT_BE_ASKED:
            yield f"effect {effect['id']} at {effect['system']} is given up, though it can be asked about"


def unknown(seen: Seen) -> Counter[str]:
    """The effects that wait for a human, by system."""
    return Counter(effect["system"] for effect in seen.effects if effect["state"] == "parked")


# --- what is there twice, or not at all


def in_the_index(seen: Seen) -> Iterable[str]:
    """One engagement for a settled booking, none for one that is closed; none that no case knows of."""
    held = Counter(one["booking"] for one in seen.engagements)
    for case in seen.cases:
        found = held.pop(case["booking"], 0)
        wanted = {"settled": 1, "closed": 0}.get(case["state"])
        if found > 1 or (wanted is not None and not case["parked"] and found != wanted):
            yield f"case {case['id']} is {case['state']} and has {found} engagements in the index"
    for booking, found in held.items():
        yield f"booking {booking} has {found} engagements in the index, and no case"


def by_sms(seen: Seen) -> Iterable[str]:
    """As many messages with one number and text as there are notices of them: twins are not to be told apart."""
    effects = [effect for effect in seen.effects if effect["system"] == "sms"]
    yield from _compared("SMS", effects, seen.sms, "likeness")


def by_mail(seen: Seen) -> Iterable[str]:
    """One for each notice by mail, known by its Message-ID; at most one where nobody can tell."""
    effects = [effect for effect in seen.effects if effect["system"] == "mail"]
    yield from _compared("mails", effects, seen.mails, "token")


def in_the_inbox(seen: Seen) -> Iterable[str]:
    """One letter in the inbox for each that is done, of a resident and unit; none twice."""
    cases = {case["id"]: case for case in seen.cases}
    effects = [
        effect | {"place": (cases[effect["case_id"]]["patient"], cases[effect["case_id"]]["unit"])}
        for effect in seen.effects
        if effect["step"] == "send_call_letter"
    ]
    letters = [letter | {"place": (letter["patient"], letter["unit"])} for letter in seen.inbox]
    yield from _compared("letters in the inbox", effects, letters, "place")
    for (place, _), found in Counter((each["place"], each["text"]) for each in letters).items():
        if found > 1:
            yield f"one letter is {found} times in an inbox, at unit {place[1]}"


def at_vas(seen: Seen) -> Iterable[str]:
    """One letter or task for each key that is done; none under two keys.

    Where a repeat was begun and then not needed any more, VAS may have the first (docs/engine.md).
    """
    effects = {effect["key"]: effect for effect in seen.effects if effect["system"] == "vas"}
    there = Counter(one["idempotency_key"] for one in [*seen.letters, *seen.tasks])
    for key, effect in effects.items():
        found = there.pop(key, 0)
        if found > 1 or (effect["state"] == "done" and not found):
            yield f"effect {effect['id']} at vas is {effect['state']}, and was taken {found} times"
    yield from (f"vas has something under a key that is not ours: {key}" for key in there)
    shelves = (("letters", seen.letters), ("tasks", seen.tasks))
    for name, shelf in shelves:
        for (booking, _), found in Counter((one["booking"], one["text"]) for one in shelf).items():
            if found > 1:
                yield f"booking {booking} has the same {name} {found} times at vas"


def told_by_1177(seen: Seen) -> Iterable[str]:
    """1177 itself tells once that an engagement is new, and once for each change that was sent."""
    told = Counter((one["about"], one["why"]) for one in seen.by_1177 if one["about"])
    changes = Counter(event["key"].partition(":")[2] for event in seen.events)
    for (booking, why), found in told.items():
        most = changes[booking] - 1 if why == "engagement_changed" else 1
        if found > most:
            yield f"1177 told {found} times of booking {booking}: {why}"


def _compared(what: str, effects: Sequence[Row], there: Sequence[Row], by: str) -> Iterable[str]:
    """As many as are done; where some are unknown, no more than would be if all of them had arrived."""
    found = Counter(one[by] for one in there)
    done = Counter(effect[by] for effect in effects if effect["state"] == "done")
    open_ones = Counter(effect[by] for effect in effects if effect["state"] in OPEN)
    cases = {effect[by]: effect["case_id"] for effect in effects}
    for each in found | done:
        of = f"(case {cases[each]})" if each in cases else "(no case)"
        if found[each] > done[each] + open_ones[each]:
            yield f"too many {what}: {found[each]} for {done[each]} done and {open_ones[each]} unknown {of}"
        if found[each] < done[each]:
            yield f"lost {what}: {found[each]} for {done[each]} done {of}"


# --- what was sent, and what it was owed


def not_served(seen: Seen, taken: Sequence[Taken]) -> Iterable[str]:
    """Whoever got a 202 is served: the event is stored under the id that was told, and applied."""
    events = {str(event["id"]): event for event in seen.events}
    for one in taken:
        event = events.get(one.event)
        if event is None or event["webhook_id"] != one.webhook:
            yield f"webhook {one.webhook} had a 202 and is not in the database"
        elif event["applied_at"] is None or event["outcome"] == "parked":
            yield f"webhook {one.webhook} had a 202 and is not applied: {event['outcome']}"


def not_told(seen: Seen, booked: Sequence[Booked]) -> Iterable[str]:
    """A settled booking that nothing befell: its resident has been told by the way wished, or staff has it."""
    cases = {case["booking"]: case for case in seen.cases}
    told = {
        e["case_id"] for e in seen.effects if e["step"] == "give_notice" and e["state"] in ("done", "parked")
    }
    letters = {
        effect["case_id"]
        for effect in seen.effects
        if effect["step"] == "send_call_letter" and effect["state"] in ("done", "parked")
    }
    of_1177 = {one["about"] for one in seen.by_1177}
    for each in booked:
        case = cases.get(each.id)
        if case is None:
            yield f"booking {each.id} has no case"
        elif each.is_plain and case["state"] in AT_REST and not case["parked"]:
            by_1177 = each.id in of_1177 or case["id"] in letters
            ways = {"sms": case["id"] in told, "mail": case["id"] in told, "1177": by_1177, "none": True}
            if not ways[each.resident.wish] and case["id"] not in told:
                yield f"booking {each.id} is {case['state']}, and nobody was told ({each.resident.wish})"


def past_the_gate(seen: Seen, stops: Sequence[Stop]) -> Iterable[str]:
    """Nothing was begun after that which should have stopped it had been committed.

    What is committed while the gate's own transaction is under way comes too late for it.
    """
    bookings = {case["id"]: case["booking"] for case in seen.cases}
    for stop in stops:
        for effect in seen.effects:
            since = stop.at.get(bookings[effect["case_id"]])
            if since is None or effect["state"] == "not_sent" or effect["sending_at"] <= since + TRANSACTION:
                continue
            if effect["key"].startswith(tuple(kind.format(effect["case_id"]) for kind in stop.kinds)):
                late = (effect["sending_at"] - since).total_seconds()
                yield f"case {effect['case_id']}: {effect['step']} begun {late:.2f} s after: {stop.why}"
