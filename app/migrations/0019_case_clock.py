"""The clock of cases, their parts, and what supervision should look at."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.migrations import operations as ops

from app.domain.cases.models import FindingKind, LimitUnit, SpecialKind, SpecialState
from app.kit import guards

PARTS = 16
"""Into so many a table of cases is split: three million cases each when there are fifty million."""

_STATES = (
    "state IN ('submitted','pre_review','supplement','not_accepted','transferred','accepted','review',"
    "'suspended','granted','denied','issued','delivered','closed','withdrawn','terminated')"
)
_UNDECIDED = "state IN ('submitted','pre_review','supplement','accepted','review','suspended')"
_UNITS = "('working_day','natural_day','month','year','hour')"
_APPEND_ONLY = (
    "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {}"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewrite()"
)


def _check(table: str, name: str, rule: str) -> tuple[str, str]:
    return (
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({rule})",
    )


# What stood on the unsplit tables.
PLAIN = (
    (
        "DROP INDEX case_of_person",
        "CREATE INDEX case_of_person ON case_file (person_id, updated_at) WHERE person_id IS NOT NULL",
    ),
    (
        "DROP INDEX case_of_enterprise",
        (
            "CREATE INDEX case_of_enterprise ON case_file (enterprise_id, updated_at)"
            " WHERE enterprise_id IS NOT NULL"
        ),
    ),
    _check("case_file", "case_number", "number ~ '^[0-9A-Z-]{8,64}$'"),
    _check("case_file", "case_state", _STATES),
    _check("case_file", "case_due_is_fixed_when_accepted", "(accepted_at IS NULL) = (due_on IS NULL)"),
    _check("case_file", "case_has_events", "last_seq > 0"),
    _check("case_event", "case_event_seq", "seq > 0"),
    (
        "ALTER TABLE case_event DROP CONSTRAINT uid_case_event_case_nu_fe64b6",
        "ALTER TABLE case_event ADD CONSTRAINT uid_case_event_case_nu_fe64b6 UNIQUE (case_number, seq)",
    ),
    ("DROP TRIGGER append_only ON case_event", _APPEND_ONLY.format("case_event")),
    ("SELECT 1", "ALTER TABLE case_file SET (fillfactor = 80)"),
)

# Due days came from other systems as days; they stay as they were told.
FILL = (
    """
    UPDATE case_file c SET
        received_at = (SELECT max(at) FROM case_event e
                       WHERE e.case_number = c.number AND e.kind = 'submitted'),
        last_hash = (SELECT hash FROM case_event e WHERE e.case_number = c.number AND e.seq = c.last_seq),
        counted_from = accepted_at,
        decided_at = (SELECT max(at) FROM case_event e
                      WHERE e.case_number = c.number AND e.kind IN ('granted', 'denied')),
        first_due_at = (due_on + time '17:00') AT TIME ZONE 'Asia/Shanghai',
        due_at = (due_on + time '17:00') AT TIME ZONE 'Asia/Shanghai',
        is_due_stated = due_on IS NOT NULL,
        pauses = CASE WHEN accepted_at IS NOT NULL AND state IN ('supplement', 'suspended')
            THEN jsonb_build_array(jsonb_build_array(updated_at, NULL)) ELSE '[]' END
    """,
    """
    UPDATE case_file SET due_on = (due_at AT TIME ZONE 'Asia/Shanghai')::date,
        accepted_at = coalesce(accepted_at, counted_from)
    """,
)

# Room on the page for the next state; an event is never written again.
HASHES = (
    guards.by_hash("case_file", "number", PARTS, "number", "number", fill=80, has_sequence=False),
    guards.by_hash("case_event", "case_number", PARTS, "case_number, seq", "id"),
)

INDEXES = {
    "case_of_person": "INDEX {} ON case_file (person_id, updated_at, number) WHERE person_id IS NOT NULL",
    "case_of_enterprise": (
        "INDEX {} ON case_file (enterprise_id, updated_at, number) WHERE enterprise_id IS NOT NULL"
    ),
    "case_running": f"INDEX {{}} ON case_file (due_at, number) WHERE due_at IS NOT NULL AND {_UNDECIDED}",
    "case_awaiting_notice": (
        "INDEX {} ON case_file (received_at, number)"
        " WHERE counted_from IS NULL AND state IN ('submitted', 'pre_review')"
    ),
    "special_procedure_of_case": "INDEX {} ON special_procedure (case_number)",
    "special_procedure_open_once": (
        "UNIQUE INDEX {} ON special_procedure (case_number) WHERE ended_at IS NULL"
    ),
    "special_procedure_running": "INDEX {} ON special_procedure (due_at) WHERE state = 'running'",
    "case_finding_once": "UNIQUE INDEX {} ON case_finding (case_number, seq, kind, wanted, who)",
}

CHECKS = {
    ("case_file", "case_number"): "number ~ '^[0-9A-Z-]{8,64}$'",
    ("case_file", "case_state"): _STATES,
    ("case_file", "case_has_events"): "last_seq > 0",
    ("case_file", "case_due_is_fixed_when_accepted"): (
        "num_nonnulls(counted_from, first_due_at, due_at) IN (0, 3)"
        " AND (accepted_at IS NULL OR counted_from IS NOT NULL)"
    ),
    ("case_file", "case_decision"): (
        "(decided_at IS NOT NULL) = (state IN ('granted','denied','issued','delivered','closed'))"
    ),
    ("case_file", "case_legal_limit"): (
        f"(legal_amount IS NULL) = (legal_unit IS NULL) AND legal_amount >= 0 AND legal_unit IN {_UNITS}"
    ),
    ("case_file", "case_promised_limit"): (
        "(promised_amount IS NULL) = (promised_unit IS NULL)"
        f" AND promised_amount >= 0 AND promised_unit IN {_UNITS}"
    ),
    ("case_file", "case_extension"): "extended_by >= 0",
    ("case_file", "case_asked"): "asked_until IS NULL OR state = 'supplement'",
    ("case_event", "case_event_seq"): "seq > 0",
    ("special_procedure", "special_procedure_kind"): (
        "kind IN ('extension','hearing','tender','auction','inspection','testing','quarantine','appraisal',"
        "'expert_review')"
    ),
    ("special_procedure", "special_procedure_state"): (
        "CASE state WHEN 'applied' THEN num_nonnulls(approved_at, begun_at, event_seq) = 0"
        " WHEN 'approved' THEN approved_at IS NOT NULL AND begun_at IS NULL"
        " WHEN 'running' THEN begun_at IS NOT NULL AND ended_at IS NULL"
        " WHEN 'overdue' THEN begun_at IS NOT NULL AND due_at IS NOT NULL"
        " WHEN 'finished' THEN ended_at IS NOT NULL ELSE false END"
    ),
    ("special_procedure", "special_procedure_limit"): (
        f"(limit_amount IS NULL) = (limit_unit IS NULL) AND limit_amount >= 0 AND limit_unit IN {_UNITS}"
    ),
}

APPEND_ONLY = ("case_finding", "case_event", *(f"case_event_{part}" for part in range(PARTS)))

LAST = (
    # A trigger for statements guards only the table a statement names, so every part has its own.
    *((_APPEND_ONLY.format(table), f"DROP TRIGGER append_only ON {table}") for table in APPEND_ONLY),
    (
        (
            "CREATE TRIGGER keep_item_version BEFORE UPDATE OF item_version ON case_file FOR EACH ROW"
            " WHEN (OLD.item_version IS DISTINCT FROM NEW.item_version) EXECUTE FUNCTION refuse_rewrite()"
        ),
        "DROP TRIGGER keep_item_version ON case_file",
    ),
    # A table made anew has lost what was said of it as a whole.
    *(
        (f"COMMENT ON TABLE {table} IS '{words}'", f"COMMENT ON TABLE {table} IS NULL")
        for table, words in (
            ("case_file", "办件: somebody''s matter with an office, as it stands now."),
            (
                "case_event",
                "办件流水: one append-only row for each step, each sealed by the hash of the one before it.",
            ),
        )
    ),
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0018_sms_suppression")]

    operations = [
        guards.operation({}, first=PLAIN),
        ops.AddField(
            model_name="Case",
            name="asked_until",
            field=fields.DateField(null=True, description="by when the applicant is to correct (补正)"),
        ),
        ops.AddField(
            model_name="Case",
            name="contact",
            field=fields.CharField(
                description="where to ask: an office's telephone", db_default="", max_length=80
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="counted_from",
            field=fields.DatetimeField(
                null=True,
                description="when the clock began: acceptance, or receipt if the office kept silent",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="decided_at",
            field=fields.DatetimeField(
                null=True, description="准予 or 不予", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="due_at",
            field=fields.DatetimeField(
                null=True, description="办结期限 as it is now", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="extended_by",
            field=fields.SmallIntField(description="working days of 延长审批", db_default=0),
        ),
        ops.AddField(
            model_name="Case",
            name="first_due_at",
            field=fields.DatetimeField(
                null=True,
                description="办结期限 without pauses and extension",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="is_due_provisional",
            field=fields.BooleanField(
                description="whether it touches a day the State Council has not yet arranged",
                db_default=False,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="is_due_stated",
            field=fields.BooleanField(
                description="whether another system named the due day; then it is not counted anew",
                db_default=False,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="item_version",
            field=fields.IntField(null=True, description="事项版本 it began with; never changed"),
        ),
        ops.AddField(
            model_name="Case",
            name="last_hash",
            field=fields.BinaryField(null=True, description="hash of its newest event"),
        ),
        ops.AddField(
            model_name="Case",
            name="legal_amount",
            field=fields.SmallIntField(null=True, description="法定时限"),
        ),
        ops.AddField(
            model_name="Case",
            name="legal_due_at",
            field=fields.DatetimeField(
                null=True, description="the same by the legal limit", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="legal_unit",
            field=fields.CharEnumField(
                null=True,
                description="WORKING_DAY: working_day\nNATURAL_DAY: natural_day\nMONTH: month\nYEAR: year\nHOUR: hour",
                enum_type=LimitUnit,
                max_length=12,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="pauses",
            field=fields.JSONField(
                description="[from, to] of each time the clock stood still; to is null while it does",
                db_default="[]",
                encoder=JSON_DUMPS,
                decoder=loads,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="promised_amount",
            field=fields.SmallIntField(null=True, description="承诺时限"),
        ),
        ops.AddField(
            model_name="Case",
            name="promised_unit",
            field=fields.CharEnumField(
                null=True,
                description="WORKING_DAY: working_day\nNATURAL_DAY: natural_day\nMONTH: month\nYEAR: year\nHOUR: hour",
                enum_type=LimitUnit,
                max_length=12,
            ),
        ),
        ops.AddField(
            model_name="Case",
            name="received_at",
            field=fields.DatetimeField(
                null=True,
                description="when the materials last came, corrections included",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.RunSQL(*FILL),
        ops.AlterField(
            model_name="Case",
            name="received_at",
            field=fields.DatetimeField(
                description="when the materials last came, corrections included",
                auto_now=False,
                auto_now_add=False,
            ),
        ),
        ops.AlterField(
            model_name="Case",
            name="last_hash",
            field=fields.BinaryField(description="hash of its newest event"),
        ),
        ops.RemoveField(model_name="Case", name="due_on"),
        ops.AlterField(
            model_name="CaseEvent",
            name="finding",
            field=fields.CharField(
                null=True, description="what supervision should look at first", max_length=40
            ),
        ),
        ops.AlterField(
            model_name="CaseEvent",
            name="kind",
            field=fields.CharField(description="the state it led to, or what else happened", max_length=24),
        ),
        ops.CreateModel(
            name="CaseFinding",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("case_number", fields.CharField(max_length=64)),
                ("seq", fields.SmallIntField(description="of the case's newest event when it was found")),
                (
                    "kind",
                    fields.CharEnumField(
                        description="ILLEGAL_MOVE: ILLEGAL_MOVE\nMISSING_REASON: MISSING_REASON\nMISSING_DUE: MISSING_DUE\nBEFORE_SUBMISSION: BEFORE_SUBMISSION\nSILENT_ACCEPTANCE: SILENT_ACCEPTANCE\nCORRECTION_AFTER_ACCEPT: CORRECTION_AFTER_ACCEPT\nSUSPENDED_WITHOUT_PROCEDURE: SUSPENDED_WITHOUT_PROCEDURE\nEXTENSION_TOO_LONG: EXTENSION_TOO_LONG\nSPECIAL_OVERDUE: SPECIAL_OVERDUE\nDECISION_OVERDUE: DECISION_OVERDUE\nDELIVERY_OVERDUE: DELIVERY_OVERDUE",
                        enum_type=FindingKind,
                        max_length=40,
                    ),
                ),
                (
                    "wanted",
                    fields.CharField(description="the state somebody wanted to lead to", max_length=24),
                ),
                (
                    "who",
                    fields.CharField(
                        description="system, staff:<id>, person:<id>, partner:<code>", max_length=80
                    ),
                ),
                (
                    "at",
                    fields.DatetimeField(
                        description="when it happened or was to happen", auto_now=False, auto_now_add=False
                    ),
                ),
                ("text", fields.CharField(max_length=500)),
                ("recorded_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_finding",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "监察线索: what was wrong with a step, refused or not; append-only, one row for one cause.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="SpecialProcedure",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("case_number", fields.CharField(max_length=64)),
                (
                    "event_seq",
                    fields.SmallIntField(null=True, description="the event of the case it began with"),
                ),
                (
                    "kind",
                    fields.CharEnumField(
                        description="EXTENSION: extension\nHEARING: hearing\nTENDER: tender\nAUCTION: auction\nINSPECTION: inspection\nTESTING: testing\nQUARANTINE: quarantine\nAPPRAISAL: appraisal\nEXPERT_REVIEW: expert_review",
                        enum_type=SpecialKind,
                        max_length=14,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="APPLIED: applied\nAPPROVED: approved\nRUNNING: running\nFINISHED: finished\nOVERDUE: overdue",
                        enum_type=SpecialState,
                        max_length=8,
                    ),
                ),
                ("approver", fields.CharField(description="批准人: a post, never a name", max_length=80)),
                (
                    "reason",
                    fields.CharField(description="what the applicant is told in writing", max_length=500),
                ),
                ("limit_amount", fields.SmallIntField(null=True, description="its own time limit")),
                (
                    "limit_unit",
                    fields.CharEnumField(
                        null=True,
                        description="WORKING_DAY: working_day\nNATURAL_DAY: natural_day\nMONTH: month\nYEAR: year\nHOUR: hour",
                        enum_type=LimitUnit,
                        max_length=12,
                    ),
                ),
                ("applied_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("approved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("begun_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "due_at",
                    fields.DatetimeField(
                        null=True, description="end of its own time limit", auto_now=False, auto_now_add=False
                    ),
                ),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("result", fields.CharField(description="特别程序结果", db_default="", max_length=500)),
            ],
            options={
                "table": "special_procedure",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "特别程序: what interrupts a review and stops its clock, or extends it (SM-SPEC).",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=HASHES, last=LAST),
    ]
