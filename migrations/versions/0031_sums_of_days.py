"""sums of days, for the follow-up"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
BY_TIME = {"timeline": "at", "effect": "sending_at"}
"""Read by the day: rows come in the order of time, so that an index of page ranges costs a write nearly nothing."""


def upgrade() -> None:
    op.create_table(
        "day_sum",
        sa.Column("measure", sa.Text(), primary_key=True),
        sa.Column("reason", sa.Text(), primary_key=True),
        sa.Column("unit", sa.Text(), primary_key=True),
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
    )
    op.create_index("day_sum_day", "day_sum", ["day"])
    op.create_table(
        "summed_day",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column("summed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    for table, moment in BY_TIME.items():
        made = {"postgresql_using": "brin", "postgresql_with": {"autosummarize": "on"}}
        op.create_index(f"{table}_by_time", table, [moment], **made)


def downgrade() -> None:
    for table in BY_TIME:
        op.drop_index(f"{table}_by_time", table_name=table)
    op.drop_table("summed_day")
    op.drop_table("day_sum")
