"""how far the access log has come to the national log service, and what that refused; the log by month"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
AT = sa.DateTime(timezone=True)
FOR_THE_SERVICE = "act <> 'read' AND patient_hash IS NOT NULL AND left(who, 5) <> 'vaxel'"


def upgrade() -> None:
    op.create_table(
        "log_delivery",
        sa.Column("one", sa.Boolean(), primary_key=True),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", AT, nullable=False),
    )
    op.create_table(
        "refused_access",
        sa.Column("number", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refused_at", AT, nullable=False),
        sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("access_log_at", "access_log", ["at"], postgresql_using="brin")
    op.create_index("access_log_for_the_service", "access_log", ["number"], postgresql_where=FOR_THE_SERVICE)


def downgrade() -> None:
    op.drop_index("access_log_for_the_service", "access_log")
    op.drop_index("access_log_at", "access_log")
    for table in ("refused_access", "log_delivery"):
        op.drop_table(table)
