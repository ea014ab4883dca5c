"""Partitions by day, rows of campaigns, routes over channels, and what is left of old notifications."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards
from notifications.models import Channel, NotificationStatus

# What stood on the unpartitioned tables.
_OLD_INDEXES = {
    "idx_notificatio_person__1a2022": "INDEX {} ON notification (person_id, id)",
    "notification_to_claim": "INDEX {} ON notification (account_id, lane, run_at, id) WHERE status = 'created'",
    "notification_leased": "INDEX {} ON notification (lease_until) WHERE status IN ('claimed', 'sending')",
    "notification_msgid": "INDEX {} ON notification (account_id, msgid) WHERE msgid IS NOT NULL",
    "notification_unknown": "INDEX {} ON notification (account_id, openid) WHERE status = 'unknown'",
    "receipt_to_apply": "INDEX {} ON notification_receipt (retry_at) WHERE applied_at IS NULL",
}
_OLD_STATES = (
    "ALTER TABLE notification ADD CONSTRAINT notification_status CHECK"
    " (status IN ('created','claimed','sending','sent','delivered','failed','unknown','dead'))"
)
PLAIN = (
    ("ALTER TABLE notification DROP CONSTRAINT notification_status", _OLD_STATES),
    *((f"DROP INDEX {name}", f"CREATE {text.format(name)}") for name, text in _OLD_INDEXES.items()),
    # Going back, what the older version cannot know is ended or left out.
    (
        "UPDATE notification SET route = CASE channel WHEN 'template' THEN 'subscribe' ELSE 'template' END",
        "UPDATE notification SET status = 'dead' WHERE status IN ('held', 'cancelled')",
    ),
    ("SELECT 1", "DELETE FROM notification WHERE event_id IS NULL OR channel IN ('custom', 'sms')"),
)

# Rows are rewritten at every step of their way; free room on the page spares most of the indexes.
RANGES = (
    guards.by_range("notification", "committed_at", fill=80),
    guards.by_range("notification_receipt", "received_at", fill=80),
    guards.by_range("notification_history", "committed_at", has_sequence=False),
)

INDEXES = {
    "notification_person": "INDEX {} ON notification (person_id, id)",
    "notification_event_once": (
        "UNIQUE INDEX {} ON notification (event_id, person_id, message, channel, committed_at)"
        " WHERE event_id IS NOT NULL"
    ),
    "notification_campaign_once": (
        "UNIQUE INDEX {} ON notification (campaign_id, person_id, channel, committed_at)"
        " WHERE campaign_id IS NOT NULL"
    ),
    "notification_to_claim": (
        "INDEX {} ON notification (channel, account_id, lane, run_at, id) WHERE status = 'created'"
    ),
    "notification_to_hold": (
        "INDEX {} ON notification (campaign_id) WHERE campaign_id IS NOT NULL AND status IN ('created', 'held')"
    ),
    "notification_leased": "INDEX {} ON notification (lease_until) WHERE status IN ('claimed', 'sending')",
    "notification_msgid": "INDEX {} ON notification (account_id, msgid) WHERE msgid IS NOT NULL",
    "notification_unknown": "INDEX {} ON notification (account_id, openid) WHERE status = 'unknown'",
    "notification_dead": "INDEX {} ON notification (settled_at, id) WHERE status = 'dead'",
    "receipt_to_apply": "INDEX {} ON notification_receipt (retry_at) WHERE applied_at IS NULL",
}

CHECKS = {
    ("notification", "notification_status"): (
        "status IN ('created','claimed','sending','sent','delivered','failed','unknown','dead','held','cancelled')"
    ),
    ("notification", "notification_channel"): "channel IN ('template','subscribe','custom','sms')",
    ("notification", "notification_of_one"): "num_nonnulls(event_id, campaign_id) = 1",
    ("notification", "notification_held"): "status NOT IN ('held','cancelled') OR campaign_id IS NOT NULL",
}

# Days that are over go there whole, so that the queue and its indexes stay small.
ARCHIVE = (
    (
        (
            "CREATE TABLE notification_archive (LIKE notification INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
            " PARTITION BY RANGE (committed_at)"
        ),
        "DROP TABLE notification_archive",
    ),
    (
        "ALTER TABLE notification_archive ADD CONSTRAINT notification_archive_pkey PRIMARY KEY (id, committed_at)",
        "SELECT 1",
    ),
    (
        "CREATE INDEX notification_archive_person ON notification_archive (person_id, id)",
        "DROP INDEX notification_archive_person",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0009_invoices")]

    operations = [
        ops.CreateModel(
            name="NotificationHistory",
            fields=[
                ("id", fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True)),
                ("event_id", fields.BigIntField(null=True)),
                ("campaign_id", fields.BigIntField(null=True)),
                ("message", fields.CharField(max_length=40)),
                ("message_version", fields.SmallIntField()),
                (
                    "channel",
                    fields.CharEnumField(
                        description="TEMPLATE: template\nSUBSCRIBE: subscribe\nCUSTOM: custom\nSMS: sms",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("lane", fields.SmallIntField()),
                (
                    "status",
                    fields.CharEnumField(
                        description="CREATED: created\nCLAIMED: claimed\nSENDING: sending\nSENT: sent\nDELIVERED: delivered\nFAILED: failed\nUNKNOWN: unknown\nDEAD: dead\nHELD: held\nCANCELLED: cancelled",
                        enum_type=NotificationStatus,
                        max_length=12,
                    ),
                ),
                ("attempt", fields.SmallIntField()),
                ("error_code", fields.IntField(null=True)),
                ("committed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("sent_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notification_history",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "通知历史: what is left of a notification after its content was removed; nothing says whose it was.",
            },
            bases=["Model"],
        ),
        ops.RemoveConstraint(
            model_name="Notification",
            name=None,
            fields=["event_id", "person_id", "message", "channel"],
        ),
        ops.AlterModelOptions(
            name="Notification",
            options={
                "table": "notification",
                "app": "weiban",
                "indexes": [Index(fields=["person_id", "id"])],
                "pk_attr": "id",
                "table_description": "通知: one message to one person through one channel, of an event or of a campaign.",
            },
        ),
        ops.AlterField(
            model_name="Notification",
            name="account_id",
            field=fields.CharField(description="appid it goes out through, or sms", max_length=32),
        ),
        ops.AlterField(
            model_name="Notification",
            name="channel",
            field=fields.CharEnumField(
                description="TEMPLATE: template\nSUBSCRIBE: subscribe\nCUSTOM: custom\nSMS: sms",
                enum_type=Channel,
                max_length=12,
            ),
        ),
        ops.AlterField(
            model_name="Notification",
            name="event_id",
            field=fields.BigIntField(null=True, description="the outbox event it tells of"),
        ),
        ops.AlterField(
            model_name="Notification",
            name="status",
            field=fields.CharEnumField(
                description="CREATED: created\nCLAIMED: claimed\nSENDING: sending\nSENT: sent\nDELIVERED: delivered\nFAILED: failed\nUNKNOWN: unknown\nDEAD: dead\nHELD: held\nCANCELLED: cancelled",
                enum_type=NotificationStatus,
                max_length=12,
            ),
        ),
        ops.AddField(
            model_name="Notification",
            name="campaign_id",
            field=fields.BigIntField(null=True, description="or the campaign it belongs to"),
        ),
        ops.AddField(
            model_name="Notification",
            name="route",
            field=fields.CharField(
                db_default="",
                description="channels still to try after this one, with spaces between",
                max_length=40,
            ),
        ),
        ops.AlterModelOptions(
            name="Receipt",
            options={
                "table": "notification_receipt",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "回执: what WeChat or the SMS operator reports of a message, appended as it came and applied later.",
            },
        ),
        ops.AlterField(
            model_name="WeChatTemplate",
            name="channel",
            field=fields.CharEnumField(
                description="TEMPLATE: template\nSUBSCRIBE: subscribe\nCUSTOM: custom\nSMS: sms",
                enum_type=Channel,
                max_length=12,
            ),
        ),
        guards.operation(INDEXES, CHECKS, first=(*PLAIN, *RANGES), last=ARCHIVE),
    ]
