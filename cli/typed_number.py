"""An identity number that a command needs: typed without being shown, or from standard input.

On a command line it would stand in the shell's history, in the list of processes and in logs.
"""

from __future__ import annotations

import sys

import typer
from pydantic import ValidationError

from cli.terminal import fail
from models.identity import IdentityType, PatientId, kind_of


def typed(asked: str) -> str:
    """Typed without being shown, where somebody sits there; else the first line of standard input."""
    if sys.stdin.isatty():
        number: str = typer.prompt(f"{asked} (not shown)", hide_input=True)
        return number.strip()
    return sys.stdin.readline().strip()


def patient_of(number: str, *, reservnummer: bool) -> PatientId:
    """Whose number it is; blanks and hyphens in it are nothing. Fails with a sentence that does not repeat it."""
    figures = number.replace("-", "").replace(" ", "")
    kind = IdentityType.RESERVNUMMER if reservnummer else kind_of(figures)
    if kind is None:
        fail("That is no personnummer or samordningsnummer of 12 figures.")
    try:
        return PatientId(type=kind, id=figures)
    except ValidationError:
        fail("That is no reservnummer: 10 to 13 letters and figures.")
