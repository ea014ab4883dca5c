"""Tables of messages on their way: the notification row is the queue of record."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model


class Channel(StrEnum):
    TEMPLATE = "template"  # 公众号模板消息
    SUBSCRIBE = "subscribe"  # 小程序订阅消息
    CUSTOM = "custom"  # 客服消息
    SMS = "sms"  # 短信

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Channel.TEMPLATE: "公众号模板消息",
    Channel.SUBSCRIBE: "小程序订阅消息",
    Channel.CUSTOM: "客服消息",
    Channel.SMS: "短信",
}


class NotificationStatus(StrEnum):
    """States of a message (SM-MSG); only the owner of the lease moves a claimed one."""

    CREATED = "created"
    CLAIMED = "claimed"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    DEAD = "dead"
    HELD = "held"
    CANCELLED = "cancelled"


class Notification(Model):
    """通知: one message to one person through one channel, of an event or of a campaign.

    In the database the table is partitioned by the day of ``committed_at``, which is therefore part of
    every key; it never changes, and a campaign's rows all have that of its launch.
    """

    id = fields.BigIntField(primary_key=True)
    event_id = fields.BigIntField(null=True, description="the outbox event it tells of")
    campaign_id = fields.BigIntField(null=True, description="or the campaign it belongs to")
    message = fields.CharField(40, description="key in config/messages.toml")
    message_version = fields.SmallIntField()
    person_id = fields.UUIDField()
    channel = fields.CharEnumField(Channel, max_length=12)
    route = fields.CharField(
        40, db_default="", description="channels still to try after this one, with spaces between"
    )
    account_id = fields.CharField(32, description="appid it goes out through, or sms")
    openid = fields.CharField(64, null=True, description="chosen when it is sent")
    lane = fields.SmallIntField(description="0 urgent, 1 normal, 2 bulk")
    status = fields.CharEnumField(NotificationStatus, max_length=12)
    params = fields.JSONField[dict[str, str]](description="what fills the message; no personal data")
    run_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True, description="worthless after this")
    owner = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    attempt = fields.SmallIntField(default=0)
    sending_at = fields.DatetimeField(null=True, description="of the first call WeChat may have acted on")
    sent_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    msgid = fields.CharField(64, null=True, description="WeChat's id of the message")
    error_code = fields.IntField(null=True)
    error_text = fields.CharField(200, null=True)
    committed_at = fields.DatetimeField(description="when the event was written")
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "notification"
        indexes = (Index(fields=("person_id", "id")),)


class NotificationHistory(Model):
    """通知历史: what is left of a notification after its content was removed; nothing says whose it was."""

    id = fields.BigIntField(primary_key=True, generated=False)
    event_id = fields.BigIntField(null=True)
    campaign_id = fields.BigIntField(null=True)
    message = fields.CharField(40)
    message_version = fields.SmallIntField()
    channel = fields.CharEnumField(Channel, max_length=12)
    lane = fields.SmallIntField()
    status = fields.CharEnumField(NotificationStatus, max_length=12)
    attempt = fields.SmallIntField()
    error_code = fields.IntField(null=True)
    committed_at = fields.DatetimeField()
    sent_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notification_history"


class Receipt(Model):
    """回执: what WeChat or the SMS operator reports of a message, appended as it came and applied later.

    Partitioned by the day of ``received_at``.
    """

    id = fields.BigIntField(primary_key=True)
    account_id = fields.CharField(32)
    msgid = fields.CharField(64)
    openid = fields.CharField(64)
    result = fields.CharField(80)
    received_at = fields.DatetimeField(db_default=Now())
    retry_at = fields.DatetimeField(db_default=Now(), description="looked at again then")
    applied_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notification_receipt"


class WeChatTemplate(Model):
    """模板: a template of one of our accounts, as WeChat told at the last sync."""

    id = fields.BigIntField(primary_key=True)
    appid = fields.CharField(32)
    template_id = fields.CharField(64)
    channel = fields.CharEnumField(Channel, max_length=12)
    title = fields.CharField(100)
    content = fields.TextField(description="WeChat's text, with {{thing1.DATA}} in it")
    lines = fields.JSONField[list[dict[str, str]]](description="label and key of each line, in order")
    choices = fields.JSONField[dict[str, list[str]]](description="the values of enumerated fields, by key")
    is_long_term = fields.BooleanField(default=False, description="长期订阅: one accept, any number of sends")
    example = fields.TextField()
    synced_at = fields.DatetimeField()
    gone_at = fields.DatetimeField(null=True, description="no longer in the account since then")

    class Meta:
        table = "wechat_template"
        unique_together = (("appid", "template_id"),)
