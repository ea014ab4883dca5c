"""Tables of guides with their search, and of cases with their history, with what they forbid."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.migrations import operations as ops

from app.domain.cases.models import CaseState
from app.domain.catalogue.models import Audience, WordVector
from app.kit import guards

INDEXES = {
    # Without a pending list: a reader never has to look through what writers have left to sort.
    "guide_index_words": "INDEX {} ON guide_index USING gin (words) WITH (fastupdate = off)",
    "case_of_person": "INDEX {} ON case_file (person_id, updated_at) WHERE person_id IS NOT NULL",
    "case_of_enterprise": "INDEX {} ON case_file (enterprise_id, updated_at) WHERE enterprise_id IS NOT NULL",
    "failed_lookups_to_forget": "INDEX {} ON case_failed_lookups (forget_at)",
}

CHECKS = {
    ("guide", "guide_code"): "code ~ '^[a-z0-9-]{2,40}$'",
    ("guide", "guide_audience"): "audience IN ('anyone', 'person', 'individual_business', 'enterprise')",
    ("guide", "guide_version"): "version > 0",
    ("case_file", "case_number"): "number ~ '^[0-9A-Z-]{8,64}$'",
    ("case_file", "case_state"): (
        "state IN ('submitted','pre_review','supplement','not_accepted','transferred','accepted','review',"
        "'suspended','granted','denied','issued','delivered','closed','withdrawn','terminated')"
    ),
    ("case_file", "case_due_is_fixed_when_accepted"): "(accepted_at IS NULL) = (due_on IS NULL)",
    ("case_file", "case_has_events"): "last_seq > 0",
    ("case_event", "case_event_seq"): "seq > 0",
    ("case_failed_lookups", "failed_lookups_counted"): "failures > 0",
}

APPEND_ONLY = ("case_event",)

FIRST = [
    # Byte order, so that all words with one beginning are one range of the index.
    (
        'ALTER TABLE guide_word ALTER COLUMN word TYPE varchar(80) COLLATE "C"',
        "ALTER TABLE guide_word ALTER COLUMN word TYPE varchar(80)",
    ),
    (
        (
            "ALTER TABLE guide_index ADD CONSTRAINT guide_index_guide"
            " FOREIGN KEY (guide_id) REFERENCES guide (id) ON DELETE CASCADE"
        ),
        "ALTER TABLE guide_index DROP CONSTRAINT guide_index_guide",
    ),
]

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
    # The words are read through their index alone, so they move out of the way of what is counted.
    (
        "ALTER TABLE guide_index SET (toast_tuple_target = 128)",
        "ALTER TABLE guide_index RESET (toast_tuple_target)",
    ),
    # Room on the page for the next state, so that a step touches no index.
    ("ALTER TABLE case_file SET (fillfactor = 80)", "ALTER TABLE case_file RESET (fillfactor)"),
]


class Migration(migrations.Migration):
    dependencies = [("weiban", "0006_template_library")]

    operations = [
        ops.CreateModel(
            name="Case",
            fields=[
                (
                    "number",
                    fields.CharField(
                        primary_key=True, unique=True, db_index=True, description="办件编号", max_length=64
                    ),
                ),
                (
                    "item_code",
                    fields.CharField(null=True, description="实施编码 or 业务办理项编码", max_length=33),
                ),
                ("item_name", fields.CharField(description="事项名称", max_length=200)),
                (
                    "person_id",
                    fields.UUIDField(
                        null=True, description="who applied, for themselves or for the enterprise"
                    ),
                ),
                (
                    "enterprise_id",
                    fields.UUIDField(null=True, description="whose matter it is, if not the person's"),
                ),
                (
                    "office",
                    fields.CharField(
                        description="who has it now: an office or post, never a name", max_length=80
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="SUBMITTED: submitted\nPRE_REVIEW: pre_review\nSUPPLEMENT: supplement\nNOT_ACCEPTED: not_accepted\nTRANSFERRED: transferred\nACCEPTED: accepted\nREVIEW: review\nSUSPENDED: suspended\nGRANTED: granted\nDENIED: denied\nISSUED: issued\nDELIVERED: delivered\nCLOSED: closed\nWITHDRAWN: withdrawn\nTERMINATED: terminated",
                        enum_type=CaseState,
                        max_length=12,
                    ),
                ),
                (
                    "submitted_at",
                    fields.DatetimeField(description="收件", auto_now=False, auto_now_add=False),
                ),
                (
                    "accepted_at",
                    fields.DatetimeField(null=True, description="受理", auto_now=False, auto_now_add=False),
                ),
                ("due_on", fields.DateField(null=True, description="办结期限")),
                (
                    "query_code_hash",
                    fields.BinaryField(null=True, description="keyed hash of 查询码 with the number"),
                ),
                ("last_seq", fields.SmallIntField(default=0, description="of its newest event")),
                (
                    "updated_at",
                    fields.DatetimeField(
                        description="when its newest event happened", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "case_file",
                "app": "weiban",
                "pk_attr": "number",
                "table_description": "办件: somebody's matter with an office, as it stands now.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("case_number", fields.CharField(max_length=64)),
                ("seq", fields.SmallIntField(description="1 is the submission")),
                ("kind", fields.CharField(description="the state it led to", max_length=24)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("office", fields.CharField(max_length=80)),
                ("text", fields.CharField(description="what the applicant is told", max_length=500)),
                (
                    "finding",
                    fields.CharField(null=True, description="what supervision should look at", max_length=40),
                ),
                ("hash", fields.BinaryField(description="SHA-256 over the hash before it and this row")),
                ("recorded_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_event",
                "app": "weiban",
                "unique_together": (("case_number", "seq"),),
                "pk_attr": "id",
                "table_description": "办件流水: one append-only row for each step, each sealed by the hash of the one before it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FailedLookups",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("failures", fields.SmallIntField()),
                (
                    "forget_at",
                    fields.DatetimeField(
                        description="when it counts no more; until then five lock",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "case_failed_lookups",
                "app": "weiban",
                "pk_attr": "key",
                "table_description": "查询失败计数 of a case number or of an asker, each known only by a keyed hash.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Guide",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("code", fields.CharField(unique=True, max_length=40)),
                ("title", fields.CharField(max_length=80)),
                ("summary", fields.CharField(max_length=200)),
                (
                    "sections",
                    fields.JSONField(description="in reading order", encoder=JSON_DUMPS, decoder=loads),
                ),
                (
                    "keywords",
                    fields.JSONField(
                        description="what else people call it", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "basis",
                    fields.JSONField(
                        description="依据: laws and announcements, by name", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("audience", fields.CharEnumField(description="服务对象", enum_type=Audience, max_length=20)),
                ("topic", fields.CharField(description="主题", max_length=20)),
                ("version", fields.IntField(default=1, description="counts every change of its words")),
                ("published_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "withdrawn_at",
                    fields.DatetimeField(null=True, description="下架", auto_now=False, auto_now_add=False),
                ),
                (
                    "updated_on",
                    fields.DateField(description="the day its words were last checked, as readers are told"),
                ),
            ],
            options={
                "table": "guide",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "办事指南: what to bring, where to go and what comes of it, in words a citizen understands.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GuideIndex",
            fields=[
                (
                    "guide_id",
                    fields.BigIntField(generated=False, primary_key=True, unique=True, db_index=True),
                ),
                ("words", WordVector(generated=False, null=False, unique=False)),
            ],
            options={
                "table": "guide_index",
                "app": "weiban",
                "pk_attr": "guide_id",
                "table_description": "What a published guide is found by: one narrow row, so that counting hits reads few pages.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GuideWord",
            fields=[
                ("word", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=80)),
                ("guides", fields.IntField()),
            ],
            options={
                "table": "guide_word",
                "app": "weiban",
                "pk_attr": "word",
                "table_description": "In how many published guides a word occurs: what is rare says more about a question.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=FIRST, last=LAST),
    ]
