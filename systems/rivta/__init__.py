"""RIV-TA messages as declared models: names, order and namespaces of the contracts, nothing of ours.

Source: the XSDs of itintegration:engagementindex 1.0, infrastructure:eservicesupply:patientportal 1.0 and
crm:scheduling 1.1. An optional element that is None is left out, never sent empty (interfaces.md §1.1).
Readers skip elements that they do not know: the contracts allow extensions at the end of every type. Questions that
change something, or that name what to choose from, are read to the letter (`scheduling.Asked`).
"""

from __future__ import annotations

from systems.rivta.timestamps import from_ts, ts

__all__ = ["from_ts", "ts"]
