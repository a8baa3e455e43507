"""Whether a service of 1177's catalogue is for someone of this age (byte-5)."""

from __future__ import annotations

from datetime import date

from routine.ages import age_on
from routine.decision import Decision
from routine.reasons import Reason


def is_for_age(youngest: int | None, oldest: int | None, birth: date | None, day: date) -> Decision[bool]:
    """May someone born then use it that day?

    The catalogue does not say whether `oldest` is the last age that may or the first that may not: it is not
    pointed to at that age.

    Args:
        youngest, oldest: in whole years, as the catalogue has them; `None`: no limit.
    """
    if youngest is None and oldest is None:
        return Decision(True, Reason.READY_SERVICE, "byte-5")
    if birth is None:
        return Decision(False, Reason.AGE_UNKNOWN, "byte-5")
    age = age_on(birth, day)
    fits = (youngest is None or youngest <= age) and (oldest is None or age < oldest)
    return Decision(fits, Reason.READY_SERVICE if fits else Reason.NO_SUCH_SERVICE, "byte-5")
