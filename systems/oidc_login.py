"""A login at a provider of identities: the same for residents and for staff, but for what is asked for and told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from systems.oidc import Provider, Wanted
from systems.oidc_keys import Json
from systems.oidc_token import Begun

Who = TypeVar("Who")


class Logins(Generic[Who]):
    """Client of a provider.

    Args:
        provider: where and as whom.
        wanted: what is asked for.
        read: who has logged in, by claims that have been verified; raises Refused('login_not_verified') where they
            do not say.
    """

    def __init__(self, provider: Provider, wanted: Wanted, read: Callable[[Json], Who]) -> None:
        self._provider, self._wanted, self._read = provider, wanted, read

    @property
    def redirect_uri(self) -> str:
        """Where the person comes back to."""
        return self._provider.redirect_uri

    def ask_anew(self) -> None:
        """As `Provider.ask_anew`."""
        self._provider.ask_anew()

    def way_in(self, begun: Begun, language: str) -> str:
        """As `Provider.way_in`. May block."""
        return self._provider.way_in(self._wanted, begun, language)

    def answers_as(self, issuer: str | None) -> bool:
        """As `Provider.answers_as`. May block."""
        return self._provider.answers_as(issuer)

    def who(self, code: str, begun: Begun) -> Who:
        """Who logged in, for the code that they came back with. May block.

        Raises:
            Refused, NotSent, Incident: as `Provider.logged_in`, and as `read`.
        """
        return self._read(self._provider.logged_in(code, begun))
