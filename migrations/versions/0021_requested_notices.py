"""notices that somebody asks for, with a count of their own"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "requested_notice",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", AT),
        sa.Column("owner", sa.Uuid()),
        sa.Column("lease_until", AT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("waiting_since", AT),
        sa.Column("parked", sa.Text()),
        sa.Column("version", sa.BigInteger()),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary()),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("updated_at", AT, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("patient", sa.LargeBinary()),
        sa.Column("patient_hash", sa.LargeBinary()),
        sa.Column("given_hash", sa.LargeBinary()),
        sa.Column("unit", sa.Text()),
        sa.Column("given_unit", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("valid_until", AT),
        sa.Column("withdrawn", sa.Boolean(), nullable=False),
        sa.Column("unreached", sa.Integer(), nullable=False),
    )
    due, held = sa.text("due_at IS NOT NULL"), sa.text("owner IS NOT NULL")
    op.create_index("requested_notice_due", "requested_notice", ["due_at", "id"], postgresql_where=due)
    op.create_index("requested_notice_held", "requested_notice", ["lease_until"], postgresql_where=held)
    op.create_index("requested_notice_standing", "requested_notice", ["parked", "state"])
    op.create_index("requested_notice_patient", "requested_notice", ["patient_hash"])
    _counted("step IN ('give_notice', 'reply_to_patient', 'give_requested_notice')")


def downgrade() -> None:
    _counted("step IN ('give_notice', 'reply_to_patient')")
    op.drop_table("requested_notice")


def _counted(those: str) -> None:
    op.drop_index("effect_notices", table_name="effect")
    op.create_index("effect_notices", "effect", ["sending_at"], postgresql_where=sa.text(those))
