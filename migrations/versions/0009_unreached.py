"""notices that do not arrive"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking_publication", sa.Column("notified", sa.Text(), nullable=True))
    op.add_column("booking_publication", sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("booking_publication", sa.Column("notified_by", sa.Text(), nullable=True))
    op.add_column(
        "booking_publication", sa.Column("unreached", sa.Integer(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    for name in ("unreached", "notified_by", "notified_at", "notified"):
        op.drop_column("booking_publication", name)
