"""Tables of notices with their versions, reviews and history, with what they forbid."""

from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.db_defaults import Now
from tortoise.migrations import operations as ops

from app.domain.catalogue.models import WordVector
from app.domain.notices.models import NoticeKind, NoticeState
from app.kit import guards

INDEXES = {
    "notice_listed": "INDEX {} ON notice (published_at DESC, id DESC) WHERE state = 'published'",
    "notice_due": "INDEX {} ON notice (publish_at) WHERE state = 'scheduled' AND publish_at IS NOT NULL",
    "notice_of_state": "INDEX {} ON notice (state, id)",
    "notice_event_of_notice": "INDEX {} ON notice_event (notice_id, id)",
    "notice_attachment_of_notice": "INDEX {} ON notice_attachment (notice_id, id)",
    "notice_attachment_name": "UNIQUE INDEX {} ON notice_attachment (notice_id, name) WHERE removed_in IS NULL",
    "notice_index_words": "INDEX {} ON notice_index USING gin (words) WITH (fastupdate = off)",
}

CHECKS = {
    ("notice", "notice_kind"): "kind IN ('announcement', 'policy', 'calendar', 'interpretation')",
    ("notice", "notice_state"): (
        "state IN ('draft', 'first_review', 'second_review', 'third_review', 'scheduled', 'published',"
        " 'withdrawn')"
    ),
    ("notice", "notice_version_counts"): "version > 0",
    ("notice", "notice_has_its_time_when_reviewed"): (
        "publish_at IS NULL OR state IN ('scheduled', 'published', 'withdrawn')"
    ),
    ("notice", "notice_published_at"): "(published_at IS NOT NULL) = (state IN ('published', 'withdrawn'))",
    ("notice", "notice_withdrawn_at"): "(withdrawn_at IS NOT NULL) = (state = 'withdrawn')",
    ("notice", "notice_withdrawn_because"): "(withdrawn_at IS NULL) = (withdrawn_because IS NULL)",
    ("notice_version", "notice_version_groups"): (
        "groups <@ ARRAY['visitor', 'natural_person', 'enterprise_agent', 'legal_representative']"
    ),
    ("notice_version", "notice_version_has_words"): "title <> '' AND summary <> '' AND body <> ''",
    ("notice_review", "notice_review_round"): "round BETWEEN 1 AND 3",
    ("notice_review", "notice_review_reason"): "is_approved = (reason IS NULL)",
    ("notice_attachment", "notice_attachment_size"): "size BETWEEN 1 AND 20971520",
    ("notice_attachment", "notice_attachment_hash"): "sha256 ~ '^[0-9a-f]{64}$'",
    ("notice_attachment", "notice_attachment_scan"): "scan IN ('clean', 'not_scanned')",
    ("notice_attachment", "notice_attachment_versions"): (
        "added_in > 0 AND (removed_in IS NULL OR removed_in > added_in)"
    ),
    ("notice_reads", "notice_readers_counted"): "readers > 0",
}

APPEND_ONLY = ("notice_version", "notice_review", "notice_event")

_OF_NOTICE = (
    "notice_version",
    "notice_review",
    "notice_event",
    "notice_attachment",
    "notice_index",
    "notice_reads",
)

FIRST = [
    (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_notice FOREIGN KEY (notice_id) REFERENCES notice (id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_notice",
    )
    for table in _OF_NOTICE
]

# 三审三校 holds whatever the code does: three approvals of this very version before it is seen, by three
# people (the unique indexes of notice_review) none of whom wrote any of it; what was seen stays as it was.
_STEP = """
CREATE FUNCTION check_notice_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            RAISE EXCEPTION 'a notice begins as a draft' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'withdrawn' OR (OLD.state = 'published' AND NEW.state <> 'withdrawn') THEN
        RAISE EXCEPTION 'a published notice is withdrawn and nothing else' USING ERRCODE = 'check_violation';
    END IF;
    IF OLD.state = 'published' AND (NEW.version, NEW.published_at, NEW.kind)
        IS DISTINCT FROM (OLD.version, OLD.published_at, OLD.kind) THEN
        RAISE EXCEPTION 'what was published stays as it was' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state = 'published' AND OLD.state <> 'scheduled' THEN
        RAISE EXCEPTION 'only a reviewed notice is published' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.state IN ('scheduled', 'published') AND 3 <> (
        SELECT count(*) FROM notice_review r
        WHERE r.notice_id = NEW.id AND r.version = NEW.version AND r.is_approved) THEN
        RAISE EXCEPTION 'a notice needs three approvals of its version' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""
_REVIEW = """
CREATE FUNCTION check_notice_review() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM notice_version v
               WHERE v.notice_id = NEW.notice_id AND v.author_id = NEW.reviewer_id) THEN
        RAISE EXCEPTION 'nobody reviews what they wrote' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$
"""

LAST = [
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
    (_STEP, "DROP FUNCTION check_notice_step()"),
    (
        (
            "CREATE TRIGGER check_step BEFORE INSERT OR UPDATE ON notice"
            " FOR EACH ROW EXECUTE FUNCTION check_notice_step()"
        ),
        "DROP TRIGGER check_step ON notice",
    ),
    (_REVIEW, "DROP FUNCTION check_notice_review()"),
    (
        (
            "CREATE TRIGGER check_review BEFORE INSERT ON notice_review"
            " FOR EACH ROW EXECUTE FUNCTION check_notice_review()"
        ),
        "DROP TRIGGER check_review ON notice_review",
    ),
]


class Migration(migrations.Migration):
    dependencies = [("weiban", "0015_mass_send")]

    operations = [
        ops.CreateModel(
            name="Notice",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("kind", fields.CharEnumField(description="栏目", enum_type=NoticeKind, max_length=16)),
                (
                    "state",
                    fields.CharEnumField(
                        default=NoticeState.DRAFT,
                        description="DRAFT: draft\nFIRST_REVIEW: first_review\nSECOND_REVIEW: second_review\nTHIRD_REVIEW: third_review\nSCHEDULED: scheduled\nPUBLISHED: published\nWITHDRAWN: withdrawn",
                        enum_type=NoticeState,
                        max_length=16,
                    ),
                ),
                (
                    "version",
                    fields.SmallIntField(
                        default=1, description="counts every change of its words or attachments"
                    ),
                ),
                (
                    "region_code",
                    fields.CharField(
                        null=True, description="辖区 whose staff handle it; null: none", max_length=12
                    ),
                ),
                (
                    "publish_at",
                    fields.DatetimeField(
                        null=True,
                        description="when it is to be published",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("published_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("withdrawn_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "withdrawn_because",
                    fields.CharField(null=True, description="what readers are told", max_length=200),
                ),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "微发布稿件: where it stands; its words are those of its version.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoticeAttachment",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("notice_id", fields.BigIntField()),
                ("name", fields.CharField(max_length=100)),
                ("media_type", fields.CharField(max_length=100)),
                ("size", fields.IntField(description="bytes")),
                ("sha256", fields.CharField(description="under which the file is kept", max_length=64)),
                ("scan", fields.CharField(description="what the virus scanner said", max_length=16)),
                ("added_in", fields.SmallIntField()),
                ("removed_in", fields.SmallIntField(null=True)),
            ],
            options={
                "table": "notice_attachment",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "附件: a file of the versions from ``added_in`` until before ``removed_in``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoticeEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("notice_id", fields.BigIntField()),
                ("version", fields.SmallIntField()),
                ("kind", fields.CharField(max_length=16)),
                ("actor", fields.CharField(max_length=64)),
                ("reason", fields.CharField(null=True, max_length=500)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice_event",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "稿件流水: one append-only row for each step of a notice.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoticeIndex",
            fields=[
                (
                    "notice_id",
                    fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True),
                ),
                ("words", WordVector(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "notice_index",
                "app": "weiban",
                "pk_attr": "notice_id",
                "table_description": "What a published notice is found by.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoticeReads",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("notice_id", fields.BigIntField()),
                ("on", fields.DateField(description="the day in Shanghai")),
                ("readers", fields.IntField()),
            ],
            options={
                "table": "notice_reads",
                "app": "weiban",
                "unique_together": (("notice_id", "on"),),
                "pk_attr": "id",
                "table_description": "阅读人数: how many readers a notice had on one day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoticeReview",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("notice_id", fields.BigIntField()),
                ("version", fields.SmallIntField()),
                ("round", fields.SmallIntField(description="1 一审, 2 二审, 3 三审")),
                ("reviewer_id", fields.UUIDField()),
                ("is_approved", fields.BooleanField()),
                ("reason", fields.CharField(null=True, description="why it was refused", max_length=500)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice_review",
                "app": "weiban",
                "unique_together": (
                    ("notice_id", "version", "reviewer_id"),
                    ("notice_id", "version", "round"),
                ),
                "pk_attr": "id",
                "table_description": "审校意见: what one reviewer found of one version; append-only.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="NoticeVersion",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("notice_id", fields.BigIntField()),
                ("version", fields.SmallIntField()),
                ("author_id", fields.UUIDField(description="the member of staff who wrote it")),
                ("title", fields.CharField(max_length=100)),
                ("source", fields.CharField(description="发布机关", max_length=60)),
                ("document_number", fields.CharField(null=True, description="文号", max_length=60)),
                ("summary", fields.CharField(max_length=200)),
                ("body", fields.TextField(description="sanitised HTML", unique=False)),
                ("groups", ArrayField(description="纳税人分组; empty: for everybody", element_type="TEXT")),
                (
                    "expires_at",
                    fields.DatetimeField(
                        null=True, description="when it is listed no more", auto_now=False, auto_now_add=False
                    ),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "notice_version",
                "app": "weiban",
                "unique_together": (("notice_id", "version"),),
                "pk_attr": "id",
                "table_description": "稿件版本: the words as they were at one time; append-only.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=FIRST, last=LAST),
    ]
