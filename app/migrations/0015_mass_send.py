"""Tables of mass sends: calls, lists, everybody's month, reports and pictures, with what they forbid."""

from tortoise import fields, migrations
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards
from notifications.campaigns.mass.models import BatchState, Way

_OPEN = "('gathering', 'created', 'claimed', 'sending')"

INDEXES = {
    # Two feeders cannot have two calls of one campaign under way.
    "mass_batch_one_at_a_time": f"UNIQUE INDEX {{}} ON mass_batch (campaign_id) WHERE state IN {_OPEN}",
    "mass_batch_open": (
        "INDEX {} ON mass_batch (run_at, id) WHERE state NOT IN ('done', 'failed', 'unknown')"
    ),
    "mass_batch_to_spread": "INDEX {} ON mass_batch (id) WHERE NOT is_spread",
    "mass_batch_msg_id": "INDEX {} ON mass_batch (msg_id) WHERE msg_id IS NOT NULL",
}

CHECKS = {
    ("mass_batch", "mass_batch_state"): (
        f"state IN {_OPEN} OR state IN ('accepted', 'done', 'failed', 'unknown')"
    ),
    ("mass_batch", "mass_batch_way"): "way IN ('list', 'tag', 'all') AND (way = 'tag') = (tag IS NOT NULL)",
    ("mass_batch", "mass_batch_size"): "size >= 0 AND (way <> 'list' OR size BETWEEN 1 AND 10000)",
    ("mass_batch", "mass_batch_month"): "extract(day FROM month) = 1",
    ("mass_batch", "mass_batch_owned"): (
        "(state IN ('claimed', 'sending')) = (owner IS NOT NULL) AND (owner IS NULL) = (lease_until IS NULL)"
    ),
    ("mass_batch", "mass_batch_accepted"): (
        "(msg_id IS NULL) = (accepted_at IS NULL) AND (state <> 'accepted' OR msg_id IS NOT NULL)"
    ),
    ("mass_batch", "mass_batch_settled"): (
        "(state IN ('done', 'failed', 'unknown')) = (settled_at IS NOT NULL)"
        " AND (settled_at IS NOT NULL OR NOT is_spread)"
    ),
    ("mass_month", "mass_month_four"): "count BETWEEN 0 AND 4",
    ("mass_month", "mass_month_first_day"): "extract(day FROM month) = 1",
}

CAMPAIGN = (
    (
        (
            "ALTER TABLE mass_batch ADD CONSTRAINT mass_batch_campaign"
            " FOREIGN KEY (campaign_id) REFERENCES campaign (id)"
        ),
        "ALTER TABLE mass_batch DROP CONSTRAINT mass_batch_campaign",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0014_campaigns")]

    operations = [
        ops.CreateModel(
            name="MassBatch",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("campaign_id", fields.BigIntField()),
                ("ord", fields.SmallIntField(description="place among the calls of the campaign")),
                (
                    "way",
                    fields.CharEnumField(
                        description="LIST: list\nTAG: tag\nALL: all", enum_type=Way, max_length=4
                    ),
                ),
                (
                    "tag",
                    fields.CharField(
                        null=True, description="the follower group whose tag is called", max_length=24
                    ),
                ),
                ("size", fields.IntField(description="how many people it is for")),
                ("month", fields.DateField(description="first day of the month in Shanghai it counts in")),
                ("client_msg_id", fields.CharField(unique=True, max_length=32)),
                (
                    "state",
                    fields.CharEnumField(
                        description="GATHERING: gathering\nCREATED: created\nCLAIMED: claimed\nSENDING: sending\nACCEPTED: accepted\nDONE: done\nFAILED: failed\nUNKNOWN: unknown",
                        enum_type=BatchState,
                        max_length=10,
                    ),
                ),
                ("run_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("owner", fields.UUIDField(null=True)),
                ("lease_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("attempt", fields.SmallIntField(default=0)),
                (
                    "media_id",
                    fields.CharField(
                        null=True, description="of the draft, until it was sent", max_length=160
                    ),
                ),
                (
                    "called_at",
                    fields.DatetimeField(
                        null=True,
                        description="of the first call WeChat may have acted on",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("msg_id", fields.BigIntField(null=True, description="WeChat's number of the send")),
                ("accepted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "is_spread",
                    fields.BooleanField(default=False, description="its recipients were told how it ended"),
                ),
                ("spread_to", fields.UUIDField(null=True, description="how far that has come")),
                ("result", fields.CharField(null=True, description="in WeChat's words", max_length=80)),
                ("total_count", fields.IntField(null=True, description="people WeChat looked at")),
                (
                    "filter_count",
                    fields.IntField(null=True, description="of them, those left after its filter"),
                ),
                ("sent_count", fields.IntField(null=True)),
                ("error_count", fields.IntField(null=True)),
                ("error_code", fields.IntField(null=True)),
                ("error_text", fields.CharField(null=True, max_length=200)),
            ],
            options={
                "table": "mass_batch",
                "app": "weiban",
                "unique_together": (("campaign_id", "ord"),),
                "pk_attr": "id",
                "table_description": "群发批次: one call of a mass send, its tries, and the counts WeChat reported of it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MassMonth",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("month", fields.DateField()),
                ("count", fields.SmallIntField()),
            ],
            options={
                "table": "mass_month",
                "app": "weiban",
                "unique_together": (("person_id", "month"),),
                "pk_attr": "id",
                "table_description": "群发月账: how many mass sends a follower had in a calendar month; WeChat carries four.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MassPicture",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("account_id", fields.CharField(max_length=32)),
                ("sha256", fields.CharField(max_length=64)),
                ("is_cover", fields.BooleanField(description="封面, else inside an article")),
                (
                    "reference",
                    fields.CharField(description="media_id of a cover, else the address", max_length=500),
                ),
            ],
            options={
                "table": "mass_picture",
                "app": "weiban",
                "unique_together": (("account_id", "sha256", "is_cover"),),
                "pk_attr": "id",
                "table_description": "群发图片: a picture of ours that WeChat has, so that it is uploaded once.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MassReceipt",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("account_id", fields.CharField(max_length=32)),
                ("msg_id", fields.BigIntField()),
                ("result", fields.CharField(max_length=80)),
                ("total_count", fields.IntField()),
                ("filter_count", fields.IntField()),
                ("sent_count", fields.IntField()),
                ("error_count", fields.IntField()),
                ("received_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "mass_receipt",
                "app": "weiban",
                "indexes": [Index(fields=["msg_id"])],
                "pk_attr": "id",
                "table_description": "群发回执: what WeChat reports of a mass send, appended as it came and applied later.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="MassRecipient",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "batch",
                    fields.ForeignKeyField(
                        "weiban.MassBatch",
                        source_field="batch_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="people",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("person_id", fields.UUIDField()),
                ("openid", fields.CharField(max_length=64)),
            ],
            options={
                "table": "mass_recipient",
                "app": "weiban",
                "unique_together": (("batch_id", "person_id"),),
                "indexes": [Index(fields=["person_id"])],
                "pk_attr": "id",
                "table_description": "群发名单: one person of a call by list, until the call is settled.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, last=CAMPAIGN),
    ]
