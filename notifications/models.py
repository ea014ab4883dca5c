"""Tables of messages on their way: the notification row is the queue of record."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model


class Channel(StrEnum):
    TEMPLATE = "template"  # 公众号模板消息
    SUBSCRIBE = "subscribe"  # 小程序订阅消息

    @property
    def label(self) -> str:
        return "公众号模板消息" if self is Channel.TEMPLATE else "小程序订阅消息"


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


class Notification(Model):
    """通知: one message to one person through one channel."""

    id = fields.BigIntField(primary_key=True)
    event_id = fields.BigIntField(description="the outbox event it tells of")
    message = fields.CharField(40, description="key in config/messages.toml")
    message_version = fields.SmallIntField()
    person_id = fields.UUIDField()
    channel = fields.CharEnumField(Channel, max_length=12)
    account_id = fields.CharField(32, description="appid it goes out through")
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
        unique_together = (("event_id", "person_id", "message", "channel"),)
        indexes = (Index(fields=("person_id", "id")),)


class Receipt(Model):
    """回执: what WeChat reports of a message, appended as it came and applied later."""

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
