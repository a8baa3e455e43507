"""The commands that start something: `vaxel up`, the gateway, a worker; and those that make ready for it."""

from __future__ import annotations

import signal
import sys
import threading
from importlib import import_module
from typing import Annotated

import typer

from cli.terminal import fail, say, warn
from engine.base.settings import settings


def up(
    once: Annotated[
        bool, typer.Option(help="Exit after the sample day: 0 only if it ended as it should.")
    ] = False,
    sample: Annotated[bool, typer.Option(help="Play the sandbox's sample day.")] = True,
) -> None:
    """Start everything on this machine, play the sample day, tell what became of it, and stay up."""
    from cli.sample_day.play import play_sample_day
    from cli.up.children import NotUp
    from cli.up.environment import uses_sandbox
    from cli.up.everything import everything, wait_for_ctrl_c
    from engine.base.databases import NoDatabase

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _in_order(keys=False)
    try:
        with everything(lambda what: say(f"  starting {what} …"), settings().workers) as children:
            well = play_sample_day() if sample and uses_sandbox() else True
            _tell_where(is_sandbox=uses_sandbox(), stays=not once)
            if not once:
                wait_for_ctrl_c()
            del children
    except (NotUp, NoDatabase) as error:
        fail(*str(error).splitlines())
    raise typer.Exit(0 if well else 1)


def _tell_where(*, is_sandbox: bool, stays: bool) -> None:
    """Where to look: at no address that is gone in a second."""
    if not stays:
        say(
            "Everything stops now, and no link leads anywhere; `vaxel case ID` tells a case's story all the same."
        )
        return
    at = settings()
    say("A case's link, or `vaxel case ID`, tells its story.")
    say(f"Prefect UI  http://127.0.0.1:{at.prefect.port}/dashboard (`vaxel prefect-login` prints its login)")
    say(f"Gateway     {at.gateway_url}/docs")
    if is_sandbox:
        say(f"Sandbox     http://127.0.0.1:{at.sandbox.port}/inspect/e1177")
    whom = " (log in as Anna Test)" if is_sandbox else ""
    say(f"Staff       {at.gateway_url}/staff{whom}")
    say("Up. Ctrl-C stops everything.")


def gateway() -> None:
    """Run the gateway: webhooks, receipts, 1177's calls, logins, staff's pages."""
    from gateway.listen import CannotListen
    from gateway.serve import serve

    _in_order()
    try:
        serve()
    except CannotListen as error:
        fail(f"The gateway cannot listen there. {error}.")


def worker(
    pool: str = "vaxel",
    queue: Annotated[str, typer.Option(help="Its work queue: risk for the alerts alone.")] = "default",
    processes: Annotated[
        int, typer.Option(help="So many, each a process of its own: one for each core.", min=1, max=64)
    ] = 1,
    parent: Annotated[int | None, typer.Option(hidden=True, help="Ends when this process does.")] = None,
) -> None:
    """Run the worker that carries out Prefect's runs in this process; SIGTERM drains it."""
    from cli import worker_processes
    from engine.prefect.worker import ALONE, run

    alone = ALONE.get(queue)
    _says_which_prefect(is_needed=not alone)
    if alone:
        settings().hurry()
    _in_order()
    if processes > 1:
        raise typer.Exit(worker_processes.run(processes, "--pool", pool, "--queue", queue))
    if parent:
        worker_processes.end_with(parent)
    if not alone:
        _be_ready_for_files()
    flow = getattr(import_module(f"flows.{alone}"), alone) if alone else None
    run(pool, queue=queue, alone=flow.process if flow else None)


def _be_ready_for_files() -> None:
    """Where the storage is appointed, the program that children are forked from is there before the first file is."""
    from systems.storage import files
    from tasks import clients

    if clients.region().storage.appointed:
        threading.Thread(target=files.warm, name="warm", daemon=True).start()


def _says_which_prefect(*, is_needed: bool) -> None:
    """The alerts' worker acts from the tables whatever Prefect does: it goes on, and says what it lacks."""
    from prefect.settings import get_current_settings

    if get_current_settings().api.url is None:
        missing = "PREFECT_API_URL is not set: it names the Prefect whose runs the worker carries out."
        fail(missing) if is_needed else warn(f"{missing} Alerts go all the same.")


def _in_order(*, keys: bool = True) -> None:
    """See that the region's figures, and the keys, fit before anything starts."""
    from cli.up.children import NotUp
    from cli.up.environment import unlisted_solutions, uses_sandbox
    from engine.base.sealing import WrongKeys, check_keys
    from routine.region_file import RegionError
    from tasks import clients

    try:
        uses_sandbox()
        if unlisted := unlisted_solutions():
            fail(
                f"The settings have an address of {', '.join(unlisted)}, and no region file lists such a system."
            )
        clients.region()
        if keys:
            check_keys()
    except RegionError as error:
        fail(f"The region file is wrong: {error}")
    except (WrongKeys, NotUp) as error:
        fail(str(error))


def deploy() -> None:
    """Make pool, deployments and automations at the Prefect that PREFECT_API_URL names; harmless to repeat."""
    from cli.up import prefect_setup
    from cli.up.children import NotUp
    from cli.up.environment import environment

    try:
        prefect_setup.deploy(environment())
    except NotUp as error:
        fail(str(error))
    say("Prefect has the pool, the deployments and the automations.")


def prefect_login() -> None:
    """Print what the UI of the Prefect that `vaxel up` runs asks for: the whole line is the password."""
    from cli.up.environment import has_own_prefect
    from cli.up.environment import prefect_login as login

    if not has_own_prefect():
        fail("PREFECT_API_URL names a Prefect of yours: its login is yours too.")
    say(login())


def migrate() -> None:
    """Bring the database's schema to the newest version, making the databases where they are missing."""
    from engine.base import database, sealing
    from engine.base.databases import NoDatabase, create_databases

    try:
        create_databases()
    except NoDatabase as missing:
        fail(missing)
    database.migrate()
    sealing.check_keys()
