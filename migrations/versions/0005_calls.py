"""a caller who asks for a link by a key press"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("channel_switch", sa.Column("caller_hash", sa.LargeBinary(), nullable=True))
    op.add_column("channel_switch", sa.Column("patient", sa.LargeBinary(), nullable=True))
    op.create_index("channel_switch_caller", "channel_switch", ["caller_hash", "proposed_at"], unique=False)


def downgrade() -> None:
    op.drop_index("channel_switch_caller", table_name="channel_switch")
    op.drop_column("channel_switch", "patient")
    op.drop_column("channel_switch", "caller_hash")
