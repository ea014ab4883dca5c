"""Tables of mass sends: their calls, whom each is for, what WeChat reported, and everybody's month."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model


class Way(StrEnum):
    """How WeChat is told whom to reach."""

    LIST = "list"  # openid 列表
    TAG = "tag"  # 按标签
    ALL = "all"  # 全部关注者


class BatchState(StrEnum):
    """States of one call; only the owner of the lease moves a claimed one."""

    GATHERING = "gathering"  # its recipients are being marked, before a call to all or to a tag
    CREATED = "created"
    CLAIMED = "claimed"
    SENDING = "sending"
    ACCEPTED = "accepted"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


class MassBatch(Model):
    """群发批次: one call of a mass send, its tries, and the counts WeChat reported of it."""

    id = fields.BigIntField(primary_key=True)
    campaign_id = fields.BigIntField()
    ord = fields.SmallIntField(description="place among the calls of the campaign")
    way = fields.CharEnumField(Way, max_length=4)
    tag = fields.CharField(24, null=True, description="the follower group whose tag is called")
    size = fields.IntField(description="how many people it is for")
    month = fields.DateField(description="first day of the month in Shanghai it counts in")
    client_msg_id = fields.CharField(32, unique=True)
    state = fields.CharEnumField(BatchState, max_length=10)
    run_at = fields.DatetimeField()
    owner = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    attempt = fields.SmallIntField(default=0)
    media_id = fields.CharField(160, null=True, description="of the draft, until it was sent")
    called_at = fields.DatetimeField(null=True, description="of the first call WeChat may have acted on")
    msg_id = fields.BigIntField(null=True, description="WeChat's number of the send")
    accepted_at = fields.DatetimeField(null=True)
    settled_at = fields.DatetimeField(null=True)
    is_spread = fields.BooleanField(default=False, description="its recipients were told how it ended")
    spread_to = fields.UUIDField(null=True, description="how far that has come")
    result = fields.CharField(80, null=True, description="in WeChat's words")
    total_count = fields.IntField(null=True, description="people WeChat looked at")
    filter_count = fields.IntField(null=True, description="of them, those left after its filter")
    sent_count = fields.IntField(null=True)
    error_count = fields.IntField(null=True)
    error_code = fields.IntField(null=True)
    error_text = fields.CharField(200, null=True)

    class Meta:
        table = "mass_batch"
        unique_together = (("campaign_id", "ord"),)


class MassRecipient(Model):
    """群发名单: one person of a call by list, until the call is settled."""

    id = fields.BigIntField(primary_key=True)
    batch: fields.ForeignKeyRelation[MassBatch] = fields.ForeignKeyField(
        "weiban.MassBatch", related_name="people", on_delete=fields.CASCADE
    )
    batch_id: int
    person_id = fields.UUIDField()
    openid = fields.CharField(64)

    class Meta:
        table = "mass_recipient"
        unique_together = (("batch_id", "person_id"),)
        indexes = (Index(fields=("person_id",)),)


class MassMonth(Model):
    """群发月账: how many mass sends a follower had in a calendar month; WeChat carries four."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.UUIDField()
    month = fields.DateField()
    count = fields.SmallIntField()

    class Meta:
        table = "mass_month"
        unique_together = (("person_id", "month"),)


class MassReceipt(Model):
    """群发回执: what WeChat reports of a mass send, appended as it came and applied later."""

    id = fields.BigIntField(primary_key=True)
    account_id = fields.CharField(32)
    msg_id = fields.BigIntField()
    result = fields.CharField(80)
    total_count = fields.IntField()
    filter_count = fields.IntField()
    sent_count = fields.IntField()
    error_count = fields.IntField()
    received_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "mass_receipt"
        indexes = (Index(fields=("msg_id",)),)


class MassPicture(Model):
    """群发图片: a picture of ours that WeChat has, so that it is uploaded once."""

    id = fields.BigIntField(primary_key=True)
    account_id = fields.CharField(32)
    sha256 = fields.CharField(64)
    is_cover = fields.BooleanField(description="封面, else inside an article")
    reference = fields.CharField(500, description="media_id of a cover, else the address")

    class Meta:
        table = "mass_picture"
        unique_together = (("account_id", "sha256", "is_cover"),)
