"""The census of systems, their connections and the sharing duties, with what they forbid."""

from tortoise import fields, migrations
from tortoise.fields.db_defaults import Now
from tortoise.migrations import operations as ops

from app.domain.connections.models import (
    ConnectionCategory,
    ConnectionState,
    DutyState,
    DutyTerms,
    Network,
)
from app.kit import guards

INDEXES = {
    "connection_under_way": "UNIQUE INDEX {} ON connection (system_id) WHERE state <> 'offline'",
    "connection_of_system": "INDEX {} ON connection (system_id, id)",
    "connection_due": "INDEX {} ON connection (due_on) WHERE due_on IS NOT NULL",
    "connection_next_check": "INDEX {} ON connection (next_check_on) WHERE next_check_on IS NOT NULL",
    "share_duty_due": "INDEX {} ON share_duty (due_on) WHERE state <> 'serving'",
    "share_refusal_of_duty": "INDEX {} ON share_refusal (duty_id, id)",
    # One that is open or stands is enough; one that was overruled does not hinder another.
    "share_refusal_standing": "UNIQUE INDEX {} ON share_refusal (duty_id) WHERE is_upheld IS NOT FALSE",
}

_STATES = (
    "('surveyed', 'classified', 'integrating', 'testing', 'live', 'degraded', 'offline', 'quoted', 'funded',"
    " 'following', 'reported', 'recheck')"
)

CHECKS = {
    ("system_census", "system_census_has_words"): "department <> '' AND name <> ''",
    ("system_census", "system_census_network"): (
        "network IN ('government', 'intranet', 'dedicated', 'internet', 'standalone')"
    ),
    ("system_census", "system_census_items"): "uncoded_items BETWEEN 0 AND 10000",
    ("census_item", "census_item_code"): "item_code ~ '^[0-9A-Z]{10,33}$'",
    ("connection", "connection_state"): f"state IN {_STATES}",
    ("connection", "connection_category"): "category BETWEEN 1 AND 5",
    ("connection", "connection_category_decided"): "(category IS NULL) = (category_seq IS NULL)",
    ("connection", "connection_state_of_category"): (
        "CASE WHEN state = 'surveyed' THEN category IS NULL WHEN category IS NULL THEN false"
        " WHEN state IN ('integrating', 'testing', 'live', 'degraded', 'offline') THEN category IN (1, 2)"
        " WHEN state IN ('quoted', 'funded') THEN category = 3"
        " WHEN state = 'following' THEN category = 4"
        " WHEN state IN ('reported', 'recheck') THEN category = 5 ELSE true END"
    ),
    ("connection", "connection_deadline"): "category NOT IN (2, 3) OR due_on IS NOT NULL",
    ("connection", "connection_check"): "category NOT IN (4, 5) OR next_check_on IS NOT NULL",
    ("connection", "connection_one_date"): "due_on IS NULL OR next_check_on IS NULL",
    ("connection", "connection_cost"): "cost >= 0",
    ("connection", "connection_quoted"): (
        "state NOT IN ('quoted', 'funded') OR (cost IS NOT NULL AND quotation <> '' AND quotation IS NOT NULL)"
    ),
    ("connection", "connection_funded"): "state <> 'funded' OR (approval IS NOT NULL AND approval <> '')",
    ("connection", "connection_reported"): (
        "state NOT IN ('reported', 'recheck') OR (report IS NOT NULL AND report <> ''"
        " AND entry_path IS NOT NULL AND entry_path <> '')"
    ),
    ("connection", "connection_live_is_through"): (
        "state <> 'live' OR (has_network AND has_data AND has_business)"
    ),
    ("connection_event", "connection_event_state"): f"state IN {_STATES}",
    ("connection_event", "connection_event_category"): "category BETWEEN 1 AND 5",
    # Every class change names its document (SM-CONN).
    ("connection_event", "connection_event_document"): (
        "category IS NULL OR (document_number IS NOT NULL AND document_number <> '')"
    ),
    ("share_duty", "share_duty_has_words"): "supplier <> '' AND data <> '' AND document_number <> ''",
    ("share_duty", "share_duty_terms"): "terms IN ('unconditional', 'conditional')",
    ("share_duty", "share_duty_condition"): (
        "(terms = 'conditional') = (condition IS NOT NULL AND condition <> '')"
    ),
    ("share_duty", "share_duty_state"): "state IN ('listed', 'opened', 'serving', 'overdue')",
    ("share_duty", "share_duty_opened"): "state <> 'opened' OR opened_at IS NOT NULL",
    ("share_duty", "share_duty_serving"): "(state = 'serving') = (serving_at IS NOT NULL)",
    ("share_refusal", "share_refusal_has_law"): "legal_basis <> '' AND reason <> ''",
    ("share_refusal", "share_refusal_escalated"): "escalated_to <> ''",
    ("share_refusal", "share_refusal_decided"): (
        "(is_upheld IS NULL) = (decided_at IS NULL)"
        " AND (is_upheld IS NULL OR (document_number IS NOT NULL AND document_number <> ''))"
    ),
}

APPEND_ONLY = ("connection_event",)

FIRST = [
    (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{target} FOREIGN KEY ({column}) REFERENCES {target} (id)",
        f"ALTER TABLE {table} DROP CONSTRAINT {table}_{target}",
    )
    for table, column, target in (
        ("census_item", "system_id", "system_census"),
        ("connection", "system_id", "system_census"),
        ("connection_event", "connection_id", "connection"),
        ("share_refusal", "duty_id", "share_duty"),
    )
]

# SM-CONN and the four states of a duty hold whatever the code does: where each state may lead. The class a
# connection has is one that an event, and so a document, decided.
STEPS = {
    "connection": (
        "surveyed classified, classified integrating, classified quoted, classified following,"
        " classified reported, integrating testing, testing live, live degraded, degraded live,"
        " degraded offline, quoted funded, funded classified, following classified, reported recheck,"
        " recheck classified"
    ),
    "share_duty": "listed opened, listed overdue, opened serving, opened overdue, overdue serving",
}
_STEP = """
CREATE FUNCTION check_{table}_step() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> '{first}' THEN
            RAISE EXCEPTION 'it begins as {first}' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state <> OLD.state
        AND OLD.state || ' ' || NEW.state <> ALL (string_to_array('{steps}', ', ')) THEN
        RAISE EXCEPTION '% does not lead to %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
    END IF;
    {further}
    RETURN NEW;
END $$
"""
_CLASS_CHANGE = """
    IF (NEW.category, NEW.category_seq) IS DISTINCT FROM (OLD.category, OLD.category_seq) AND NOT EXISTS (
        SELECT 1 FROM connection_event e WHERE e.connection_id = NEW.id AND e.seq = NEW.category_seq
            AND e.seq > coalesce(OLD.category_seq, 0) AND e.category = NEW.category) THEN
        RAISE EXCEPTION 'a class is decided by an event of its own' USING ERRCODE = 'check_violation';
    END IF;
    IF (NEW.category IS DISTINCT FROM OLD.category OR (NEW.state = 'classified' AND OLD.state <> 'classified'))
        AND NOT (NEW.state = 'classified' AND (OLD.state IN ('surveyed', 'classified')
            OR (OLD.state IN ('funded', 'following') AND NEW.category = 2)
            OR (OLD.state = 'recheck' AND NEW.category IN (2, 4)))) THEN
        RAISE EXCEPTION 'no class % after %', NEW.category, OLD.state USING ERRCODE = 'check_violation';
    END IF;
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
    *(
        step
        for table, first, further in (
            ("connection", "surveyed", _CLASS_CHANGE),
            ("share_duty", "listed", ""),
        )
        for step in (
            (
                _STEP.format(table=table, first=first, steps=STEPS[table], further=further),
                f"DROP FUNCTION check_{table}_step()",
            ),
            (
                (
                    f"CREATE TRIGGER check_step BEFORE INSERT OR UPDATE ON {table}"
                    f" FOR EACH ROW EXECUTE FUNCTION check_{table}_step()"
                ),
                f"DROP TRIGGER check_step ON {table}",
            ),
        )
    ),
]


class Migration(migrations.Migration):
    dependencies = [("weiban", "0023_partners")]

    operations = [
        ops.CreateModel(
            name="CensusItem",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("system_id", fields.BigIntField()),
                ("item_code", fields.CharField(max_length=33)),
            ],
            options={
                "table": "census_item",
                "app": "weiban",
                "unique_together": (("system_id", "item_code"),),
                "pk_attr": "id",
                "table_description": "受理事项: one item a system serves, by its code.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CensusSystem",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("name", fields.CharField(max_length=100)),
                ("department", fields.CharField(description="主管部门", max_length=80)),
                ("vendor", fields.CharField(null=True, description="承建厂商", max_length=80)),
                ("database", fields.CharField(null=True, description="数据库", max_length=80)),
                (
                    "interface",
                    fields.CharField(
                        null=True, description="接口: what others may call or read", max_length=200
                    ),
                ),
                ("network", fields.CharEnumField(description="所在网络", enum_type=Network, max_length=12)),
                (
                    "uncoded_items",
                    fields.IntField(
                        default=0, description="how many items it serves beside those with codes"
                    ),
                ),
                ("surveyed_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "system_census",
                "app": "weiban",
                "unique_together": (("department", "name"),),
                "pk_attr": "id",
                "table_description": "业务系统: one system of a department as the census (普查) found it.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Connection",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("system_id", fields.BigIntField()),
                (
                    "state",
                    fields.CharEnumField(
                        default=ConnectionState.SURVEYED,
                        description="SURVEYED: surveyed\nCLASSIFIED: classified\nINTEGRATING: integrating\nTESTING: testing\nLIVE: live\nDEGRADED: degraded\nOFFLINE: offline\nQUOTED: quoted\nFUNDED: funded\nFOLLOWING: following\nREPORTED: reported\nRECHECK: recheck",
                        enum_type=ConnectionState,
                        max_length=12,
                    ),
                ),
                (
                    "category",
                    fields.IntEnumField(
                        null=True, description="对接类别 ①–⑤", enum_type=ConnectionCategory, generated=False
                    ),
                ),
                ("category_seq", fields.SmallIntField(null=True, description="the event that decided it")),
                (
                    "due_on",
                    fields.DateField(null=True, description="期限 of ①②: to be live; ③: to be funded"),
                ),
                ("next_check_on", fields.DateField(null=True, description="of ④⑤: when to ask again")),
                (
                    "cost",
                    fields.DecimalField(
                        null=True, description="报价 of ③, in yuan", max_digits=12, decimal_places=2
                    ),
                ),
                ("quotation", fields.CharField(null=True, description="报价文号", max_length=80)),
                ("approval", fields.CharField(null=True, description="经费批复文号", max_length=80)),
                ("report", fields.CharField(null=True, description="上报文号 of ⑤", max_length=80)),
                (
                    "entry_path",
                    fields.CharField(
                        null=True, description="二次录入: how ⑤ works meanwhile", max_length=200
                    ),
                ),
                ("has_network", fields.BooleanField(default=False, description="网络通")),
                ("has_data", fields.BooleanField(default=False, description="数据通")),
                ("has_business", fields.BooleanField(default=False, description="业务通")),
                (
                    "overdue_since",
                    fields.DateField(null=True, description="when it was announced as overdue"),
                ),
                ("last_seq", fields.SmallIntField(default=0, description="of its newest event")),
            ],
            options={
                "table": "connection",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "对接: how far a system is connected; a system has one until that is offline.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ConnectionEvent",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("connection_id", fields.BigIntField()),
                ("seq", fields.SmallIntField()),
                ("kind", fields.CharField(description="what was done", max_length=16)),
                (
                    "state",
                    fields.CharEnumField(
                        description="where it stood then", enum_type=ConnectionState, max_length=12
                    ),
                ),
                (
                    "category",
                    fields.IntEnumField(
                        null=True,
                        description="the class that was decided, if one was",
                        enum_type=ConnectionCategory,
                        generated=False,
                    ),
                ),
                ("document_number", fields.CharField(null=True, description="文号", max_length=80)),
                ("note", fields.CharField(null=True, max_length=500)),
                ("actor", fields.CharField(max_length=80)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "connection_event",
                "app": "weiban",
                "unique_together": (("connection_id", "seq"),),
                "pk_attr": "id",
                "table_description": "对接流水: one append-only row for each step; a class is decided by a document.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareDuty",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("supplier", fields.CharField(description="数源部门", max_length=80)),
                ("data", fields.CharField(description="数据项", max_length=100)),
                ("due_on", fields.DateField(description="开通期限")),
                ("terms", fields.CharEnumField(description="共享属性", enum_type=DutyTerms, max_length=16)),
                ("condition", fields.CharField(null=True, description="共享条件", max_length=200)),
                ("document_number", fields.CharField(description="清单文号", max_length=80)),
                (
                    "state",
                    fields.CharEnumField(
                        default=DutyState.LISTED,
                        description="LISTED: listed\nOPENED: opened\nSERVING: serving\nOVERDUE: overdue",
                        enum_type=DutyState,
                        max_length=8,
                    ),
                ),
                ("opened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("serving_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "share_duty",
                "app": "weiban",
                "unique_together": (("supplier", "data"),),
                "pk_attr": "id",
                "table_description": "共享责任: one line of the list of duties; who supplies what, by when, on which terms.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ShareRefusal",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("duty_id", fields.BigIntField()),
                ("legal_basis", fields.CharField(description="法律依据: law and article", max_length=200)),
                ("reason", fields.CharField(max_length=500)),
                ("escalated_to", fields.CharField(description="协调机关: who decides", max_length=80)),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("is_upheld", fields.BooleanField(null=True, description="whether the refusal stands")),
                (
                    "document_number",
                    fields.CharField(null=True, description="文号 of the decision", max_length=80),
                ),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "share_refusal",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "不予共享意见: why a supplier will not share, and what the office it went up to decided.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=FIRST, last=LAST),
    ]
