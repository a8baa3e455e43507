"""Every booked visit is shown on 1177.se, and the resident hears of it (besok-1, besok-2, onskemal-3)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.booking_publication import BookingPublication, State
from routine.staff import reasons_for_staff
from tasks.booking_publication.events import EVENTS
from tasks.booking_publication.find_in_index import find_in_index
from tasks.booking_publication.give_notice import give_notice
from tasks.booking_publication.index_bookings import index_bookings
from tasks.booking_publication.post_letter import post_letter
from tasks.booking_publication.send_call_letter import send_call_letter
from tasks.booking_publication.tell_staff_of_form import tell_staff_of_form


@process(BookingPublication, events=EVENTS, for_staff=reasons_for_staff(BookingPublication.PROCESS))
def booking_publication(cases: Cases[BookingPublication]) -> None:
    """Every booked visit is shown on 1177.se with its call letter, and the resident hears of it.

    1. the engagement index is told, and seen to show it (besok-1)
    2. staff are told what is wrong with its form or platform, or not known; and again before its reminder, unless
       that is seen to by then (vard-1, vard-2, system-2)
    3. the digital call letter, and paper where it is needed (onskemal-1, onskemal-3, distans-2)
    4. one notice, as the resident wishes, unless 1177 gives it (besok-2, avisering-1)
    """
    index_bookings(cases.at(State.RECEIVED, State.SETTLED, State.SHADOWED))
    find_in_index(cases.at(State.INDEXED))
    tell_staff_of_form(cases.at(State.QUESTIONED, State.REVIEWED))
    send_call_letter(cases.at(State.SHOWN))
    post_letter(cases.at(State.CALLED))
    give_notice(cases.at(State.LETTERED))
