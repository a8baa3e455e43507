"""The staff's identity provider: SITHS by a provider such as Inera's, OpenID Connect as `eid` speaks it.

Source: Inera IdP, Attributlista and Attributstyrning OIDC. There is no scope but `openid`: everything is asked for by
the `claims` parameter, and what is unknown is passed over. A member of staff has no commission, one, or several; who
has several chooses one when they log in, and its claims are that one's.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.systems.eid.realm import Holder, Realm
from sandbox.wire.bodies import Form, Many, OrNull, boolean, checked_body, text
from sandbox.wire.elements import HSA_ID
from sandbox.wire.forgetful import Forgetful

Json = dict[str, Any]
CARE = "Vård och behandling"
"""The purpose of a commission by which someone may see what is a patient's."""
PROVIDER = {"hsa_id": "SE2321000115-V000000000001", "name": "Region Halland"}
OF_PERSON = ("employeeHsaId", "given_name", "family_name", "name", "amr")
OF_COMMISSION = (
    "commissionHsaId", "commissionName", "commissionPurpose", "commissionRight", "healthCareUnitHsaId",
    "healthCareUnitName", "healthCareProviderHsaId", "healthCareProviderName",
)  # fmt: skip


def _hsa_id(value: Any) -> bool:
    return isinstance(value, str) and HSA_ID(value)


def _rights(value: Any) -> bool:
    return text(value) or (isinstance(value, list) and all(text(one) for one in value))


NAMED: dict[str, Form] = {"hsa_id": _hsa_id, "name": text}
COMMISSION: dict[str, Form] = {
    "hsa_id": _hsa_id,
    "name?": text,
    "purpose": text,
    "right?": _rights,
    "unit": NAMED,
    "provider?": NAMED,
}
MEMBER: dict[str, Form] = {
    "hsa_id": _hsa_id,
    "name": text,
    "title?": OrNull(text),
    "commissions?": Many(COMMISSION),
    "e_id?": boolean,
}


class Staff(Forgetful):
    """The region's staff, by HSA-id."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: dict[str, Json] = {}

    def add_or_replace(self, given: Any) -> Json:
        """Adds a member of staff, or takes what is given in place of what was known."""
        body = {"title": None, "commissions": [], "e_id": True} | checked_body(given, MEMBER)
        with self._lock:
            self._all[body["hsa_id"].upper()] = body | {"changed_at": datetime.now(UTC).isoformat()}
        return body

    def members(self) -> list[Json]:
        """In the order in which they came."""
        with self._lock:
            return list(self._all.values())

    def clear(self) -> None:
        """Nobody works here."""
        with self._lock:
            self._all.clear()


@dataclass(slots=True)
class StaffRealm(Realm):
    """Those of the staff who have a SITHS card, once for each commission of theirs."""

    staff: Staff
    name: str = "staff_eid"
    back: str = "/staff/login/callback"
    chosen_by: str = "commission"
    noted: str = "staff"
    level: str = "http://id.sambi.se/loa/loa"
    scopes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    claims: Sequence[str] = (*OF_PERSON, *OF_COMMISSION)
    naming: Sequence[str] = ("employeeHsaId",)

    def holders(self) -> list[Holder]:
        """In the order in which they came; one without a commission once as well."""
        able = [one for one in self.staff.members() if one["e_id"]]
        return [_holder(one, commission) for one in able for commission in one["commissions"] or [None]]

    def find(self, value: str) -> Holder | None:
        """By `<HSA-id> <commission's HSA-id>`, or the HSA-id alone of one who has none, in any case."""
        return next((one for one in self.holders() if one.value.upper() == value.upper()), None)


def _holder(member: Json, commission: Json | None) -> Holder:
    who = f"{member['name']}{', ' + member['title'] if member['title'] else ''}"
    if commission is None:
        return Holder(member["hsa_id"], f"{who}: no commission", member["hsa_id"], _person(member))
    label = f"{who}: {commission['purpose']}, {commission['unit']['name']}"
    known = _person(member) | _commission(commission)
    return Holder(f"{member['hsa_id']} {commission['hsa_id']}", label, member["hsa_id"], known)


def _person(member: Json) -> Json:
    given, _, family = member["name"].rpartition(" ")
    names = {"given_name": given or family, "family_name": family, "name": member["name"]}
    return {
        "employeeHsaId": member["hsa_id"],
        "amr": ["urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient"],
    } | names


def _commission(commission: Json) -> Json:
    rights, provider = commission.get("right", []), commission.get("provider", PROVIDER)
    return {
        "commissionHsaId": commission["hsa_id"],
        "commissionName": commission.get("name", commission["purpose"]),
        "commissionPurpose": commission["purpose"],
        "commissionRight": [rights] if isinstance(rights, str) else rights,
        "healthCareUnitHsaId": commission["unit"]["hsa_id"],
        "healthCareUnitName": commission["unit"]["name"],
        "healthCareProviderHsaId": provider["hsa_id"],
        "healthCareProviderName": provider["name"],
    }
