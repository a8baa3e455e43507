"""What kind of identity provider the sandbox's is. The defaults follow OIDC Sweden 1.0 to the letter."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from sandbox.systems.eid.jose import ALGORITHMS
from sandbox.wire.shown import Shown

METHODS = ("client_secret_basic", "private_key_jwt")


@dataclass(frozen=True, slots=True)
class Kind(Shown):
    """One kind of provider.

    Args:
        algorithm: it signs by.
        client: how a client proves that it is itself: one of the two, or `any` of them.
        takes: the algorithms that it takes a client's statements by.
        claims: it knows the `claims` parameter.
        scope_claims: where it tells what a scope asks for: in the `id_token`, or, like a provider of OpenID Connect
            alone, at the `userinfo` endpoint.
        auth_time: `always` in a token, or only `asked` for.
        unmet: what becomes of a login weaker than what was asked for as essential: it is `told`, or `refused`.
        keeps_session: it answers at once for one who has logged in before, whatever `prompt` and `max_age` say.
        names_itself: its answer has `iss`.
        names_keys: its tokens and keys have a `kid`.
        odd_keys: its keys stand among some that hardly anybody knows.
        clock: seconds that its clock is ahead.
    """

    algorithm: str = "ES256"
    client: str = "any"
    takes: tuple[str, ...] = ("RS256", "ES256")
    claims: bool = True
    scope_claims: str = "id_token"
    auth_time: str = "always"
    unmet: str = "told"
    keeps_session: bool = False
    names_itself: bool = True
    names_keys: bool = True
    odd_keys: bool = False
    clock: int = 0

    @property
    def methods(self) -> tuple[str, ...]:
        """How a client may prove that it is itself."""
        return METHODS if self.client == "any" else (self.client,)

    def changed(self, given: dict[str, Any]) -> Kind:
        """Another kind; ValueError names the field that is wrong."""
        for name, value in given.items():
            if not _fits(name, value):
                raise ValueError(f"{name}: {CHOICES.get(name, 'no such field, or not of its type')}")
        listed = {name: tuple(value) for name, value in given.items() if name == "takes"}
        return replace(self, **given | listed)

    def shown(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


CHOICES: dict[str, tuple[str, ...]] = {
    "algorithm": ALGORITHMS,
    "client": ("any", *METHODS),
    "scope_claims": ("id_token", "userinfo"),
    "auth_time": ("always", "asked"),
    "unmet": ("told", "refused"),
}


def _fits(name: str, value: Any) -> bool:
    if name not in Kind.__dataclass_fields__:
        return False
    if name == "takes":
        return isinstance(value, list | tuple) and set(value) <= set(ALGORITHMS)
    wanted = CHOICES.get(name)
    return value in wanted if wanted else type(value) is type(getattr(Kind(), name))
