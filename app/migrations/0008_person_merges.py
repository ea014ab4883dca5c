"""Merges of persons, remembered so that they can be undone; one that holds is the last of its person."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.kit import guards

INDEXES = {
    "person_absorbed_once": "UNIQUE INDEX {} ON person_merge (absorbed_id) WHERE undone_at IS NULL",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0007_guides_and_cases")]

    operations = [
        ops.CreateModel(
            name="PersonMerge",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("kept_id", fields.UUIDField()),
                ("absorbed_id", fields.UUIDField()),
                ("actor", fields.CharField(max_length=80)),
                ("reason", fields.CharField(max_length=120)),
                (
                    "moved",
                    fields.JSONField(
                        description="keys of the rows that changed hands, by section",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "kept_before",
                    fields.JSONField(
                        description="what was proved of each, sealed", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "absorbed_before",
                    fields.JSONField(description="the same of the other", encoder=JSON_DUMPS, decoder=loads),
                ),
                ("merged_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("undone_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "person_merge",
                "app": "weiban",
                "indexes": [Index(fields=["kept_id"]), Index(fields=["absorbed_id"])],
                "pk_attr": "id",
                "table_description": "合并: that two persons became one, with all that is needed to part them again (A13).",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES),
    ]
