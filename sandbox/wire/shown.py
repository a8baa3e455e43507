"""What everything has in common that the sandbox's own paths show."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any


class Shown(ABC):
    """Something that can be looked at over HTTP."""

    __slots__ = ()

    @abstractmethod
    def shown(self) -> dict[str, Any]:
        """As JSON."""
