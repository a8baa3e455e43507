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


def check_system(name: str, setting: str, url: str, *, is_secret: bool) -> None:
    """The address of the system of that name, each by its own protocol."""
    match name:
        case "storage":
            raise ValueError(f"{setting} is no setting: where the files lie is VAXEL_STORAGE__URL")
        case "clamd":
            check_scanner(setting, url)
        case _:
            check_address(setting, url, schemes=MAIL if name == "mail" else WEB, is_secret=is_secret)


def check_scanner(setting: str, url: str) -> None:
    """Where clamd listens. Over TCP it takes files in clear: on another machine that is the region's own net."""
    try:
        parts = urlsplit(url)
        is_tcp = parts.scheme == "tcp" and bool(parts.hostname and parts.port) and "@" not in parts.netloc
        is_socket = parts.scheme == "unix" and not parts.netloc and len(parts.path) > 1
    except ValueError:
        is_tcp = is_socket = False
    if not (is_tcp or is_socket):
        raise ValueError(f"{setting} has to be tcp://host:port or unix:///path")


def check_storage(setting: str, url: str) -> None:
    """Where sealed files lie: in a bucket, or in a folder."""
    try:
        parts = urlsplit(url)
        is_bucket = parts.scheme == "s3" and bool(parts.hostname) and parts.netloc == parts.hostname
        is_folder = parts.scheme == "file" and not parts.netloc and len(parts.path) > 1
    except ValueError:
        is_bucket = is_folder = False
    if not (is_bucket or is_folder) or parts.query or parts.fragment:
        raise ValueError(
            f"{setting} has to be s3://bucket, s3://bucket/prefix or file:///path, and nothing more"
        )


def is_this_machine(host: str) -> bool:
    """Whether the host is loopback, by name or by address."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def check_webhook_secret(setting: str, secrets: str) -> None:
    """The secrets of a source, separated by blanks."""
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
