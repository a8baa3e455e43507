"""Images where something is wrong: a full storage, a dripping source, no scanner, an owner who changes their mind."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from image_town import ANNA, BERTIL, ImageTown, by_anna, bytes_of, incidents, lying, read
from sqlalchemy import text
from town import NEW_UNIT

from bench.clamd import MARKER
from engine.base.database import transaction
from engine.base.settings import Storage, System, settings
from engine.ops import by_hand
from engine.ops.access_log import Act
from flows.registry import PROCESSES
from systems.storage import files
from tasks import clients
from tasks.image_transfer import owner_acts
from tasks.image_transfer.cleaning import clean

HOME = Path(os.environ["VAXEL_HOME"])


async def test_bilder_1_a_storage_that_takes_nothing_loses_nothing_and_calls_ops(
    image_town: ImageTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = image_town
    monkeypatch.setattr(settings(), "storage", Storage(url="file:///proc/none"))
    contact, transfer = town.gets("jpeg")
    await town.comes_to_rest(within=600)
    assert town.stands(transfer) == ["found"]
    assert {system for system, _ in incidents()} == {"storage"}
    assert (town.alerts(contact), str(town.file(transfer).state)) == ([], "fetching")
    monkeypatch.setattr(settings(), "storage", Storage())
    town.waits(hours=1)
    await town.comes_to_rest()
    assert (town.stands(transfer), town.alerts(contact)) == (["told"], ["image_ready"])


async def test_a_source_that_drips_holds_up_nobody_elses_files(
    image_town: ImageTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six that drip were asked for first; the one that does not is fetched in its turn, and told at once."""
    town = image_town
    monkeypatch.setattr(settings(), "storage", Storage(seconds=1.0))
    contact = town.writes(town.resident())
    slow = town.asks_for(contact, town.attaches(contact, *["video_of_150_mb"] * 6, bytes_per_second=100_000))
    quick = town.asks_for(contact, town.attaches(contact, "jpeg"))
    await town.comes_up_to("image_transfer")
    await town.runs_one("image_transfer")
    assert town.stands(quick) == ["told"]
    assert set(town.stands(slow)) == {"found"}
    by_case = {case.id: transfer for transfer in (slow, quick) for case in town.cases(transfer)}
    begun = [by_case[row.file] for row in town.rows()]
    assert quick in begun[:4], "it did not wait for a thread"


async def test_bilder_2_an_owner_who_changes_their_mind_while_it_is_fetched_has_nothing_left_there(
    image_town: ImageTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = image_town
    put = files.put

    def put_and_deleted_meanwhile(*given: Any) -> Any:
        done = put(*given)
        (file,) = town.files()
        owner_acts.delete(file, by_anna(Act.DELETE, file))
        return done

    contact, transfer = town.gets("jpeg")
    monkeypatch.setattr(files, "put", put_and_deleted_meanwhile)
    await town.comes_to_rest()
    assert (town.stands(transfer), town.rows(), lying()) == (["deleted"], [], set())
    assert town.alerts(contact) == [], "nor do they hear that it is there"
    assert town.reason_of(transfer, "file_removed") == ("file_discarded", "bilder-2")


async def test_bilder_4_a_file_that_opens_no_more_is_over_and_may_be_fetched_anew(
    image_town: ImageTown,
) -> None:
    town = image_town
    _, transfer = town.gets("jpeg")
    await town.comes_to_rest()
    file = town.file(transfer)
    owner_acts.cannot_be_opened(file, "keys_gone")
    gone = town.file(transfer)
    assert (gone.state, gone.reason, gone.place) == ("deleted", "file_not_opened", None)
    assert (lying(), ("storage", "keys_gone") in incidents()) == (set(), True)
    assert town.accesses()[-1] == ("vaxel", "delete")
    owner_acts.cannot_be_opened(file, "file_gone")
    assert ("storage", "file_gone") not in incidents(), "it was removed while another opened it"
    owner_acts.fetch_again(gone, by_anna(Act.FETCH_AGAIN, gone))
    await town.comes_to_rest()
    assert town.file(transfer).place


async def test_bilder_4_a_held_file_that_opens_no_more_is_over_too_but_not_while_the_storage_is_away(
    image_town: ImageTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No scanner answers. The folder is away, then here again, with the one file changed and the other gone."""
    town, folder = image_town, HOME / "storage"
    town.region_learns('[storage]\nappointed = true\nnot_scanned = "hold"\n')
    monkeypatch.setitem(settings().systems, "clamd", System(url="unix:///no/such/socket"))
    _, transfer = town.gets("jpeg", "png")
    await town.comes_to_rest()
    folder.rename(HOME / "away")
    town.waits(minutes=30)
    await town.comes_to_rest()
    assert town.stands(transfer) == ["held"] * 2
    assert ("storage", "storage_not_there") in incidents()
    (HOME / "away").rename(folder)
    changed, gone = (row.name for row in town.rows())
    (folder / str(changed)).write_bytes(b"another's")
    (folder / str(gone)).unlink()
    town.waits(minutes=30)
    await town.comes_to_rest()
    assert town.stands(transfer) == ["deleted"] * 2
    assert {file.reason for file in town.files()} == {"file_not_opened"}
    assert {("storage", "file_changed"), ("storage", "file_gone")} <= incidents()
    assert (town.rows(), lying()) == ([], set())
    assert town.accesses()[-2:] == [("vaxel", "delete")] * 2
    owner_acts.fetch_again(file := town.files()[0], by_anna(Act.FETCH_AGAIN, file))
    await town.comes_to_rest()
    assert sorted(town.stands(transfer)) == ["deleted", "held"]


async def test_bilder_4_wished_again_in_the_minute_after_its_time_it_is_fetched_anew(
    image_town: ImageTown,
) -> None:
    """Its time is over, and nobody has removed it yet: its page says that it is gone, so the wish has to count."""
    town = image_town
    _, transfer = town.gets("jpeg")
    await town.comes_to_rest()
    town.waits(hours=24)
    gone = town.file(transfer)
    assert (gone.state, gone.place, len(lying())) == ("deleted", None, 1)
    owner_acts.fetch_again(gone, by_anna(Act.FETCH_AGAIN, gone))
    await town.comes_to_rest()
    assert town.file(transfer).place
    assert [act for _, act in town.accesses()] == ["put", "fetch_again", "expire", "put"]
    town.waits(minutes=10)
    clean()
    assert len(lying()) == len(town.rows()) == 1, "of the first nothing is left"
    assert [act for _, act in town.accesses()].count("expire") == 1


async def test_policy_bild_2_a_scanner_that_is_set_and_is_away_calls_ops_while_files_go_out_marked(
    image_town: ImageTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is not set calls nobody, nor does a file that is too large for one."""
    town = image_town
    town.region_learns("[storage]\nappointed = true\nscanned_megabytes = 1\n")
    _, unset = town.gets("jpeg")
    await town.comes_to_rest()
    monkeypatch.setitem(settings().systems, "clamd", System(url="unix:///no/such/socket"))
    contact = town.writes(town.resident())
    large = town.asks_for(contact, town.attaches_bytes(contact, bytes_of("jpeg") + bytes(1_200_000)))
    await town.comes_to_rest()
    assert (town.file(unset).scan, town.file(large).scan, incidents()) == (
        "not_scanned",
        "not_scanned",
        set(),
    )
    down = town.asks_for(contact, town.attaches(contact, "png"))
    await town.comes_to_rest()
    assert (town.stands(down), str(town.file(down).state)) == (["told"], "not_scanned")
    assert incidents() == {("clamd", "scanner_down")}


@pytest.mark.usefixtures("bucket")
async def test_policy_bild_2_a_region_may_hold_a_file_until_a_scanner_has_looked_at_it(
    image_town: ImageTown, real_clamd: tuple[str, str]
) -> None:
    town = image_town
    town.region_learns('[storage]\nnot_scanned = "hold"\nscanned_megabytes = 1\n')
    contact = town.writes(town.resident())
    too_big = town.asks_for(contact, town.attaches_bytes(contact, bytes_of("jpeg") + bytes(1_200_000)))
    await town.runs_one("inbound_contact")
    await town.runs_one("image_transfer")
    assert town.stands(too_big) == ["held"], "no scanner is set: nobody knows what it takes"
    clean_one = town.attaches(contact, "png")
    harmful_one = town.attaches_bytes(contact, bytes_of("jpeg") + MARKER)
    transfer, other = town.asks_for(contact, clean_one), town.asks_for(contact, harmful_one)
    for process in ("inbound_contact", "image_transfer"):
        await town.runs_one(process)
    assert (town.stands(transfer), town.stands(other)) == (["held"], ["held"])
    assert town.alerts(contact) == []
    settings().systems["clamd"] = System(url=real_clamd[0])
    clients.forget()
    town.waits(minutes=2)
    await town.comes_to_rest()
    assert (town.stands(transfer), town.stands(other)) == (["told"], ["refused"])
    assert (town.file(transfer).scan, town.file(other).reason) == ("clean", "file_infected")
    assert (town.stands(too_big), town.file(too_big).reason) == (["refused"], "never_scanned")
    left = town.file(other)
    assert {left.kind, left.pictures, left.bytes, left.sha256, left.stored_at, left.deleted_at} == {None}
    assert sorted(town.alerts(contact)) == ["image_ready", "image_refused", "image_refused"]
    assert len(lying()) == len(town.rows()) == 1


@pytest.mark.usefixtures("bucket")
async def test_policy_bild_2_of_what_was_held_until_its_time_was_over_its_owner_hears(
    image_town: ImageTown,
) -> None:
    town = image_town
    town.region_learns('[storage]\nnot_scanned = "hold"\n')
    contact, transfer = town.gets("png")
    await town.comes_to_rest()
    assert (town.stands(transfer), town.alerts(contact)) == (["held"], [])
    town.waits(hours=24)
    clean()
    await town.comes_to_rest()
    assert (town.stands(transfer), town.file(transfer).reason) == (["refused"], "never_scanned")
    assert (town.alerts(contact), lying(), town.rows()) == (["image_refused"], set(), [])
    assert town.accesses() == [(ANNA["hsa_id"], "put"), ("vaxel", "expire")]


async def test_bilder_3_what_no_case_takes_away_the_cleaning_does_once_and_past_hours_open_nothing(
    image_town: ImageTown,
) -> None:
    """A case that stands still (parked, say), a row without bytes that a dead worker left, bytes without a row."""
    town = image_town
    _, transfer = town.gets("jpeg")
    await town.comes_to_rest()
    file = town.file(transfer)
    assert file.place
    with transaction() as connection:
        connection.execute(text("UPDATE image_transfer SET due_at = NULL, parked = 'internal_error'"))
        connection.execute(
            text(
                "INSERT INTO stored_file (name, file, hour, begun_at) SELECT gen_random_uuid(), file, hour, begun_at"
                " FROM stored_file"
            )
        )
    assert clean() == {}
    town.waits(minutes=10)
    assert clean() == {"left_behind": 1}
    town.waits(hours=24)
    found = clean()
    assert found["lapsed"] == 1
    assert (lying(), town.rows(), clean()) == (set(), [], {})
    assert town.accesses() == [(ANNA["hsa_id"], "put"), ("vaxel", "expire")]
    town.waits(hours=1)
    assert found["hours"] + clean()["hours"] == 1  # at once, where that hour has passed by then


async def test_two_hundred_attachments_in_one_transfer_are_two_hundred_files_and_told_of_once(
    image_town: ImageTown,
) -> None:
    """Fetched are only the few of the other journeys: a child for each of these would show nothing more."""
    town = image_town
    town.region_learns("[storage]\nappointed = false\n")
    contact = town.writes(town.resident())
    refs = [f"ref-{at}" for at in range(200)]
    transfer = town.asks_for(contact, refs)
    await town.comes_to_rest(within=150)
    assert town.stands(transfer) == ["refused"] * 200
    assert town.alerts(contact) == ["image_refused"]
    asked = town.asked(contact, [f"ref-{at}" for at in range(501)])
    assert town.staff_tell("transfer.requested", {"transfer": asked})["status"] == 422


async def test_bilder_2_a_transfer_that_another_asks_for_under_the_same_id_is_theirs_alone(
    image_town: ImageTown,
) -> None:
    """Neither is given the other's file, nor loses their own; whoever asks twice at once has one."""
    town = image_town
    contact = town.writes(town.resident())
    refs = town.attaches(contact, "jpeg")
    hers = town.asked(contact, refs)
    small = hers | {"by": ANNA | {"hsa_id": ANNA["hsa_id"].lower()}}
    his = hers | {"by": BERTIL}
    with ThreadPoolExecutor(4) as threads:
        answers = threads.map(
            lambda each: town.staff_tell("transfer.requested", {"transfer": each}), [hers, his, small, hers]
        )
    assert [answer["status"] for answer in answers] == [202] * 4
    await town.comes_to_rest()
    (file,), (other,) = town.files(), town.files(BERTIL)
    assert file.id != other.id
    assert town.alerts(contact) == ["image_ready"] * 2
    said = {"transfer": hers["id"], "file": str(file.id), "by": BERTIL}
    assert town.staff_tell("transfer.journalled", said)["status"] == 202
    owner_acts.delete(file, by_anna(Act.DELETE, file))
    await town.comes_to_rest()
    assert town.refused() == ["data.file: no such file"]
    assert (str(town.files()[0].state), lying()) == ("deleted", {other.place.name if other.place else None})
    assert read(other)


async def test_policy_okand_1_at_an_unknown_unit_its_owner_hears_and_once_it_is_listed_the_file_goes_its_way(
    image_town: ImageTown,
) -> None:
    """Told once for the transfer, whoever looks again; wished again meanwhile it is still for ops, and told once more."""
    town = image_town
    contact = town.writes(town.resident())
    transfer = town.asks_for(contact, town.attaches(contact, "jpeg", "png"), unit=NEW_UNIT)
    await town.comes_to_rest()
    by_hand.retry_parked(PROCESSES, "unit_unknown")
    await town.comes_to_rest()
    assert town.stands(transfer) == ["parked:unit_unknown"] * 2
    assert {(str(file.state), file.reason) for file in town.files()} == {("refused", "unit_unknown")}
    assert town.alerts(contact) == ["image_refused"]
    owner_acts.fetch_again(wished := town.files()[0], by_anna(Act.FETCH_AGAIN, wished))
    await town.comes_to_rest()
    assert town.stands(transfer) == ["parked:unit_unknown"] * 2
    assert town.alerts(contact) == ["image_refused"] * 2
    town.region_learns(
        f'[units."{NEW_UNIT["hsa_id"]}"]\nname = "Ny mottagning"\nturn_to = "dem"\npublish = "vaxel"\n'
    )
    by_hand.retry_parked(PROCESSES, "unit_unknown")
    await town.comes_to_rest()
    assert town.stands(transfer) == ["told"] * 2
    assert {file.reason for file in town.files()} == {None}


async def test_bilder_1_what_a_device_calls_its_file_is_no_reason_to_lose_a_transfer(
    image_town: ImageTown,
) -> None:
    """A character that cannot be kept becomes U+FFFD; a path, marks of direction and length are for those who see it."""
    town = image_town
    contact = town.writes(town.resident())
    refs = town.attaches(contact, "jpeg", "png")
    named = [{"ref": refs[0], "filename": "../IMG\x00\u202egpj.jpg"}, {"ref": refs[1], "filename": "å" * 500}]
    transfer = town.asks_for(contact, refs, attachments=named)
    await town.comes_to_rest()
    assert town.stands(transfer) == ["told"] * 2
    assert {file.filename for file in town.files()} == {"IMG\ufffdgpj.jpg", "å" * 119 + "…"}
