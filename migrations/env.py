"""Alembic: the tables of `models/`, on the database that the settings name."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from models.sealed import Sealed
from models.tables import all_tables


def _render(kind: str, item: object, autogen_context: object) -> str | Literal[False]:
    """A sealed column is bytes to the database: migrations need no keys, and outlive our types."""
    return "sa.LargeBinary()" if kind == "type" and isinstance(item, Sealed) else False


def run() -> None:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise SystemExit("run migrations with `vaxel migrate`: it knows the database")
    all_tables()  # what is not imported would be taken for gone
    with create_engine(url).connect() as connection:
        context.configure(connection=connection, target_metadata=SQLModel.metadata, render_item=_render)
        with context.begin_transaction():
            context.run_migrations()


run()
