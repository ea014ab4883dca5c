"""The inbox with the proof of what was served, wishes, digests, and long-term grants of subscribe messages."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards
from notifications.inbox.models import Step

INDEXES = {
    "inbox_of_person": "INDEX {} ON inbox_item (person_id, id)",
    "inbox_unread": "INDEX {} ON inbox_item (person_id, id) WHERE read_at IS NULL",
    "inbox_event_once": (
        "UNIQUE INDEX {} ON inbox_item (event_id, person_id, message, committed_at) WHERE event_id IS NOT NULL"
    ),
    "inbox_campaign_once": (
        "UNIQUE INDEX {} ON inbox_item (campaign_id, person_id, committed_at) WHERE campaign_id IS NOT NULL"
    ),
    "digest_waiting": "INDEX {} ON digest_day (person_id) WHERE notices > told",
    "credit_grant_once": (
        "UNIQUE INDEX {} ON subscription_credit (person_id, template_id) WHERE is_long_term AND spent_at IS NULL"
    ),
}

CHECKS = {
    ("inbox_item", "inbox_of_one"): "num_nonnulls(event_id, campaign_id) = 1",
    ("inbox_item", "inbox_read_is_shown"): "read_at IS NULL OR shown_at IS NOT NULL",
    ("inbox_item", "inbox_acknowledged_is_read"): "acknowledged_at IS NULL OR read_at IS NOT NULL",
    ("inbox_item", "inbox_only_documents_acknowledged"): "acknowledged_at IS NULL OR is_statutory",
    ("service_proof", "proof_step"): "step IN ('arrived', 'shown', 'read', 'acknowledged')",
    ("service_proof", "proof_begins_with_arrival"): "(seq = 1) = (step = 'arrived') AND seq > 0",
    ("service_proof", "proof_hashes"): "octet_length(content_hash) = 32 AND octet_length(hash) = 32",
    ("digest_day", "digest_counts"): "told >= 1 AND notices >= told",
    ("subscription_credit", "credit_grant_is_not_spent"): "NOT is_long_term OR notification_id IS NULL",
}

APPEND_ONLY = ("service_proof",)

# What was told, when it arrived and when it was read are written once; only content may be taken out.
_REWRITTEN = " OR ".join(
    [
        *(
            f"NEW.{name} IS DISTINCT FROM OLD.{name}"
            for name in ("message", "message_version", "is_statutory", "committed_at", "arrived_at")
        ),
        *(
            f"(OLD.{name} IS NOT NULL AND NEW.{name} IS DISTINCT FROM OLD.{name})"
            for name in ("shown_at", "read_at", "acknowledged_at")
        ),
        "(NEW.params <> OLD.params AND NEW.params <> '{}')",
    ]
)

LAST = [
    (
        (
            f"CREATE TRIGGER written_once BEFORE UPDATE ON inbox_item FOR EACH ROW WHEN ({_REWRITTEN})"
            " EXECUTE FUNCTION refuse_rewrite()"
        ),
        "DROP TRIGGER written_once ON inbox_item",
    ),
    *(
        (
            (
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()"
            ),
            f"DROP TRIGGER append_only ON {table}",
        )
        for table in APPEND_ONLY
    ),
]


class Migration(migrations.Migration):
    dependencies = [("weiban", "0011_wording")]

    operations = [
        ops.CreateModel(
            name="DigestDay",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("day", fields.DateField()),
                ("notices", fields.IntField()),
                ("told", fields.IntField(description="the first at once, the others by digests")),
                ("newest", fields.CharField(description="title of the newest", max_length=100)),
            ],
            options={
                "table": "digest_day",
                "app": "weiban",
                "unique_together": (("person_id", "day"),),
                "pk_attr": "id",
                "table_description": "汇总: how many notices a person got on one Shanghai day, and how many of them they were told of.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InboxItem",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("message", fields.CharField(description="key in config/messages.toml", max_length=40)),
                ("message_version", fields.SmallIntField(description="the wording it was told in")),
                (
                    "params",
                    fields.JSONField(
                        description="what fills the message; no personal data",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                ("event_id", fields.BigIntField(null=True, description="the outbox event it tells of")),
                ("campaign_id", fields.BigIntField(null=True, description="or the campaign it belongs to")),
                (
                    "told",
                    fields.CharField(description="the first channel, or why there was none", max_length=12),
                ),
                ("is_statutory", fields.BooleanField(description="its arrival has legal effect")),
                (
                    "committed_at",
                    fields.DatetimeField(
                        description="when the event was written or the campaign launched",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "arrived_at",
                    fields.DatetimeField(description="送达时间", auto_now=False, auto_now_add=False),
                ),
                (
                    "shown_at",
                    fields.DatetimeField(
                        null=True, description="first seen in a list", auto_now=False, auto_now_add=False
                    ),
                ),
                ("read_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "acknowledged_at",
                    fields.DatetimeField(null=True, description="签收", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "inbox_item",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "站内消息: one message in one person's inbox, of an event or of a campaign.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MessagePreference",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("message", fields.CharField(max_length=40)),
                ("is_muted", fields.BooleanField(description="inbox only")),
                (
                    "switched_off",
                    fields.CharField(
                        description="channels not to be used, with spaces between", max_length=60
                    ),
                ),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "message_preference",
                "app": "weiban",
                "unique_together": (("person_id", "message"),),
                "pk_attr": "id",
                "table_description": "消息设置: what one person wishes of one kind of message; without a row everything is on.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ServiceProof",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("item_id", fields.UUIDField()),
                ("seq", fields.SmallIntField(description="1 is the arrival")),
                (
                    "step",
                    fields.CharEnumField(
                        description="ARRIVED: arrived\nSHOWN: shown\nREAD: read\nACKNOWLEDGED: acknowledged",
                        enum_type=Step,
                        max_length=12,
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "person_id",
                    fields.UUIDField(description="whom it was served on, whatever became of them since"),
                ),
                ("content_hash", fields.BinaryField(description="keyed hash of message, version and facts")),
                ("hash", fields.BinaryField(description="SHA-256 over the hash before it and this row")),
            ],
            options={
                "table": "service_proof",
                "app": "weiban",
                "unique_together": (("item_id", "seq"), ("item_id", "step")),
                "pk_attr": "id",
                "table_description": "送达证明: one append-only row for each step of a served document, sealed by the hash of the one before.",
            },
            bases=["Model"],
        ),
        ops.AlterModelOptions(
            name="SubscriptionCredit",
            options={
                "table": "subscription_credit",
                "app": "weiban",
                "indexes": [Index(fields=["notification_id"])],
                "pk_attr": "id",
                "table_description": '订阅授权: one "accept" is one message, a row spent once; 长期订阅: any number until taken back.',
            },
        ),
        ops.AddField(
            model_name="SubscriptionCredit",
            name="is_long_term",
            field=fields.BooleanField(description="长期订阅: spent_at is when it ended", db_default=False),
        ),
        guards.operation(
            INDEXES,
            CHECKS,
            first=[guards.by_range("inbox_item", "committed_at", fill=90, has_sequence=False)],
            last=LAST,
        ),
    ]
