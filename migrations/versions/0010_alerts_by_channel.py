"""Alerts are known by the contact's channel and id; what was refused says whether it held a risk."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bare ids become `channel:id`; staff's events that wait are spread anew."""
    op.add_column(
        "refused_event", sa.Column("taken_in", sa.Boolean(), nullable=False, server_default="false")
    )
    op.add_column("refused_event", sa.Column("risk", sa.Text(), nullable=True))
    op.add_column("refused_event", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("risk_alert", sa.Column("contact_id", sa.Text(), nullable=False, server_default=""))
    op.add_column("risk_alert", sa.Column("acknowledged_by", sa.LargeBinary(), nullable=True))
    op.create_index("risk_alert_named", "risk_alert", ["contact_id"], unique=False)
    op.execute("UPDATE risk_alert SET contact_id = key, key = COALESCE(channel, 'staff') || ':' || key")
    op.execute(
        """
        UPDATE event SET key = CASE WHEN source = 'staff' THEN '' ELSE source || ':' || key END,
            taken = taken AND source <> 'staff'
        WHERE process = 'risk_alert' AND applied_at IS NULL AND key <> ''"""
    )


def downgrade() -> None:
    """Bare ids again."""
    op.execute("UPDATE risk_alert SET key = contact_id")
    op.drop_index("risk_alert_named", table_name="risk_alert")
    op.drop_column("risk_alert", "acknowledged_by")
    op.drop_column("risk_alert", "contact_id")
    for column in ("seen_at", "risk", "taken_in"):
        op.drop_column("refused_event", column)
