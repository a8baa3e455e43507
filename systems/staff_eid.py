"""The identity provider of staff (SITHS): who has logged in, how surely, and with which commission.

Source: Inera's list of attributes, and OIDC Sweden 1.0 for the rest. All that is wanted is asked for by the `claims`
parameter. What has to come is who it is; a member of staff without a commission has none to tell of. One who has
several chooses one there: where two come, it is not known which of them was meant, and none counts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from engine.base import clock
from engine.base.errors import Refused
from models.identity import is_hsa_id
from systems.oidc import Provider, Wanted
from systems.oidc_keys import Json
from systems.oidc_login import Logins

SCOPE = "openid"
LEVELS = {f"http://id.sambi.se/loa/loa{level}": level for level in (1, 2, 3, 4)}
LEAST_LEVEL = 3
CLAIMS = {
    "employeeHsaId": True,
    "commissionHsaId": False,
    "commissionPurpose": False,
    "commissionRight": False,
    "healthCareUnitHsaId": False,
    "given_name": False,
    "family_name": False,
}
"""What is asked for; True: essential."""
MOST_WORDS = 200


@dataclass(frozen=True)
class StaffLoggedIn:
    """A login of staff that has come about. HSA-ids are in upper case; None: not told.

    Args:
        hsa_id: of the member of staff.
        level: of assurance, 1 to 4; 0 where the provider said none that we know.
        at: aware, in UTC.
        commission, purpose, right, unit: of the commission; its HSA-id, purpose, rights, and its unit's HSA-id.
    """

    hsa_id: str
    level: int
    at: datetime
    name: str | None = field(default=None, repr=False)
    commission: str | None = None
    purpose: str | None = None
    right: str | None = None
    unit: str | None = None


class StaffEid(Logins[StaffLoggedIn]):
    """Client of the provider.

    Args:
        provider: where and as whom.
    """

    def __init__(self, provider: Provider) -> None:
        levels = [acr for acr, level in LEVELS.items() if level >= LEAST_LEVEL]
        super().__init__(provider, Wanted(SCOPE, levels, CLAIMS), which_staff_logged_in)


def which_staff_logged_in(claims: Json) -> StaffLoggedIn:
    """Who logged in, by claims that have been verified.

    Raises:
        Refused: 'login_not_verified' ('employeeHsaId'): it is not told, or is no HSA-id.
    """
    hsa_id = _hsa_id(claims.get("employeeHsaId"))
    if hsa_id is None:
        raise Refused("login_not_verified", "employeeHsaId")
    commission, purpose = _hsa_id(claims.get("commissionHsaId")), _words(claims.get("commissionPurpose"))
    right, unit = _rights(claims.get("commissionRight")), _hsa_id(claims.get("healthCareUnitHsaId"))
    names = (_words(claims.get("given_name")), _words(claims.get("family_name")))
    name = " ".join(part for part in names if part) or None
    level = LEVELS.get(str(claims.get("acr")), 0)
    return StaffLoggedIn(hsa_id, level, clock.now(), name, commission, purpose, right, unit)


def _one(said: object) -> str | None:
    """A claim's one value, which some providers put into a list."""
    only = said[0] if isinstance(said, list) and len(said) == 1 else said
    return only if isinstance(only, str) else None


def _hsa_id(said: object) -> str | None:
    """An HSA-id in upper case, by which it is compared."""
    upper = (_one(said) or "").strip().upper()
    return upper if is_hsa_id(upper) else None


def _rights(said: object) -> str | None:
    """What may be done by a commission: one right, or a list of them, on one line."""
    each = said if isinstance(said, list) else [said]
    return _words(", ".join(right for right in each if isinstance(right, str)))


def _words(said: object) -> str | None:
    """Words on one line, without what steers a terminal or turns the direction of writing."""
    words = " ".join(
        "".join(each for each in _one(said) or "" if each.isprintable() or each.isspace()).split()
    )
    return words[:MOST_WORDS] or None
