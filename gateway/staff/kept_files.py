"""`gateway.staff.ports.Files`: the files in our storage, and who looked at them in our access log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from anyio import from_thread

from engine.base import clock
from engine.base.database import transaction
from engine.base.errors import Incident, Refused, VaxelError
from engine.ops import access_log
from engine.ops.access_log import Access, Act
from engine.outer import incidents
from gateway.staff.logged import access_by
from gateway.staff.ports import Files
from gateway.wake import Waker
from models.identity import PatientId
from models.image_transfer import ImageTransfer
from routine.staff import Member
from systems.storage import files as storage
from tasks import clients
from tasks.image_transfer import files as own
from tasks.image_transfer import owner_acts, storage_failures
from tasks.image_transfer.files import OwnFile
from tasks.image_transfer.stored import Place

OWN, AGAIN = "bilder-2", "bilder-4"
"""Why a file is looked at, and why it is fetched anew."""
KEYS = ("keys_gone", "keys_unreachable")
"""What may come right once the folder of keys is the right one: nothing of the file is given up for it."""


class KeptFiles(Files):
    """As the port has it.

    Args:
        waker: asks for a run of the flow, for what is left to it.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def listed(self, member: Member) -> Sequence[OwnFile]:
        """As the port has it: one entry in the log for each patient whose files are in the list."""
        with transaction() as connection:
            files = own.files_of(connection, member.hsa_id)
            whose = {file.patient.id: file.patient for file in files if file.patient}
            looks = [_access(member, Act.LOOK, None, patient) for patient in whose.values()]
            access_log.write(connection, looks, clock.now())
        return files

    def how_many(self, member: Member) -> int:
        """As the port has it."""
        with transaction() as connection:
            return own.how_many_lie_there(connection, member.hsa_id)

    def found(self, member: Member, id: UUID) -> OwnFile | None:
        """As the port has it."""
        with transaction() as connection:
            return own.file_of(connection, member.hsa_id, id)

    def looked_at(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        _log(member, Act.LOOK, file)

    def original(self, member: Member, file: OwnFile) -> Iterator[bytes]:
        """As the port has it: opened, then logged, then given."""
        place = _place_of(file)
        with self._opening(file):
            bytes = storage.give(place.name, file.id, place.hour, place.wrapped_key)
        try:
            _log(member, Act.DOWNLOAD, file)
        except BaseException:
            close(bytes)
            raise
        return self._to_its_end(bytes, file)

    def preview(self, member: Member, file: OwnFile, longest_side: int) -> bytes:
        """As the port has it: made, then logged, then given."""
        place, limits = _place_of(file), clients.limits()
        with self._opening(file):
            picture = storage.preview(
                place.name, file.id, place.hour, place.wrapped_key, longest_side, limits
            )
        _log(member, Act.PREVIEW, file)
        return picture

    def delete(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        owner_acts.delete(file, _access(member, Act.DELETE, file.id, file.patient))
        self._ask_for_a_run()

    def journalled(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        owner_acts.journalled(file, _access(member, Act.JOURNALLED, file.id, file.patient))
        self._ask_for_a_run()

    def fetch_again(self, member: Member, file: OwnFile) -> None:
        """As the port has it."""
        owner_acts.fetch_again(file, _access(member, Act.FETCH_AGAIN, file.id, file.patient))
        self._ask_for_a_run()

    def _to_its_end(self, bytes: Iterator[bytes], file: OwnFile) -> Iterator[bytes]:
        """That it was changed may show midway only."""
        with self._opening(file):
            yield from bytes

    @contextmanager
    def _opening(self, file: OwnFile) -> Iterator[None]:
        """What will never be opened again is over, so that it may be fetched anew; ops hear what keeps one shut."""
        try:
            yield
        except VaxelError as error:
            if storage_failures.is_over_for_good(error):
                owner_acts.cannot_be_opened(file, error.reason)
                self._ask_for_a_run()
            elif isinstance(error, Incident) or error.reason in KEYS:
                incidents.note("storage", error.reason)
            raise

    def _ask_for_a_run(self) -> None:
        from_thread.run_sync(self._waker.soon, ImageTransfer.PROCESS)


def close(bytes: Iterator[bytes]) -> None:
    """Nobody wants the rest."""
    shut: Callable[[], object] | None = getattr(bytes, "close", None)
    if shut:
        shut()


def _place_of(file: OwnFile) -> Place:
    if file.place is None:
        raise Refused("file_gone")
    return file.place


def _log(member: Member, act: Act, file: OwnFile) -> None:
    with transaction() as connection:
        access_log.write(connection, [_access(member, act, file.id, file.patient)], clock.now())


def _access(member: Member, act: Act, file: UUID | None, patient: PatientId | None) -> Access:
    why = AGAIN if act is Act.FETCH_AGAIN else OWN
    return access_by(member, act, ImageTransfer.PROCESS, why, subject=file, patient=patient)
