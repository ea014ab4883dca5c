"""The kit's own tables: outbox, audit log, idempotency keys."""

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.models import Model


class OutboxEvent(Model):
    """事件: something that happened, written in the transaction it happened in, gone once handled."""

    id = fields.BigIntField(primary_key=True)
    kind = fields.CharField(64, description="what happened, in the past tense")
    payload = fields.JSONField[dict[str, object]](description="ids and facts; never personal data")
    created_at = fields.DatetimeField(db_default=Now())
    attempt = fields.SmallIntField(db_default=0)
    retry_at = fields.DatetimeField(db_default=Now())
    dead_because = fields.TextField(null=True, description="why the relay gave up; null while it has not")

    class Meta:
        table = "outbox_event"


class AuditEntry(Model):
    """审计记录: who did what to whom and why, append-only, each row hashing the one before it."""

    id = fields.BigIntField(primary_key=True, description="its place in the chain, given by the writer")
    at = fields.DatetimeField()
    actor = fields.CharField(80, description="person:<id>, staff:<id>, system")
    action = fields.CharField(64)
    target = fields.CharField(120)
    hall_id = fields.BigIntField(null=True)
    reason = fields.TextField(null=True, description="理由")
    detail = fields.JSONField[dict[str, object]]()
    previous_hash = fields.BinaryField()
    hash = fields.BinaryField()

    class Meta:
        table = "audit_entry"
        indexes = (Index(fields=("actor", "id")), Index(fields=("target", "id")))


class IdempotencyKey(Model):
    """幂等键: the answer once given to a caller's key, so that a retry gets the same one."""

    id = fields.BigIntField(primary_key=True)
    caller = fields.CharField(80)
    key = fields.CharField(120)
    request_hash = fields.BinaryField(description="SHA-256 of method, path and body")
    status = fields.SmallIntField(
        null=True, description="HTTP status of the answer; null while it is being made"
    )
    answer = fields.TextField(null=True)
    claimed_until = fields.DatetimeField()
    created_at = fields.DatetimeField(db_default=Now())

    class Meta:
        table = "idempotency_key"
        unique_together = (("caller", "key"),)
        indexes = (Index(fields=("created_at",)),)
