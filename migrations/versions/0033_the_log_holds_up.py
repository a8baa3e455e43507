"""the checks of the access log are found, and what the log service refuses can be let go"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("access_log_checks", "access_log", ["number"], postgresql_where="act = 'check'")
    for name in ("holds", "let_go"):
        op.add_column(
            "refused_access", sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade() -> None:
    for name in ("let_go", "holds"):
        op.drop_column("refused_access", name)
    op.drop_index("access_log_checks", "access_log")
