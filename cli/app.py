"""The command line: run Växel, and see and settle its cases."""

from __future__ import annotations

import signal
import sys
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from typing import Annotated, Any

import psycopg
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import OperationalError, ProgrammingError
from typer.core import TyperGroup

from cli.access import access
from cli.alarms import health
from cli.alive import alive
from cli.keys import reseal, rotate_key
from cli.terminal import fail, say, show, show_json, warn
from engine import ops
from engine.database import POOLER
from engine.secret_files import WrongSetting
from engine.settings import Settings, settings


class Commands(TyperGroup):
    """Says in a sentence what whoever runs a command can put right: a setting, the database."""

    def invoke(self, ctx: Any) -> Any:
        """Carry out the command."""
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            if error.title != Settings.__name__:
                raise
            fail(*(f"{_variable(each['loc'])}: {each['msg']}" for each in error.errors()))
        except WrongSetting as error:
            fail(str(error))
        except SettingsError as error:
            fail(f"{error}: lists and tables are JSON.")
        except (OperationalError, psycopg.OperationalError) as error:
            if POOLER in str(error):
                fail(
                    "A pooler stands before the database, and refuses us: see docs/operations.md#postgresql."
                )
            fail("The database does not answer, or is not made yet: VAXEL_DATABASE_URL, `vaxel migrate`.")
        except ProgrammingError as error:
            if error.orig is not None and not getattr(error.orig, "sqlstate", None):
                fail("VAXEL_DATABASE_URL has something in it that the driver does not know.")
            if not isinstance(error.orig, psycopg.errors.UndefinedTable):
                raise
            fail("The database lacks tables: `vaxel migrate` makes them.")


def _variable(place: tuple[int | str, ...]) -> str:
    return f"VAXEL_{'__'.join(str(part) for part in place)}".upper()


app = typer.Typer(
    cls=Commands,
    help="Växel carries out a health region's routine for digital communication with patients.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
PROXY = "proxy"
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]
Most = Annotated[int, typer.Option(help="At most so many.", min=1, max=10_000)]


@app.command()
def up(
    once: Annotated[
        bool, typer.Option(help="Exit after the sample day: 0 only if it ended as it should.")
    ] = False,
    sample: Annotated[bool, typer.Option(help="Play the sandbox's sample day.")] = True,
) -> None:
    """Start everything on this machine, play the sample day, tell what became of it, and stay up."""
    from cli.sample_day.play import play_sample_day
    from cli.up.children import NotUp
    from cli.up.everything import everything, uses_sandbox, wait_for_ctrl_c
    from engine.databases import NoDatabase

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _in_order(keys=False)
    try:
        with everything(lambda what: say(f"  starting {what} …")) as children:
            well = play_sample_day() if sample and uses_sandbox() else True
            _tell_where(is_sandbox=uses_sandbox())
            if not once:
                say("Up. Ctrl-C stops everything.")
                wait_for_ctrl_c()
            del children
    except (NotUp, NoDatabase) as error:
        fail(*str(error).splitlines())
    raise typer.Exit(0 if well else 1)


def _tell_where(*, is_sandbox: bool) -> None:
    at = settings()
    say(f"Prefect UI  http://127.0.0.1:{at.prefect.port}/dashboard (`vaxel prefect-login` prints its login)")
    say(f"Gateway     {at.gateway_url}/docs")
    say(f"Sandbox     http://127.0.0.1:{at.sandbox.port}/inspect/e1177")
    whom = " (log in as Anna Test)" if is_sandbox else ""
    say(f"Staff       {at.gateway_url}/staff/storage{whom}")


@app.command()
def gateway() -> None:
    """Run the gateway: webhooks, receipts, 1177's calls, logins, staff's pages."""
    from gateway.listen import CannotListen
    from gateway.serve import serve

    _in_order()
    try:
        serve()
    except CannotListen as error:
        fail(f"The gateway cannot listen there. {error}.")


@app.command()
def worker(
    pool: str = "vaxel",
    queue: Annotated[str, typer.Option(help="Its work queue: risk for the alerts alone.")] = "default",
) -> None:
    """Run the worker that carries out Prefect's runs in this process; SIGTERM drains it."""
    from engine.worker import ALONE, run

    alone = ALONE.get(queue)
    _says_which_prefect(is_needed=not alone)
    if alone:
        settings().hurry()
    _in_order()
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
    from cli.up.everything import uses_sandbox
    from engine.sealing import WrongKeys, check_keys
    from routine.region_file import RegionError
    from tasks import clients

    try:
        uses_sandbox()
        clients.region()
        if keys:
            check_keys()
    except RegionError as error:
        fail(f"The region file is wrong: {error}")
    except (WrongKeys, NotUp) as error:
        fail(str(error))


@app.command("deploy")
def deploy_all() -> None:
    """Make pool, deployments and automations at the Prefect that PREFECT_API_URL names; harmless to repeat."""
    from cli.up.children import NotUp
    from cli.up.everything import environment
    from cli.up.prefect_setup import deploy

    try:
        deploy(environment())
    except NotUp as error:
        fail(str(error))
    say("Prefect has the pool, the deployments and the automation.")


@app.command("prefect-login")
def prefect_login() -> None:
    """Print what the UI of the Prefect that `vaxel up` runs asks for: the whole line is the password."""
    from cli.up.everything import has_own_prefect
    from cli.up.everything import prefect_login as login

    if not has_own_prefect():
        fail("PREFECT_API_URL names a Prefect of yours: its login is yours too.")
    say(login())


@app.command()
def migrate() -> None:
    """Bring the database's schema to the newest version, making the databases where they are missing."""
    from engine import database, sealing
    from engine.databases import NoDatabase, create_databases

    try:
        create_databases()
    except NoDatabase as missing:
        fail(missing)
    database.migrate()
    sealing.check_keys()


app.command("rotate-key")(rotate_key)
app.command("reseal")(reseal)


@app.command()
def cases(
    state: Annotated[str | None, typer.Option(help="Only cases that stand there.")] = None,
    parked: Annotated[bool, typer.Option("--parked", help="Only cases that wait for a human.")] = False,
    most: Most = 100,
    as_json: AsJson = False,
) -> None:
    """List cases, the newest changes first."""
    from flows.registry import PROCESSES

    states = {str(each) for model in PROCESSES.values() for each in model.TRANSITIONS}
    if state is not None and state not in states:
        fail(f"No case can stand there. One of: {', '.join(sorted(states))}.")
    found = [asdict(line) for line in ops.cases(PROCESSES, state=state, parked=parked, most=most)]
    show(found, ["id", "process", "state", "parked", "unknown", "due_at", "updated_at"], as_json)


@app.command()
def case(id: uuid.UUID, as_json: AsJson = False) -> None:
    """Tell a case's story: its timeline with the clauses, and its effects."""
    from flows.registry import PROCESSES

    story = _found(lambda: ops.story(PROCESSES, id))
    if as_json:
        show_json(asdict(story))
        return
    line = story.case
    parked = f"  parked: {line.parked}" if line.parked else ""
    say(f"{line.id}  {line.process}  {line.state}{parked}", style="bold")
    show(
        [entry | {"detail": _flat(entry["detail"])} for entry in story.timeline],
        ["at", "what", "reason", "clause", "detail"],
    )
    if not story.timeline_whole:
        warn("The timeline has been changed since it was written: its hashes do not fit.")
    if story.effects:
        show(story.effects, ["id", "step", "system", "state", "receipt", "tries", "at"])


@app.command()
def retry(
    id: Annotated[uuid.UUID | None, typer.Argument(help="The case.")] = None,
    reason: Annotated[str | None, typer.Option(help="Instead: all that are parked for this reason.")] = None,
) -> None:
    """Take a parked or waiting case up again, or all that are parked for one reason."""
    from flows.registry import PROCESSES

    if (id is None) == (reason is None):
        fail("Name a case, or a reason with --reason.")
    if id is not None:
        _found(lambda: ops.retry(PROCESSES, id))
        say("It is due now.")
    else:
        count = ops.retry_parked(PROCESSES, str(reason))
        say(f"{count} {'case is' if count == 1 else 'cases are'} due now.")


@app.command()
def secret(source: str) -> None:
    """Show the secret that a source signs its webhooks with, to hand to its people; or `proxy`: our own proxy's."""
    from gateway.serve import secret_of

    found = settings().proxy_secret() if source == PROXY else secret_of(source)
    if found is None:
        fail("No such source. See docs/webhooks.md; a unit's own solution stands in the region file.")
    say(found)


@app.command()
def resolve(
    effect: uuid.UUID,
    arrived: Annotated[bool, typer.Option("--arrived/--not-arrived", help="What you have found out.")],
) -> None:
    """Settle an unknown effect: it arrived and is done, or did not and is sent again."""
    from flows.registry import PROCESSES

    id = _found(lambda: ops.resolve(PROCESSES, effect, arrived=arrived))
    say(f"Settled. Its case: {id}")


@app.command()
def shadow(as_json: AsJson = False) -> None:
    """Report the units in shadow: how the index compares, and what would have been done."""
    from flows.shadow import report

    show(report(), ["unit", "what", "answer", "because", "cases"], as_json)


@app.command("eid-key")
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


@app.command()
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
        left = _found(lambda: ops.see(seen))
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
        for r in ops.refused(most)
    ]
    show(
        rows, ["number", "at", "source", "webhook_id", "type", "outcome", "risk", "seen_at", "paths"], as_json
    )


@app.command()
def held(most: Most = 100, as_json: AsJson = False) -> None:
    """List webhooks of what their source may not tell by the region's file: kept, and not acted on."""
    from engine.held import listed

    rows = [
        {"at": r.received_at, "id": r.id, "source": r.source, "type": r.type, "reason": r.reason}
        for r in listed(most)
    ]
    show(rows, ["at", "id", "source", "type", "reason"], as_json)


@app.command()
def release(
    id: Annotated[uuid.UUID | None, typer.Argument(help="The webhook, as `vaxel held` names it.")] = None,
    source: Annotated[str | None, typer.Option(help="Instead: all that are held of this source.")] = None,
) -> None:
    """Let held webhooks go their way, once you know that they are right."""
    from engine.held import release as release_held

    if (id is None) == (source is None):
        fail("Name a webhook, or a source with --source. `vaxel held` lists them.")
    count = release_held(id=id, source=source)
    if not count:
        fail("Nothing of that is held. `vaxel held` lists what is.")
    say(f"{count} {'webhook goes' if count == 1 else 'webhooks go'} on within a minute.")


app.command()(health)
app.command()(alive)
app.command()(access)


@app.command()
def contacts(as_json: AsJson = False) -> None:
    """Report how contacts are dealt with: who waits too long, how answers depart from the routine. Counts only."""
    from flows.contacts_report import report

    show(report(), ["unit", "what", "clause", "contacts"], as_json)


def _found(get: Callable[[], Any]) -> Any:
    try:
        return get()
    except ops.NotFound:
        fail("Nothing here has that id, or it waits for nobody. `vaxel cases --parked` lists what waits.")
    except ops.Busy:
        fail("A run holds the case just now. Try again in a moment.")


def _flat(detail: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in detail.items())
