"""Tables of the wording of messages, and of staff who try it out on their own WeChat."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model


class VersionState(StrEnum):
    """States of a version; what is approved, refused or retired never changes its words again."""

    DRAFT = "draft"
    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"
    RETIRED = "retired"

    @property
    def label(self) -> str:
        return _STATES[self]


_STATES = {
    VersionState.DRAFT: "草稿",
    VersionState.PENDING: "待审核",
    VersionState.APPROVED: "已通过",
    VersionState.REFUSED: "未通过",
    VersionState.RETIRED: "已停用",
}


class VersionOrigin(StrEnum):
    FILE = "file"  # config/messages.toml
    STAFF = "staff"


class MessageVersion(Model):
    """消息版本: one wording of a message; the current one is the approved one decided last."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(40, description="key in config/messages.toml")
    version = fields.SmallIntField()
    definition = fields.JSONField[dict[str, Any]](description="as its table in config/messages.toml")
    state = fields.CharEnumField(VersionState, max_length=12)
    origin = fields.CharEnumField(VersionOrigin, max_length=8)
    file_version = fields.SmallIntField(null=True, description="its version in config/messages.toml")
    based_on = fields.SmallIntField(null=True, description="the version it is meant to follow")
    revision = fields.SmallIntField(default=1, description="counts the changes of a draft")
    author_id = fields.UUIDField(null=True, description="of the member of staff who began it")
    editor_ids: fields.Field[list[UUID]] = ArrayField("uuid", description="everybody who wrote on it")
    reviewer_id = fields.UUIDField(null=True)
    note = fields.CharField(200, null=True, description="why it was refused or retired")
    created_at = fields.DatetimeField(db_default=Now())
    submitted_at = fields.DatetimeField(null=True)
    decided_at = fields.DatetimeField(null=True)

    class Meta:
        table = "message_version"
        unique_together = (("name", "version"),)


class StaffReader(Model):
    """试发对象: the WeChat of a member of staff, to which they may send a message to see how it looks."""

    staff_id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField()
    linked_at = fields.DatetimeField()
    tried_on = fields.DateField(null=True, description="the day in Shanghai of the last try")
    tries = fields.SmallIntField(default=0, description="on that day")

    class Meta:
        table = "staff_reader"
        indexes = (Index(fields=("person_id",)),)


class StaffLinkCode(Model):
    """绑定码: six digits a member of staff says to the public account, once and within ten minutes."""

    staff_id = fields.UUIDField(primary_key=True)
    code_hash = fields.BinaryField(description="keyed hash")
    expires_at = fields.DatetimeField()

    class Meta:
        table = "staff_link_code"
