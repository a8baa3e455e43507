"""What a resident reads on 1177.se when they have booked, changed or cancelled by themselves."""

from __future__ import annotations

import re
from collections.abc import Collection

import pytest
from routine_cases import REGION, UNIT

from routine.neutral import leads_elsewhere
from routine.printable import may_lead_to, may_reach_patient
from routine.reasons import Reason
from routine.region import UnitPolicy
from routine.self_service import Outcome, Service
from routine.self_service_text import Told, answer_of, is_of_booking, not_taken_in
from routine.text import Text

TURN = "Vårdcentralen Halmstad: 031-390 06 00"
CANCEL, REBOOK, BOOK = Service.CANCEL, Service.REBOOK, Service.BOOK


def told(
    service: Service,
    outcome: Outcome = Outcome.DECLINED,
    reason: Reason | None = None,
    not_saved: Collection[str] = (),
    unit: UnitPolicy | None = UNIT,
) -> Told:
    return answer_of(service, outcome, reason, not_saved, REGION, unit)


@pytest.mark.parametrize("service", Service)
def test_besok_3_what_is_done_needs_no_words(service: Service) -> None:
    assert told(service, Outcome.DONE) == Told("OK", None)


PART_DONE: list[tuple[Service, Collection[str], str]] = [
    (BOOK, ["phone"], "Tiden är bokad. Telefonnumret kunde inte sparas."),
    (REBOOK, ["email"], "Tiden är ombokad. E-postadressen kunde inte sparas."),
    (CANCEL, ["message"], "Tiden är avbokad. Meddelandet kunde inte sparas."),
    (BOOK, ["email", "phone"], "Tiden är bokad. Telefonnumret och e-postadressen kunde inte sparas."),
    (
        BOOK,
        {"message", "email", "phone"},
        "Tiden är bokad. Telefonnumret, e-postadressen och meddelandet kunde inte sparas.",
    ),
    (BOOK, ["phone", "fax"], "Tiden är bokad. Telefonnumret och en del uppgifter kunde inte sparas."),
    (BOOK, ["fax"], "Tiden är bokad. En del uppgifter kunde inte sparas."),
    (BOOK, [], "Tiden är bokad. En del uppgifter kunde inte sparas."),
]


@pytest.mark.parametrize(("service", "not_saved", "says"), PART_DONE)
def test_besok_4_what_could_not_be_saved_is_named_and_the_rest_is_done(
    service: Service, not_saved: Collection[str], says: str
) -> None:
    answer = told(service, Outcome.PART_DONE, None, not_saved)
    assert answer == Told("INFO", f"{says} Kontakta {TURN}, om mottagningen behöver få veta det.")


@pytest.mark.parametrize(
    ("service", "says"),
    [
        (CANCEL, "Det gick inte att avboka just nu, eftersom många använder tjänsten samtidigt."),
        (REBOOK, "Det gick inte att omboka just nu, eftersom många använder tjänsten samtidigt."),
        (BOOK, "Det gick inte att boka just nu, eftersom många använder tjänsten samtidigt."),
    ],
)
def test_syfte_3_whose_press_found_no_room_reads_so_and_what_to_do(service: Service, says: str) -> None:
    assert not_taken_in(service, REGION, UNIT) == Told(
        "ERROR", f"{says} Försök igen om en stund, eller kontakta {TURN}."
    )


IN_HAND = [
    (
        CANCEL,
        "Avbokningen är mottagen och behandlas, men är inte klar än. Du behöver inte avboka igen. Se om en stund bland "
        "de bokade tiderna på 1177.se: tiden är avbokad när den inte finns där längre.",
    ),
    (
        REBOOK,
        "Ombokningen är mottagen och behandlas, men är inte klar än. Du behöver inte omboka igen. Se om en stund bland "
        "de bokade tiderna på 1177.se vilken tid som gäller.",
    ),
    (
        BOOK,
        "Bokningen är mottagen och behandlas, men är inte klar än. Du behöver inte boka igen. Se om en stund bland de "
        "bokade tiderna på 1177.se: tiden är bokad när den finns där.",
    ),
]


@pytest.mark.parametrize(("service", "says"), IN_HAND)
def test_policy_sjalvservice_1_what_is_in_hand_is_not_confirmed(service: Service, says: str) -> None:
    """1177 confirms what is answered by INFO, and nobody knows yet."""
    answer = told(service, Outcome.IN_HAND)
    assert answer == Told("ERROR", f"{says} Är det bråttom, kontakta {TURN}.")


@pytest.mark.parametrize(
    ("service", "what"),
    [(CANCEL, "tiden är avbokad"), (REBOOK, "tiden är ombokad"), (BOOK, "en tid är bokad")],
)
def test_policy_sjalvservice_1_of_what_waits_for_a_human_the_resident_is_led_to_the_unit(
    service: Service, what: str
) -> None:
    says = f"Något gick fel. Det går inte att se om {what}. Kontakta {TURN}."
    assert told(service, Outcome.UNCLEAR) == Told("ERROR", says)


SEE = f"Se de bokade tiderna på 1177.se, eller kontakta {TURN}."
NEW_TIME = f"Kontakta {TURN}, om det behövs en ny tid."
DECLINED = [
    (CANCEL, Reason.CANCELLED, "Tiden är redan avbokad. Du behöver inte göra något mer."),
    (REBOOK, Reason.CANCELLED, f"Tiden är inte ombokad. Den är redan avbokad. {NEW_TIME}"),
    (
        BOOK,
        Reason.CANCELLED,
        f"Ingen ny tid är bokad. Kallelsen är redan använd, eller gäller inte längre. {SEE}",
    ),
    (
        CANCEL,
        Reason.PASSED,
        f"Tiden är inte avbokad. Besöket har redan börjat, eller är över. Kontakta {TURN}.",
    ),
    (
        CANCEL,
        Reason.TOO_LATE,
        "Tiden är inte avbokad. Det är för kort tid kvar till besöket för att avboka på 1177.se. "
        f"Kontakta {TURN}, så snart som möjligt.",
    ),
    (
        REBOOK,
        Reason.TOO_LATE,
        "Tiden är inte ombokad. Det är för kort tid kvar till besöket för att omboka på 1177.se. "
        f"Kontakta {TURN}, så snart som möjligt.",
    ),
    (
        REBOOK,
        Reason.NOT_ALLOWED_BY_UNIT,
        f"Tiden är inte ombokad. Den här tiden går inte att omboka på 1177.se. Kontakta {TURN}.",
    ),
    (
        BOOK,
        Reason.LETTER_USED,
        f"Ingen ny tid är bokad. Kallelsen är redan använd för att boka en tid. {SEE}",
    ),
    (BOOK, Reason.LETTER_EXPIRED, f"Ingen ny tid är bokad. Kallelsen gäller inte längre. {NEW_TIME}"),
    (
        REBOOK,
        Reason.NO_TIME_YET,
        "Tiden är inte ombokad. Kallelsen har ingen tid att ändra: en tid bokas från den. "
        f"Boka en tid från kallelsen, eller kontakta {TURN}.",
    ),
    (
        BOOK,
        Reason.TIME_TAKEN,
        f"Ingen ny tid är bokad. Den valda tiden är inte ledig längre. Välj en annan tid, eller kontakta {TURN}.",
    ),
    (
        REBOOK,
        Reason.TIME_TAKEN,
        "Tiden är inte ombokad. Den valda tiden är inte ledig längre. Den tid som redan är bokad gäller. "
        f"Välj en annan tid, eller kontakta {TURN}.",
    ),
    (
        BOOK,
        Reason.TIME_NOT_OFFERED,
        f"Ingen ny tid är bokad. Den valda tiden går inte att boka. Välj en annan tid, eller kontakta {TURN}.",
    ),
    (
        BOOK,
        Reason.TIME_PASSED,
        f"Ingen ny tid är bokad. Den valda tiden har redan passerat. Välj en annan tid, eller kontakta {TURN}.",
    ),
    (
        BOOK,
        Reason.TIME_UNCLEAR,
        "Ingen ny tid är bokad. Det går inte att se vilken tid som är vald. "
        f"Välj en annan tid, eller kontakta {TURN}.",
    ),
    (
        BOOK,
        Reason.NO_SUCH_PERFORMER,
        "Ingen ny tid är bokad. Det går inte att boka en tid hos den som är vald. "
        f"Välj en annan tid, eller kontakta {TURN}.",
    ),
    (
        CANCEL,
        Reason.NO_SUCH_BOOKING,
        f"Ingen tid är avbokad. Vi hittar inte bokningen: den kan ha ändrats. {SEE}",
    ),
    (
        CANCEL,
        Reason.CHILD_ACTS_ALONE,
        "Ingen tid är avbokad. Den som har fyllt 13 år gör det själv, med egen e-legitimation. "
        f"Kontakta {TURN}.",
    ),
    (
        REBOOK,
        Reason.TOO_YOUNG,
        f"Ingen tid är ombokad. För den som är under 13 år gör en vårdnadshavare det. Kontakta {TURN}.",
    ),
    (
        CANCEL,
        Reason.PERSON_UNKNOWN,
        "Ingen tid är avbokad. En uppgift som behövs går inte att hämta just nu. "
        f"Försök igen om en stund, eller kontakta {TURN}.",
    ),
    (CANCEL, None, f"Ingen tid är avbokad. Det går inte att avboka på 1177.se. Kontakta {TURN}."),
    (REBOOK, None, f"Ingen tid är ombokad. Det går inte att omboka på 1177.se. Kontakta {TURN}."),
    (BOOK, None, f"Ingen ny tid är bokad. Det går inte att boka på 1177.se. Kontakta {TURN}."),
]


@pytest.mark.parametrize(("service", "reason", "says"), DECLINED)
def test_besok_3_and_besok_4_a_no_says_what_holds_why_and_what_to_do(
    service: Service, reason: Reason | None, says: str
) -> None:
    assert told(service, Outcome.DECLINED, reason) == Told("ERROR", says)


def test_a_unit_that_is_not_known_is_named_by_no_name() -> None:
    assert told(BOOK, unit=None).text == (
        "Ingen ny tid är bokad. Det går inte att boka på 1177.se. Kontakta mottagningen."
    )


@pytest.mark.parametrize("service", Service)
def test_policy_skydd_2_what_has_to_do_with_the_person_has_one_text(service: Service) -> None:
    of_persons = (
        Reason.MANUAL_HANDLING, Reason.NOT_A_GUARDIAN, Reason.ROLE_UNKNOWN, Reason.AGE_UNKNOWN, Reason.DECEASED,
        Reason.RESERVNUMMER, Reason.UNIT_UNKNOWN, Reason.UNIT_IN_SHADOW, Reason.OTHER_SYSTEM, Reason.NOT_CARRIED_OUT,
    )  # fmt: skip
    assert {told(service, Outcome.DECLINED, reason) for reason in of_persons} == {told(service)}


ALL = [
    *((service, Outcome.DECLINED, reason) for service in Service for reason in [*Reason, None]),
    *(
        (service, outcome, None)
        for service in Service
        for outcome in (Outcome.PART_DONE, Outcome.IN_HAND, Outcome.UNCLEAR)
    ),
]


@pytest.mark.parametrize("outcome", [Outcome.DECLINED, Outcome.PART_DONE, Outcome.IN_HAND, Outcome.UNCLEAR])
def test_avisering_2_every_answer_is_whole_and_leads_nowhere_else(outcome: Outcome) -> None:
    for service, how, reason in ALL:
        if how is not outcome:
            continue
        said = told(service, how, reason).text or ""
        assert may_reach_patient(Text("answer", 1, said), (), "https://a.se/l/", REGION).allowed
        assert not leads_elsewhere(said, may_lead_to(REGION))
        assert re.fullmatch(r"[A-ZÅÄÖ].*[^ ]\.", said)
        assert not re.search(r"[{}]|None|  |\.\.|\bdin\b", said)
        assert not any(word in said.casefold() for word in ("skydd", "sekretess", "avliden", "reservnummer"))


@pytest.mark.parametrize("service", Service)
@pytest.mark.parametrize("reason", [*Reason, None])
def test_besok_3_a_no_is_never_worded_as_done(service: Service, reason: Reason | None) -> None:
    said = told(service, Outcome.DECLINED, reason).text or ""
    done = {CANCEL: "Tiden är avbokad.", REBOOK: "Tiden är ombokad.", BOOK: "Tiden är bokad."}[service]
    assert done not in said
    assert "mottagen" not in said


def test_by_their_names_services_and_reasons_are_as_good_as_themselves() -> None:
    """As they come from the database, plain strings."""
    kept = answer_of("cancel", "declined", "cancelled", (), REGION, UNIT)  # type: ignore[arg-type]
    assert kept == told(CANCEL, Outcome.DECLINED, Reason.CANCELLED)
    kept = answer_of("rebook", "declined", "time_taken", (), REGION, UNIT)  # type: ignore[arg-type]
    assert kept == told(REBOOK, Outcome.DECLINED, Reason.TIME_TAKEN)
    assert answer_of("book", "done", None, (), REGION, UNIT) == Told("OK")  # type: ignore[arg-type]
    for service, outcome, reason in ALL:
        by_name = answer_of(str(service), str(outcome), reason, (), REGION, UNIT)  # type: ignore[arg-type]
        assert by_name == told(service, outcome, reason)


def test_besok_3_whoever_is_refused_for_the_sake_of_a_booking_turns_to_the_unit_that_has_it() -> None:
    of_booking = (Reason.TOO_LATE, Reason.NOT_ALLOWED_BY_UNIT, Reason.PASSED, Reason.OTHER_SYSTEM)
    of_time_or_nobodys = (
        Reason.TIME_TAKEN,
        Reason.TIME_NOT_OFFERED,
        Reason.NO_SUCH_BOOKING,
        Reason.TOO_YOUNG,
        None,
    )
    assert all(is_of_booking(reason) for reason in of_booking)
    assert not any(is_of_booking(reason) for reason in of_time_or_nobodys)
