"""an alert that nobody acknowledges is escalated: it was called climbed"""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE risk_alert SET state = 'escalated' WHERE state = 'climbed'")


def downgrade() -> None:
    op.execute("UPDATE risk_alert SET state = 'climbed' WHERE state = 'escalated'")
