"""Images by way of the storage: for their owner only, for a set time, and anew from their source (bilder-1 to 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from image_town import ANNA, BERTIL, ImageTown, by_anna, bytes_of, incidents, lying, read
from town import NEW_UNIT, SHADOW_UNIT, identity

from engine.base import clock
from engine.ops.access_log import Act
from sandbox.people.numbers import ADULTS
from tasks.image_transfer import owner_acts
from tasks.image_transfer.cleaning import clean

LIFE = timedelta(hours=24)
pytestmark = pytest.mark.usefixtures("bucket")
"""Each clause in a folder, and in an S3-compatible store with versions."""


async def test_bilder_1_to_3_an_image_lies_there_for_the_one_who_asked_is_told_once_reminded_and_forgotten(
    image_town: ImageTown,
) -> None:
    town = image_town
    contact, transfer = town.gets("jpeg")
    await town.comes_to_rest()
    file = town.file(transfer)
    assert read(file) == bytes_of("jpeg")
    assert (file.bytes, file.kind, file.state) == (len(read(file)), "image/jpeg", "not_scanned")
    assert town.files(BERTIL) == []
    assert (town.stands(transfer), town.alerts(contact)) == (["told"], ["image_ready"])
    assert file.place
    assert lying() == {file.place.name}
    town.waits(hours=20, minutes=1)
    await town.comes_to_rest()
    assert (town.stands(transfer), town.alerts(contact)) == (["reminded"], ["image_ready", "image_lapses"])
    town.waits(hours=3, minutes=59)
    assert town.file(transfer).state == "deleted", "past its time nobody reads it, though no flow has run"
    assert town.file(transfer).place is None
    await town.comes_to_rest()
    assert (town.stands(transfer), lying(), town.rows()) == (["deleted"], set(), [])
    assert town.accesses() == [(ANNA["hsa_id"], "put"), ("vaxel", "expire")]
    assert town.reason_of(transfer, "file_removed") == ("file_deleted", "bilder-3")
    neutral = str(town.conversation(contact)["alerts"])
    assert ".jpg" not in neutral
    assert ADULTS[0] not in neutral


async def test_bilder_4_what_was_deleted_journalled_or_has_lapsed_is_fetched_anew_and_one_that_is_lost_says_so(
    image_town: ImageTown,
) -> None:
    town = image_town
    contact, transfer = town.gets("png", vanishes_after=3)
    await town.comes_to_rest()
    for round, (act, done, state) in enumerate(
        [
            (Act.DELETE, owner_acts.delete, "deleted"),
            (Act.JOURNALLED, owner_acts.journalled, "journalled"),
            (None, None, "deleted"),
        ]
    ):
        file = town.file(transfer)
        if act and done:
            done(file, by_anna(act, file))
        else:
            town.waits(hours=25)
            await town.comes_to_rest()
        gone = town.file(transfer)
        assert (str(gone.state), gone.place, lying(), town.rows()) == (state, None, set(), []), round
        owner_acts.fetch_again(gone, by_anna(Act.FETCH_AGAIN, gone))
        assert town.file(transfer).id == file.id
        await town.comes_to_rest()
    assert town.stands(transfer) == ["lost"]
    lost = town.file(transfer)
    assert (lost.state, lost.reason, lost.kind, lost.sha256) == ("refused", "attachment_gone", None, None)
    assert town.alerts(contact) == ["image_ready"] * 3 + ["original_gone"]
    acts = [act for _, act in town.accesses()]
    assert acts == [
        "put", "delete", "fetch_again", "put", "journalled", "fetch_again", "put", "expire", "fetch_again",
    ]  # fmt: skip


async def test_policy_bild_5_ten_files_are_told_of_once_and_staff_may_say_by_webhook_what_is_journalled(
    image_town: ImageTown,
) -> None:
    """The same transfer twice, and the same file twice in it, are one; only of their own do staff say so."""
    town = image_town
    contact = town.writes(town.resident())
    refs = town.attaches(contact, *["jpeg"] * 3, "text_named_jpg", "empty", "docx")
    transfer = town.asks_for(contact, [*refs, refs[0]])
    town.asks_for(contact, refs, id=transfer)
    await town.comes_to_rest(within=150)
    assert town.stands(transfer) == ["refused"] * 3 + ["told"] * 3
    reasons = {file.reason for file in town.files() if file.state == "refused"}
    assert reasons == {"kind_not_kept", "empty_file"}
    assert sorted(town.alerts(contact)) == ["image_ready", "image_refused", "image_refused"]
    assert len(lying()) == len(town.rows()) == 3, "of what is refused nothing is left"
    first, second, _ = [file for file in town.files() if file.place]
    said = {"transfer": transfer, "file": str(first.id)}
    for by, of, what in (
        (BERTIL, said, first),
        (ANNA, said | {"transfer": "T-other"}, first),
        (ANNA, said, first),
    ):
        assert town.staff_tell("transfer.journalled", of | {"by": by})["status"] == 202
        assert what
    await town.comes_to_rest(within=150)
    assert town.stands(transfer).count("journalled") == 1
    assert (len(lying()), len(town.rows())) == (2, 2)
    assert town.accesses()[-1] == (ANNA["hsa_id"], "journalled")
    assert town.refused() == ["data.file: no such file"] * 2
    assert second.place
    town.waits(hours=25)
    await town.comes_to_rest()
    late = {"transfer": transfer, "file": str(second.id), "by": ANNA}
    assert town.staff_tell("transfer.journalled", late)["status"] == 202
    await town.comes_to_rest()
    (stands,) = [file for file in town.files() if file.id == second.id]
    assert (str(stands.state), stands.reason) == ("journalled", "file_journalled"), "though it was gone"
    assert stands.journalled_at
    assert stands.deleted_at
    assert stands.deleted_at < stands.journalled_at
    assert town.accesses()[-1] == (ANNA["hsa_id"], "journalled")
    town.waits(hours=30 * 24)
    assert town.files() == [], "their list does not grow without end"


async def test_policy_bild_4_only_what_came_in_the_patients_own_contact_is_fetched_merges_and_deaths_counted(
    image_town: ImageTown,
) -> None:
    town = image_town
    patient, other = town.resident(), town.resident(ADULTS[1])
    contact, nobodys = town.writes(patient), town.writes(None)
    refs, more = town.attaches(contact, "jpeg", "jpeg"), town.attaches(nobodys, "jpeg")
    wrong = town.asks_for(contact, refs[:1], patient=other)
    unknown = town.asks_for("P24-none", refs[:1])
    unsaid = town.asks_for(nobodys, more)
    await town.comes_to_rest(within=700)
    assert [town.stands(each) for each in (wrong, unknown, unsaid)] == [["refused"]] * 3
    assert town.reason_of(wrong, "transfer") == ("contact_of_other", "policy-bild-4")
    assert town.reason_of(unknown, "transfer") == ("contact_not_known", "policy-okand-1")
    assert town.reason_of(unsaid, "transfer") == ("contact_of_nobody", "policy-bild-4")
    tasks = {task["text"]: task["patient"] for task in town.tasks()}
    assert len(tasks) == 3
    assert [text for text, patient in tasks.items() if patient is None] == [
        text for text in tasks if "hör inte till" in text
    ], "whose contact it is, nobody is told by the task"
    assert town.alerts(contact) == []
    assert town.attached(refs[0])["asked"] == 0
    now = clock.now().isoformat()
    town.tells("patient.merged", {"from": identity(patient), "to": identity(other)})
    town.tells("patient.deceased", {"patient": identity(other), "at": now})
    merged = town.asks_for(contact, refs[1:], patient=other)
    await town.comes_to_rest()
    assert town.stands(merged) == ["told"]
    assert town.reason_of(merged, "transfer") == ("journalled_after_death", "policy-bild-4")


async def test_bilder_1_nothing_is_fetched_in_shadow_at_an_unknown_unit_or_before_the_storage_is_appointed(
    image_town: ImageTown,
) -> None:
    town = image_town
    contact = town.writes(town.resident())
    refs = town.attaches(contact, "jpeg")
    shadow = town.asks_for(contact, refs, unit=SHADOW_UNIT)
    unknown = town.asks_for(contact, refs, unit=NEW_UNIT)
    await town.comes_to_rest()
    assert (town.stands(shadow), town.stands(unknown)) == (["shadowed"], ["parked:unit_unknown"])
    assert town.reason_of(shadow, "transfer_worked_out") == ("contact_of_patient", "policy-bild-4")
    assert town.alerts(contact) == ["image_refused"], "of the unknown unit, not of the one in shadow"
    town.region_learns("[storage]\nappointed = false\n")
    early = town.asks_for(contact, refs)
    await town.comes_to_rest()
    assert town.stands(early) == ["refused"]
    assert town.reason_of(early, "transfer") == ("storage_not_appointed", "bilder-1")
    assert town.alerts(contact) == ["image_refused"] * 2
    assert (town.attached(refs[0])["asked"], town.rows(), lying()) == (0, [], set())


async def test_bilder_2_where_there_is_no_conversation_to_be_told_in_staff_have_a_task(
    image_town: ImageTown,
) -> None:
    """1177 has no alerts; of a platform the conversation may be closed when the file is there."""
    town = image_town
    contact, transfer = town.gets("jpeg", system="e1177")
    closed = town.writes(town.resident(), "hope")
    refs = town.attaches(closed, "heic", system="hope")
    town.closes(closed, "hope")
    other = town.asks_for(closed, refs, system="hope")
    await town.comes_to_rest()
    assert (town.stands(transfer), town.stands(other)) == (["told"], ["told"])
    assert {(task["reason"], task["contact"]) for task in town.tasks()} == {
        ("image_ready", contact),
        ("image_ready", closed),
    }
    assert len(town.tasks()) == 2


async def test_bilder_4_a_storage_that_is_full_loses_nothing_and_a_source_that_gives_nothing_is_told_to_staff(
    image_town: ImageTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = image_town
    contact = town.writes(town.resident())
    town.has_fault("platform24", "error_500", operation="GET /attachments/{id}")
    transfer = town.asks_for(contact, town.attaches(contact, "jpeg"))
    await town.comes_to_rest(within=3 * 3600, stride=60)
    assert town.stands(transfer) == ["refused"]
    assert town.file(transfer).reason == "file_not_fetched"
    assert town.alerts(contact) == ["image_refused"]
    town.is_well_again()
    shut = town.asks_for(contact, town.attaches(contact, "jpeg", token="another-than-ours"))
    await town.comes_to_rest(within=3 * 3600, stride=60)
    assert (town.stands(shut), town.file(shut).reason) == (["refused"], "file_not_fetched")
    assert len(town.alerts(contact)) == 2, "its owner hears of it, not ops alone"
    assert incidents() == {("platform24", "not_authorised")}
    left = town.rows()
    assert all(row.wrapped_key is None for row in left)
    town.waits(hours=1)
    assert clean()["left_behind"] == len(left)
    assert town.rows() == []
