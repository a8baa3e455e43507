"""what counts under a source's ceiling says whose, and so may a reminder"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
STEPS = {
    "give_notice": ("booking_publication", "source"),
    "reply_to_patient": ("inbound_contact", "channel"),
    "give_requested_notice": ("requested_notice", "source"),
}
"""Those that count so far, with the table of their cases and its column of the source."""


def upgrade() -> None:
    op.add_column("effect", sa.Column("counted_for", sa.Text()))
    for step, (table, source) in STEPS.items():
        op.execute(
            f"""
            UPDATE effect AS e SET counted_for = c.{source} FROM {table} AS c
            WHERE c.id = e.case_id AND e.step = '{step}' AND e.system IN ('sms', 'mail')
                AND e.sending_at > now() - interval '1 hour'"""
        )
    op.drop_index("effect_notices", table_name="effect")
    counted = sa.text("counted_for IS NOT NULL")
    op.create_index("effect_counted", "effect", ["step", "sending_at"], postgresql_where=counted)


def downgrade() -> None:
    op.drop_index("effect_counted", table_name="effect")
    op.drop_column("effect", "counted_for")
    those = sa.text("step IN ('give_notice', 'reply_to_patient', 'give_requested_notice')")
    op.create_index("effect_notices", "effect", ["sending_at"], postgresql_where=those)
