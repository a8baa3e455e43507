"""The care units of the sample day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Unit:
    """A care unit; `connected`: 1177 itself notifies of what is booked there."""

    hsa_id: str
    name: str
    connected: bool = True

    def json(self) -> Json:
        """As a webhook has it."""
        return {"hsa_id": self.hsa_id, "name": self.name}


HALMSTAD = Unit("SE2321000115-E000000000001", "Vårdcentralen Halmstad")
VARBERG = Unit("SE2321000115-E000000000002", "Medicinmottagningen Varberg")
YOUNG_HALMSTAD = Unit("SE2321000115-E000000000003", "Barn- och ungdomsmottagningen Halmstad", connected=False)
FALKENBERG = Unit("SE2321000115-E000000000004", "Psykiatrimottagningen Falkenberg", connected=False)
KUNGSBACKA = Unit("SE2321000115-E000000000005", "Ortopedmottagningen Kungsbacka")
LAHOLM = Unit("SE2321000115-E000000000006", "Vårdcentralen Laholm")
HYLTE = Unit("SE2321000115-E000000000007", "Vårdcentralen Hylte")
UNITS = (HALMSTAD, VARBERG, YOUNG_HALMSTAD, FALKENBERG, KUNGSBACKA, LAHOLM, HYLTE)
UNLISTED = Unit("SE2321000115-E000000000099", "Kirurgmottagningen Halmstad")
