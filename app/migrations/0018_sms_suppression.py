"""The table of phones that take no text messages."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.kit import guards

INDEXES = {"sms_suppression_phone": "UNIQUE INDEX {} ON sms_suppression (phone_hash)"}

CHECKS = {("sms_suppression", "sms_suppression_because"): "because IN ('empty_number', 'blacklisted')"}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0017_quota")]

    operations = [
        ops.CreateModel(
            name="SmsSuppression",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("phone_hash", fields.BinaryField(description="as of a person, unique")),
                ("because", fields.CharField(description="empty_number or blacklisted", max_length=16)),
                (
                    "since",
                    fields.DatetimeField(
                        description="when the refused message was sent", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "sms_suppression",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "短信停发: a phone that takes no text messages until its owner proves it anew.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS),
    ]
