"""what became of a call that nobody is sure of, and what residents said beside their requests"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    may_be_there = sa.Column("may_be_there", sa.Boolean(), nullable=False, server_default=sa.false())
    op.add_column("effect", may_be_there)
    op.execute("UPDATE effect SET may_be_there = true WHERE process = 'self_service' AND state = 'not_sent'")
    op.add_column("self_service", sa.Column("said", sa.Text()))
    led_to = sa.text("led_to IS NOT NULL")
    op.create_index("self_service_led_to", "self_service", ["led_to"], postgresql_where=led_to)
    op.create_index("service_told_at", "service_told", ["at"])


def downgrade() -> None:
    op.drop_index("service_told_at", "service_told")
    op.drop_index("self_service_led_to", "self_service")
    op.drop_column("self_service", "said")
    op.drop_column("effect", "may_be_there")
