"""Tables of campaigns, of their recipients, and of the counters that answer for both."""

from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model

from notifications.models import Channel


class Product(StrEnum):
    """What of WeChat's a campaign goes out by."""

    TEMPLATE = "template"  # 模板消息、订阅消息：与本人有关的事项
    MASS = "mass"  # 群发：公告


class CampaignState(StrEnum):
    """States of a campaign; which may follow which is said in ``rules.LEGAL``."""

    DRAFT = "draft"  # 草稿
    DRY_RUN = "dry_run"  # 已试算
    PENDING = "pending"  # 待审批
    APPROVED = "approved"  # 已批准
    SCHEDULED = "scheduled"  # 已定时
    CANARY = "canary"  # 小批试发
    RUNNING = "running"  # 发送中
    PAUSED = "paused"  # 已暂停
    FINISHED = "finished"  # 已完成
    CANCELLED = "cancelled"  # 已取消
    EXPIRED = "expired"  # 已过期


FINAL = (CampaignState.FINISHED, CampaignState.CANCELLED, CampaignState.EXPIRED)
"""States after which nothing follows."""


class RecipientState(StrEnum):
    """How far a campaign has come with one person."""

    PENDING = "pending"  # 未开始
    QUEUED = "queued"  # 排队中
    SENT = "sent"  # 已发出
    DELIVERED = "delivered"  # 已送达
    FAILED = "failed"  # 失败
    UNKNOWN = "unknown"  # 结果不明
    DIGESTED = "digested"  # 进汇总
    INBOX_ONLY = "inbox_only"  # 仅站内消息
    CANCELLED = "cancelled"  # 未发送


class Campaign(Model):
    """群发任务: what is sent to whom, who answers for it, and how far it is.

    ``dry_run`` is what the last try-out found; ``baseline`` are the counts at the last resumption, so that
    what a person has seen and accepted is not held against the campaign twice.
    """

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(80)
    product = fields.CharEnumField(Product, max_length=8)
    message = fields.CharField(40, null=True, description="kind of message; of a mass send none")
    message_version = fields.SmallIntField(null=True, description="of the dry run; fixed by the approval")
    params = fields.JSONField[dict[str, str]](description="facts that are the same for everybody")
    content = fields.JSONField[dict[str, Any]](null=True, description="of a mass send")
    audience = fields.JSONField[dict[str, Any]](description="definition of the audience")
    lane = fields.SmallIntField(description="1 normal, for statutory notices; 2 bulk")
    author_id = fields.UUIDField()
    approver_id = fields.UUIDField(null=True)
    approval_above = fields.IntField(null=True, description="largest audience its author may approve")
    audience_size = fields.IntField(null=True, description="recipients the last dry run found")
    dry_run = fields.JSONField[dict[str, Any]](null=True)
    state = fields.CharEnumField(CampaignState, max_length=12)
    state_reason = fields.CharField(200, null=True)
    version = fields.IntField(default=1, description="counts every change")
    canary_percent = fields.SmallIntField(default=1)
    is_canary_passed = fields.BooleanField(default=False)
    baseline = fields.JSONField[dict[str, int]]()
    scheduled_at = fields.DatetimeField(null=True)
    expires_at = fields.DatetimeField(null=True, description="worthless after this")
    launched_at = fields.DatetimeField(null=True, description="committed_at of all its notifications")
    idle_since = fields.DatetimeField(null=True, description="nothing of it waits to be handed over")
    closed_at = fields.DatetimeField(null=True, description="ended, and nobody left in between")
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "campaign"


class CampaignEvent(Model):
    """群发流水: one append-only row for each change of state."""

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.BigIntField()
    actor = fields.CharField(80, description="staff:<id>, system")
    from_state = fields.CharEnumField(CampaignState, max_length=12, null=True)
    to_state = fields.CharEnumField(CampaignState, max_length=12)
    why = fields.CharField(200, null=True)
    at = fields.DatetimeField()

    class Meta:
        table = "campaign_event"
        indexes = (Index(fields=("campaign_id", "id")),)


class ErrandDeed(StrEnum):
    """Deeds that go through a whole audience."""

    TRY_OUT = "try_out"  # 试算
    APPROVE = "approve"  # 批准


class CampaignErrand(Model):
    """群发交办: a deed that a member asked for and the worker does; open until it ended, one for a campaign.

    ``version`` is the campaign's as the member saw it. A refusal says how an errand ended that was not done.
    """

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.BigIntField()
    deed = fields.CharEnumField(ErrandDeed, max_length=8)
    version = fields.IntField(description="of the campaign when this was asked for")
    member_id = fields.UUIDField(description="who asked")
    session_id = fields.UUIDField(description="in which session")
    asked_at = fields.DatetimeField()
    begun_at = fields.DatetimeField(null=True, description="a worker took it up for the first time")
    ended_at = fields.DatetimeField(null=True)
    refusal_code = fields.CharField(40, null=True)
    refusal = fields.CharField(400, null=True, description="in Chinese, as the member reads it")

    class Meta:
        table = "campaign_errand"
        indexes = (Index(fields=("campaign_id", "id")),)


class CampaignRecipient(Model):
    """群发对象: one person a campaign is for. The database keeps ``state`` in step with the notification.

    The key in the database is (campaign_id, person_id), and it adds ``is_pending``.
    """

    campaign_id = fields.BigIntField(primary_key=True, generated=False)
    person_id = fields.UUIDField()
    ord = fields.IntField(description="order of sending, by hash")
    region_code = fields.CharField(12, null=True)
    because = fields.CharField(120, description="what put the person into the audience")
    params = fields.JSONField[dict[str, str]](null=True, description="facts of this person alone")
    state = fields.CharEnumField(RecipientState, max_length=12)
    reason = fields.CharField(40, null=True)
    channel = fields.CharEnumField(Channel, max_length=12, null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "campaign_recipient"


class CampaignTally(Model):
    """群发计数: changes of the counts of recipients; their sum is the count. Folded every few seconds."""

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.BigIntField()
    state = fields.CharEnumField(RecipientState, max_length=12)
    reason = fields.CharField(40, null=True)
    channel = fields.CharEnumField(Channel, max_length=12, null=True)
    delta = fields.BigIntField()
    is_folded = fields.BooleanField(default=False)

    class Meta:
        table = "campaign_tally"
        indexes = (Index(fields=("campaign_id",)),)
