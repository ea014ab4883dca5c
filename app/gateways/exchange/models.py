"""Tables of the exchange: what was asked of whom and why, and what was wrong with an answer."""

from tortoise import fields
from tortoise.models import Model


class ExchangeCall(Model):
    """共享调用: one question to an outside system, by purpose and names of fields, never with a value.

    In the database the table is partitioned by the month of ``at``, which is therefore part of its key.
    """

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField(description="when it was asked")
    source = fields.CharField(16, description="the outside system: idv, invoice, credit, library")
    purpose = fields.CharField(40, description="用途")
    fields_asked = fields.CharField(400, description="names of fields, with spaces between")
    subject_hash = fields.BinaryField(null=True, description="keyed hash of whom or what it is about")
    person_id = fields.UUIDField(null=True, description="who asked, if a person did")
    cause = fields.CharField(120, null=True, description="the route or job it was asked in")
    request_id = fields.CharField(32, null=True)
    outcome = fields.CharField(16, description="answered, cached, stale, or why there was no answer")
    duration_ms = fields.IntField()
    attempts = fields.SmallIntField(description="times it left, 0 if it did not")
    bytes_sent = fields.IntField()
    bytes_received = fields.IntField()
    hops = fields.CharField(
        800, description="the nodes it passed, ours and those that told, with commas between"
    )

    class Meta:
        table = "exchange_call"


class ExchangeFinding(Model):
    """异常: an answer that must not be believed, or a question that must not be asked; without any value."""

    id = fields.BigIntField(primary_key=True)
    at = fields.DatetimeField()
    source = fields.CharField(16, description="the outside system")
    kind = fields.CharField(24)
    detail = fields.CharField(200, description="what was seen, in words without values")
    request_id = fields.CharField(32, null=True)

    class Meta:
        table = "exchange_finding"
