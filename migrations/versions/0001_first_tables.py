"""The first tables: conversations, concerns, deliveries, prisons, staff and the log."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "prison",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("sex_held", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("operator", sa.String(), nullable=True),
        sa.Column("aliases", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("town", sa.String(), nullable=True),
        sa.Column("county", sa.String(), nullable=True),
        sa.Column("postcode", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("visits_phone", sa.String(), nullable=True),
        sa.Column("visits_booking", sa.String(), nullable=False),
        sa.Column("gov_uk_url", sa.String(), nullable=True),
        sa.Column("as_of", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(), nullable=False),
        sa.Column("reads_unrouted", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("email"),
        sa.UniqueConstraint("fs_uniquifier"),
    )
    op.create_table(
        "conversation",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=True),
        sa.Column("prison_id", sa.String(), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('sms', 'web')", name="conversation_channel"),
        sa.ForeignKeyConstraint(
            ["prison_id"],
            ["prison.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "address"),
    )
    op.create_table(
        "staff_prison",
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("prison_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prison_id"],
            ["prison.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("staff_id", "prison_id"),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("provider_id", sa.String(), nullable=True),
        sa.Column("media", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reply_to", sa.BigInteger(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("buttons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sources", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sender IN ('family', 'bot', 'staff', 'system')", name="message_sender"),
        sa.CheckConstraint("state IN ('accepted', 'answered', 'held', 'kept', 'out')", name="message_state"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["reply_to"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("provider", "provider_id"),
        sa.UniqueConstraint("reply_to", "position"),
    )
    op.create_index("message_conversation", "message", ["conversation_id", "id"], unique=False)
    op.create_index(
        "message_waiting", "message", ["id"], unique=False, postgresql_where="state IN ('accepted', 'held')"
    )
    op.create_table(
        "assessment",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("scores", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("message_id"),
    )
    op.create_index(op.f("ix_assessment_level"), "assessment", ["level"], unique=False)
    op.create_table(
        "concern",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("opened_by", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("model_version", sa.String(), nullable=False),
        sa.Column("prison_id", sa.String(), nullable=True),
        sa.Column("prisoner_name", sa.String(), nullable=True),
        sa.Column("prisoner_number", sa.String(), nullable=True),
        sa.Column("prisoner_dob", sa.Date(), nullable=True),
        sa.Column("summary", sa.String(), nullable=True),
        sa.Column("reporter_name", sa.String(), nullable=True),
        sa.Column("reporter_relationship", sa.String(), nullable=True),
        sa.Column("reporter_contact", sa.String(), nullable=True),
        sa.Column("reporter_anonymous", sa.Boolean(), nullable=True),
        sa.Column("contact_allowed", sa.Boolean(), nullable=True),
        sa.Column("contact_when", sa.String(), nullable=True),
        sa.Column("tell_prisoner", sa.Boolean(), nullable=True),
        sa.Column("receipt_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_alarm_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalation_step", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "status <> 'closed' OR (outcome IS NOT NULL AND closed_at IS NOT NULL)", name="concern_outcome"
        ),
        sa.CheckConstraint("status = 'closed' OR next_alarm_at IS NOT NULL", name="concern_open_has_alarm"),
        sa.CheckConstraint("status IN ('open', 'acknowledged', 'closed')", name="concern_status"),
        sa.CheckConstraint("subject IN ('prisoner', 'caller', 'other')", name="concern_subject"),
        sa.CheckConstraint("urgency IN ('emergency', 'urgent', 'routine')", name="concern_urgency"),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["closed_by"],
            ["staff.id"],
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["opened_by"],
            ["message.id"],
        ),
        sa.ForeignKeyConstraint(
            ["prison_id"],
            ["prison.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("opened_by"),
        sa.UniqueConstraint("reference"),
    )
    op.create_index("concern_due", "concern", ["next_alarm_at"], unique=False, postgresql_where="status <> 'closed'")
    op.create_index("concern_queue", "concern", ["prison_id", "status"], unique=False)
    op.create_index(op.f("ix_concern_conversation_id"), "concern", ["conversation_id"], unique=False)
    op.create_table(
        "concern_note",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("concern_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["concern.id"],
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"],
            ["staff.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_concern_note_concern_id"), "concern_note", ["concern_id"], unique=False)
    op.create_table(
        "concern_words",
        sa.Column("concern_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["concern.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("concern_id", "message_id"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("concern_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("provider_reference", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("medium IN ('sms', 'email')", name="delivery_medium"),
        sa.CheckConstraint("state IN ('queued', 'sending', 'sent', 'failed')", name="delivery_state"),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["concern.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("message_id"),
    )
    op.create_index(op.f("ix_delivery_concern_id"), "delivery", ["concern_id"], unique=False)
    op.create_table(
        "log_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("concern_id", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("delivery_id", sa.BigInteger(), nullable=True),
        sa.Column("details", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["concern.id"],
        ),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.id"],
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_log_entry_concern_id"), "log_entry", ["concern_id"], unique=False)
    op.create_index(op.f("ix_log_entry_delivery_id"), "log_entry", ["delivery_id"], unique=False)
    op.create_index(op.f("ix_log_entry_message_id"), "log_entry", ["message_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_log_entry_message_id"), table_name="log_entry")
    op.drop_index(op.f("ix_log_entry_delivery_id"), table_name="log_entry")
    op.drop_index(op.f("ix_log_entry_concern_id"), table_name="log_entry")
    op.drop_table("log_entry")
    op.drop_index(op.f("ix_delivery_concern_id"), table_name="delivery")
    op.drop_table("delivery")
    op.drop_table("concern_words")
    op.drop_index(op.f("ix_concern_note_concern_id"), table_name="concern_note")
    op.drop_table("concern_note")
    op.drop_index(op.f("ix_concern_conversation_id"), table_name="concern")
    op.drop_index("concern_queue", table_name="concern")
    op.drop_index("concern_due", table_name="concern", postgresql_where="status <> 'closed'")
    op.drop_table("concern")
    op.drop_index(op.f("ix_assessment_level"), table_name="assessment")
    op.drop_table("assessment")
    op.drop_index("message_waiting", table_name="message", postgresql_where="state IN ('accepted', 'held')")
    op.drop_index("message_conversation", table_name="message")
    op.drop_table("message")
    op.drop_table("staff_prison")
    op.drop_table("conversation")
    op.drop_table("staff")
    op.drop_table("prison")
