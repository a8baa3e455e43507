"""Residents of the sample day who book by themselves on 1177: what stands of theirs, in all three places."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx

from cli.terminal import show

Json = dict[str, Any]
PLACES = ("vas", "index", "1177")


def what_stands(town: httpx.Client, residents: list[Json]) -> dict[str, dict[str, list[str]]]:
    """By resident the bookings that stand: in VAS, in the index, and as 1177 shows them."""
    vas = town.get("/inspect/vas").json()["bookings"]
    index = town.get("/inspect/engagement_index").json()["engagements"]
    return {
        patient: {
            "vas": sorted(b["id"] for b in vas if b["patient"]["id"] == patient and not b["cancelled"]),
            "index": sorted(each["booking"] for each in index if each["patient"] == patient),
            "1177": _shown_on_1177(town, patient),
        }
        for patient in (said["patient"] for said in residents)
    }


def _shown_on_1177(town: httpx.Client, patient: str) -> list[str]:
    seen = town.get("/inspect/e1177", params={"patient": patient}).json()
    return sorted([each["booking"] for each in seen["bookings"]] + seen["errors"])


def self_service_unlike(
    residents: list[Json], became: dict[str, dict[str, list[str]]], acts: list[Json]
) -> Json:
    """What is not as the day says; empty when all is well: the three agree, and each press was answered so."""
    found: Json = {act["title"]: act["wrong"] for act in acts if act["does"] == "presses" and act["wrong"]}
    for said in residents:
        was = became[said["patient"]]
        agree = was["vas"] == was["index"] == was["1177"]
        if not agree or said["stands"] not in (None, len(was["vas"])):
            found[f"{said['title']}, {said['why']}"] = was
    return found


def tell_self_service(residents: list[Json], became: dict[str, dict[str, list[str]]]) -> None:
    """Each kind of story in a line."""
    lines = Counter(
        (said["title"], said["why"], "; ".join(f"{at}: {len(became[said['patient']][at])}" for at in PLACES))
        for said in residents
    )
    rows = [
        {"by themselves on 1177": f"{title} ({number})", "what stands": stands, "why": why}
        for (title, why, stands), number in lines.items()
    ]
    show(rows, ["by themselves on 1177", "what stands", "why"])
