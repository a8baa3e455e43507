"""Messages of infrastructure:eservicesupply:patientportal 1.0: IsActiveUser and the inbox."""

from __future__ import annotations

from typing import Literal

from pydantic_xml import BaseXmlModel, element

CORE = "urn:riv:infrastructure:eservicesupply:patientportal:1"
ACTIVE = "urn:riv:infrastructure:eservicesupply:patientportal:IsActiveUserResponder:1"
ADD = "urn:riv:infrastructure:eservicesupply:patientportal:AddMessageToPatientPortalInboxResponder:1"

NotificationMethod = Literal["SMS", "Email", "Other"]


class IsActiveUser(BaseXmlModel, tag="IsActiveUser", ns="a", nsmap={"a": ACTIVE}):
    """Does this resident use the inbox?"""

    resident: str = element(tag="subjectOfCareId", ns="a")


class IsActiveUserResponse(
    BaseXmlModel, tag="IsActiveUserResponse", ns="a", nsmap={"a": ACTIVE}, search_mode="ordered"
):
    """Whether, and by what means 1177 tells the resident of a new message."""

    status: bool = element(ns="a")
    methods: list[NotificationMethod] = element(tag="activeNotificationMethods", ns="a", default=[])


class OrganisationUnit(BaseXmlModel, tag="organisationUnit", ns="c", nsmap={"c": CORE}):
    """The sender as the resident sees it."""

    unit_id: str = element(tag="unitId", ns="c")
    name: str = element(tag="unitName", ns="c")
    address: str | None = element(tag="unitAddress", ns="c", default=None)
    postal_code: str | None = element(tag="unitPostalCode", ns="c", default=None)
    postal_city: str | None = element(tag="unitPostalCity", ns="c", default=None)
    telephone: str | None = element(tag="unitTelephone", ns="c", default=None)


class SsoLink(BaseXmlModel, tag="ssoLink", ns="c", nsmap={"c": CORE}):
    """A link that logs the resident in over there: to the address that 1177 has for `system_id`."""

    system_id: str = element(tag="systemId", ns="c")
    text: str = element(ns="c")
    query: str | None = element(tag="queryString", ns="c", default=None, repr=False)
    type: Literal["CurrentTarget", "Embedded", "Widget", "NewTarget"] = element(ns="c")


class Message(BaseXmlModel, tag="message", ns="m", nsmap={"m": ADD, "c": CORE}):
    """MessageType."""

    unit: OrganisationUnit = element(tag="organisationUnit", ns="c")
    thread_id: str | None = element(tag="messageThreadId", ns="c", default=None)
    description: str | None = element(tag="messageDescription", ns="c", default=None)
    text: str = element(tag="messageText", ns="c")
    link: SsoLink | None = element(tag="ssoLink", ns="c", default=None)


class AddMessage(BaseXmlModel, tag="AddMessageToPatientPortalInbox", ns="m", nsmap={"m": ADD, "c": CORE}):
    """A message to one resident. The contract wants `source_system` wherever `notify` is set."""

    resident: str = element(tag="subjectOfCareId", ns="m")
    message: Message = element(tag="message", ns="m")
    notify: bool | None = element(ns="m", default=None)
    source_system: str | None = element(tag="sourceSystem", ns="m", default=None)


class AddMessageResponse(
    BaseXmlModel,
    tag="AddMessageToPatientPortalInboxResponse",
    ns="m",
    nsmap={"m": ADD},
    search_mode="ordered",
):
    """What became of the message."""

    thread_id: str | None = element(tag="messageThreadId", ns="m", default=None)
    notified: list[NotificationMethod] = element(tag="notificationSent", ns="m", default=[])
    result_code: Literal["OK", "INFO", "ERROR"] = element(tag="resultCode", ns="m")
    result_text: str | None = element(tag="resultText", ns="m", default=None)
