"""Tables of papers of cases: materials and the files they refer to, answers to corrections, documents."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from app.domain.cases.paper_models import DocumentKind, MaterialState, Trust
from app.kit import guards

INDEXES = {
    "case_material_case": "INDEX {} ON case_material (case_number, id)",
    "case_material_file": "INDEX {} ON case_material (sha256) WHERE sha256 IS NOT NULL",
    "case_material_person": "INDEX {} ON case_material (person_id) WHERE person_id IS NOT NULL",
    "case_material_waiting": "INDEX {} ON case_material (uploaded_at) WHERE handed_in_seq IS NULL",
    "case_upload_touched": "INDEX {} ON case_upload (touched_at)",
    "case_supplement_person": "INDEX {} ON case_supplement (person_id) WHERE person_id IS NOT NULL",
    "case_supplement_request": (
        "UNIQUE INDEX {} ON case_supplement (case_number, person_id, request_key)"
        " WHERE request_key IS NOT NULL"
    ),
    "case_document_code": "UNIQUE INDEX {} ON case_document (code)",
}

CHECKS = {
    ("case_material", "case_material_state"): (
        "state IN ('uploaded', 'declared', 'checked', 'rejected', 'replaced')"
    ),
    ("case_material", "case_material_trust"): "trust IN ('B', 'C', 'D')",
    # A file has all that is known of a file; a promise has a day and no file.
    ("case_material", "case_material_whole"): (
        "CASE WHEN trust = 'D' THEN promised_on IS NOT NULL AND num_nonnulls(sha256, media_type, size, scan) = 0"
        " ELSE promised_on IS NULL AND num_nulls(sha256, media_type, size, scan) = 0 END"
    ),
    (
        "case_material",
        "case_material_reason",
    ): "(state = 'rejected') = (reason IS NOT NULL) OR state = 'replaced'",
    ("case_material", "case_material_size"): "size > 0",
    ("case_material", "case_material_hash"): "sha256 ~ '^[0-9a-f]{64}$'",
    # What nobody handed in, nobody judged.
    (
        "case_material",
        "case_material_waits",
    ): "handed_in_seq IS NOT NULL OR state IN ('uploaded', 'replaced')",
    ("case_supplement", "case_supplement_order"): "answered_seq > asked_seq AND asked_seq > 0",
    ("case_document", "case_document_kind"): (
        "kind IN ('receipt', 'acceptance', 'non_acceptance', 'correction', 'special_procedure', 'extension',"
        " 'promise', 'granting', 'denial', 'delivery')"
    ),
    ("case_document", "case_document_code_signs"): "code ~ '^[2-9A-HJ-NP-Z]{16}$'",
    ("case_document", "case_document_digest"): "sha256 ~ '^[0-9a-f]{64}$'",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0019_case_clock")]

    operations = [
        ops.CreateModel(
            name="CaseDocument",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("case_number", fields.CharField(max_length=64)),
                ("event_seq", fields.SmallIntField(description="the event it tells of")),
                (
                    "kind",
                    fields.CharEnumField(
                        description="RECEIPT: receipt\nACCEPTANCE: acceptance\nNON_ACCEPTANCE: non_acceptance\nCORRECTION: correction\nSPECIAL_PROCEDURE: special_procedure\nEXTENSION: extension\nPROMISE: promise\nGRANTING: granting\nDENIAL: denial\nDELIVERY: delivery",
                        enum_type=DocumentKind,
                        max_length=18,
                    ),
                ),
                ("office", fields.CharField(description="an office or post, never a name", max_length=80)),
                ("code", fields.CharField(description="核验码, random", max_length=16)),
                (
                    "content_sealed",
                    fields.TextField(
                        null=True,
                        description="its words as canonical JSON, sealed; null once the applicant has left",
                        unique=False,
                    ),
                ),
                ("sha256", fields.CharField(description="of the canonical JSON", max_length=64)),
                (
                    "dated_at",
                    fields.DatetimeField(
                        description="落款日期: when the event happened", auto_now=False, auto_now_add=False
                    ),
                ),
                ("issued_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_document",
                "app": "weiban",
                "unique_together": (("case_number", "event_seq", "kind"),),
                "pk_attr": "id",
                "table_description": "文书: one document, worded once; the file is made of its words whenever it is asked for.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseMaterial",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("case_number", fields.CharField(max_length=64)),
                (
                    "name",
                    fields.CharField(
                        description="what it is, or the file's own name; never a path", max_length=100
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="UPLOADED: uploaded\nDECLARED: declared\nCHECKED: checked\nREJECTED: rejected\nREPLACED: replaced",
                        enum_type=MaterialState,
                        max_length=10,
                    ),
                ),
                ("trust", fields.CharEnumField(description="可信等级", enum_type=Trust, max_length=1)),
                (
                    "sha256",
                    fields.CharField(null=True, description="under which the file is kept", max_length=64),
                ),
                ("media_type", fields.CharField(null=True, max_length=100)),
                ("size", fields.IntField(null=True, description="bytes")),
                (
                    "scan",
                    fields.CharField(null=True, description="what the malware scanner said", max_length=16),
                ),
                ("promised_on", fields.DateField(null=True, description="by when it is promised")),
                ("replaces_id", fields.UUIDField(null=True, description="the material it stands in for")),
                ("reason", fields.CharField(null=True, description="why it was rejected", max_length=200)),
                ("person_id", fields.UUIDField(null=True, description="who uploaded it")),
                ("uploaded_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "handed_in_seq",
                    fields.SmallIntField(
                        null=True, description="the event of the case it was handed in with; null: not yet"
                    ),
                ),
            ],
            options={
                "table": "case_material",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "材料: one file an applicant uploaded for a case, or one they promised to hand in later.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseSupplement",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("case_number", fields.CharField(max_length=64)),
                ("asked_seq", fields.SmallIntField(description="the event that asked for it")),
                ("answered_seq", fields.SmallIntField(description="the event that answered it")),
                (
                    "text_sealed",
                    fields.TextField(null=True, description="the applicant's words, sealed", unique=False),
                ),
                ("person_id", fields.UUIDField(null=True)),
                (
                    "request_key",
                    fields.CharField(null=True, description="Idempotency-Key it came with", max_length=120),
                ),
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "case_supplement",
                "app": "weiban",
                "unique_together": (("case_number", "asked_seq"),),
                "pk_attr": "id",
                "table_description": "补正: an applicant's answer to one request for correction.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="CaseUpload",
            fields=[
                ("sha256", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                (
                    "touched_at",
                    fields.DatetimeField(
                        description="when somebody last uploaded these bytes",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "case_upload",
                "app": "weiban",
                "pk_attr": "sha256",
                "table_description": "A file kept for cases, until no material refers to it any more.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS),
    ]
