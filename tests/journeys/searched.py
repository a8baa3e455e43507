"""Searching for what must not be there: identity numbers, addresses, names, texts and secrets, however written."""

from __future__ import annotations

import base64
import binascii
import html
import os
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import psycopg

from engine.base import database

LEAST_DIGITS = 9
LEAST_LETTERS = 6
"""A word that is shorter than this may stand anywhere by chance, and is not searched for."""
BETWEEN_DIGITS = re.compile(r"(?<=\d)[ \-+().\u00a0\u2011]{1,2}(?=\d)")
DIGITS = re.compile(rf"\d{{{LEAST_DIGITS},}}")
TOKEN = re.compile(r"[A-Za-z0-9+/_-]{12,}={0,2}")
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
HEX = re.compile(r"[0-9a-fA-F]{16,}")
ESCAPED = re.compile(r"\\+u([0-9a-fA-F]{4})")


class Hunt:
    """What is searched for: identity numbers, phone numbers, and any words.

    Args:
        identities: 12 digits, or a reservnummer; found with and without century, dash or plus.
        phones: E.164 of Sweden; found in every national and international way of writing.
        words: e-mail addresses, names, texts, secrets; found in any case.
    """

    def __init__(self, identities: Iterable[str], phones: Iterable[str], words: Iterable[str]) -> None:
        self.words: dict[str, dict[str, str]] = {}
        """By how they begin: most texts have none of the beginnings, and few words have one of their own."""
        self.numbers: dict[str, str] = {}
        self.anywhere: dict[str, str] = {}
        for identity in identities:
            if identity.isdigit():
                self.anywhere[identity] = identity
                self.numbers[identity[2:]] = identity
            else:
                words = [*words, identity]
        for phone in phones:
            national = phone.removeprefix("+46")
            self.anywhere |= dict.fromkeys(("46" + national, "460" + national), phone)
            self.numbers |= dict.fromkeys((national, "0" + national), phone)
        for word in words:
            if len(word) >= LEAST_LETTERS:
                self.words.setdefault(word.lower()[:LEAST_LETTERS], {})[word.lower()] = word

    def searched(self, text: str) -> set[str]:
        """Which of the values stand in a text: as they are, or escaped, or encoded, or packed."""
        return {hit for view in _views(text) for hit in self._in(view)}

    def _in(self, text: str) -> Iterator[str]:
        low = text.lower()
        for words in (words for begin, words in self.words.items() if begin in low):
            yield from (word for needle, word in words.items() if needle in low)
        for digits in set(DIGITS.findall(text)) | set(DIGITS.findall(BETWEEN_DIGITS.sub("", text))):
            if found := self.numbers.get(digits):
                yield found
            for size in {len(number) for number in self.anywhere}:
                for start in range(len(digits) - size + 1):
                    if found := self.anywhere.get(digits[start : start + size]):
                        yield found


def _views(text: str) -> Iterator[str]:
    yield from _unescaped(text)
    yield from _unescaped(_unpacked(text))


def _unescaped(text: str) -> Iterator[str]:
    yield text
    plain = ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    plain = html.unescape(unquote_plus(plain) if "%" in plain else plain)
    if plain != text:
        yield plain


def _unpacked(text: str) -> str:
    """What lies in the text as base64 (at any offset) or hex, and what of that is packed."""
    found: list[bytes] = [bytes.fromhex(run[: len(run) // 2 * 2]) for run in set(HEX.findall(text))]
    for token in {token for token in TOKEN.findall(text) if not UUID.fullmatch(token)}:
        plain = token.rstrip("=").replace("-", "+").replace("_", "/")
        found += [decoded for offset in range(4) if (decoded := _decoded(plain[offset:]))]
    found += [unpacked for each in found if (unpacked := _inflated(each))]
    return "\n".join(each.decode("utf-8", "ignore") for each in found)


def _decoded(token: str) -> bytes:
    try:
        return base64.b64decode(token[: len(token) // 4 * 4] + _padded(token[len(token) // 4 * 4 :]))
    except binascii.Error:
        return b""


def _padded(rest: str) -> str:
    return rest + "=" * (4 - len(rest)) if len(rest) > 1 else ""


def _inflated(data: bytes) -> bytes:
    """As zlib or gzip, if it is that."""
    if data[:1] != b"\x78" and data[:2] != b"\x1f\x8b":
        return b""
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(data)
    except zlib.error:
        return b""


# --- places


def tables(name: str) -> str:
    """Every row of every table of a database, as text; bytes as hex."""
    with psycopg.connect(database.url_of(name)) as connection:
        found = connection.execute(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        rows = (
            row[0]
            for (table,) in found
            for row in connection.execute(f"SELECT DISTINCT t::text FROM {table} AS t")  # type: ignore[arg-type]
        )
        return "\n".join(rows)


def files(folder: Path) -> str:
    """Every file under a folder, as text."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in paths)


def prefect() -> Mapping[str, str]:
    """All that Prefect keeps: its database with logs, events and artifacts; its files; what its server said."""
    home = Path(os.environ["PREFECT_HOME"])
    said = (home.parent / "prefect.log").read_text("utf-8", "replace")
    return {"Prefect's tables": tables(database.PREFECT), "Prefect's files": files(home), "its server": said}


def leaves(value: Any) -> Iterator[str]:
    """Every string in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from leaves(each)
