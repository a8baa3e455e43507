"""who is now known as whom: merges as they were told, and the newest word on a person's life

What was told before is in the inbox, and is taken in anew by every process: nobody is told of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)
PLACED = ("booking_publication", "channel_switch", "inbound_contact", "participation", "risk_alert")
OTHERS = ("channel_switch", "inbound_contact", "participation", "preferences", "risk_alert")
OF_MANY = "('patient.merged', 'patient.deceased', 'unit.merged')"
FIRST = "booking_publication"


def upgrade() -> None:
    op.create_table(
        "merge",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("webhook_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_key", sa.Text(), nullable=False),
        sa.Column("to_key", sa.Text(), nullable=False),
        sa.Column("known_as", sa.LargeBinary(), nullable=False),
        sa.Column("occurred_at", MOMENT, nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "webhook_id"),
    )
    op.create_index("merge_from", "merge", ["kind", "from_key"], unique=False)
    op.create_index("merge_to", "merge", ["kind", "to_key"], unique=False)
    for table in (*PLACED, "preferences"):
        op.add_column(table, sa.Column("given_hash", sa.LargeBinary(), nullable=True))
    for table in PLACED:
        op.add_column(table, sa.Column("given_unit", sa.Text(), nullable=True))
    for table in ("participation", "preferences"):
        op.create_index(f"{table}_patient", table, ["patient_hash"], unique=False)
    _resident()
    op.drop_table("merged_unit")
    _take_in_anew()


def _resident() -> None:
    op.execute("DELETE FROM resident WHERE deceased_at IS NULL")
    op.drop_column("resident", "merged_to")
    op.alter_column("resident", "deceased_at", new_column_name="at", nullable=False)
    op.add_column("resident", sa.Column("deceased", sa.Boolean(), nullable=False, server_default="true"))
    op.alter_column("resident", "deceased", server_default=None)
    for name in ("said_at", "received_at"):
        op.add_column("resident", sa.Column(name, MOMENT, nullable=True))
        op.execute(f"UPDATE resident SET {name} = at")
        op.alter_column("resident", name, nullable=False)


def _take_in_anew() -> None:
    told = f"process = '{FIRST}' AND type IN {OF_MANY} AND key = ''"
    for process in OTHERS:
        op.execute(
            f"""
            INSERT INTO event (id, source, webhook_id, type, process, key, version, occurred_at, received_at,
                via_batch, taken, data)
            SELECT gen_random_uuid(), source, webhook_id, type, '{process}', key, version, occurred_at,
                received_at, via_batch, false, data FROM event WHERE {told}
            ON CONFLICT DO NOTHING"""
        )
    op.execute(f"UPDATE event SET taken = false, applied_at = NULL, outcome = NULL WHERE {told}")


def downgrade() -> None:
    op.create_table(
        "merged_unit",
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("merged_to", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("unit"),
    )
    op.execute("DELETE FROM resident WHERE NOT deceased")
    for name in ("deceased", "said_at", "received_at"):
        op.drop_column("resident", name)
    op.alter_column("resident", "at", new_column_name="deceased_at", nullable=True)
    op.add_column("resident", sa.Column("merged_to", sa.LargeBinary(), nullable=True))
    for table in ("participation", "preferences"):
        op.drop_index(f"{table}_patient", table_name=table)
    for table in PLACED:
        op.drop_column(table, "given_unit")
    for table in (*PLACED, "preferences"):
        op.drop_column(table, "given_hash")
    op.drop_table("merge")
