"""Tables of invoice checks, of the folder, the queue for the next morning, and of batches.

An invoice is known here by a keyed hash, and what it says is sealed. In clear is only what is counted,
sorted and added up: its kind, day, amount and state.
"""

from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from app.gateways.exchange import InvoiceState


class Outcome(StrEnum):
    """What became of one wish to check (SM-INV)."""

    NEEDS_INPUT = "needs_input"
    IN_THE_FUTURE = "in_the_future"
    TOO_NEW = "too_new"
    QUEUED = "queued"
    OUT_OF_YEARS = "out_of_years"
    OVER_LIMIT = "over_limit"
    OVER_OWN_LIMIT = "over_own_limit"
    MATCH = "match"
    MISMATCH = "mismatch"
    NOT_FOUND = "not_found"
    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    UNAVAILABLE = "unavailable"


class WaitingState(StrEnum):
    """States of a queued check and of a row of a batch; the last two are final."""

    WAITING = "waiting"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


class BatchState(StrEnum):
    """States of a batch; the last two are final, unless what could not be asked is tried again."""

    WORKING = "working"
    DONE = "done"
    CANCELLED = "cancelled"


class InvoiceChecks(Model):
    """查验次数: how often one invoice was checked on one day, by whomever; the platform allows five."""

    id = fields.BigIntField(primary_key=True)
    invoice_hash = fields.BinaryField(description="keyed hash of 发票代码 and 发票号码")
    on = fields.DateField(description="the day in Shanghai")
    checks = fields.SmallIntField()

    class Meta:
        table = "invoice_checks"


class InvoiceAsker(Model):
    """查验人当日次数: how many checks somebody made on one day."""

    id = fields.BigIntField(primary_key=True)
    asker_hash = fields.BinaryField(description="keyed hash of who asked")
    on = fields.DateField(description="the day in Shanghai")
    checks = fields.SmallIntField()

    class Meta:
        table = "invoice_asker"


class InvoiceSnapshot(Model):
    """发票夹: what a check found, of one person or one enterprise; gone after thirty days unless saved."""

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField(null=True, description="who had it checked; null after they left")
    enterprise_id = fields.UUIDField(null=True, description="whose folder it is in; null: the person's own")
    invoice_hash = fields.BinaryField(description="keyed hash of 发票代码 and 发票号码")
    number_hash = fields.BinaryField(description="keyed hash of 发票号码, to find it by")
    kind_code = fields.CharField(2)
    issued_on = fields.DateField()
    amount = fields.DecimalField(14, 2, null=True, description="价税合计 if told, else as the invoice says")
    state = fields.CharEnumField(InvoiceState, max_length=12)
    previous_state = fields.CharEnumField(InvoiceState, max_length=12, null=True)
    content_sealed = fields.TextField(description="what the invoice says and its 票面, sealed")
    tags: list[str] = ArrayField(element_type="text", description="标签")
    note_sealed = fields.TextField(null=True, description="备注 in the owner's words, sealed")
    repeats = fields.IntField(default=0, description="how often it was handed in again after it was saved")
    checked_at = fields.DatetimeField()
    changed_at = fields.DatetimeField(null=True, description="when another state was found")
    saved_at = fields.DatetimeField(null=True)
    recheck_at = fields.DatetimeField(null=True, description="when it is looked at again")

    class Meta:
        table = "invoice_snapshot"


class QueuedCheck(Model):
    """次日查验: an invoice that cannot be checked before the next morning."""

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField()
    enterprise_id = fields.UUIDField(null=True)
    invoice_hash = fields.BinaryField()
    invoice_sealed = fields.TextField(description="the common form of the QR text, sealed")
    due_at = fields.DatetimeField()
    state = fields.CharEnumField(WaitingState, max_length=12, default=WaitingState.WAITING)
    outcome = fields.CharEnumField(Outcome, max_length=16, null=True)
    snapshot_id = fields.UUIDField(null=True)
    tries = fields.SmallIntField(default=0)
    created_at = fields.DatetimeField()
    settled_at = fields.DatetimeField(null=True)

    class Meta:
        table = "queued_check"


class InvoiceBatch(Model):
    """批量查验: up to five hundred invoices handed in together."""

    id = fields.UUIDField(primary_key=True)
    person_id = fields.UUIDField()
    enterprise_id = fields.UUIDField(null=True)
    state = fields.CharEnumField(BatchState, max_length=12)
    created_at = fields.DatetimeField()
    finished_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invoice_batch"


class InvoiceBatchRow(Model):
    """批量查验的一行: settled at once, or waiting for its check."""

    id = fields.BigIntField(primary_key=True)
    batch: fields.ForeignKeyRelation[InvoiceBatch] = fields.ForeignKeyField(
        "weiban.InvoiceBatch", related_name="rows", on_delete=fields.CASCADE
    )
    batch_id: UUID
    place = fields.SmallIntField(description="counted from 1")
    text_sealed = fields.TextField(description="the line, sealed; of an invoice in the common form")
    state = fields.CharEnumField(WaitingState, max_length=12)
    outcome = fields.CharEnumField(Outcome, max_length=16, null=True)
    found = fields.CharEnumField(InvoiceState, max_length=12, null=True, description="发票状态")
    told = fields.CharField(120, description="the result in words")
    duplicate_of = fields.SmallIntField(null=True, description="the place of the same invoice before")
    is_known = fields.BooleanField(default=False, description="was saved in the folder before")
    snapshot_id = fields.UUIDField(null=True)
    tries = fields.SmallIntField(default=0)
    retry_at = fields.DatetimeField(
        description="not before; while it is worked on, when its worker is given up"
    )

    class Meta:
        table = "invoice_batch_row"
