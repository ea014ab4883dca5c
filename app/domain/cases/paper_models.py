"""Tables of the papers of a case: what the applicant hands in, and what the office tells in writing."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.models import Model


class MaterialState(StrEnum):
    """States of a material (SM-MATERIAL) as far as an applicant's own go."""

    UPLOADED = "uploaded"  # 已上传
    DECLARED = "declared"  # 已承诺
    CHECKED = "checked"  # 已核对
    REJECTED = "rejected"  # 不合格
    REPLACED = "replaced"  # 已替换


class Trust(StrEnum):
    """可信等级: how far an office may rely on a material (国办函〔2016〕108号)."""

    CHECKED = "B"  # checked by the office
    UPLOADED = "C"  # uploaded by the applicant
    DECLARED = "D"  # only promised


class DocumentKind(StrEnum):
    """Kinds of documents (文书) of a case."""

    RECEIPT = "receipt"  # 收件凭证
    ACCEPTANCE = "acceptance"  # 受理通知书
    NON_ACCEPTANCE = "non_acceptance"  # 不予受理通知书
    CORRECTION = "correction"  # 一次性补正告知书
    SPECIAL_PROCEDURE = "special_procedure"  # 特别程序告知书
    EXTENSION = "extension"  # 延期告知书
    PROMISE = "promise"  # 容缺受理承诺书
    GRANTING = "granting"  # 准予决定书
    DENIAL = "denial"  # 不予决定书
    DELIVERY = "delivery"  # 送达回证


class CaseMaterial(Model):
    """材料: one file an applicant uploaded for a case, or one they promised to hand in later."""

    id = fields.UUIDField(primary_key=True)
    case_number = fields.CharField(64)
    name = fields.CharField(100, description="what it is, or the file's own name; never a path")
    state = fields.CharEnumField(MaterialState, max_length=10)
    trust = fields.CharEnumField(Trust, max_length=1, description="可信等级")
    sha256 = fields.CharField(64, null=True, description="under which the file is kept")
    media_type = fields.CharField(100, null=True)
    size: int | None = fields.IntField(null=True, description="bytes")
    scan = fields.CharField(16, null=True, description="what the malware scanner said")
    promised_on: date | None = fields.DateField(null=True, description="by when it is promised")
    replaces_id: UUID | None = fields.UUIDField(null=True, description="the material it stands in for")
    reason = fields.CharField(200, null=True, description="why it was rejected")
    person_id: UUID | None = fields.UUIDField(null=True, description="who uploaded it")
    uploaded_at = fields.DatetimeField()
    handed_in_seq: int | None = fields.SmallIntField(
        null=True, description="the event of the case it was handed in with; null: not yet"
    )
    request_hash = fields.BinaryField(
        null=True, description="keyed hash of who uploaded it, its case and the Idempotency-Key it came with"
    )

    class Meta:
        table = "case_material"


class CaseUpload(Model):
    """A file kept for cases, until no material refers to it any more."""

    sha256 = fields.CharField(64, primary_key=True)
    touched_at = fields.DatetimeField(description="when somebody last uploaded these bytes")
    materials = fields.IntField(db_default=0, description="how many refer to it; a trigger counts them")

    class Meta:
        table = "case_upload"


class UploadDay(Model):
    """当日上传量: how much somebody has uploaded on one day."""

    id = fields.BigIntField(primary_key=True)
    uploader_hash = fields.BinaryField(description="keyed hash of who uploaded")
    on = fields.DateField(description="the day in Shanghai")
    size = fields.BigIntField(description="bytes")

    class Meta:
        table = "upload_day"


class CaseSupplement(Model):
    """补正: an applicant's answer to one request for correction."""

    id = fields.UUIDField(primary_key=True)
    case_number = fields.CharField(64)
    asked_seq = fields.SmallIntField(description="the event that asked for it")
    answered_seq = fields.SmallIntField(description="the event that answered it")
    text_sealed = fields.TextField(null=True, description="the applicant's words, sealed")
    person_id: UUID | None = fields.UUIDField(null=True)
    request_key = fields.CharField(120, null=True, description="Idempotency-Key it came with")
    at = fields.DatetimeField()

    class Meta:
        table = "case_supplement"
        unique_together = (("case_number", "asked_seq"),)


class CaseDocument(Model):
    """文书: one document, worded once; the file is made of its words whenever it is asked for."""

    id = fields.UUIDField(primary_key=True)
    case_number = fields.CharField(64)
    event_seq = fields.SmallIntField(description="the event it tells of")
    kind = fields.CharEnumField(DocumentKind, max_length=18)
    office = fields.CharField(80, description="an office or post, never a name")
    code = fields.CharField(16, description="核验码, random")
    content_sealed = fields.TextField(
        null=True, description="its words as canonical JSON, sealed; null once the applicant has left"
    )
    sha256 = fields.CharField(64, description="of the canonical JSON")
    dated_at: datetime = fields.DatetimeField(description="落款日期: when the event happened")
    issued_at = fields.DatetimeField()

    class Meta:
        table = "case_document"
        unique_together = (("case_number", "event_seq", "kind"),)
