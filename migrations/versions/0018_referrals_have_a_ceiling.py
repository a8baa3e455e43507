"""referrals are counted as notices are: how many have gone in an hour"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _counted("step IN ('give_notice', 'reply_to_patient')")


def downgrade() -> None:
    _counted("step = 'give_notice'")


def _counted(those: str) -> None:
    op.drop_index("effect_notices", table_name="effect")
    op.create_index("effect_notices", "effect", ["sending_at"], postgresql_where=sa.text(those))
