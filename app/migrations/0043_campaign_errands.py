"""Errands of campaigns: deeds on whole audiences that wait for the worker, one at a time for each campaign."""

from tortoise import fields, migrations
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards
from notifications.campaigns.models import ErrandDeed

INDEXES = {
    "campaign_errand_open": "UNIQUE INDEX {} ON campaign_errand (campaign_id) WHERE ended_at IS NULL",
}
CHECKS = {
    ("campaign_errand", "campaign_errand_deed"): "deed IN ('try_out','approve')",
    ("campaign_errand", "campaign_errand_refused"): (
        "(refusal IS NULL) = (refusal_code IS NULL) AND (refusal IS NULL OR ended_at IS NOT NULL)"
    ),
}
FIRST = [
    (
        (
            "ALTER TABLE campaign_errand ADD CONSTRAINT campaign_errand_campaign"
            " FOREIGN KEY (campaign_id) REFERENCES campaign (id)"
        ),
        "ALTER TABLE campaign_errand DROP CONSTRAINT campaign_errand_campaign",
    )
]


class Migration(migrations.Migration):
    dependencies = [("weiban", "0042_reminder_scene")]

    operations = [
        ops.CreateModel(
            name="CampaignErrand",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("campaign_id", fields.BigIntField()),
                (
                    "deed",
                    fields.CharEnumField(
                        description="TRY_OUT: try_out\nAPPROVE: approve", enum_type=ErrandDeed, max_length=8
                    ),
                ),
                ("version", fields.IntField(description="of the campaign when this was asked for")),
                ("member_id", fields.UUIDField(description="who asked")),
                ("session_id", fields.UUIDField(description="in which session")),
                ("asked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "begun_at",
                    fields.DatetimeField(
                        null=True,
                        description="a worker took it up for the first time",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("refusal_code", fields.CharField(null=True, max_length=40)),
                (
                    "refusal",
                    fields.CharField(
                        null=True, description="in Chinese, as the member reads it", max_length=400
                    ),
                ),
            ],
            options={
                "table": "campaign_errand",
                "app": "weiban",
                "indexes": [Index(fields=["campaign_id", "id"])],
                "pk_attr": "id",
                "table_description": "群发交办: a deed that a member asked for and the worker does; open until it ended, one for a campaign.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=FIRST),
    ]
