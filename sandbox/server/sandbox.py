"""Starts and stops the sandbox, in a thread of the same process or (`python -m sandbox`) as a program."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Mapping

from sandbox.acts.townspeople import Townspeople
from sandbox.region import Region
from sandbox.sample_day.stages import SampleDay
from sandbox.server.control import Control
from sandbox.server.http import Connection, Site
from sandbox.systems.elks.receipts import LADDER
from sandbox.systems.mail import controller

HOST = "127.0.0.1"


class Sandbox:
    """One sandbox on real sockets: HTTP on `port`, SMTP on `port + 1`. Port 0 takes two free ones.

    Args:
        gateway_url: where webhooks go and where 1177 finds our producer.
        secrets: webhook source to `whsec_…`.
        sms_account: API user and password that the provider of SMS and calls wants; None: any.
        eid_account, staff_eid_account: client id and secret that the identity provider has given out; None: any.
        hook: user and password that the provider of calls asks the gateway with.
        proxy_secret: what the proxy in front of the gateway shows itself by; None: 1177 calls as a stranger.
        receipt_ladder: seconds between the tries of a delivery receipt.
    """

    def __init__(
        self,
        port: int = 8090,
        gateway_url: str = "http://127.0.0.1:8080",
        secrets: Mapping[str, str] | None = None,
        sms_account: tuple[str, str] | None = None,
        receipt_ladder: tuple[float, ...] = LADDER,
        eid_account: tuple[str, str] | None = None,
        hook: tuple[str, str] = ("vaxel", ""),
        proxy_secret: str | None = None,
        staff_eid_account: tuple[str, str] | None = None,
    ) -> None:
        self.port = port or _free_pair()
        self.region = Region(gateway_url, dict(secrets or {}), receipt_ladder, hook, proxy_secret)
        people = Townspeople(self.region)
        self.sample_day = SampleDay(self.region, people)
        self._control = Control(self.region, people, self.sample_day)
        self.region.sms.account = self.region.voice.account = sms_account
        self.region.eid.clients.account = eid_account
        self.region.staff_eid.clients.account = staff_eid_account
        for provider in (self.region.eid, self.region.staff_eid):
            provider.issuer = f"{self.url}/{provider.realm.name}"
        self._smtp = controller(self.region.mail, HOST, self.smtp_port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.port}"

    @property
    def smtp_port(self) -> int:
        """Where its mail server answers."""
        return self.port + 1

    def listen(self) -> Sandbox:
        """Returns when both ports answer.

        Raises:
            OSError: a port is taken.
        """
        systems = {name: system.respond for name, system in self.region.systems.items()}
        site = Site(systems, self._control.respond, self.region.faults, self.region.calls)
        listening = self._loop.create_server(lambda: Connection(site, self._loop), HOST, self.port)
        self._server = self._loop.run_until_complete(listening)
        try:
            self._smtp.start()
        except OSError:
            self._server.close()
            raise
        self.region.receipts.start_posting()
        self.region.outbox.start_sending()
        self._thread.start()
        return self

    def shut_down(self) -> None:
        """Closes both ports; open connections are cut."""
        self._smtp.stop()
        self.region.receipts.stop_posting()
        self.region.outbox.stop_sending()
        self._loop.call_soon_threadsafe(self._close)
        self._thread.join(5)

    def _close(self) -> None:
        self._server.close()
        self._loop.stop()

    def __enter__(self) -> Sandbox:
        return self.listen()

    def __exit__(self, *_: object) -> None:
        self.shut_down()


def _free_pair() -> int:
    """A port that is free together with the next one."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind((HOST, 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError, OverflowError):
                second.bind((HOST, port + 1))
                return port
