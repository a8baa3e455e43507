"""The command for a unit's poster: its code leads to checking in by mobile."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.terminal import fail, say


def poster(
    unit: Annotated[str, typer.Argument(help="HSA-id of a unit of the region file.")],
    to: Annotated[Path, typer.Option(help="The folder that it is put into.")] = Path(),
) -> None:
    """Make the poster that patients check in by, as PDF (A4, to print) and as SVG."""
    from cli.posters import Poster, pdf, svg
    from engine.base.settings import settings
    from tasks import clients

    region = clients.region()
    policy = region.unit(unit)
    if policy is None:
        fail(f"The region file lists no unit {unit}.")
    if not to.is_dir():
        fail(f"There is no folder {to}.")
    made = Poster(policy.name, f"{settings().gateway_url}/c/{unit.upper()}", region.ages.own_login)
    for kind, draw in (("pdf", pdf), ("svg", svg)):
        path = to / f"check-in-{unit.upper()}.{kind}"
        path.write_bytes(draw(made))
        say(str(path))
    if policy.in_shadow:
        say("The unit is in shadow: until it is switched on, whoever scans the code is sent to the desk.")
