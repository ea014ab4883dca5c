"""Tables of the template library and of the groups of followers."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.migrations import operations as ops

from app.domain.accounts.models import TaxpayerGroup
from app.kit import guards
from notifications.models import Channel

# Whose tag at WeChat is not yet that of their group: few at any time, among all followers. As a column
# of its own the planner knows how few; of the bare comparison it would believe nearly everybody.
DUE = (
    (
        "ALTER TABLE follower_group ADD COLUMN is_due boolean"
        " GENERATED ALWAYS AS (tagged_as IS DISTINCT FROM taxpayer_group) STORED"
    ),
    "ALTER TABLE follower_group DROP COLUMN is_due",
)

INDEXES = {
    "follower_group_to_tag": "INDEX {} ON follower_group (identity_id) WHERE is_due",
}

CHECKS = {
    ("follower_group", "follower_group_known"): (
        "taxpayer_group IN ('visitor', 'natural_person', 'enterprise_agent', 'legal_representative')"
    ),
    ("wechat_template", "wechat_template_channel"): "channel IN ('template', 'subscribe')",
}

# Whoever leaves is forgotten here as well.
FORGOTTEN = (
    (
        "ALTER TABLE follower_group ADD CONSTRAINT follower_group_identity"
        " FOREIGN KEY (identity_id) REFERENCES wechat_identity (id) ON DELETE CASCADE"
    ),
    "ALTER TABLE follower_group DROP CONSTRAINT follower_group_identity",
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0005_scenes_and_handoffs")]

    operations = [
        ops.CreateModel(
            name="FollowerGroup",
            fields=[
                (
                    "identity_id",
                    fields.BigIntField(
                        generated=False,
                        primary_key=True,
                        unique=True,
                        db_index=True,
                        description="of a WeChatIdentity",
                    ),
                ),
                (
                    "taxpayer_group",
                    fields.CharEnumField(
                        description="VISITOR: visitor\nNATURAL_PERSON: natural_person\nENTERPRISE_AGENT: enterprise_agent\nLEGAL_REPRESENTATIVE: legal_representative",
                        enum_type=TaxpayerGroup,
                        max_length=24,
                    ),
                ),
                ("because", fields.CharField(description="the fact that decided, in words", max_length=80)),
                ("rules_version", fields.SmallIntField()),
                ("changed_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "tagged_as",
                    fields.CharEnumField(
                        null=True,
                        description="the tag at WeChat",
                        enum_type=TaxpayerGroup,
                        max_length=24,
                    ),
                ),
                (
                    "tagging_since",
                    fields.DatetimeField(
                        null=True,
                        description="a call is under way, or its fate unknown",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "follower_group",
                "app": "weiban",
                "pk_attr": "identity_id",
                "table_description": "粉丝分组: the group of one follower, why, and which group's tag WeChat has put on them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="WeChatTemplate",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("appid", fields.CharField(max_length=32)),
                ("template_id", fields.CharField(max_length=64)),
                (
                    "channel",
                    fields.CharEnumField(
                        description="TEMPLATE: template\nSUBSCRIBE: subscribe",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("title", fields.CharField(max_length=100)),
                (
                    "content",
                    fields.TextField(description="WeChat's text, with {{thing1.DATA}} in it", unique=False),
                ),
                (
                    "lines",
                    fields.JSONField(
                        description="label and key of each line, in order",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "choices",
                    fields.JSONField(
                        description="the values of enumerated fields, by key",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "is_long_term",
                    fields.BooleanField(
                        default=False, description="长期订阅: one accept, any number of sends"
                    ),
                ),
                ("example", fields.TextField(unique=False)),
                ("synced_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "gone_at",
                    fields.DatetimeField(
                        null=True,
                        description="no longer in the account since then",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "wechat_template",
                "app": "weiban",
                "unique_together": (("appid", "template_id"),),
                "pk_attr": "id",
                "table_description": "模板: a template of one of our accounts, as WeChat told at the last sync.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=[DUE], last=[FORGOTTEN]),
    ]
