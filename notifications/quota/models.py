"""Tables of what was sent a day, and of what may not be sent for a while."""

from tortoise import fields
from tortoise.models import Model

from notifications.models import Channel


class SendDay(Model):
    """日用量: how much of a channel's daily quota one lane has used, in whole batches."""

    id = fields.BigIntField(primary_key=True)
    channel = fields.CharEnumField(Channel, max_length=12)
    account_id = fields.CharField(32)
    day = fields.DateField(description="in Shanghai")
    lane = fields.SmallIntField(description="0 urgent, 1 normal, 2 bulk")
    used = fields.IntField()

    class Meta:
        table = "send_day"
        unique_together = (("channel", "account_id", "day", "lane"),)


class SendingStop(Model):
    """停发: nothing goes out on a channel of an account until then; one a channel, the latest."""

    id = fields.BigIntField(primary_key=True)
    channel = fields.CharEnumField(Channel, max_length=12)
    account_id = fields.CharField(32)
    since = fields.DatetimeField()
    until = fields.DatetimeField()
    because = fields.CharField(200)
    asked_at = fields.DatetimeField(null=True, description="when WeChat was last asked whether there is room")

    class Meta:
        table = "sending_stop"
        unique_together = (("channel", "account_id"),)
