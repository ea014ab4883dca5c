"""Credit ratings by year, the releases they come in, and applications about them, with what they forbid."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.domain.credit_appeals.models import AppealKind, AppealState
from app.domain.credit_ratings.models import ReleaseState
from app.domain.credit_ratings.rule_sets import Level
from app.kit import guards

# A year is a partition, so that a release of millions takes its place at one stroke.
_BY_YEAR = (
    "ALTER TABLE credit_rating RENAME TO credit_rating_before;"
    " CREATE TABLE credit_rating (LIKE credit_rating_before INCLUDING DEFAULTS INCLUDING COMMENTS)"
    " PARTITION BY LIST (year); DROP TABLE credit_rating_before;"
    " ALTER TABLE credit_rating ADD CONSTRAINT credit_rating_pkey PRIMARY KEY (year, taxpayer_hash)"
)
# Releases that never became a partition.
_WITHOUT_THEM = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relname ~ '^credit_rating_release_[0-9]+$' AND relkind = 'r'
        AND NOT relispartition LOOP
        EXECUTE 'DROP TABLE ' || name;
    END LOOP;
END $$
"""

# The list is asked by the beginning of a name or number, sign by sign.
INDEXES = {
    "credit_rating_a_name": (
        "INDEX {} ON credit_rating (year, name COLLATE \"C\", taxpayer_hash) WHERE level = 'A'"
    ),
    "credit_rating_a_taxpayer": (
        "INDEX {} ON credit_rating (year, taxpayer_id COLLATE \"C\") WHERE level = 'A'"
    ),
    "credit_release_published_once": "UNIQUE INDEX {} ON credit_release (year) WHERE state = 'published'",
    "credit_release_file_once": (
        "UNIQUE INDEX {} ON credit_release (year, file_sha256) WHERE state IN ('draft', 'checked', 'published')"
    ),
    "credit_release_fault_of_release": "INDEX {} ON credit_release_fault (release_id, row_number)",
    "credit_appeal_once": (
        "UNIQUE INDEX {} ON credit_appeal (enterprise_id, year, kind) WHERE state IN ('applied', 'accepted')"
    ),
}

CHECKS = {
    ("credit_rating", "credit_rating_level"): "level IN ('A', 'B', 'M', 'C', 'D')",
    ("credit_rating", "credit_rating_score"): "score BETWEEN 0 AND 100",
    ("credit_rating", "credit_rating_public_of_an_a"): (
        "(level = 'A') = (name IS NOT NULL) AND (level = 'A' OR taxpayer_id IS NULL)"
    ),
    ("credit_release", "credit_release_state"): (
        "state IN ('draft', 'checked', 'published', 'replaced', 'discarded')"
    ),
    ("credit_release", "credit_release_of_two"): (
        "state NOT IN ('published', 'replaced') OR (publisher_id IS NOT NULL AND publisher_id <> author_id)"
    ),
    ("credit_release", "credit_release_dated"): (
        "(published_on IS NOT NULL) = (state IN ('published', 'replaced'))"
    ),
    ("credit_appeal", "credit_appeal_state"): (
        "state IN ('applied', 'accepted', 'adjusted', 'kept', 'not_accepted', 'withdrawn')"
    ),
    ("credit_appeal", "credit_appeal_kind"): "kind IN ('review', 'repair')",
    ("credit_appeal", "credit_appeal_decided"): ("(decided_at IS NULL) = (state IN ('applied', 'accepted'))"),
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0025_invoice_folders")]

    operations = [
        ops.CreateModel(
            name="CreditAppeal",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("enterprise_id", fields.UUIDField()),
                (
                    "person_id",
                    fields.UUIDField(null=True, description="who applied for the enterprise; null: has left"),
                ),
                ("year", fields.SmallIntField()),
                (
                    "kind",
                    fields.CharEnumField(
                        description="REVIEW: review\nREPAIR: repair", enum_type=AppealKind, max_length=8
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=AppealState.APPLIED,
                        description="APPLIED: applied\nACCEPTED: accepted\nADJUSTED: adjusted\nKEPT: kept\nNOT_ACCEPTED: not_accepted\nWITHDRAWN: withdrawn",
                        enum_type=AppealState,
                        max_length=12,
                    ),
                ),
                ("case_number", fields.CharField(unique=True, max_length=64)),
                ("reason", fields.CharField(description="the applicant's words", max_length=500)),
                (
                    "codes",
                    fields.JSONField(
                        description="指标代码 of the deductions it is about",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "level_before",
                    fields.CharEnumField(
                        description="A: A\nB: B\nM: M\nC: C\nD: D", enum_type=Level, max_length=1
                    ),
                ),
                ("score_before", fields.DecimalField(null=True, max_digits=5, decimal_places=2)),
                (
                    "level_after",
                    fields.CharEnumField(
                        null=True, description="A: A\nB: B\nM: M\nC: C\nD: D", enum_type=Level, max_length=1
                    ),
                ),
                ("score_after", fields.DecimalField(null=True, max_digits=5, decimal_places=2)),
                ("applied_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "credit_appeal",
                "app": "weiban",
                "indexes": [Index(fields=["person_id"]), Index(fields=["enterprise_id", "id"])],
                "pk_attr": "id",
                "table_description": "复核、修复申请: what an enterprise asks of one year's rating; its way is that of its case.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CreditRating",
            fields=[
                (
                    "year",
                    fields.SmallIntField(
                        generated=False, primary_key=True, unique=True, db_index=True, description="评价年度"
                    ),
                ),
                (
                    "taxpayer_hash",
                    fields.BinaryField(description="keyed hash of the number, as of an enterprise"),
                ),
                (
                    "level",
                    fields.CharEnumField(
                        description="A: A\nB: B\nM: M\nC: C\nD: D", enum_type=Level, max_length=1
                    ),
                ),
                ("score", fields.DecimalField(null=True, max_digits=5, decimal_places=2)),
                (
                    "starting_score",
                    fields.DecimalField(null=True, description="起评分", max_digits=5, decimal_places=2),
                ),
                ("authority", fields.CharField(null=True, description="主管税务机关", max_length=80)),
                ("name", fields.CharField(null=True, description="of an A alone", max_length=200)),
                (
                    "taxpayer_id",
                    fields.CharField(null=True, description="of an A alone, and of no person", max_length=20),
                ),
                ("row_number", fields.IntField(null=True, description="of the file; the heading is row 1")),
                ("release_id", fields.BigIntField()),
                ("adjusted_on", fields.DateField(null=True, description="changed since the release")),
            ],
            options={
                "table": "credit_rating",
                "app": "weiban",
                "pk_attr": "year",
                "table_description": "信用评价结果 of one enterprise and year, as released; the table is split by year.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CreditRelease",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("year", fields.SmallIntField()),
                (
                    "state",
                    fields.CharEnumField(
                        default=ReleaseState.DRAFT,
                        description="DRAFT: draft\nCHECKED: checked\nPUBLISHED: published\nREPLACED: replaced\nDISCARDED: discarded",
                        enum_type=ReleaseState,
                        max_length=10,
                    ),
                ),
                ("file_name", fields.CharField(max_length=200)),
                ("file_sha256", fields.CharField(max_length=64)),
                (
                    "rows_read",
                    fields.IntField(
                        default=0, description="rows of the file behind us, the heading included"
                    ),
                ),
                ("broken", fields.IntField(default=0, description="rows left out for what they say")),
                (
                    "doubled",
                    fields.IntField(
                        default=0, description="rows left out for repeating or contradicting another"
                    ),
                ),
                (
                    "levels",
                    fields.JSONField(
                        null=True,
                        description="ratings by level, once checked",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                ("author_id", fields.UUIDField(description="the member of staff who imported it")),
                (
                    "publisher_id",
                    fields.UUIDField(null=True, description="the one who published it; another"),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
                ("published_on", fields.DateField(null=True)),
            ],
            options={
                "table": "credit_release",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "评价结果批次: a file with the ratings of a year, and how far it has come.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CreditReleaseFault",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("release_id", fields.BigIntField()),
                ("row_number", fields.IntField()),
                ("title", fields.CharField(description="of the column", max_length=40)),
                ("reason", fields.CharField(max_length=200)),
                ("value", fields.CharField(max_length=60)),
            ],
            options={
                "table": "credit_release_fault",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "导入问题: a row of a file that was left out, and why; the value is masked.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=((_BY_YEAR, _WITHOUT_THEM),)),
    ]
