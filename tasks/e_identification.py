"""Who is known to have e-identification: whoever has once logged in with it, surely enough (vard-2, policy-lank-1).

A login says of a person that they can log in, whatever they logged in for; so every login of residents is noted here
(`gateway.login.ways`). Kept is a keyed hash of the number and the newest moment, and nothing of what it was for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Executable, delete, func
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import col, select

from engine.base.database import among, if_new, insert_all, load, named, table_of, transaction
from engine.tables import inbox
from models.booking_publication import BookingPublication
from models.e_identification import LOGGED_IN, AwaitedLogin, EIdentification, ResidentLoggedIn
from models.encryption import ring
from models.events import DERIVED, Arrival, in_json
from models.times import in_utc
from routine.consent import is_login_strong
from systems.eid import LoggedIn
from tasks import clients, identities

SEEN, AWAITED = table_of(EIdentification), table_of(AwaitedLogin)
K = TypeVar("K")


def note(who: LoggedIn) -> bool:
    """Somebody has logged in: kept under each of their numbers, and told to the visits that wait to know.

    Durable when this returns, and noted twice it is one. A login below the level that care asks for shows nothing.

    Returns: whether a visit waits.
    """
    if not is_login_strong(who.level, who.confirmed, clients.region()).allowed:
        return False
    persons = sorted({ring().digest(number) for number in (who.number, who.previous) if number})
    said = ResidentLoggedIn(persons=[person.hex() for person in persons])
    name = f"{LOGGED_IN}:{said.persons[0]}:{in_utc(who.at)}"
    event = Arrival(name, LOGGED_IN, BookingPublication.PROCESS, "", None, who.at, in_json(said))
    with transaction() as connection:
        rows = [{"person_hash": person, "seen_at": who.at} for person in persons]
        insert_all(connection, SEEN, rows, list(SEEN.columns.keys()), _if_newer)
        waits = bool(waiting_for(connection, persons))
        if waits:
            inbox.put(connection, DERIVED, [event])
    return waits


def _if_newer(put: Insert) -> Executable:
    newest = func.greatest(SEEN.c.seen_at, put.excluded.seen_at)
    return put.on_conflict_do_update(
        index_elements=named(EIdentification.person_hash), set_={"seen_at": newest}
    )


def newest_logins(connection: Connection, persons: Mapping[K, Collection[bytes]]) -> dict[K, datetime]:
    """When any of these persons last logged in, by whichever of their numbers; left out: none ever has.

    Args:
        persons: keyed hashes of numbers, by whatever they are asked for.
    """
    who = identities.known(connection, [each for of_one in persons.values() for each in of_one])
    numbers = {
        key: {number for each in of_one for number in who.numbers(each)} for key, of_one in persons.items()
    }
    every = {number for of_one in numbers.values() for number in of_one}
    if not every:
        return {}
    query = select(EIdentification).where(among(col(EIdentification.person_hash), every))
    seen = {bytes(row.person_hash): row.seen_at for row in load(connection, query)}
    of_each = {key: [seen[each] for each in of_one if each in seen] for key, of_one in numbers.items()}
    return {key: max(moments) for key, moments in of_each.items() if moments}


def have_wait(connection: Connection, persons: Mapping[str, Collection[bytes]]) -> None:
    """Let these cases hear when one of these persons logs in, and of nobody else.

    Args:
        persons: keyed hashes of numbers, by the key of the case; none: it waits for nobody any more.
    """
    connection.execute(delete(AWAITED).where(among(col(AwaitedLogin.case_key), persons)))
    rows = [
        {"person_hash": each, "case_key": key} for key, of_one in persons.items() for each in sorted(of_one)
    ]
    insert_all(connection, AWAITED, sorted(rows, key=_place), list(AWAITED.columns.keys()), if_new)


def _place(row: Mapping[str, object]) -> tuple[object, object]:
    return row["person_hash"], row["case_key"]


def waiting_for(connection: Connection, persons: Iterable[bytes]) -> Sequence[str]:
    """The keys of the cases that wait for one of these persons, by whichever of their numbers."""
    given = list(persons)
    who = identities.known(connection, given)
    numbers = {number for each in given for number in who.numbers(each)}
    query = select(AwaitedLogin.case_key).where(among(col(AwaitedLogin.person_hash), numbers)).distinct()
    return connection.execute(query).scalars().all()
