"""A session with a mail server: connected, under a deadline for each mail, good for many."""

from __future__ import annotations

import io
import smtplib
import socket
import ssl
import time
from contextlib import suppress

from urllib3.util.wait import wait_for_read

from systems.deadline import Deadline, DeadlineReader
from systems.http import CONNECT_TIMEOUT, Tls

KEPT_SECONDS = 20.0
"""A connection idle for longer is not used again; servers wait for 5 minutes (RFC 5321 §4.5.3.2.7), or less."""
MOST_MAILS = 50
"""In one session; servers have their own ceilings, and what stands behind one address changes."""
FAREWELL_SECONDS = 1.0


def context(tls: Tls) -> ssl.SSLContext:
    """Our certificate and whom we trust, for TLS."""
    made = ssl.create_default_context(cafile=tls.authority)
    if tls.certificate:
        made.load_cert_chain(tls.certificate, tls.key)
    return made


class Session(smtplib.SMTP):
    """A connected session, each mail under one deadline.

    `mails`: how many have been sent in it.
    """

    mails = 0
    _used_at = 0.0

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

    def start_mail(self, deadline: Deadline) -> None:
        """The next mail, under a deadline of its own."""
        self._deadline = deadline
        if self.file is not None:
            self.file.close()
            self.file = None

    def keep(self) -> None:
        """One more has been sent."""
        self.mails += 1
        self._used_at = time.monotonic()

    def is_open(self) -> bool:
        """Whether it can be used for one more: not for too long, and the server has not said or closed anything."""
        young = time.monotonic() - self._used_at < KEPT_SECONDS and self.mails < MOST_MAILS
        return young and self.sock is not None and not wait_for_read(self.sock, timeout=0)

    def leave(self) -> None:
        """Without waiting for the answer to the farewell: it changes nothing."""
        self.start_mail(Deadline(FAREWELL_SECONDS))
        with suppress(OSError):
            self.putcmd("QUIT")
        self.close()

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
