"""Uploads counted a day and a file, uploads that happen once, and special procedures that come to nothing."""

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.domain.cases.models import SpecialState
from app.kit import guards

INDEXES = {
    "case_upload_touched": "INDEX {} ON case_upload (touched_at) WHERE materials = 0",
    "case_material_request": "UNIQUE INDEX {} ON case_material (request_hash) WHERE request_hash IS NOT NULL",
    "upload_day_once": 'UNIQUE INDEX {} ON upload_day ("on", uploader_hash)',
    "special_procedure_late": (
        "INDEX {} ON special_procedure (due_at, id) WHERE state = 'overdue' AND ended_at IS NULL"
    ),
}

_OLD_STATES = (
    "ALTER TABLE special_procedure ADD CONSTRAINT special_procedure_state CHECK ("
    "CASE state WHEN 'applied' THEN num_nonnulls(approved_at, begun_at, event_seq) = 0"
    " WHEN 'approved' THEN approved_at IS NOT NULL AND begun_at IS NULL"
    " WHEN 'running' THEN begun_at IS NOT NULL AND ended_at IS NULL"
    " WHEN 'overdue' THEN begun_at IS NOT NULL AND due_at IS NOT NULL"
    " WHEN 'finished' THEN ended_at IS NOT NULL ELSE false END)"
)

CHECKS = {
    ("case_upload", "case_upload_materials"): "materials >= 0",
    ("upload_day", "upload_day_size"): "size >= 0",
    ("special_procedure", "special_procedure_state"): (
        "CASE state WHEN 'applied' THEN num_nonnulls(approved_at, begun_at, event_seq, ended_at) = 0"
        " WHEN 'refused' THEN ended_at IS NOT NULL AND num_nonnulls(approved_at, begun_at) = 0 AND result <> ''"
        " WHEN 'approved' THEN approved_at IS NOT NULL AND num_nonnulls(begun_at, ended_at) = 0"
        " WHEN 'running' THEN begun_at IS NOT NULL AND ended_at IS NULL"
        " WHEN 'overdue' THEN begun_at IS NOT NULL AND due_at IS NOT NULL"
        " WHEN 'finished' THEN ended_at IS NOT NULL"
        " WHEN 'cancelled' THEN ended_at IS NOT NULL AND result <> '' ELSE false END"
    ),
}

_BEFORE = (
    ("DROP INDEX case_upload_touched", "CREATE INDEX case_upload_touched ON case_upload (touched_at)"),
    ("ALTER TABLE special_procedure DROP CONSTRAINT special_procedure_state", _OLD_STATES),
    (
        (
            "UPDATE case_upload u SET materials = m.materials FROM ("
            "SELECT sha256, count(*) AS materials FROM case_material WHERE sha256 IS NOT NULL GROUP BY sha256"
            ") AS m WHERE m.sha256 = u.sha256"
        ),
        "SELECT 1",
    ),
)

# Rows are taken in the order of their hashes, so that nobody waits for anybody in a circle.
_COUNT = """
CREATE FUNCTION count_upload_materials() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO case_upload (sha256, touched_at, materials)
        SELECT sha256, max(uploaded_at), count(*) FROM added WHERE sha256 IS NOT NULL
        GROUP BY sha256 ORDER BY sha256
        ON CONFLICT (sha256) DO UPDATE SET materials = case_upload.materials + excluded.materials;
    ELSE
        PERFORM 1 FROM case_upload WHERE sha256 IN (SELECT sha256 FROM removed)
        ORDER BY sha256 FOR NO KEY UPDATE;
        UPDATE case_upload u SET materials = u.materials - r.materials
        FROM (SELECT sha256, count(*) AS materials FROM removed GROUP BY sha256) AS r
        WHERE r.sha256 = u.sha256;
    END IF;
    RETURN NULL;
END $$
"""


def _counted(name: str, event: str, rows: str) -> tuple[str, str]:
    return (
        (
            f"CREATE TRIGGER {name} AFTER {event} ON case_material REFERENCING {rows}"
            " FOR EACH STATEMENT EXECUTE FUNCTION count_upload_materials()"
        ),
        f"DROP TRIGGER {name} ON case_material",
    )


_AFTER = (
    (_COUNT, "DROP FUNCTION count_upload_materials()"),
    _counted("count_added", "INSERT", "NEW TABLE AS added"),
    _counted("count_removed", "DELETE", "OLD TABLE AS removed"),
    # What is counted under one hash may not move to another.
    (
        (
            "CREATE TRIGGER keep_file BEFORE UPDATE OF sha256 ON case_material FOR EACH ROW"
            " WHEN (OLD.sha256 IS DISTINCT FROM NEW.sha256) EXECUTE FUNCTION refuse_rewrite()"
        ),
        "DROP TRIGGER keep_file ON case_material",
    ),
    (
        "SELECT 1",
        "UPDATE special_procedure SET state = 'finished' WHERE state IN ('refused', 'cancelled')",
    ),
)


class Migration(migrations.Migration):
    dependencies = [("weiban", "0029_credit_repairs")]

    operations = [
        ops.CreateModel(
            name="UploadDay",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("uploader_hash", fields.BinaryField(description="keyed hash of who uploaded")),
                ("on", fields.DateField(description="the day in Shanghai")),
                ("size", fields.BigIntField(description="bytes")),
            ],
            options={
                "table": "upload_day",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "当日上传量: how much somebody has uploaded on one day.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="CaseMaterial",
            name="request_hash",
            field=fields.BinaryField(
                null=True,
                description="keyed hash of who uploaded it, its case and the Idempotency-Key it came with",
            ),
        ),
        ops.AddField(
            model_name="CaseUpload",
            name="materials",
            field=fields.IntField(description="how many refer to it; a trigger counts them", db_default=0),
        ),
        ops.AlterField(
            model_name="SpecialProcedure",
            name="state",
            field=fields.CharEnumField(
                description=(
                    "APPLIED: applied\nREFUSED: refused\nAPPROVED: approved\nRUNNING: running\n"
                    "FINISHED: finished\nOVERDUE: overdue\nCANCELLED: cancelled"
                ),
                enum_type=SpecialState,
                max_length=10,
            ),
        ),
        guards.operation(INDEXES, CHECKS, first=_BEFORE, last=_AFTER),
    ]
