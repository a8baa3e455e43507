"""the access log: append-only, whoever asks

A row of it is never changed, but for the keys that its sealed columns lie under (`vaxel reseal`).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _tables()
    op.create_index(
        "access_log_patient",
        "access_log",
        ["patient_hash", "at"],
        postgresql_where="patient_hash IS NOT NULL",
    )
    op.create_index("access_log_who", "access_log", ["who", "at"])
    op.create_index("access_log_subject", "access_log", ["subject"], postgresql_where="subject IS NOT NULL")
    _kept()
    _end_kept()


def _tables() -> None:
    op.create_table(
        "access_log",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("commission", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("subject", sa.Uuid(), nullable=True),
        sa.Column("sought", sa.Text(), nullable=True),
        sa.Column("patient", sa.LargeBinary(), nullable=True),
        sa.Column("patient_hash", sa.LargeBinary(), nullable=True),
        sa.Column("why", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("id"),
    )
    op.create_table(
        "access_log_end",
        sa.Column("one", sa.Boolean(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "broken_access",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def _kept() -> None:
    op.execute(
        """
        CREATE FUNCTION access_log_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE sealed CONSTANT text[] := ARRAY['name', 'patient', 'why'];
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF to_jsonb(NEW) - sealed = to_jsonb(OLD) - sealed
                    AND (NEW.name IS NULL) = (OLD.name IS NULL)
                    AND (NEW.patient IS NULL) = (OLD.patient IS NULL)
                THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION 'access_log_is_kept' USING ERRCODE = 'insufficient_privilege';
        END $$"""
    )
    op.execute(
        "CREATE TRIGGER access_log_is_kept BEFORE UPDATE OR DELETE ON access_log"
        " FOR EACH ROW EXECUTE FUNCTION access_log_is_kept()"
    )
    for table in ("access_log", "access_log_end"):
        op.execute(
            f"CREATE TRIGGER {table}_is_not_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION access_log_is_kept()"
        )


def _end_kept() -> None:
    op.execute(
        """
        CREATE FUNCTION access_log_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF NEW.entries >= OLD.entries THEN RETURN NEW; END IF;
            END IF;
            RAISE EXCEPTION 'access_log_is_kept' USING ERRCODE = 'insufficient_privilege';
        END $$"""
    )
    op.execute(
        "CREATE TRIGGER access_log_end_only_grows BEFORE UPDATE OR DELETE ON access_log_end"
        " FOR EACH ROW EXECUTE FUNCTION access_log_only_grows()"
    )


def downgrade() -> None:
    for table in ("broken_access", "access_log_end", "access_log"):
        op.drop_table(table)
    op.execute("DROP FUNCTION access_log_only_grows()")
    op.execute("DROP FUNCTION access_log_is_kept()")
