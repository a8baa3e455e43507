"""Calls of 1177's to our producer, as bytes: by our proxy, for a resident who asks about themselves."""

from __future__ import annotations

from datetime import date

CALLER = "SE165565594230-1000"
PATH = "/rivta/scheduling"
AGENT = "subject_of_care_agent"
SCHEDULING = "urn:riv:crm:scheduling"


def schedule(unit: str, resident: str, actor: str | None = None) -> str:
    """Their coming times there; asked for by another, where one is named."""
    asked = f"<s:healthcare_facility>{unit}</s:healthcare_facility><s:subject_of_care>{resident}</s:subject_of_care>"
    return _envelope("GetSubjectOfCareSchedule", unit, actor or resident, asked)


def cancellation(unit: str, resident: str, booking: str) -> str:
    """One of them is cancelled."""
    asked = f"<s:healthcare_facility>{unit}</s:healthcare_facility><s:bookingId>{booking}</s:bookingId>"
    return _envelope("CancelBooking", unit, resident, asked)


def free_times(unit: str, resident: str, first: date, last: date, actor: str | None = None) -> str:
    """What is free there; asked for by another, where one is named."""
    extension = f"{SCHEDULING}:GetAvailableTimeslotsResponder:1.1"
    asked = (
        f"<s:healthcare_facility>{unit}</s:healthcare_facility>"
        f"<s:startDateInclusive>{first:%Y%m%d}</s:startDateInclusive>"
        f"<s:endDateInclusive>{last:%Y%m%d}</s:endDateInclusive>"
        f'<e:subject_of_care xmlns:e="{extension}">{resident}</e:subject_of_care>'
    )
    return _envelope("GetAvailableTimeslots", unit, actor or resident, asked)


def _envelope(operation: str, unit: str, actor: str, asked: str) -> str:
    kind = AGENT if actor.startswith("SE") else "subject_of_care"
    return (
        '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Header>'
        f'<r:LogicalAddress xmlns:r="urn:riv:itintegration:registry:1">{unit}</r:LogicalAddress>'
        f'<h:Actor xmlns:h="urn:riv:interoperability:headers:1"><h:actorId>{actor}</h:actorId>'
        f"<h:actorType>{kind}</h:actorType></h:Actor></soap:Header><soap:Body>"
        f'<s:{operation} xmlns:s="{SCHEDULING}:{operation}Responder:1">{asked}</s:{operation}>'
        "</soap:Body></soap:Envelope>"
    )


def details(unit: str, booking: str, actor: str) -> str:
    """One of their times."""
    asked = f"<s:healthcare_facility>{unit}</s:healthcare_facility><s:bookingId>{booking}</s:bookingId>"
    return _envelope("GetBookingDetails", unit, actor, asked)


def headers(proxy_secret: str) -> dict[str, str]:
    """As our proxy sends it on."""
    return {
        "content-type": "text/xml; charset=utf-8",
        "x-vp-sender-id": CALLER,
        "x-vaxel-proxy": proxy_secret.split(maxsplit=1)[0],
    }
