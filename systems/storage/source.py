"""Where an attachment is read from, and how: as a stream, within limits of time, speed and size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from systems.http import Tls


@dataclass(frozen=True)
class AttachmentSource:
    """An attachment in its platform. It can be pickled; `repr` shows no header, for there is a token in them."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    tls: Tls = field(default_factory=Tls, repr=False)
