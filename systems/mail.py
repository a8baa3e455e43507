"""E-mail over SMTP.

Source: RFC 5321 (§4.2.1 reply codes, §6.1 when the responsibility passes), RFC 3834 (Auto-Submitted).

1. Connect: nobody there, or 421, is SystemDown.
2. Sender and recipient: 4xx is NotSent, a refused recipient Refused, a refused sender or login Incident. At
   whatever command it comes, 530 says "STARTTLS first" or "log in first" (RFC 3207 §4, RFC 4954 §6): ours to mend.
3. The text: from its first byte to the server's word on it, a loss is UnknownOutcome, and SMTP has no way to
   ask. After a good word the mail is theirs, whatever becomes of the QUIT.
"""

from __future__ import annotations

import io
import re
import smtplib
import socket
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import idna

from engine.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome
from systems.deadline import Deadline, DeadlineReader
from systems.http import CONNECT_TIMEOUT, Tls

LOGIN_FIRST = (530, 534, 535, 538)
"""Nothing is wrong with the mail: the server wants another login of us, or TLS before it (RFC 4954 §6)."""


class Mail:
    """Client of a mail server.

    Args:
        sender: as it stands in From, with or without a name before it.
        login: user and password, if the server wants them.
        tls: STARTTLS is demanded, on these terms; None sends in clear, as to a server on the same machine.
        tls_from_start: TLS from the first byte instead (port 465, RFC 8314 §3.3).
        deadline: seconds for all of it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        sender: str,
        *,
        login: tuple[str, str] | None = None,
        tls: Tls | None = None,
        tls_from_start: bool = False,
        deadline: float = 20.0,
    ) -> None:
        self._host = host
        self._port = port
        self._sender = sender
        self._address = parseaddr(sender)[1]
        self._domain = self._address.rpartition("@")[2]
        self._login = login
        self._tls = tls
        self._tls_from_start = tls_from_start
        self._deadline = deadline

    def send(self, to: str, subject: str, text: str, token: str | None = None) -> str:
        """Send one plain text.

        Args:
            to: one address; its domain may be an internationalised one.
            subject: neutral: it is shown on locked screens.
            token: opaque; with the same one a repeat has the same Message-ID.

        Returns:
            the Message-ID.

        Raises:
            Refused: 'mail_refused', by the server or because `to` is no address.
            NotSent: 'mail_deferred', 'connect_timeout', 'connection_lost', 'deadline'.
            SystemDown: 'unreachable', 'overloaded'.
            UnknownOutcome: 'answer_lost', 'malformed_answer'.
            Incident: 'mail_sender_refused', 'not_authorised', 'protocol_refused', 'tls_failed'.
        """
        address = _address(to)
        message = self._message(address, subject, text, token or uuid.uuid4().hex)
        session = self._connect(Deadline(self._deadline))
        try:
            self._introduce(session)
            self._address_to(session, address.addr_spec)
            _deliver(session, message.as_bytes())
        finally:
            with suppress(OSError):
                session.putcmd("QUIT")  # whose answer changes nothing, and is not waited for
            session.close()
        return str(message["Message-ID"])

    def _message(self, to: Address, subject: str, text: str, token: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self._sender
        message["To"] = to
        message["Subject"] = subject
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{token}@{self._domain}>"
        message["Auto-Submitted"] = "auto-generated"
        # Seven bits, since not every server on the way takes eight.
        message.set_content(text, cte="quoted-printable")
        return message

    def _connect(self, deadline: Deadline) -> _Session:
        try:
            wrapped = _context(self._tls or Tls()) if self._tls_from_start else None
            return _Session(self._host, self._port, self._domain, deadline, wrapped)
        except smtplib.SMTPConnectError as error:
            if error.smtp_code >= 500:
                raise Incident("protocol_refused", f"smtp_{error.smtp_code}") from None
            raise SystemDown("overloaded", f"smtp_{error.smtp_code}") from None
        except smtplib.SMTPException:
            raise NotSent("connection_lost") from None
        except TimeoutError:
            raise NotSent("connect_timeout") from None
        except ssl.SSLError:
            raise Incident("tls_failed") from None
        except OSError:
            raise SystemDown("unreachable") from None

    def _introduce(self, session: _Session) -> None:
        with _before_the_text():
            session.ehlo_or_helo_if_needed()
            if self._tls and not self._tls_from_start:
                session.starttls(context=_context(self._tls))
                session.ehlo_or_helo_if_needed()
            if self._login:
                session.login(*self._login)

    def _address_to(self, session: _Session, to: str) -> None:
        with _before_the_text():
            code = session.mail(self._address)[0]
            if code >= 500 and code not in LOGIN_FIRST:
                raise Incident("mail_sender_refused", f"smtp_{code}")
            _accept(code, 250)
            _accept(session.rcpt(to)[0], 250, 251)
            _accept(session.docmd("DATA")[0], 354)


def _deliver(session: _Session, text: bytes) -> None:
    """Hand over the text, a dot that begins a line doubled (RFC 5321 §4.5.2), and wait for the word."""
    try:
        session.send(re.sub(rb"(?m)^\.", b"..", text) + b".\r\n")
        code = session.getreply()[0]
    except OSError:
        raise UnknownOutcome("answer_lost") from None
    if not 200 <= code < 600:
        raise UnknownOutcome("malformed_answer")
    _accept(code, 250)


def _accept(code: int, *good: int) -> None:
    if code in good:
        return
    if code in LOGIN_FIRST:
        raise Incident("not_authorised", f"smtp_{code}")
    if code >= 500:
        raise Refused("mail_refused", f"smtp_{code}")
    raise NotSent("mail_deferred", f"smtp_{code}")


@contextmanager
def _before_the_text() -> Iterator[None]:
    """Nothing of the text has left, so whatever goes wrong is surely without effect."""
    try:
        yield
    except ssl.SSLError:
        raise Incident("tls_failed") from None
    except smtplib.SMTPResponseException as error:
        code = f"smtp_{error.smtp_code}"
        if error.smtp_code < 500:
            raise NotSent("mail_deferred", code) from None
        refused_login = isinstance(error, smtplib.SMTPAuthenticationError) or error.smtp_code in LOGIN_FIRST
        raise Incident("not_authorised" if refused_login else "protocol_refused", code) from None
    except smtplib.SMTPServerDisconnected:
        raise NotSent("connection_lost") from None
    except smtplib.SMTPException:
        raise Incident("protocol_refused") from None
    except OSError:
        raise NotSent("connection_lost") from None


def _address(to: str) -> Address:
    """The address with its domain as an A-label (RFC 5891): that needs nothing of the servers on the way.

    A mailbox beyond ASCII would need SMTPUTF8 of all of them (RFC 6531), and is refused.
    """
    mailbox, _, domain = to.rpartition("@")
    try:
        mailbox.encode("ascii")
        return Address(addr_spec=f"{mailbox}@{idna.encode(domain, uts46=True).decode()}")
    except (ValueError, IndexError, HeaderParseError):  # an IDNAError is a ValueError
        raise Refused("mail_refused", "address") from None


def _context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=tls.authority)
    if tls.certificate:
        context.load_cert_chain(tls.certificate, tls.key)
    return context


class _Session(smtplib.SMTP):
    """A connected session, all of it under one deadline."""

    def __init__(
        self, host: str, port: int, domain: str, deadline: Deadline, wrapped: ssl.SSLContext | None
    ) -> None:
        self._deadline = deadline
        self._wrapped = wrapped
        timeout = min(CONNECT_TIMEOUT, deadline.left())
        super().__init__(host, port, local_hostname=domain, timeout=timeout)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """As the library has it for SMTP_SSL, where TLS comes first."""
        plain: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]
        return self._wrapped.wrap_socket(plain, server_hostname=host) if self._wrapped else plain

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        """As the library has it, within what is left."""
        if self.sock is not None:
            self.sock.settimeout(self._deadline.left())
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """As the library has it, within what is left."""
        if self.file is None and self.sock is not None:
            self.file = io.BufferedReader(DeadlineReader(self.sock, self._deadline))
        return super().getreply()
