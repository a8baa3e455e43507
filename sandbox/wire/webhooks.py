"""Webhooks from the sandbox's systems to the gateway, signed as Standard Webhooks."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests
from standardwebhooks import Webhook

BATCH = 1000
PAUSES = (0.05, 0.2, 0.5)
"""Seconds before the second try and those after it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One webhook. The same id again is the same event."""

    type: str
    data: dict[str, Any]
    source: str = "vas"
    id: str = field(default_factory=lambda: f"msg_{uuid.uuid4().hex}")
    timestamp: str = field(default_factory=lambda: datetime.now(UTC).isoformat())

    def body(self) -> dict[str, Any]:
        """As it is sent alone."""
        return {"type": self.type, "timestamp": self.timestamp, "data": self.data}


class NoSecret(ValueError):
    """No signing secret is known for the source."""


class Webhooks:
    """Sends to one gateway."""

    def __init__(self, gateway: str, secrets: dict[str, str]) -> None:
        self.gateway = gateway.rstrip("/")
        self.secrets = secrets
        self._local = threading.local()

    def send_event(self, event: Event) -> dict[str, Any]:
        """Sends one event; gives back what was answered, with status 0 where nobody answered."""
        answer = self._post(event.source, "", event.id, event.body())
        return {"webhook_id": event.id, "source": event.source, "type": event.type} | answer

    def send_batch(self, source: str, events: Iterable[Event]) -> list[dict[str, Any]]:
        """Sends events of one source, at most 1000 in a call; one answer for each call."""
        events = list(events)
        answers = []
        for first in range(0, len(events), BATCH):
            chunk = events[first : first + BATCH]
            body = {"events": [{"id": event.id} | event.body() for event in chunk]}
            answer = self._post(source, "/batch", f"batch_{uuid.uuid4().hex}", body)
            answers.append({"source": source, "events": len(chunk)} | answer)
        return answers

    def secret(self, source: str) -> str:
        """What the source signs with.

        Raises:
            NoSecret: it has none.
        """
        if source not in self.secrets:
            raise NoSecret(f"no secret for the source {source} (VAXEL_WEBHOOK_SECRETS)")
        return self.secrets[source].split()[0]

    def _post(self, source: str, tail: str, identity: str, body: dict[str, Any]) -> dict[str, Any]:
        """Tries again where nobody answered, or with 5xx; the id stays, so nothing is done twice."""
        content = json.dumps(body, ensure_ascii=False)
        url = f"{self.gateway}/webhooks/{source}{tail}"
        answer = self._try(url, content, self._headers(source, identity, content))
        for pause in PAUSES:
            if 0 < answer["status"] < 500:
                break
            time.sleep(pause)
            answer = self._try(url, content, self._headers(source, identity, content))
        return answer

    def _try(self, url: str, content: str, headers: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self._session().post(url, data=content.encode(), headers=headers, timeout=30)
        except requests.RequestException as error:
            return {"status": 0, "answer": type(error).__name__}
        try:
            return {"status": answer.status_code, "answer": answer.json()}
        except ValueError:
            return {"status": answer.status_code, "answer": None}

    def _headers(self, source: str, identity: str, content: str) -> dict[str, str]:
        now = datetime.now(UTC)
        signer = Webhook(self.secret(source))
        return {
            "content-type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": signer.sign(identity, now, content),
        }

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session
