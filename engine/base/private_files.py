"""What this installation keeps in files: folders 0700, files 0600, whatever the umask; and the secrets among them."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from stat import S_IMODE
from typing import BinaryIO

from filelock import FileLock

from models.encryption import KEY_BYTES

FOLDER, PASSAGE, FILE = 0o700, 0o711, 0o600


def private_folder(path: Path) -> Path:
    """The folder, made if it is missing; one that was open to others is so no more."""
    return _closed(path, FOLDER)


def home_folder(home: Path) -> Path:
    """The home. Where root runs the embedded PostgreSQL, which has a user of its own, that user may pass through."""
    return _closed(home, PASSAGE if os.geteuid() == 0 and (home / "postgres").exists() else FOLDER)


def _closed(path: Path, mode: int) -> Path:
    path.mkdir(mode=mode, parents=True, exist_ok=True)
    if S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)
    return path


def private_append(path: Path) -> BinaryIO:
    """The file, opened to be written on, and closed to others also where it was there before."""
    file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE), "ab")
    os.fchmod(file.fileno(), FILE)
    return file


def kept_secrets(home: Path) -> dict[str, str]:
    """Those that have been made, by name."""
    path = home / "secrets.json"
    kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    return kept


def kept_secret(home: Path, name: str) -> str:
    """One of them, made if it is missing; one process at a time, so that two never make two."""
    if name in (kept := kept_secrets(home)):
        return kept[name]
    with FileLock(home_folder(home) / "secrets.lock", mode=FILE):
        kept = kept_secrets(home)
        if name not in kept:
            kept[name] = base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()
            _write_secrets(home, kept)
    return kept[name]


def forget_secret(home: Path, name: str) -> bool:
    """Take one of them off, for good; whether it was there."""
    with FileLock(home_folder(home) / "secrets.lock", mode=FILE):
        kept = kept_secrets(home)
        was_there = kept.pop(name, None) is not None
        _write_secrets(home, kept)
    return was_there


def _write_secrets(home: Path, kept: Mapping[str, str]) -> None:
    draft = home / f".secrets.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE), "w") as file:
        json.dump(kept, file, indent=1)
    draft.replace(home / "secrets.json")
