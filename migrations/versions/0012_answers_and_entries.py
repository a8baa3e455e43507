"""what a contact says of its sender, a consent that is taken back, and where a link leads"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("inbound_contact", sa.Column("automatic", sa.Boolean(), nullable=True))
    op.add_column(
        "inbound_contact", sa.Column("says_stop", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("channel_switch", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("channel_switch", sa.Column("entry", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("channel_switch", "entry")
    op.drop_column("channel_switch", "withdrawn_at")
    op.drop_column("inbound_contact", "says_stop")
    op.drop_column("inbound_contact", "automatic")
