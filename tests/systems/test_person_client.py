"""The client of PU, in our reading of its contract."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.base.errors import NotSent
from systems import soap
from systems.person import (
    PERSONNUMMER,
    SAMORDNINGSNUMMER,
    UNRANKED,
    Contact,
    ContactInformation,
    Person,
    PersonDirectory,
)
from systems.rivta import person as riv

TOLVAN = "191212121212"
CHILD = "201312012386"


def envelope(body: str) -> str:
    return f'<e:Envelope xmlns:e="{soap.ENVELOPE}"><e:Body>{body}</e:Body></e:Envelope>'


def record(number: str, inner: str | None) -> str:
    identity = f"<T:root>{PERSONNUMMER}</T:root><T:extension>{number}</T:extension>"
    person = (
        ""
        if inner is None
        else f"<T:personRecord><T:personalIdentity>{identity}</T:personalIdentity>{inner}</T:personRecord>"
    )
    return (
        f"<R:requestedPersonRecord><T:requestedPersonalIdentity>{identity}</T:requestedPersonalIdentity>"
        f"{person}</R:requestedPersonRecord>"
    )


def profiles(*records: str) -> str:
    inner = "".join(records)
    return envelope(
        f'<R:GetPersonsForProfileResponse xmlns:R="{riv.PERSONS}" xmlns:T="{riv.PERSON5}">{inner}</R:GetPersonsForProfileResponse>'
    )


def marks(protected: str = "false", population: str = "false", test: str = "false") -> str:
    return (
        f"<T:protectedPersonIndicator>{protected}</T:protectedPersonIndicator>"
        f"<T:protectedPopulationRecord>{population}</T:protectedPopulationRecord>"
        f"<T:testIndicator>{test}</T:testIndicator>"
    )


NAME = "<T:name><T:givenName>Tolvan</T:givenName><T:surname>Tolvansson</T:surname></T:name>"
DEATH = (
    "<T:deregistration><T:deregistrationReasonCode>AV</T:deregistrationReasonCode>"
    "<T:deregistrationDate>20260101</T:deregistrationDate></T:deregistration>"
)
MOVED = DEATH.replace("AV", "UV")
GUARDIAN = (
    "<T:relationship><T:relationshipType>V</T:relationshipType><T:relationshipId>"
    f"<T:root>{PERSONNUMMER}</T:root><T:extension>{TOLVAN}</T:extension></T:relationshipId></T:relationship>"
)


def look_up(peer: Any, acts: Any, body: str) -> dict[str, Person]:
    return PersonDirectory(peer(acts.answer(200, body)).url, 1.0).people([(PERSONNUMMER, TOLVAN)])


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (marks(), Person(known=True)),
        (marks(protected="true"), Person(known=True, protected=True)),
        (marks(population="true"), Person(known=True, protected=True)),
        (marks(test="true"), Person(known=True, test_indicator=True)),
        (marks() + NAME + DEATH + GUARDIAN, Person(known=True, deceased=True)),
        (marks() + NAME + MOVED, Person(known=True)),
        (marks(protected="1", population="0"), Person(known=True, protected=True)),
        (None, Person(known=False)),
    ],
)
def test_a_person_is_what_the_record_says(peer: Any, acts: Any, inner: str | None, expected: Person) -> None:
    assert look_up(peer, acts, profiles(record(TOLVAN, inner))) == {TOLVAN: expected}


@pytest.mark.parametrize(
    ("inner", "guardians"),
    [
        (marks() + NAME + GUARDIAN, ((PERSONNUMMER, TOLVAN),)),
        (
            marks() + GUARDIAN + GUARDIAN.replace(TOLVAN, CHILD),
            ((PERSONNUMMER, TOLVAN), (PERSONNUMMER, CHILD)),
        ),
        (marks() + GUARDIAN.replace(">V<", ">MO<"), ()),
        (marks(), ()),
    ],
    ids=["one", "two", "a mother who is none", "none"],
)
def test_guardians_are_told_where_relations_are_asked_for(
    peer: Any, acts: Any, inner: str, guardians: tuple[tuple[str, str], ...]
) -> None:
    server = peer(acts.answer(200, profiles(record(CHILD, inner))))
    found = PersonDirectory(server.url, 1.0).people([(PERSONNUMMER, CHILD)], relations=True)
    assert found[CHILD].guardians == guardians
    assert b"<r:profile>P3</r:profile>" in server.got[0].body


def test_a_guardians_children_are_told_apart_from_their_own_guardians(peer: Any, acts: Any) -> None:
    ward = GUARDIAN.replace(">V<", ">VF<").replace(TOLVAN, CHILD)
    server = peer(acts.answer(200, profiles(record(TOLVAN, marks() + GUARDIAN + ward))))
    found = PersonDirectory(server.url, 1.0).people([(PERSONNUMMER, TOLVAN)], relations=True)[TOLVAN]
    assert (found.wards, found.guardians) == (((PERSONNUMMER, CHILD),), ((PERSONNUMMER, TOLVAN),))


@pytest.mark.parametrize(
    "body",
    [
        profiles(),
        profiles(record(CHILD, marks())),
        profiles(record(TOLVAN, NAME)),
        profiles(record(TOLVAN, marks(protected=""))),
        profiles(record(TOLVAN, marks(protected="J"))),
        envelope("<x/>"),
    ],
    ids=["nobody", "another", "no marks", "empty mark", "strange mark", "another message"],
)
def test_silence_never_means_not_protected(peer: Any, acts: Any, body: str) -> None:
    with pytest.raises(NotSent) as caught:
        look_up(peer, acts, body)
    assert caught.value.reason == "malformed_answer"


def test_a_question_is_in_our_reading_of_the_contract(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, profiles(record(TOLVAN, marks()), record(CHILD, marks()))))
    PersonDirectory(server.url).people([(PERSONNUMMER, TOLVAN), (SAMORDNINGSNUMMER, CHILD)])
    (got,) = server.got
    assert (
        f'<r:GetPersonsForProfile xmlns:r="{riv.PERSONS}" xmlns:t="{riv.PERSON5}">'
        f"<r:personId><t:root>{PERSONNUMMER}</t:root><t:extension>{TOLVAN}</t:extension></r:personId>"
        f"<r:personId><t:root>{SAMORDNINGSNUMMER}</t:root><t:extension>{CHILD}</t:extension></r:personId>"
        "<r:profile>P2</r:profile></r:GetPersonsForProfile>"
    ) in got.body.decode()
    assert got.headers["soapaction"] == f'"{riv.PERSONS}:GetPersonsForProfile"'


def test_many_are_asked_for_by_five_hundreds_each_once(peer: Any, acts: Any) -> None:
    numbers = [f"{n:012}" for n in range(501)]
    first = profiles(*(record(number, marks()) for number in numbers[:500]))
    server = peer(acts.answer(200, first), acts.answer(200, profiles(record(numbers[500], None))))
    ids = [(PERSONNUMMER, number) for number in numbers]
    people = PersonDirectory(server.url).people(ids + ids)
    assert list(people) == numbers
    assert [each.body.count(b"<r:personId>") for each in server.got] == [500, 1]


def test_nobody_to_ask_for_asks_nobody(nobody: str) -> None:
    assert PersonDirectory(nobody).people([]) == {}


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_lost_question_was_not_sent(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent):
        PersonDirectory(peer(getattr(acts, how)).url, 0.3).people([(PERSONNUMMER, TOLVAN)])


# Contact information


def contacts(*inner: str, protected: str = "false", digital_only: str = "false") -> str:
    return envelope(
        f'<R:GetPersonContactInformationResponse xmlns:R="{riv.CONTACT}" xmlns:T="{riv.PERSON4}">'
        "<R:contactInformationRecord><T:version>20261122120000</T:version>"
        f"<T:personId><T:root>{PERSONNUMMER}</T:root><T:extension>{TOLVAN}</T:extension></T:personId>"
        + "".join(inner)
        + f"<T:protectedPersonIndicator>{protected}</T:protectedPersonIndicator>"
        "<T:protectedPopulationRecord>false</T:protectedPopulationRecord>"
        f"<T:optoutPaperNotification>{digital_only}</T:optoutPaperNotification>"
        "</R:contactInformationRecord></R:GetPersonContactInformationResponse>"
    )


def contact(kind: str, value: str, rest: str = "", wished: str = "true") -> str:
    return (
        f"<T:contactInformation><T:contactType>{kind}</T:contactType><T:use>MC</T:use>"
        f"<T:value>{value}</T:value>{rest}<T:digitalNotification>{wished}</T:digitalNotification>"
        "</T:contactInformation>"
    )


CHANGED = datetime(2026, 11, 22, 11, tzinfo=UTC)
"""The record's version: a Swedish time without a zone."""


def ask(peer: Any, acts: Any, body: str) -> ContactInformation:
    return PersonDirectory(peer(acts.answer(200, body)).url, 1.0).contact(TOLVAN)


def test_contacts_come_by_rank(peer: Any, acts: Any) -> None:
    period = "<T:period><T:start>20250102</T:start><T:end>20301231</T:end></T:period>"
    body = contacts(
        contact("EMAIL", "tolvan@example.se", wished="false"),
        contact("TEL", "+46701740605", "<T:rank>2</T:rank>" + period),
        contact("TEL", "+46701740606", "<T:rank>1</T:rank>"),
        contact("FAX", "+4635131000"),
        digital_only="true",
    )
    assert ask(peer, acts, body) == ContactInformation(
        (
            Contact("sms", "+46701740606", 1, None, True),
            Contact("sms", "+46701740605", 2, date(2025, 1, 2), True, date(2030, 12, 31)),
            Contact("email", "tolvan@example.se", UNRANKED, None, False),
        ),
        digital_only=True,
        changed_at=CHANGED,
    )


def test_a_protected_person_has_no_contacts_even_if_pu_gives_some(peer: Any, acts: Any) -> None:
    body = contacts(contact("TEL", "+46701740605"), protected="true")
    assert ask(peer, acts, body) == ContactInformation(protected=True, changed_at=CHANGED)


def test_someone_without_a_record_has_given_nothing(peer: Any, acts: Any) -> None:
    body = envelope(f'<GetPersonContactInformationResponse xmlns="{riv.CONTACT}"/>')
    assert ask(peer, acts, body) == ContactInformation()


def test_a_question_for_contacts_is_in_our_reading_of_the_contract(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, contacts()))
    PersonDirectory(server.url).contact(TOLVAN)
    assert (
        f'<r:GetPersonContactInformation xmlns:r="{riv.CONTACT}" xmlns:t="{riv.PERSON4}">'
        f"<r:personId><t:root>{PERSONNUMMER}</t:root><t:extension>{TOLVAN}</t:extension></r:personId>"
        "</r:GetPersonContactInformation>"
    ) in server.got[0].body.decode()
    assert server.got[0].headers["soapaction"] == f'"{riv.CONTACT}:GetPersonContactInformation"'
