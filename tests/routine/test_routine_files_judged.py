"""What is kept of what was found in a file, how it is given out, and what is drawn (policy-bild-1 to policy-bild-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION

from routine.figures import FileKind
from routine.images import UNDRAWN, is_held, is_kept, may_be_given_out, may_be_previewed, was_never_given
from routine.reasons import Reason
from routine.region import Region

MOST = 200_000_000
JPEG, PDF, HEIC, SVG = "image/jpeg", "application/pdf", "image/heic", "image/svg+xml"
KINDS = sorted(get_args(FileKind))


def storage(**figures: object) -> Region:
    return REGION.model_copy(update={"storage": REGION.storage.model_copy(update=figures)})


ONLY_JPEG = storage(kinds=frozenset({JPEG}))


@pytest.mark.parametrize(
    ("kind", "size", "scan", "region", "reason", "clause"),
    [
        pytest.param(JPEG, 1, "clean", REGION, Reason.KIND_KEPT, "policy-bild-1", id="a listed kind"),
        pytest.param(JPEG, 1, "not_scanned", REGION, Reason.KIND_KEPT, "policy-bild-1", id="not scanned"),
        pytest.param(JPEG, MOST, "clean", REGION, Reason.KIND_KEPT, "policy-bild-1", id="as large as may be"),
        pytest.param(JPEG, MOST + 1, "clean", REGION, Reason.FILE_TOO_BIG, "policy-bild-1", id="larger"),
        pytest.param(JPEG, 0, "clean", REGION, Reason.EMPTY_FILE, "policy-bild-1", id="empty"),
        pytest.param(None, 0, "clean", REGION, Reason.EMPTY_FILE, "policy-bild-1", id="empty, of no kind"),
        pytest.param(None, 9, "clean", REGION, Reason.KIND_NOT_KEPT, "policy-bild-1", id="text"),
        pytest.param(SVG, 9, "clean", REGION, Reason.KIND_NOT_KEPT, "policy-bild-1", id="of no kind that may be listed"),
        pytest.param(PDF, 9, "clean", ONLY_JPEG, Reason.KIND_NOT_KEPT, "policy-bild-1", id="of no listed kind"),
        pytest.param(JPEG, 9, "infected", REGION, Reason.FILE_INFECTED, "policy-bild-2", id="infected"),
        pytest.param(None, 0, "infected", REGION, Reason.FILE_INFECTED, "policy-bild-2", id="infected first"),
    ],
)  # fmt: skip
def test_policy_bild_1_and_2_what_is_kept(
    kind: str | None, size: int, scan: str, region: Region, reason: Reason, clause: str
) -> None:
    decision = is_kept(kind, size, scan, region)
    assert (decision.allowed, decision.reason, decision.clause) == (
        reason is Reason.KIND_KEPT,
        reason,
        clause,
    )


@pytest.mark.parametrize(
    ("scan", "not_scanned", "given", "reason"),
    [
        ("clean", "hold", True, Reason.SCANNED_CLEAN),
        ("not_scanned", "give", True, Reason.NOT_SCANNED),
        ("not_scanned", "hold", False, Reason.SCAN_AWAITED),
        ("what else", "hold", False, Reason.SCAN_AWAITED),
        ("infected", "give", False, Reason.FILE_INFECTED),
    ],
)
def test_policy_bild_2_the_region_says_whether_what_was_not_scanned_is_given_out(
    scan: str, not_scanned: str, given: bool, reason: Reason
) -> None:
    decision = may_be_given_out(scan, storage(not_scanned=not_scanned))
    assert (decision.allowed, decision.reason, decision.clause) == (given, reason, "policy-bild-2")


@pytest.mark.parametrize(
    ("why", "hours", "held"),
    [
        ("", 23, True),
        ("scanner_down", 23, True),
        ("scanner_down", 24, False),
        ("", 24, False),
        ("too_big_to_scan", 0, False),
    ],
)
def test_policy_bild_2_what_waits_for_a_scanner_is_held_while_there_is_hope_and_time(
    why: str, hours: int, held: bool
) -> None:
    begun = datetime(2026, 11, 29, tzinfo=UTC)
    decision = is_held(why, begun + timedelta(hours=24), begun + timedelta(hours=hours))
    reason = Reason.SCAN_AWAITED if held else Reason.NEVER_SCANNED
    assert (decision.allowed, decision.reason, decision.clause) == (held, reason, "policy-bild-2")


@pytest.mark.parametrize(
    ("kind", "marks", "drawn"),
    [
        (JPEG, (), True),
        (HEIC, (), True),
        ("image/tiff", ("too_many_pictures",), True),
        (JPEG, ("two_kinds",), True),
        (JPEG, ("cut_short",), False),
        (JPEG, ("too_many_pixels",), False),
        ("image/tiff", ("not_looked_into",), False),
        ("video/mp4", (), False),
        (None, (), False),
    ],
)
def test_policy_bild_3_what_is_half_too_large_or_no_picture_is_not_drawn(
    kind: str | None, marks: tuple[str, ...], drawn: bool
) -> None:
    decision = may_be_previewed(kind, marks)
    assert (decision.allowed, decision.clause) == (drawn, "policy-bild-3")


@given(
    st.sampled_from([*KINDS, None, SVG]),
    st.sets(st.text(max_size=9), max_size=3),
    st.sampled_from(sorted(UNDRAWN)),
)
def test_policy_bild_3_nothing_is_drawn_with_a_mark_that_forbids_it(
    kind: str | None, marks: set[str], mark: str
) -> None:
    assert not may_be_previewed(kind, marks | {mark}).allowed


@given(st.sampled_from([*KINDS, None]), st.integers(0, 10**10), st.text(max_size=12))
def test_policy_bild_1_and_2_nothing_infected_is_kept_or_given_out_and_nothing_unlisted_kept(
    kind: str | None, size: int, scan: str
) -> None:
    assert not is_kept(kind, size, "infected", REGION).allowed
    assert not may_be_given_out("infected", REGION).allowed
    assert is_kept(kind, size, scan, ONLY_JPEG).allowed <= (kind == JPEG and 0 < size <= MOST)


@pytest.mark.parametrize("reason", [*Reason, None, "of the version before"])
def test_policy_bild_2_only_what_no_scanner_let_through_was_never_given(reason: str | None) -> None:
    decision = was_never_given(reason)
    assert decision.allowed is (reason in ("never_scanned", "file_infected"))
    assert decision.clause == ("policy-bild-2" if decision.allowed else "bilder-3")
