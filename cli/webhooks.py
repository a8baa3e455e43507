"""The commands for webhooks that went no further: refused, and held."""

from __future__ import annotations

import uuid
from typing import Annotated

import typer

from cli.options import AsJson, Most, found, webhook_id
from cli.terminal import fail, say, show
from engine.ops import by_hand

NO_RISK = (
    "No webhook of that number held a risk that nobody was alerted of. `vaxel refused` lists those that did: their "
    "risk is unheard."
)


def refused(
    most: Most = 100,
    seen: Annotated[
        int | None, typer.Option(help="Its number: somebody has seen to the risk that it held.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List webhooks that were refused though their signature was right, so that no patient disappears.

    Those that were taken in without their wrong parts are there too. `risk`: it named a risk of suicide, and staff
    were alerted, or nobody was (`unheard`): that alarms until --seen.
    """
    if seen is not None:
        left = found(lambda: by_hand.see(seen), NO_RISK)
        if not as_json:
            say(
                f"The risk in {seen} has been seen to. {left or 'No'} more {'alarm' if left > 1 else 'alarms'}."
            )
    rows = [
        {
            "number": r.id,
            "source": r.source,
            "webhook_id": r.webhook_id,
            "type": r.type,
            "paths": r.paths.replace("\n", ", "),
            "outcome": "taken_in" if r.taken_in else "refused",
            "risk": r.risk,
            "seen_at": r.seen_at,
            "at": r.refused_at,
        }
        for r in by_hand.refused(most)
    ]
    show(
        rows, ["number", "at", "source", "webhook_id", "type", "outcome", "risk", "seen_at", "paths"], as_json
    )


def held(most: Most = 100, as_json: AsJson = False) -> None:
    """List webhooks of what their source may not tell by the region's file: kept, and not acted on."""
    from engine.tables.held import listed

    rows = [
        {"at": r.received_at, "id": r.id, "source": r.source, "type": r.type, "reason": r.reason}
        for r in listed(most)
    ]
    show(rows, ["at", "id", "source", "type", "reason"], as_json)


def release(
    id: Annotated[
        uuid.UUID | None, typer.Argument(parser=webhook_id, help="The webhook, as `vaxel held` names it.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Instead: all that are held of this source.")] = None,
) -> None:
    """Let held webhooks go their way, once you know that they are right."""
    from engine.tables.held import release as release_held

    if (id is None) == (source is None):
        fail("Name a webhook, or a source with --source. `vaxel held` lists them.")
    count = release_held(id=id, source=source)
    if not count:
        fail("Nothing of that is held. `vaxel held` lists what is.")
    say(f"{count} {'webhook goes' if count == 1 else 'webhooks go'} on within a minute.")
