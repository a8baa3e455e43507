"""A platform that patients write in: Platform24, HOPE, LifeCare, 1177 Stöd och behandling.

Source: our own neutral channel contract, contract.md, since none of them has a public API. A lost answer is
NotSent, always (`systems.keyed`). A 404 or 409 that is about the conversation says so with the problem's
`code`: `conversation_unknown` or `conversation_closed`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.base.errors import Incident, Refused, VaxelError
from systems import http
from systems.keyed import Json, Keyed, code_of, segment
from systems.storage.source import AttachmentSource


@dataclass(frozen=True)
class Link:
    """A link in a message; `repr` leaves the address out, since it may let someone in."""

    text: str
    url: str = field(repr=False)


class Channel:
    """Client of the channel contract, one for each platform.

    Args:
        token: sent as a bearer token, if there is one.
        deadline: seconds for a whole call.

    Every call gives the id over there of what was made. `key` names the occasion, the same for every try;
    `contact` is the platform's id of the conversation; a text has at most 10 000 characters.

    Raises:
        Refused: 'conversation_unknown', 'conversation_closed', 'channel_refused', 'not_in_an_address'.
        NotSent: 'technical_error', and for every loss.
        Incident: 'idempotency_conflict' (the key was used for something else), 'not_authorised',
            'protocol_refused'.
    """

    def __init__(
        self, url: str, token: str | None = None, deadline: float = 20.0, tls: http.Tls | None = None
    ) -> None:
        self._platform = Keyed(url, token, deadline, tls, _platform_refusal)

    def open_conversation(
        self,
        key: str,
        *,
        patient: Json,
        unit: Json,
        text: str,
        after: Json | None = None,
        links: Sequence[Link] = (),
    ) -> str:
        """Begin a conversation with a patient, and give its id.

        Args:
            patient, unit: as in contract.md.
            text: its first message.
            after: `{channel, contact}`, where the patient wrote before.
        """
        said = {"text": text, "after": after, "links": _links_told(links)}
        return self._platform.post("/conversations", key, {"patient": patient, "unit": unit, **said})

    def send_message(self, key: str, contact: str, *, text: str, links: Sequence[Link] = ()) -> str:
        """Write to the patient in the conversation."""
        return self._platform.post(
            _conversation_path(contact, "messages"), key, {"text": text, "links": _links_told(links)}
        )

    def raise_alert(self, key: str, contact: str, *, reason: str, text: str, level: int = 0) -> str:
        """Alert the staff who have the conversation, or tell them something; the patient does not see it.

        Args:
            reason: a code, such as 'suicide_risk' or 'image_ready'.
            level: how far it has escalated, 0 first; what is only told stays there.
        """
        return self._platform.post(
            _conversation_path(contact, "alerts"), key, {"reason": reason, "text": text, "level": level}
        )


def attachment(url: str, ref: str, token: str | None = None, tls: http.Tls | None = None) -> AttachmentSource:
    """Where a platform, or 1177, gives out what a patient has attached: `GET /attachments/{ref}`.

    Raises:
        Refused: 'not_in_an_address'.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return AttachmentSource(f"{url.rstrip('/')}/attachments/{segment(ref)}", headers, tls or http.Tls())


def _conversation_path(contact: str, what: str) -> str:
    return f"/conversations/{segment(contact)}/{what}"


def _links_told(links: Sequence[Link]) -> list[Json]:
    return [{"text": link.text, "url": link.url} for link in links]


def _platform_refusal(answer: http.Answer) -> VaxelError:
    status = f"http_{answer.status}"
    match answer.status, code_of(answer):
        case 404, "conversation_unknown":
            return Refused("conversation_unknown", status)
        case 409, "conversation_closed":
            return Refused("conversation_closed", status)
        case 409, _:
            return Incident("idempotency_conflict", status)
    return Refused("channel_refused", status)
