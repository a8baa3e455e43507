"""links that digital visits are joined by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("booking_publication", sa.Column("link", sa.LargeBinary()))
    op.add_column("booking_publication", sa.Column("link_hash", sa.Text()))
    known = sa.text("link_hash IS NOT NULL")
    op.create_index("booking_publication_link", "booking_publication", ["link_hash"], postgresql_where=known)


def downgrade() -> None:
    op.drop_index("booking_publication_link", "booking_publication")
    op.drop_column("booking_publication", "link_hash")
    op.drop_column("booking_publication", "link")
