"""an alert that stands, and a change of channel by its contact's id, are found without looking at all there are"""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
UNACKNOWLEDGED = "flagged_at IS NOT NULL AND (acknowledged_at IS NULL OR acknowledged_at < flagged_at)"


def upgrade() -> None:
    op.create_index(
        "risk_alert_unacknowledged", "risk_alert", ["flagged_at"], postgresql_where=UNACKNOWLEDGED
    )
    op.create_index("channel_switch_named", "channel_switch", ["contact_id"])


def downgrade() -> None:
    op.drop_index("channel_switch_named", "channel_switch")
    op.drop_index("risk_alert_unacknowledged", "risk_alert")
