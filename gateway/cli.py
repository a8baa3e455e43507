"""The command line: run Växel, and see and settle its cases."""

from __future__ import annotations

import json
import signal
import sys
import uuid
from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, NoReturn

import psycopg
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.exc import OperationalError, ProgrammingError
from typer.core import TyperGroup

from engine import ops
from engine.settings import Settings, settings
from gateway.alarms import health


class Commands(TyperGroup):
    """Says in a sentence what whoever runs a command can put right: a setting, the database."""

    def invoke(self, ctx: Any) -> Any:
        """Carry out the command."""
        try:
            return super().invoke(ctx)
        except ValidationError as error:
            if error.title != Settings.__name__:
                raise
            _fail("\n".join(f"{_variable(each['loc'])}: {each['msg']}" for each in error.errors()))
        except SettingsError as error:
            _fail(f"{error}: lists and tables are JSON.")
        except (OperationalError, psycopg.OperationalError):
            _fail("The database does not answer, or is not made yet: VAXEL_DATABASE_URL, `vaxel migrate`.")
        except ProgrammingError as error:
            if not isinstance(error.orig, psycopg.errors.UndefinedTable):
                raise
            _fail("The database lacks tables: `vaxel migrate` makes them.")


def _variable(place: tuple[int | str, ...]) -> str:
    return f"VAXEL_{'__'.join(str(part) for part in place)}".upper()


app = typer.Typer(
    cls=Commands,
    help="Växel carries out a health region's routine for digital communication with patients.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
out = Console(width=None if sys.stdout.isatty() else 220)
err = Console(stderr=True)
PROXY = "proxy"
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]


@app.command()
def up(
    once: Annotated[
        bool, typer.Option(help="Exit after the sample day: 0 only if it ended as it should.")
    ] = False,
    sample: Annotated[bool, typer.Option(help="Play the sandbox's sample day.")] = True,
) -> None:
    """Start everything on this machine, play the sample day, tell what became of it, and stay up."""
    from gateway.children import NotUp
    from gateway.sample import play_sample_day
    from gateway.up import everything, uses_sandbox, wait_for_ctrl_c

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    _in_order(keys=False)
    try:
        with everything(lambda what: out.print(f"  starting {what} …")) as children:
            well = play_sample_day(out) if sample and uses_sandbox() else True
            _tell_where()
            if not once:
                out.print("Up. Ctrl-C stops everything.")
                wait_for_ctrl_c()
            del children
    except NotUp as error:
        _fail(str(error))
    raise typer.Exit(0 if well else 1)


def _tell_where() -> None:
    at = settings()
    out.print(
        f"Prefect UI  http://127.0.0.1:{at.prefect.port}/dashboard (`vaxel prefect-login` prints its login)"
    )
    out.print(f"Gateway     {at.gateway_url}/docs")
    out.print(f"Sandbox     http://127.0.0.1:{at.sandbox.port}/inspect/e1177")


@app.command()
def gateway() -> None:
    """Run the gateway: webhooks, receipts, 1177's calls."""
    from gateway.serve import serve

    _in_order()
    serve()


@app.command()
def worker(
    pool: str = "vaxel",
    queue: Annotated[str, typer.Option(help="Its work queue: risk for the alerts alone.")] = "default",
) -> None:
    """Run the worker that carries out Prefect's runs in this process; SIGTERM drains it."""
    from engine.worker import ALONE, run

    if queue in ALONE:
        settings().hurry()
    _in_order()
    run(pool, queue=queue)


def _in_order(*, keys: bool = True) -> None:
    """See that the region's figures, and the keys, fit before anything starts."""
    from engine.database import WrongKeys, check_keys
    from gateway.children import NotUp
    from gateway.up import uses_sandbox
    from routine.region_file import RegionError
    from tasks import clients

    try:
        uses_sandbox()
        clients.region()
        if keys:
            check_keys()
    except RegionError as error:
        _fail(f"The region file is wrong: {error}")
    except (WrongKeys, NotUp) as error:
        _fail(str(error))


@app.command("deploy")
def deploy_all() -> None:
    """Make pool, deployments and automations at the Prefect that PREFECT_API_URL names; harmless to repeat."""
    from gateway.children import NotUp
    from gateway.prefect_setup import deploy
    from gateway.up import environment

    try:
        deploy(environment())
    except NotUp as error:
        _fail(str(error))
    out.print("Prefect has the pool, the deployments and the automation.")


@app.command("prefect-login")
def prefect_login() -> None:
    """Print what the UI of the Prefect that `vaxel up` runs asks for: the whole line is the password."""
    from gateway.up import has_own_prefect
    from gateway.up import prefect_login as login

    if not has_own_prefect():
        _fail("PREFECT_API_URL names a Prefect of yours: its login is yours too.")
    out.print(login(), highlight=False, markup=False)


@app.command()
def migrate() -> None:
    """Bring the database's schema to the newest version, making the databases where they are missing."""
    from engine import database

    database.create_databases()
    database.migrate()
    database.check_keys()


@app.command("rotate-key")
def rotate_key() -> None:
    """Make one more key for the personal columns; it seals from the next start on, the older ones still open."""
    if settings().column_keys:
        _fail("The keys are given by VAXEL_COLUMN_KEYS: add one there, with the next number.")
    number = settings().add_column_key()
    out.print(f"column_key_{number} is made. Restart the gateway and the workers.")


@app.command()
def cases(
    state: Annotated[str | None, typer.Option(help="Only cases that stand there.")] = None,
    parked: Annotated[bool, typer.Option("--parked", help="Only cases that wait for a human.")] = False,
    most: Annotated[int, typer.Option(help="At most so many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List cases, the newest changes first."""
    from flows.registry import PROCESSES

    states = {str(each) for model in PROCESSES.values() for each in model.TRANSITIONS}
    if state is not None and state not in states:
        _fail(f"No case can stand there. One of: {', '.join(sorted(states))}.")
    found = [asdict(line) for line in ops.cases(PROCESSES, state=state, parked=parked, most=most)]
    _show(found, ["id", "process", "state", "parked", "unknown", "due_at", "updated_at"], as_json)


@app.command()
def case(id: uuid.UUID, as_json: AsJson = False) -> None:
    """Tell a case's story: its timeline with the clauses, and its effects."""
    from flows.registry import PROCESSES

    story = _found(lambda: ops.story(PROCESSES, id))
    if as_json:
        _print_json(asdict(story))
        return
    line = story.case
    out.print(
        f"[bold]{line.id}[/]  {line.process}  {line.state}"
        + (f"  parked: {line.parked}" if line.parked else "")
    )
    _show(
        [entry | {"detail": _flat(entry["detail"])} for entry in story.timeline],
        ["at", "what", "reason", "clause", "detail"],
    )
    if not story.timeline_whole:
        err.print("The timeline has been changed since it was written: its hashes do not fit.", style="red")
    if story.effects:
        _show(story.effects, ["id", "step", "system", "state", "receipt", "tries", "at"])


@app.command()
def retry(
    id: Annotated[uuid.UUID | None, typer.Argument(help="The case.")] = None,
    reason: Annotated[str | None, typer.Option(help="Instead: all that are parked for this reason.")] = None,
) -> None:
    """Take a parked or waiting case up again, or all that are parked for one reason."""
    from flows.registry import PROCESSES

    if (id is None) == (reason is None):
        _fail("Name a case, or a reason with --reason.")
    if id is not None:
        _found(lambda: ops.retry(PROCESSES, id))
        out.print("It is due now.")
    else:
        count = ops.retry_parked(PROCESSES, str(reason))
        out.print(f"{count} {'case is' if count == 1 else 'cases are'} due now.")


@app.command()
def secret(source: str) -> None:
    """Show the secret that a source signs its webhooks with, to hand to its people; or `proxy`: our own proxy's."""
    from gateway.serve import secret_of

    found = settings().proxy_secret() if source == PROXY else secret_of(source)
    if found is None:
        _fail("No such source. See docs/webhooks.md; a unit's own solution stands in the region file.")
    sys.stdout.write(found + "\n")


@app.command()
def resolve(
    effect: uuid.UUID,
    arrived: Annotated[bool, typer.Option("--arrived/--not-arrived", help="What you have found out.")],
) -> None:
    """Settle an unknown effect: it arrived and is done, or did not and is sent again."""
    from flows.registry import PROCESSES

    id = _found(lambda: ops.resolve(PROCESSES, effect, arrived=arrived))
    out.print(f"Settled. Its case: {id}")


@app.command()
def shadow(as_json: AsJson = False) -> None:
    """Report the units in shadow: how the index compares, and what would have been done."""
    from flows.shadow import report

    _show(report(), ["unit", "what", "answer", "because", "cases"], as_json)


@app.command()
def refused(most: int = 100, as_json: AsJson = False) -> None:
    """List webhooks that were refused though their signature was right, so that no patient disappears."""
    rows = [
        {
            "source": r.source,
            "webhook_id": r.webhook_id,
            "type": r.type,
            "paths": r.paths.replace("\n", ", "),
            "at": r.refused_at,
        }
        for r in ops.refused(most)
    ]
    _show(rows, ["at", "source", "webhook_id", "type", "paths"], as_json)


@app.command()
def held(most: int = 100, as_json: AsJson = False) -> None:
    """List webhooks of what their source may not tell by the region's file: kept, and not acted on."""
    from engine.held import listed

    rows = [
        {"at": r.received_at, "id": r.id, "source": r.source, "type": r.type, "reason": r.reason}
        for r in listed(most)
    ]
    _show(rows, ["at", "id", "source", "type", "reason"], as_json)


@app.command()
def release(
    id: Annotated[uuid.UUID | None, typer.Argument(help="The webhook, as `vaxel held` names it.")] = None,
    source: Annotated[str | None, typer.Option(help="Instead: all that are held of this source.")] = None,
) -> None:
    """Let held webhooks go their way, once you know that they are right."""
    from engine.held import release as release_held

    if (id is None) == (source is None):
        _fail("Name a webhook, or a source with --source. `vaxel held` lists them.")
    count = release_held(id=id, source=source)
    if not count:
        _fail("Nothing of that is held. `vaxel held` lists what is.")
    out.print(f"{count} {'webhook goes' if count == 1 else 'webhooks go'} on within a minute.")


app.command()(health)


@app.command()
def contacts(as_json: AsJson = False) -> None:
    """Report how contacts are dealt with: who waits too long, how answers depart from the routine. Counts only."""
    from flows.contacts_report import report

    _show(report(), ["unit", "what", "clause", "contacts"], as_json)


def _found(get: Callable[[], Any]) -> Any:
    try:
        return get()
    except ops.NotFound:
        _fail("Nothing here has that id, or it waits for nobody. `vaxel cases --parked` lists what waits.")
    except ops.Busy:
        _fail("A run holds the case just now. Try again in a moment.")


def _fail(why: str) -> NoReturn:
    err.print(why, style="red", highlight=False)
    raise typer.Exit(1)


def _flat(detail: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in detail.items())


def _show(rows: list[dict[str, Any]], names: list[str], as_json: bool = False) -> None:
    if as_json:
        _print_json(rows)
        return
    table = Table(*(Column(name, no_wrap=name == "id") for name in names), box=None)
    for row in rows:
        table.add_row(*("" if row[name] is None else str(row[name]) for name in names))
    out.print(table if rows else "Nothing.")


def _print_json(what: Any) -> None:
    sys.stdout.write(json.dumps(what, default=str, ensure_ascii=False, indent=2) + "\n")


if __name__ == "__main__":
    app()
