"""check-in by mobile"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "check_in",
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
        sa.Column("booking_case", sa.Uuid()),
        sa.Column("booking_id", sa.Text()),
        sa.Column("patient", sa.LargeBinary()),
        sa.Column("patient_hash", sa.LargeBinary()),
        sa.Column("given_hash", sa.LargeBinary()),
        sa.Column("unit", sa.Text()),
        sa.Column("given_unit", sa.Text()),
        sa.Column("unit_name", sa.Text()),
        sa.Column("pressed_at", AT),
    )
    due, held = sa.text("due_at IS NOT NULL"), sa.text("owner IS NOT NULL")
    op.create_index("check_in_due", "check_in", ["due_at", "id"], postgresql_where=due)
    op.create_index("check_in_held", "check_in", ["lease_until"], postgresql_where=held)
    op.create_index("check_in_standing", "check_in", ["parked", "state"])
    op.create_index("check_in_patient", "check_in", ["patient_hash"])


def downgrade() -> None:
    op.drop_table("check_in")
