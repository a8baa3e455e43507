"""A mail server (SMTP) that keeps what it gets, and whose faults are SMTP's: 421, 451, a lost answer."""

from __future__ import annotations

import asyncio
import email.policy
import logging
import re
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from email.parser import BytesParser
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from sandbox.systems.system import StandIn
from sandbox.wire.calls import Call, Calls
from sandbox.wire.faults import WELL, Faults, Played
from sandbox.wire.shown import Shown

ADDRESS = re.compile(r"[^@\s<>]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
AT_A_MESSAGE = ("error_500", "timeout_before", "timeout_after", "slow", "malformed")
REQUIRED = ("From", "To", "Date", "Subject", "Message-ID")
logging.getLogger("mail.log").setLevel(logging.WARNING)


class Mail(StandIn):
    """The messages, and the handler that aiosmtpd calls."""

    def __init__(self, faults: Faults, calls: Calls) -> None:
        self.lock = threading.Lock()
        self._faults, self._calls = faults, calls
        self._messages: list[_Kept] = []

    def inspect(self, query: dict[str, str]) -> dict[str, Any]:
        """Every message; `to` chooses."""
        with self.lock:
            messages = list(self._messages)
        return {"messages": [one.shown() for one in messages if query.get("to", one.to) == one.to]}

    def mail_count(self) -> int:
        """How many messages there are."""
        return len(self._messages)

    def clear(self) -> None:
        """Forgets all messages."""
        with self.lock:
            self._messages.clear()

    def is_down(self) -> bool:
        """Rolled at each connection, and at each mail after the first in one."""
        played = self._faults.roll("mail", "connect", ("down",))
        if played.kind:
            self._calls.keep_call(Call("mail", "connect", "SMTP"), 421, "down")
        return played.kind is not None

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """A server that goes down says so to those who are connected, too (RFC 5321 §3.8)."""
        if session.__dict__.setdefault("mails", 0) and self.is_down():
            return "421 Service not available, closing transmission channel"
        session.__dict__["mails"] += 1
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """One recipient to a message; rolls the message's fault."""
        played = self._faults.roll("mail", "send", AT_A_MESSAGE)
        session.__dict__["played"] = played
        if played.kind == "error_500":
            self._calls.keep_call(Call("mail", "RCPT", "SMTP"), 451, "error_500")
            return "451 Requested action aborted: local error in processing"
        if envelope.rcpt_tos:
            return "452 one recipient to a message here"
        if not ADDRESS.fullmatch(address):
            return "553 mailbox name not allowed"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keeps the message, unless it lacks a header that RFC 5322 or good manners ask for."""
        played = cast(Played, session.__dict__.get("played", WELL))
        content = envelope.original_content or b""
        refusal = None if played.kind == "timeout_before" else self._keep_mail(envelope, content)
        status = None if played.loses_answer else 554 if refusal else 250
        self._calls.keep_call(Call("mail", "DATA", "SMTP", body=content), status, played.kind)
        await asyncio.sleep(played.seconds if played.loses_answer else played.slow)
        if played.loses_answer and server.transport is not None:
            cast(asyncio.Transport, server.transport).abort()
        if played.kind == "malformed":
            return "banana"
        return refusal or "250 OK: queued"

    def _keep_mail(self, envelope: Envelope, content: bytes) -> str | None:
        parsed = BytesParser(policy=email.policy.compat32).parsebytes(content)
        missing = [name for name in REQUIRED if not parsed[name]]
        if missing:
            return f"554 header missing: {', '.join(missing)}"
        if all(part.get_content_type() != "text/plain" for part in parsed.walk()):
            return "554 no text/plain in the message"
        kept = _Kept(datetime.now(UTC).isoformat(), envelope.mail_from, envelope.rcpt_tos[0], content)
        with self.lock:
            self._messages.append(kept)
        return None


@dataclass(frozen=True, slots=True)
class _Kept(Shown):
    """A message as it came; it is taken apart only for those who look at it, since that costs more than all else."""

    at: str
    sender: str | None
    to: str
    content: bytes

    def shown(self) -> dict[str, Any]:
        parsed = BytesParser(policy=email.policy.default).parsebytes(self.content)
        body = parsed.get_body(("plain",))
        return {
            "at": self.at,
            "envelope_from": self.sender,
            "to": self.to,
            "from": str(parsed["From"]),
            "subject": str(parsed["Subject"]),
            "message_id": str(parsed["Message-ID"]),
            "text": body.get_content() if body else None,
            "headers": {name: str(value) for name, value in parsed.items()},
        }


class _Server(SMTP):
    """aiosmtpd's, which can also be down: 421 instead of a greeting."""

    async def _handle_client(self) -> None:
        if self.event_handler.is_down():
            await self.push("421 Service not available, closing transmission channel")
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


def controller(mail: Mail, host: str, port: int) -> Controller:
    """A server in a thread of its own, not started yet."""
    return _Controller(mail, hostname=host, port=port, enable_SMTPUTF8=True)
