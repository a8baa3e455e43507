"""The commands that print what others are given: a source's secret, the public half of our login's key."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.terminal import fail, say, show_json
from engine.base.settings import settings

PROXY = "proxy"


def secret(source: str) -> None:
    """Show the secret that a source signs its webhooks with, to hand to its people; or `proxy`: our own proxy's."""
    from gateway.serve import secret_of

    found = settings().proxy_secret() if source == PROXY else secret_of(source)
    if found is None:
        fail("No such source. See docs/webhooks.md; a unit's own solution stands in the region file.")
    say(found)


def eid_key(
    staff: Annotated[bool, typer.Option("--staff", help="Of the provider of staff.")] = False,
) -> None:
    """Print the public half of the key that we log in at the identity provider with, for it to register."""
    from systems.oidc_client import KeyClient
    from tasks import clients

    client = clients.client_of("staff_eid" if staff else "eid")
    if not isinstance(client, KeyClient):
        fail(f"VAXEL_SYSTEMS__{'STAFF_EID' if staff else 'EID'}__KEY is not set: we log in by a secret.")
    show_json(client.public())
