"""What a resident reads on 1177 where what they wrote has no room in a request. Proof-read Swedish; names nobody."""

from __future__ import annotations

from collections.abc import Mapping

TOO_LONG: Mapping[str, str] = {
    "phone": "Telefonnumret är för långt. Det får ha högst 200 tecken.",
    "email": "E-postadressen är för lång. Den får ha högst 200 tecken.",
    "message": "Meddelandet är för långt. Det får ha högst 10 000 tecken.",
}
"""By the field of the request."""
