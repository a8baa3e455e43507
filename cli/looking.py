"""Who looks at a patient's data by a command, and why: both stand in the access log before anything is shown."""

from __future__ import annotations

import os
import pwd
import sys

import typer

from cli.terminal import fail
from engine.ops.access_log import VAXEL

MOST_REASON = 1000


def user() -> str:
    """Who runs this, as the machine knows them: who has logged in, also where they have become another since."""
    try:
        return os.getlogin()
    except OSError:  # no terminal: a service, a container
        pass
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid-{os.getuid()}"


def looker() -> str:
    """Who runs this, as the access log names them: `vaxel:<user>`."""
    return f"{VAXEL}:{user()}"


def reason_given(given: str | None, what: str = "look") -> str:
    """Why they look, or do `what`, as given or typed; fails with a sentence where there is none, or no line."""
    if given is None and not sys.stdin.isatty():
        fail(f"Say why you {what}: --reason. It stands in the log.")
    why = (typer.prompt(f"Why do you {what}? It stands in the log") if given is None else given).strip()
    if not why or len(why) > MOST_REASON or not why.isprintable():
        fail(f"A reason is a line of 1 to {MOST_REASON} characters.")
    return str(why)
