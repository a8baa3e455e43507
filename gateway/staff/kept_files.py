"""`gateway.staff.ports.Files`: the files in our storage, and who looked at them in our access log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol
from uuid import UUID

from engine import access_log, clock
from engine.access_log import Access, Act
from engine.database import transaction
from engine.errors import Refused
from models.identity import PatientId
from models.image_transfer import ImageTransfer
from routine.staff import Member
from systems.found import Limits
from systems.storage import files as storage
from tasks.image_transfer import files as own
from tasks.image_transfer.files import OwnFile
from tasks.image_transfer.stored import Place

OWN, AGAIN = "bilder-2", "bilder-4"
"""Why a file is looked at, and why it is fetched anew."""


class Acts(Protocol):
    """What becomes of a wish of staff's: the event and the access are stored together, then carried out."""

    def __call__(self, file: OwnFile, access: Access, /) -> object:
        """Raises anything: nothing was stored."""
        ...


class KeptFiles:
    """As the port has it.

    Args:
        limits: how far a picture is looked into before it is drawn.
        delete, journalled, fetch_again: what carries out the three acts.
    """

    def __init__(
        self, limits: Callable[[], Limits], delete: Acts, journalled: Acts, fetch_again: Acts
    ) -> None:
        self._limits = limits
        self._delete, self._journalled, self._fetch_again = delete, journalled, fetch_again

    def listed(self, member: Member) -> Sequence[OwnFile]:
        """As the port has it: one entry in the log for each patient whose files are in the list."""
        with transaction() as connection:
            files = own.files_of(connection, member.hsa_id)
            whose = {file.patient.id: file.patient for file in files if file.patient}
            looks = [_access(member, Act.LOOK, None, patient) for patient in whose.values()]
            access_log.write(connection, looks, clock.now())
        return files

    def found(self, member: Member, id: UUID) -> OwnFile | None:
        """As the port has it."""
        with transaction() as connection:
            return own.file_of(connection, member.hsa_id, id)

    def looked_at(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        _log(member, Act.LOOK, file)

    def original(self, member: Member, file: OwnFile) -> Iterator[bytes]:
        """As the port has it: opened, then logged, then given."""
        place = _place(file)
        bytes = storage.give(place.name, file.id, place.hour, place.wrapped_key)
        try:
            _log(member, Act.DOWNLOAD, file)
        except BaseException:
            close(bytes)
            raise
        return bytes

    def preview(self, member: Member, file: OwnFile, longest_side: int) -> bytes:
        """As the port has it: made, then logged, then given."""
        place = _place(file)
        picture = storage.preview(
            place.name, file.id, place.hour, place.wrapped_key, longest_side, self._limits()
        )
        _log(member, Act.PREVIEW, file)
        return picture

    def delete(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        self._tell(self._delete, member, Act.DELETE, file)

    def journalled(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        self._tell(self._journalled, member, Act.JOURNALLED, file)

    def fetch_again(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        self._tell(self._fetch_again, member, Act.FETCH_AGAIN, file)

    def _tell(self, act: Acts, member: Member, kind: Act, file: OwnFile) -> None:
        act(file, _access(member, kind, file.id, file.patient))


def close(bytes: Iterator[bytes]) -> None:
    """Nobody wants the rest."""
    shut: Callable[[], object] | None = getattr(bytes, "close", None)
    if shut:
        shut()


def _place(file: OwnFile) -> Place:
    if file.place is None:
        raise Refused("file_gone")
    return file.place


def _log(member: Member, act: Act, file: OwnFile) -> None:
    with transaction() as connection:
        access_log.write(connection, [_access(member, act, file.id, file.patient)], clock.now())


def _access(member: Member, act: Act, file: UUID | None, patient: PatientId | None) -> Access:
    commission = member.commission
    return Access(
        who=member.hsa_id,
        name=member.name,
        commission=commission.hsa_id if commission else None,
        purpose=commission.purpose if commission else None,
        unit=commission.unit if commission else None,
        act=act,
        subject=file,
        process=ImageTransfer.PROCESS,
        patient=patient,
        why=AGAIN if act is Act.FETCH_AGAIN else OWN,
    )
