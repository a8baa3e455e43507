"""What a resident says beside what they ask for: how they are reached, and a message. It is no request of its own.

The journal system takes it with the request, once. A repeat that says something else hears that it is not kept.
"""

from __future__ import annotations

from collections.abc import Mapping

from models.encryption import Use, ring
from models.self_service import ServiceRequest


def hashes_of(request: ServiceRequest) -> str:
    """What is kept of it: `name:hash` of each that is said, with commas."""
    return ",".join(f"{name}:{_hash(name, said)}" for name, said in _words_of(request).items())


def new_in(request: ServiceRequest, kept: str | None) -> tuple[str, ...]:
    """What a repeat says (`phone`, `email`, `message`) that the first did not.

    Args:
        kept: of the first, as of `hashes_of`; None: it has not been read yet.
    """
    if kept is None:
        return ()
    first = kept.split(",")
    return tuple(
        name for name, said in _words_of(request).items() if f"{name}:{_hash(name, said)}" not in first
    )


def _words_of(request: ServiceRequest) -> Mapping[str, str]:
    said = {"phone": request.phone, "email": request.email, "message": request.message}
    return {name: value.strip() for name, value in said.items() if value and value.strip()}


def _hash(name: str, said: str) -> str:
    return ring().keyed(Use.SELF_SERVICE, f"{name}\n{said}").hex()
