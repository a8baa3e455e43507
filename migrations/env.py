"""Alembic: the tables of `models/`, on the database that the settings name."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

import models.booking_publication
import models.case
import models.channel_switch
import models.consent
import models.inbound_contact
import models.participation
import models.preferences
import models.resident
import models.risk_alert
from models.sealed import Sealed

TABLES = (
    models.booking_publication,
    models.case,
    models.channel_switch,
    models.consent,
    models.inbound_contact,
    models.participation,
    models.preferences,
    models.resident,
    models.risk_alert,
)


def _render(kind: str, item: object, autogen_context: object) -> str | Literal[False]:
    """A sealed column is bytes to the database: migrations need no keys, and outlive our types."""
    return "sa.LargeBinary()" if kind == "type" and isinstance(item, Sealed) else False


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise SystemExit("run migrations with `vaxel migrate`: it knows the database")
    with create_engine(url).connect() as connection:
        context.configure(connection=connection, target_metadata=SQLModel.metadata, render_item=_render)
        with context.begin_transaction():
            context.run_migrations()


run()
