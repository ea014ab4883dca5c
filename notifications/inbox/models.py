"""Tables of the inbox: what people were told, the proof of what was served, and what they wish to get."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class Step(StrEnum):
    """What the proof of a served document writes down, each once and in this order if at all."""

    ARRIVED = "arrived"
    SHOWN = "shown"
    READ = "read"
    ACKNOWLEDGED = "acknowledged"

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Step.ARRIVED: "到达",
    Step.SHOWN: "显示",
    Step.READ: "查阅",
    Step.ACKNOWLEDGED: "签收",
}


class InboxItem(Model):
    """站内消息: one message in one person's inbox, of an event or of a campaign.

    In the database the table is partitioned by the month of ``committed_at``, which is therefore part of
    its key. Moments are written once; a trigger refuses to change them.
    """

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField()
    message = fields.CharField(40, description="key in config/messages.toml")
    message_version = fields.SmallIntField(description="the wording it was told in")
    params = fields.JSONField[dict[str, str]](description="what fills the message; no personal data")
    event_id = fields.BigIntField(null=True, description="the outbox event it tells of")
    campaign_id = fields.BigIntField(null=True, description="or the campaign it belongs to")
    told = fields.CharField(12, description="the first channel, or why there was none")
    is_statutory = fields.BooleanField(description="its arrival has legal effect")
    committed_at = fields.DatetimeField(description="when the event was written or the campaign launched")
    arrived_at = fields.DatetimeField(description="送达时间")
    shown_at = fields.DatetimeField(null=True, description="first seen in a list")
    read_at = fields.DatetimeField(null=True)
    acknowledged_at = fields.DatetimeField(null=True, description="签收")

    class Meta:
        table = "inbox_item"


class ServiceProof(Model):
    """送达证明: one append-only row for each step of a served document, sealed by the hash of the one before.

    It says of a document only its keyed hash, so it may outlive the content.
    """

    id = fields.BigIntField(primary_key=True)
    item_id = fields.UUIDField()
    seq = fields.SmallIntField(description="1 is the arrival")
    step = fields.CharEnumField(Step, max_length=12)
    at = fields.DatetimeField()
    person_id = fields.UUIDField(description="whom it was served on, whatever became of them since")
    content_hash = fields.BinaryField(description="keyed hash of message, version and facts")
    hash = fields.BinaryField(description="SHA-256 over the hash before it and this row")

    class Meta:
        table = "service_proof"
        unique_together = (("item_id", "seq"), ("item_id", "step"))


class MessagePreference(Model):
    """消息设置: what one person wishes of one kind of message; without a row everything is on."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.UUIDField()
    message = fields.CharField(40)
    is_muted = fields.BooleanField(description="inbox only")
    switched_off = fields.CharField(60, description="channels not to be used, with spaces between")
    changed_at = fields.DatetimeField()

    class Meta:
        table = "message_preference"
        unique_together = (("person_id", "message"),)


class DigestDay(Model):
    """汇总: how many notices a person got on one Shanghai day, and how many of them they were told of."""

    id = fields.BigIntField(primary_key=True)
    person_id = fields.UUIDField()
    day = fields.DateField()
    notices = fields.IntField()
    told = fields.IntField(description="the first at once, the others by digests")
    newest = fields.CharField(100, description="title of the newest")

    class Meta:
        table = "digest_day"
        unique_together = (("person_id", "day"),)
