"""What is held against the settings at the start, so that nothing is found out at the first webhook or call.

Each raises a ValueError that names the setting and what it has to be, and never says what it was.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

WEB, MAIL = ("http", "https"), ("smtp", "smtps")
SECRET_BYTES = 16
"""A shorter secret can be guessed from a few webhooks."""


def check_address(setting: str, url: str, *, schemes: Iterable[str], is_secret: bool) -> None:
    """An address of an outer system, or of ours.

    Args:
        is_secret: a password or a certificate goes there, so not over `http://` but to this machine.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme not in schemes:
        raise ValueError(f"{setting} has to be {' or '.join(f'{each}://host' for each in schemes)}")
    if "@" in parts.netloc:
        raise ValueError(f"{setting} must have no user and password in it: those are settings of their own")
    if is_secret and parts.scheme == "http" and not is_this_machine(host):
        raise ValueError(f"{setting} has to be https://, or what is secret goes there in clear")


def is_this_machine(host: str) -> bool:
    """Whether the host is loopback, by name or by address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_webhook_secret(setting: str, secrets: str) -> None:
    """The secrets of a source, parted by blanks."""
    each = [secret.removeprefix("whsec_") for secret in secrets.split()]
    if not each or any(len(_decoded(secret)) < SECRET_BYTES for secret in each):
        raise ValueError(f"{setting} has to be whsec_ and base64 of at least {SECRET_BYTES} bytes")


def check_key(setting: str, key: str, length: int) -> None:
    """A key, in base64."""
    if len(_decoded(key)) != length:
        raise ValueError(f"{setting} has to be base64 of {length} bytes")


def _decoded(text: str) -> bytes:
    """What base64 says, without a guess; nothing where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
