"""How the region is, by the sandbox's own paths: its people and staff, what they attached, and what goes wrong."""

from __future__ import annotations

from typing import Any

from sandbox.people.residents import WrongResident
from sandbox.region import Region
from sandbox.systems.attachments import SOURCES
from sandbox.systems.e1177.catalogue import WrongService
from sandbox.wire.web import BadRequest, Handler, Reply, Request, json_reply


def _many(given: Any) -> list[Any]:
    """A list, or one alone."""
    return given if isinstance(given, list) else [given]


class SettingUp:
    """The paths by which a region becomes as a test or a tester wants it.

    Attributes:
        routes: who answers, by method and the first part of the path.
    """

    def __init__(self, region: Region) -> None:
        self._region = region
        self.routes: dict[tuple[str, str], Handler] = {
            ("GET", "people"): self._all_people,
            ("POST", "people"): self._put_people,
            ("POST", "attachments"): self._put_attachments,
            ("GET", "staff"): self._all_staff,
            ("POST", "staff"): self._put_staff,
            ("GET", "faults"): self._all_faults,
            ("POST", "faults"): self._put_faults,
            ("DELETE", "faults"): self._no_faults,
            ("POST", "units"): self._put_unit,
            ("POST", "timetables"): self._put_timetables,
            ("POST", "provider"): self._put_provider,
        }

    def _all_people(self, request: Request) -> Reply:
        return json_reply({"people": [one.shown() for one in self._region.people.all()]})

    def _put_people(self, request: Request) -> Reply:
        try:
            added = [self._region.people.add_or_change(one) for one in _many(request.json())]
        except WrongResident as error:
            raise BadRequest(422, str(error)) from None
        return json_reply({"people": [one.shown() for one in added]}, 201)

    def _all_staff(self, request: Request) -> Reply:
        return json_reply({"staff": self._region.staff.members()})

    def _put_staff(self, request: Request) -> Reply:
        """One or a list: `eid.staff.MEMBER`."""
        return json_reply(
            {"staff": [self._region.staff.add_or_replace(one) for one in _many(request.json())]}, 201
        )

    def _put_attachments(self, request: Request) -> Reply:
        """One or a list: `attachments.ATTACHMENT`."""
        wanted = _many(request.json())
        if not all(isinstance(one, dict) and one.get("system") in SOURCES for one in wanted):
            raise BadRequest(422, f"system: one of {', '.join(SOURCES)}")
        return json_reply(
            {"attachments": [self._region.attachments[one["system"]].attach(one) for one in wanted]}, 201
        )

    def _all_faults(self, request: Request) -> Reply:
        return json_reply({"faults": self._region.faults.standing_faults()})

    def _put_faults(self, request: Request) -> Reply:
        try:
            return json_reply({"faults": self._region.faults.add(request.json())}, 201)
        except (TypeError, ValueError) as error:
            raise BadRequest(422, str(error)) from None

    def _no_faults(self, request: Request) -> Reply:
        self._region.faults.clear()
        return Reply(204, b"")

    def _put_unit(self, request: Request) -> Reply:
        """`{hsa_id, connected?, name?, services?}`: whether 1177 itself notifies of what is booked there (by
        default it does), and what its catalogue has of the unit."""
        given = request.json()
        if not isinstance(given, dict) or not isinstance(given.get("hsa_id"), str):
            raise BadRequest(422, "hsa_id: text")
        unit = given["hsa_id"].upper()
        try:
            offering = self._region.e1177.catalogue.change_unit(unit, given)
        except WrongService as error:
            raise BadRequest(422, str(error)) from None
        if "connected" in given:
            self._region.e1177.inbox.connect(unit, bool(given["connected"]))
        connected = unit not in self._region.e1177.inbox.unconnected
        services = [service.shown() for service in offering.services]
        shown = {"hsa_id": unit, "connected": connected, "name": offering.name, "services": services}
        return json_reply(shown, 201)

    def _put_timetables(self, request: Request) -> Reply:
        """One or a list: `vas_timetables.TIMETABLE`."""
        made = [self._region.vas.replace_timetable(one) for one in _many(request.json())]
        return json_reply({"timetables": made}, 201)

    def _put_provider(self, request: Request) -> Reply:
        """What kind of identity provider it is from now on (`eid.kind.Kind`): residents', or `/provider/staff_eid`.

        `keys`: the client's, as JWK set. `rotate`: it signs by new keys.
        """
        provider = self._region.staff_eid if request.path == "staff_eid" else self._region.eid
        given = dict(request.json())
        keys, rotate = given.pop("keys", provider.clients.keys), given.pop("rotate", False)
        try:
            provider.kind = provider.kind.changed(given)
        except ValueError as error:
            raise BadRequest(422, str(error)) from None
        provider.clients.keys = keys
        if rotate:
            provider.signer.rotate()
        return json_reply(provider.kind.shown(), 201)
