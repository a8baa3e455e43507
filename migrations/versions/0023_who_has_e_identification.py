"""who has shown that they have e-identification, and what staff have been asked of a visit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "e_identification",
        sa.Column("person_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("seen_at", AT, nullable=False),
    )
    op.create_table(
        "awaited_login",
        sa.Column("person_hash", sa.LargeBinary(), primary_key=True),
        sa.Column("case_key", sa.Text(), primary_key=True),
    )
    op.create_index("ix_awaited_login_case_key", "awaited_login", ["case_key"])
    op.add_column("booking_publication", sa.Column("form_task", sa.Text()))
    op.add_column(
        "booking_publication", sa.Column("form_tasks_gone", sa.Integer(), nullable=False, server_default="0")
    )
    op.add_column("booking_publication", sa.Column("form_review_at", AT))


def downgrade() -> None:
    for name in ("form_review_at", "form_tasks_gone", "form_task"):
        op.drop_column("booking_publication", name)
    op.drop_table("awaited_login")
    op.drop_table("e_identification")
