"""Images by way of the storage: for their owner only, for a set time, and anew from their source (bilder-1 to 4)."""

from __future__ import annotations

from image_town import ANNA, BERTIL, ImageTown, lying

from sandbox.attachment_samples import sample
from systems.storage import files


async def test_bilder_1_and_2_an_image_lies_in_the_storage_for_the_one_who_asked_and_is_what_was_sent(
    image_town: ImageTown,
) -> None:
    town = image_town
    contact, transfer = town.gets("jpeg")
    await town.comes_to_rest()
    assert town.stands(transfer) == ["told"]
    file = town.file(transfer)
    assert file.place
    given = b"".join(files.give(file.place.name, file.id, file.place.hour, file.place.wrapped_key))
    assert given == b"".join(sample("jpeg").chunks())
    assert (file.bytes, file.kind, file.state) == (len(given), "image/jpeg", "not_scanned")
    assert town.files(BERTIL) == []
    assert town.alerts(contact) == ["image_ready"]
    assert town.accesses() == [(ANNA["hsa_id"], "put")]
    assert lying() == {file.place.name}
