"""E-mail over SMTP.

Source: RFC 5321 (§4.2.1 reply codes, §6.1 when the responsibility passes), RFC 3834 (Auto-Submitted).

1. Connect: nobody there, or 421, is SystemDown.
2. Sender and recipient: 4xx is NotSent, a refused recipient Refused, a refused sender or login Incident. At
   whatever command it comes, 530 says "STARTTLS first" or "log in first" (RFC 3207 §4, RFC 4954 §6): ours to mend.
3. The text: from its first byte to the server's word on it, a loss is UnknownOutcome, and SMTP has no way to
   ask. After a good word the mail is theirs, whatever becomes of the connection.

A connection is kept for the thread's next mail. One that proves to be closed before the text of that has left has
done nothing, and is replaced, once: where the text begins nothing is ever repeated.
"""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

import idna

from engine.base.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from systems.deadline import Deadline
from systems.http import Tls
from systems.smtp import Session, context

LOGIN_FIRST = (530, 534, 535, 538)
"""Nothing is wrong with the mail: the server wants another login of us, or TLS before it (RFC 4954 §6)."""


class _Thread(threading.local):
    kept: Session | None = None


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
        self._thread = _Thread()

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
        deadline = Deadline(self._deadline)
        session = self._ready(address.addr_spec, deadline)
        with _left_at_an_error(session):
            _deliver(session, message.as_bytes())
        session.keep()
        self._thread.kept = session
        return str(message["Message-ID"])

    def _ready(self, to: str, deadline: Deadline) -> Session:
        """A session that waits for the text: the one that was kept, unless it proves to be over."""
        kept, self._thread.kept = self._thread.kept, None
        if kept and kept.is_open():
            kept.start_mail(deadline)
            try:
                return self._addressed(kept, to)
            except NotSent as error:
                if not _says_over(error):
                    raise
        elif kept:
            kept.leave()
        session = self._connect(deadline)
        with _left_at_an_error(session):
            self._introduce(session)
        return self._addressed(session, to)

    def _addressed(self, session: Session, to: str) -> Session:
        with _left_at_an_error(session):
            self._address_to(session, to)
        return session

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

    def _connect(self, deadline: Deadline) -> Session:
        try:
            wrapped = context(self._tls or Tls()) if self._tls_from_start else None
            return Session(self._host, self._port, self._domain, deadline, wrapped)
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

    def _introduce(self, session: Session) -> None:
        with _before_the_text():
            session.ehlo_or_helo_if_needed()
            if self._tls and not self._tls_from_start:
                session.starttls(context=context(self._tls))
                session.ehlo_or_helo_if_needed()
            if self._login:
                session.login(*self._login)

    def _address_to(self, session: Session, to: str) -> None:
        with _before_the_text():
            code = session.mail(self._address)[0]
            if code >= 500 and code not in LOGIN_FIRST:
                raise Incident("mail_sender_refused", f"smtp_{code}")
            _accept(code, 250)
            _accept(session.rcpt(to)[0], 250, 251)
            _accept(session.docmd("DATA")[0], 354)


@contextmanager
def _left_at_an_error(session: Session) -> Iterator[None]:
    """Whatever has gone wrong, nothing more is said in that session."""
    try:
        yield
    except VaxelError:
        session.leave()
        raise


def _says_over(error: NotSent) -> bool:
    """Whether the session had been closed, by then or before."""
    return error.reason == "connection_lost" or error.detail == "smtp_421"


def _deliver(session: Session, text: bytes) -> None:
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
    except (ValueError, LookupError, AttributeError, HeaderParseError):  # an IDNAError is a ValueError
        raise Refused("mail_refused", "address") from None
