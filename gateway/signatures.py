"""Whether a webhook was signed by its source (Standard Webhooks 1.0.0, HMAC-SHA256, five minutes)."""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Mapping
from functools import lru_cache

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

TOLERANCE = 300
"""Seconds that a timestamp may be off: the library's own figure."""


def may_be_signed(headers: Mapping[str, str]) -> bool:
    """Whether the headers alone could be those of a webhook signed now, so that its body is worth reading."""
    timestamp = headers.get("webhook-timestamp", "")
    if not headers.get("webhook-id") or not _well_formed(headers.get("webhook-signature", "")):
        return False
    return (
        timestamp.isascii()
        and timestamp.isdecimal()
        and abs(time.time() - int(timestamp[:20])) <= TOLERANCE + 1
    )


def is_signed(secrets: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the secrets signed this body, at most five minutes ago or ahead; in constant time.

    Args:
        secrets: one or more `whsec_…`, separated by blanks: while a secret rotates, both are good.
        headers: with `webhook-id`, `webhook-timestamp` and `webhook-signature`, names in lower case.
        body: raw.
    """
    if not _is_text(body):
        return may_be_signed(headers) and any(
            _signed_raw(secret, headers, body) for secret in secrets.split()
        )
    signed = dict(headers) | {"webhook-signature": _well_formed(headers.get("webhook-signature", ""))}
    return any(_verifies(webhook, signed, body) for webhook in _webhooks(secrets))


def _is_text(body: bytes) -> bool:
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _signed_raw(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """As the library does, which signs text only: what is no UTF-8 is refused, but as its source's, and searched."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = hmac.digest(base64.b64decode(secret.removeprefix("whsec_")), signed, "sha256")
    given = _well_formed(headers.get("webhook-signature", "")).split()
    return any(
        hmac.compare_digest(base64.b64encode(right), each.removeprefix("v1,").encode()) for each in given
    )


def _verifies(webhook: Webhook, headers: dict[str, str], body: bytes) -> bool:
    try:
        webhook.verify(body, headers, json_parse=False)
    except (WebhookVerificationError, ValueError):  # ValueError: the library's, for what is no base64
        return False
    return True


def _well_formed(signatures: str) -> str:
    """Leaves out what is no `v1,…`: the library trips over it and would miss a good one after it."""
    return " ".join(part for part in signatures.split() if part.startswith("v1,") and part.count(",") == 1)


@lru_cache(maxsize=64)
def _webhooks(secrets: str) -> tuple[Webhook, ...]:
    return tuple(Webhook(secret) for secret in secrets.split())
