"""since when a booking says what it does of e-identification, and who chose its form"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking_publication", sa.Column("e_id_at", sa.DateTime(timezone=True)))
    by_care = sa.Column("form_by_care", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("booking_publication", by_care)
    op.execute(
        """
        DELETE FROM awaited_login USING booking_publication AS c
        WHERE c.key = awaited_login.case_key AND c.state = 'closed'"""
    )


def downgrade() -> None:
    op.drop_column("booking_publication", "form_by_care")
    op.drop_column("booking_publication", "e_id_at")
