"""The command line `vaxel`: its commands, and what they say of a setting or a database that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import OperationalError, ProgrammingError
from typer.core import TyperGroup

from cli.access import access
from cli.alarms import health
from cli.alive import alive
from cli.cases import case, cases, resolve, retry, settle
from cli.find import find
from cli.follow_up import report
from cli.handed_out import eid_key, secret
from cli.keys import reseal, rotate_key
from cli.poster import poster
from cli.programs import deploy, gateway, migrate, prefect_login, up, worker
from cli.reports import contacts, reminders, shadow
from cli.terminal import fail
from cli.webhooks import held, refused, release
from cli.what_if import what_if
from engine.base.database import POOLER
from engine.base.secret_files import WrongSetting
from engine.base.settings import Settings


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
            fail(
                "The database does not answer, or is not made yet: VAXEL_DATABASE_URL, or the VAXEL_HOME of the"
                " `make run` that is up; `vaxel migrate`."
            )
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
COMMANDS: dict[str, Callable[..., None]] = {
    "up": up,
    "gateway": gateway,
    "worker": worker,
    "deploy": deploy,
    "prefect-login": prefect_login,
    "migrate": migrate,
    "rotate-key": rotate_key,
    "reseal": reseal,
    "cases": cases,
    "case": case,
    "find": find,
    "retry": retry,
    "secret": secret,
    "resolve": resolve,
    "settle": settle,
    "shadow": shadow,
    "eid-key": eid_key,
    "refused": refused,
    "held": held,
    "release": release,
    "health": health,
    "alive": alive,
    "access": access,
    "contacts": contacts,
    "poster": poster,
    "reminders": reminders,
    "what-if": what_if,
    "report": report,
}
"""As `vaxel --help` lists them."""
for name, command in COMMANDS.items():
    app.command(name)(command)
