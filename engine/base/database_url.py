"""The database's address as each driver wants it: one URL is given, and libpq and asyncpg read it differently."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

FORM = (
    "has to be postgresql://user:password@host:port/name; in the password whatever is no letter or digit is "
    "written as %XX"
)
BY_ENVIRONMENT = {
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslcrl": "PGSSLCRL",
    "ssl_min_protocol_version": "PGSSLMINPROTOCOLVERSION",
    "ssl_max_protocol_version": "PGSSLMAXPROTOCOLVERSION",
}
"""What asyncpg takes from its environment alone."""
ALIKE = frozenset({"host", "port", "ssl", "target_session_attrs"})
TUNING = {
    "application_name",
    "connect_timeout",
    "fallback_application_name",
    "options",
    "tcp_user_timeout",
} | {f"keepalives{what}" for what in ("", "_count", "_idle", "_interval")}
"""Says how libpq is to behave, and nothing that Prefect would be less safe without."""


class UnknownToAsyncpg(ValueError):
    """The URL has parameters that Prefect's driver does not know, and that are not to be dropped in silence."""


def check_url(given: str) -> None:
    """See that a URL can be read in one way only.

    Raises:
        ValueError: it cannot; says what one looks like, and nothing of what was given.
    """
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise ValueError(FORM) from None
    if url.get_backend_name() not in ("postgresql", "postgres") or "@" in (url.host or ""):
        raise ValueError(FORM)


def spelt(url: URL) -> str:
    """The URL, so that every reader of URLs takes it alike: SQLAlchemy leaves blanks in a password as they are."""
    query = urlencode(
        [(name, each) for name in url.query for each in url.normalized_query[name]], quote_via=quote
    )
    who = ":".join(quote(part, safe="") for part in (url.username, url.password) if part is not None)
    bare = URL.create(url.drivername, host=url.host, port=url.port, database=url.database)
    scheme, rest = bare.render_as_string().split("://", 1)
    return f"{scheme}://{who + '@' if who else ''}{rest}{'?' + query if query else ''}"


def for_asyncpg(given: str) -> tuple[str, Mapping[str, str]]:
    """The URL for SQLAlchemy's asyncpg, and what goes beside it into the environment.

    Raises:
        UnknownToAsyncpg: with the names of what it has no word for.
    """
    url = make_url(given)
    query = {name: value for name, value in url.query.items() if name not in TUNING}
    beside = {BY_ENVIRONMENT[name]: str(query.pop(name)) for name in list(query) if name in BY_ENVIRONMENT}
    kept = {name: query.pop(name) for name in list(query) if name in ALIKE}
    if "sslmode" in query:
        kept["ssl"] = query.pop("sslmode")
    if query:
        raise UnknownToAsyncpg(", ".join(sorted(query)))
    return spelt(url.set(drivername="postgresql+asyncpg", query=kept)), beside
