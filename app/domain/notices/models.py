"""Tables of notices, of their versions, reviews, attachments and readers."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.db_defaults import Now
from tortoise.models import Model

from app.domain.catalogue.models import WordVector


class NoticeKind(StrEnum):
    """What a notice is (栏目)."""

    ANNOUNCEMENT = "announcement"
    POLICY = "policy"
    CALENDAR = "calendar"
    INTERPRETATION = "interpretation"

    @property
    def words(self) -> str:
        """The kind as people read it."""
        return _KINDS[self]


_KINDS: Final = {
    NoticeKind.ANNOUNCEMENT: "通知公告",
    NoticeKind.POLICY: "政策法规",
    NoticeKind.CALENDAR: "办税日历",
    NoticeKind.INTERPRETATION: "政策解读",
}


class NoticeState(StrEnum):
    """Where a notice stands (三审三校)."""

    DRAFT = "draft"
    FIRST_REVIEW = "first_review"
    SECOND_REVIEW = "second_review"
    THIRD_REVIEW = "third_review"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"

    @property
    def words(self) -> str:
        """The state as staff read it."""
        return _STATES[self]


_STATES: Final = {
    NoticeState.DRAFT: "草稿",
    NoticeState.FIRST_REVIEW: "一审",
    NoticeState.SECOND_REVIEW: "二审",
    NoticeState.THIRD_REVIEW: "三审",
    NoticeState.SCHEDULED: "待发布",
    NoticeState.PUBLISHED: "已发布",
    NoticeState.WITHDRAWN: "已撤回",
}


class Notice(Model):
    """微发布稿件: where it stands; its words are those of its version."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharEnumField(NoticeKind, max_length=16, description="栏目")
    state = fields.CharEnumField(NoticeState, max_length=16, default=NoticeState.DRAFT)
    version = fields.SmallIntField(default=1, description="counts every change of its words or attachments")
    region_code = fields.CharField(12, null=True, description="辖区 whose staff handle it; null: none")
    publish_at: datetime | None = fields.DatetimeField(null=True, description="when it is to be published")
    published_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)
    withdrawn_because = fields.CharField(200, null=True, description="what readers are told")
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "notice"


class NoticeVersion(Model):
    """稿件版本: the words as they were at one time; append-only."""

    id = fields.BigIntField(primary_key=True)
    notice_id = fields.BigIntField()
    version = fields.SmallIntField()
    author_id = fields.UUIDField(description="the member of staff who wrote it")
    title = fields.CharField(100)
    source = fields.CharField(60, description="发布机关")
    document_number = fields.CharField(60, null=True, description="文号")
    summary = fields.CharField(200)
    body = fields.TextField(description="sanitised HTML")
    groups: list[str] = ArrayField(element_type="text", description="纳税人分组; empty: for everybody")
    expires_at: datetime | None = fields.DatetimeField(null=True, description="when it is listed no more")
    at = fields.DatetimeField()

    class Meta:
        table = "notice_version"
        unique_together = (("notice_id", "version"),)


class NoticeReview(Model):
    """审校意见: what one reviewer found of one version; append-only."""

    id = fields.BigIntField(primary_key=True)
    notice_id = fields.BigIntField()
    version = fields.SmallIntField()
    round = fields.SmallIntField(description="1 一审, 2 二审, 3 三审")
    reviewer_id = fields.UUIDField()
    is_approved = fields.BooleanField()
    reason = fields.CharField(500, null=True, description="why it was refused")
    at = fields.DatetimeField()

    class Meta:
        table = "notice_review"
        unique_together = (("notice_id", "version", "reviewer_id"), ("notice_id", "version", "round"))


class NoticeEvent(Model):
    """稿件流水: one append-only row for each step of a notice."""

    id = fields.BigIntField(primary_key=True)
    notice_id = fields.BigIntField()
    version = fields.SmallIntField()
    kind = fields.CharField(16)
    actor = fields.CharField(64)
    reason = fields.CharField(500, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "notice_event"


class NoticeAttachment(Model):
    """附件: a file of the versions from ``added_in`` until before ``removed_in``."""

    id = fields.BigIntField(primary_key=True)
    notice_id = fields.BigIntField()
    name = fields.CharField(100)
    media_type = fields.CharField(100)
    size = fields.IntField(description="bytes")
    sha256 = fields.CharField(64, description="under which the file is kept")
    scan = fields.CharField(16, description="what the virus scanner said")
    added_in = fields.SmallIntField()
    removed_in: int | None = fields.SmallIntField(null=True)

    class Meta:
        table = "notice_attachment"


class NoticeIndex(Model):
    """What a published notice is found by."""

    notice_id = fields.BigIntField(primary_key=True, generated=False)
    words = WordVector()

    class Meta:
        table = "notice_index"


class NoticeReads(Model):
    """阅读人数: how many readers a notice had on one day."""

    id = fields.BigIntField(primary_key=True)
    notice_id = fields.BigIntField()
    on = fields.DateField(description="the day in Shanghai")
    readers = fields.IntField()

    class Meta:
        table = "notice_reads"
        unique_together = (("notice_id", "on"),)
