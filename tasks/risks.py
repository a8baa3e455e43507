"""Whether a risk of suicide stands that no human has acted on: then nothing goes by itself (policy-suicid-1)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from routine.risk import Risk, may_go_by_itself
from tasks import identities


@dataclass(frozen=True)
class AtRisk:
    """Whom, and what contacts, a standing risk concerns."""

    patients: frozenset[bytes] = field(default=frozenset(), repr=False)
    """By every number that they have had."""
    contacts: frozenset[str] = frozenset()

    def concerns(self, patient: bytes | None, contact: str | None = None) -> bool:
        """Whether a human comes first with this patient, or in this contact."""
        return patient in self.patients or contact in self.contacts


def standing(connection: Connection, patients: Collection[bytes], contacts: Collection[str] = ()) -> AtRisk:
    """The risks that stand among these; one that is stored and not yet applied stands too."""
    found = identities.known(connection, patients)
    numbers = {number for each in patients for number in found.numbers(each)}
    given = {"patients": list(numbers), "contacts": list(contacts)}
    held = text(
        "SELECT key, patient_hash, flagged_at, acknowledged_at FROM risk_alert"
        " WHERE flagged_at IS NOT NULL AND (patient_hash = ANY(:patients) OR key = ANY(:contacts))"
    )
    rows = [
        row
        for row in connection.execute(held, given)
        if not may_go_by_itself(Risk(row.flagged_at, row.acknowledged_at)).allowed
    ]
    new = text(
        """
        SELECT e.key, c.patient_hash FROM event e LEFT JOIN inbound_contact c ON c.contact_id = e.key
        WHERE e.process = 'risk_alert' AND e.applied_at IS NULL AND e.type <> 'contact.risk_acknowledged'
            AND (c.patient_hash = ANY(:patients) OR e.key = ANY(:contacts))"""
    )
    rows += list(connection.execute(new, given))
    return AtRisk(
        frozenset(n for row in rows if row.patient_hash for n in found.numbers(bytes(row.patient_hash))),
        frozenset(row.key for row in rows),
    )
