"""Procrastinate's own tables for jobs, as the pinned release brings them, and a schema for Rasa's tracker."""

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))
    op.execute("CREATE SCHEMA IF NOT EXISTS rasa")


def downgrade() -> None:
    op.execute("DROP SCHEMA rasa CASCADE")
    op.execute(
        """
        DO $$ DECLARE thing record; BEGIN
            FOR thing IN SELECT tablename FROM pg_tables
                WHERE schemaname = 'public' AND tablename LIKE 'procrastinate%%' LOOP
                EXECUTE 'DROP TABLE ' || quote_ident(thing.tablename) || ' CASCADE';
            END LOOP;
            FOR thing IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%%' LOOP
                EXECUTE 'DROP FUNCTION ' || thing.name || ' CASCADE';
            END LOOP;
            FOR thing IN SELECT typname FROM pg_type WHERE typname LIKE 'procrastinate%%' AND typtype IN ('e', 'c') LOOP
                EXECUTE 'DROP TYPE IF EXISTS ' || quote_ident(thing.typname) || ' CASCADE';
            END LOOP;
        END $$
        """.replace("%%", "%")
    )
