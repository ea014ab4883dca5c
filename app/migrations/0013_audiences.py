"""Tables of group rules, memberships, facts about enterprises, tags and uploaded lists."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.domain.audiences.models import ListIdentity, RuleState, TaxpayerType
from app.kit import guards

INDEXES = {
    "group_rule_in_force": "UNIQUE INDEX {} ON group_rule (group_code) WHERE state = 'active'",
    # Who has ever refused to be told what concerns them by their profile: few among all who answered.
    "push_refusals": (
        "INDEX {} ON consent_entry (person_id) WHERE purpose = 'personalised_push' AND NOT is_granted"
    ),
}

CHECKS = {
    ("group_rule", "group_rule_code"): "group_code ~ '^[a-z][a-z0-9_]{1,31}$' AND version > 0",
    ("group_rule", "group_rule_state"): "state IN ('draft', 'active', 'retired')",
    ("group_rule", "group_rule_reviewed"): "(reviewer IS NOT NULL) = (activated_at IS NOT NULL)",
    ("group_rule", "group_rule_in_force_since"): "state = 'draft' OR activated_at IS NOT NULL",
    ("group_rule", "group_rule_by_another"): "reviewer <> author OR author = 'system'",
    ("group_rule", "group_rule_retired"): "(state = 'retired') = (retired_at IS NOT NULL)",
    ("enterprise_fact", "enterprise_fact_type"): "taxpayer_type IN ('general', 'small_scale')",
    ("enterprise_fact", "enterprise_fact_industry"): "industry ~ '^[0-9]{2,4}$'",
    ("enterprise_fact", "enterprise_fact_region"): "region_code ~ '^[0-9]{2,12}$'",
    ("person_tag", "person_tag_word"): "tag ~ '^[^[:space:][:cntrl:]:]+$'",
    ("audience_list", "audience_list_identity"): "identity IN ('uscc', 'id_number', 'phone', 'openid')",
    ("audience_list_row", "audience_list_row_number"): "row_number > 1",
}

# What a rule said while it was in force is what explains why somebody was told something then.
FIXED = (
    """
    CREATE FUNCTION keep_group_rule() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.state = 'retired' OR (OLD.state = 'active' AND NEW.state <> 'retired')
           OR (OLD.group_code, OLD.version, OLD.title, OLD.condition::text, OLD.because, OLD.author)
              IS DISTINCT FROM
              (NEW.group_code, NEW.version, NEW.title, NEW.condition::text, NEW.because, NEW.author) THEN
            RAISE EXCEPTION 'a group rule is never rewritten' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "DROP FUNCTION keep_group_rule()",
)
KEPT = (
    ("CREATE TRIGGER kept BEFORE UPDATE ON group_rule FOR EACH ROW EXECUTE FUNCTION keep_group_rule()"),
    "DROP TRIGGER kept ON group_rule",
)
OF_ENTERPRISE = (
    (
        "ALTER TABLE enterprise_fact ADD CONSTRAINT enterprise_fact_enterprise"
        " FOREIGN KEY (enterprise_id) REFERENCES enterprise (id) ON DELETE CASCADE"
    ),
    "ALTER TABLE enterprise_fact DROP CONSTRAINT enterprise_fact_enterprise",
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0012_inbox")]

    operations = [
        ops.CreateModel(
            name="AudienceList",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=80)),
                (
                    "identity",
                    fields.CharEnumField(
                        description="USCC: uscc\nID_NUMBER: id_number\nPHONE: phone\nOPENID: openid",
                        enum_type=ListIdentity,
                        max_length=12,
                    ),
                ),
                (
                    "facts",
                    fields.JSONField(
                        description="the names of what each row tells besides",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "counts",
                    fields.JSONField(
                        description="rows of the file by what became of them",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                ("created_by", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "audience_list",
                "app": "weiban",
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
                "table_description": "上传名单: people a department named in a file; the numbers in the file are not kept.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AudienceListRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "list",
                    fields.ForeignKeyField(
                        "weiban.AudienceList",
                        source_field="list_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="people",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("person_id", fields.UUIDField()),
                ("row_number", fields.IntField(description="of the file; the heading is row 1")),
                ("params", fields.JSONField(null=True, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "audience_list_row",
                "app": "weiban",
                "unique_together": (("list_id", "person_id"),),
                "indexes": [Index(fields=["person_id"])],
                "pk_attr": "id",
                "table_description": "名单成员: one person of a list, with what the row tells them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="EnterpriseFact",
            fields=[
                ("enterprise_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "taxpayer_type",
                    fields.CharEnumField(
                        null=True,
                        description="GENERAL: general\nSMALL_SCALE: small_scale",
                        enum_type=TaxpayerType,
                        max_length=12,
                    ),
                ),
                ("is_exporter", fields.BooleanField(null=True, description="出口企业")),
                ("is_individual", fields.BooleanField(null=True, description="个体工商户")),
                ("pays_social_insurance", fields.BooleanField(null=True, description="缴纳社会保险费")),
                (
                    "industry",
                    fields.CharField(
                        null=True, description="GB/T 4754-2017, two to four digits", max_length=4
                    ),
                ),
                ("registered_on", fields.DateField(null=True, description="成立日期")),
                ("region_code", fields.CharField(null=True, description="登记地区划", max_length=12)),
                (
                    "as_of",
                    fields.DateField(
                        null=True, description="the day for which the department told these facts"
                    ),
                ),
                (
                    "source",
                    fields.CharField(description="who told: uscc, or the name of a file", max_length=40),
                ),
                ("updated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "enterprise_fact",
                "app": "weiban",
                "pk_attr": "enterprise_id",
                "table_description": "企业信息: what is known of an enterprise; ``null`` is unknown, which is neither yes nor no.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="GroupRule",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("group_code", fields.CharField(max_length=32)),
                ("version", fields.SmallIntField()),
                ("title", fields.CharField(description="the group's name for people", max_length=40)),
                (
                    "condition",
                    fields.JSONField(
                        description="the tree that ``conditions`` reads", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                ("because", fields.CharField(description="why somebody is in, in words", max_length=80)),
                (
                    "state",
                    fields.CharEnumField(
                        description="DRAFT: draft\nACTIVE: active\nRETIRED: retired",
                        enum_type=RuleState,
                        max_length=8,
                    ),
                ),
                ("author", fields.CharField(description="staff:<id>, system", max_length=80)),
                (
                    "reviewer",
                    fields.CharField(
                        null=True, description="who put it in force; another than the author", max_length=80
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("activated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("retired_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "group_rule",
                "app": "weiban",
                "unique_together": (("group_code", "version"),),
                "pk_attr": "id",
                "table_description": "分组规则: one version of what puts people into a group; never changed once it was in force.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Membership",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("group_code", fields.CharField(max_length=32)),
                ("person_id", fields.UUIDField()),
                ("rule_version", fields.SmallIntField()),
                ("because", fields.CharField(max_length=80)),
                (
                    "since",
                    fields.DatetimeField(
                        description="in the group without a break since then",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "membership",
                "app": "weiban",
                "unique_together": (("group_code", "person_id"),),
                "indexes": [Index(fields=["person_id"])],
                "pk_attr": "id",
                "table_description": "分组成员: that a rule in force holds for a person; derived from facts, and renewed with them.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PersonRegion",
            fields=[
                ("person_id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                ("region_code", fields.CharField(max_length=12)),
            ],
            options={
                "table": "person_region",
                "app": "weiban",
                "pk_attr": "person_id",
                "table_description": "人员所在地: the region a person is counted in by reports; derived, and renewed with the groups.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PersonTag",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("tag", fields.CharField(max_length=40)),
                ("person_id", fields.UUIDField()),
                ("given_by", fields.CharField(max_length=80)),
                ("given_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "person_tag",
                "app": "weiban",
                "unique_together": (("tag", "person_id"),),
                "indexes": [Index(fields=["person_id"])],
                "pk_attr": "id",
                "table_description": "人员标签: a word that staff put on a person.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=[FIXED], last=[KEPT, OF_ENTERPRISE]),
    ]
