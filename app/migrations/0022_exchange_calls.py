"""What was asked of outside systems, by month, and what was wrong with their answers."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.kit import guards

INDEXES = {
    "exchange_call_at": "INDEX {} ON exchange_call (at)",
    "exchange_call_person": "INDEX {} ON exchange_call (person_id, at) WHERE person_id IS NOT NULL",
    "exchange_call_subject": "INDEX {} ON exchange_call (subject_hash, at) WHERE subject_hash IS NOT NULL",
    "exchange_finding_at": "INDEX {} ON exchange_finding (at)",
}

_SOURCES = "source IN ('idv','invoice','credit','library')"
CHECKS = {
    ("exchange_call", "exchange_call_source"): _SOURCES,
    ("exchange_call", "exchange_call_counts"): (
        "duration_ms >= 0 AND attempts >= 0 AND bytes_sent >= 0 AND bytes_received >= 0"
    ),
    ("exchange_finding", "exchange_finding_source"): _SOURCES,
    ("exchange_finding", "exchange_finding_kind"): (
        "kind IN ('bad_signature','wrong_subject','clock_skew','nonsense','surplus_fields','no_ground')"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0021_case_followers")]

    operations = [
        ops.CreateModel(
            name="ExchangeCall",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "at",
                    fields.DatetimeField(description="when it was asked", auto_now=False, auto_now_add=False),
                ),
                (
                    "source",
                    fields.CharField(
                        description="the outside system: idv, invoice, credit, library", max_length=16
                    ),
                ),
                ("purpose", fields.CharField(description="用途", max_length=40)),
                (
                    "fields_asked",
                    fields.CharField(description="names of fields, with spaces between", max_length=400),
                ),
                (
                    "subject_hash",
                    fields.BinaryField(null=True, description="keyed hash of whom or what it is about"),
                ),
                ("person_id", fields.UUIDField(null=True, description="who asked, if a person did")),
                (
                    "cause",
                    fields.CharField(
                        null=True, description="the route or job it was asked in", max_length=120
                    ),
                ),
                ("request_id", fields.CharField(null=True, max_length=32)),
                (
                    "outcome",
                    fields.CharField(
                        description="answered, cached, stale, or why there was no answer", max_length=16
                    ),
                ),
                ("duration_ms", fields.IntField()),
                ("attempts", fields.SmallIntField(description="times it left, 0 if it did not")),
                ("bytes_sent", fields.IntField()),
                ("bytes_received", fields.IntField()),
                (
                    "hops",
                    fields.CharField(
                        description="the systems it passed, as they told, with commas between", max_length=400
                    ),
                ),
            ],
            options={
                "table": "exchange_call",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "共享调用: one question to an outside system, by purpose and names of fields, never with a value.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ExchangeFinding",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("source", fields.CharField(description="the outside system", max_length=16)),
                ("kind", fields.CharField(max_length=24)),
                (
                    "detail",
                    fields.CharField(description="what was seen, in words without values", max_length=200),
                ),
                ("request_id", fields.CharField(null=True, max_length=32)),
            ],
            options={
                "table": "exchange_finding",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "异常: an answer that must not be believed, or a question that must not be asked; without any value.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=(guards.by_range("exchange_call", "at"),)),
    ]
