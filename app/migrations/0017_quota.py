"""Tables of the day's use of quotas, and of stops."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.kit import guards
from notifications.models import Channel

_CHANNELS = "channel IN ('template', 'subscribe', 'custom', 'sms')"

INDEXES: dict[str, str] = {}

CHECKS = {
    ("send_day", "send_day_channel"): _CHANNELS,
    ("send_day", "send_day_lane"): "lane BETWEEN 0 AND 2",
    ("send_day", "send_day_used"): "used >= 0",
    ("sending_stop", "sending_stop_channel"): _CHANNELS,
    ("sending_stop", "sending_stop_ends_later"): "until > since",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0016_notices")]

    operations = [
        ops.CreateModel(
            name="SendDay",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "channel",
                    fields.CharEnumField(
                        description="TEMPLATE: template\nSUBSCRIBE: subscribe\nCUSTOM: custom\nSMS: sms",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("account_id", fields.CharField(max_length=32)),
                ("day", fields.DateField(description="in Shanghai")),
                ("lane", fields.SmallIntField(description="0 urgent, 1 normal, 2 bulk")),
                ("used", fields.IntField()),
            ],
            options={
                "table": "send_day",
                "app": "weiban",
                "unique_together": (("channel", "account_id", "day", "lane"),),
                "pk_attr": "id",
                "table_description": "日用量: how much of a channel's daily quota one lane has used, in whole batches.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SendingStop",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "channel",
                    fields.CharEnumField(
                        description="TEMPLATE: template\nSUBSCRIBE: subscribe\nCUSTOM: custom\nSMS: sms",
                        enum_type=Channel,
                        max_length=12,
                    ),
                ),
                ("account_id", fields.CharField(max_length=32)),
                ("since", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("until", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("because", fields.CharField(max_length=200)),
                (
                    "asked_at",
                    fields.DatetimeField(
                        null=True,
                        description="when WeChat was last asked whether there is room",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "sending_stop",
                "app": "weiban",
                "unique_together": (("channel", "account_id"),),
                "pk_attr": "id",
                "table_description": "停发: nothing goes out on a channel of an account until then; one a channel, the latest.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS),
    ]
