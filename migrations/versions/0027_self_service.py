"""what residents ask for by themselves"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "self_service",
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
        sa.Column("request", sa.LargeBinary()),
        sa.Column("patient", sa.LargeBinary()),
        sa.Column("patient_hash", sa.LargeBinary()),
        sa.Column("given_hash", sa.LargeBinary()),
        sa.Column("unit", sa.Text()),
        sa.Column("given_unit", sa.Text()),
        sa.Column("service", sa.Text()),
        sa.Column("booking_id", sa.Text()),
        sa.Column("requested_at", AT),
        sa.Column("answered_at", AT),
        sa.Column("reason", sa.Text()),
        sa.Column("not_saved", sa.Text()),
        sa.Column("led_to", sa.Text()),
    )
    due, held = sa.text("due_at IS NOT NULL"), sa.text("owner IS NOT NULL")
    op.create_index("self_service_due", "self_service", ["due_at", "id"], postgresql_where=due)
    op.create_index("self_service_held", "self_service", ["lease_until"], postgresql_where=held)
    op.create_index("self_service_standing", "self_service", ["parked", "state"])
    op.create_index("self_service_patient", "self_service", ["patient_hash"])
    op.create_index("self_service_booking", "self_service", ["booking_id"])
    op.create_table(
        "service_told",
        sa.Column("case_id", sa.Uuid(), primary_key=True),
        sa.Column("told_as", sa.Text(), nullable=False),
        sa.Column("at", AT, nullable=False),
    )
    op.add_column("booking_publication", sa.Column("echo_of", sa.Text()))


def downgrade() -> None:
    op.drop_column("booking_publication", "echo_of")
    op.drop_table("service_told")
    op.drop_table("self_service")
