"""what a resident acts on, as they were told of it; and a booking made for the wrong patient"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

TABLE = "booking_publication"
MOMENTS = ("reworded_at", "patient_at")
TOLD = ("told_until", "told_unit", "told_form", "told_platform")
FLAGS = ("by_patient", "corrected", "letter_astray")


def upgrade() -> None:
    for name in MOMENTS:
        op.add_column(TABLE, sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    for name in TOLD:
        op.add_column(TABLE, sa.Column(name, sa.Text(), nullable=True))
    for name in FLAGS:
        op.add_column(TABLE, sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    for name in (*FLAGS, *TOLD, *MOMENTS):
        op.drop_column(TABLE, name)
