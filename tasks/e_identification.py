"""Who is known to have e-identification: whoever has once logged in with it, surely enough (vard-2, policy-lank-1).

A login says of a person that they can log in, whatever they logged in for; so every login of residents is noted here
(`gateway.login.ways`). Kept is a keyed hash of the number and the newest moment, and nothing of what it was for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import sqlalchemy
from sqlalchemy import ARRAY, Connection, Executable, Text, bindparam, delete, func
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import col, select

from engine.base.database import among, if_new, insert_all, load, named, table_of, transaction
from engine.tables import inbox
from models.booking_publication import BookingPublication
from models.e_identification import LOGGED_IN, AwaitedLogin, EIdentification
from models.encryption import ring
from models.events import DERIVED, Arrival
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
    name = f"{LOGGED_IN}:{persons[0].hex()}:{in_utc(who.at)}"
    with transaction() as connection:
        hold(connection, persons, alone=True)
        rows = [{"person_hash": person, "seen_at": who.at} for person in persons]
        insert_all(connection, SEEN, rows, list(SEEN.columns.keys()), _if_newer)
        told = [
            Arrival(f"{name}:{key}", LOGGED_IN, BookingPublication.PROCESS, key, None, who.at, {})
            for key in waiting_for(connection, persons)
        ]
        inbox.put(connection, DERIVED, told)
    return bool(told)


def hold(connection: Connection, persons: Iterable[bytes], *, alone: bool = False) -> None:
    """Until the transaction's end: who notes a login of one of these persons is `alone`; those who ask when they last
    logged in, and let a visit wait for the next time, are together. So none of them misses the other.

    Args:
        persons: keyed hashes of numbers: whichever of theirs, all of each person's are held.
    """
    given = list(persons)
    who = identities.known(connection, given)
    held = sorted({f"vaxel:{LOGGED_IN}:{number.hex()}" for each in given for number in who.numbers(each)})
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    each_in_turn = func.unnest(bindparam("held", type_=ARRAY(Text))).column_valued("held")
    connection.execute(sqlalchemy.select(lock(func.hashtextextended(each_in_turn, 0))), {"held": held})


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
    if not persons:
        return
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
