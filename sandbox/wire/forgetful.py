"""What everything that keeps something has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod


class Forgetful(ABC):
    """Something that keeps what it is given, until it is told to forget it."""

    @abstractmethod
    def clear(self) -> None:
        """It is as if newly started."""
