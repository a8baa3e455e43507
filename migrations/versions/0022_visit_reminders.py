"""reminders of booked visits"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "visit_reminder",
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
        sa.Column("patient", sa.LargeBinary()),
        sa.Column("patient_hash", sa.LargeBinary()),
        sa.Column("given_hash", sa.LargeBinary()),
        sa.Column("unit", sa.Text()),
        sa.Column("given_unit", sa.Text()),
        sa.Column("start", AT),
        sa.Column("known_since", AT),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.Column("settled", AT),
        sa.Column("gone_before", sa.Integer(), nullable=False),
        sa.Column("former_start", AT),
        sa.Column("sent_as", sa.Text()),
        sa.Column("unreached", sa.Integer(), nullable=False),
    )
    due, held = sa.text("due_at IS NOT NULL"), sa.text("owner IS NOT NULL")
    op.create_index("visit_reminder_due", "visit_reminder", ["due_at", "id"], postgresql_where=due)
    op.create_index("visit_reminder_held", "visit_reminder", ["lease_until"], postgresql_where=held)
    op.create_index("visit_reminder_standing", "visit_reminder", ["parked", "state"])
    op.create_index("visit_reminder_patient", "visit_reminder", ["patient_hash"])
    op.create_index("visit_reminder_unit", "visit_reminder", ["unit"])


def downgrade() -> None:
    op.drop_table("visit_reminder")
