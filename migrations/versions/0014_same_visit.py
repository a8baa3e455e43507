"""another system's booking of the same visit"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking_publication", sa.Column("same_visit", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("booking_publication", "same_visit")
