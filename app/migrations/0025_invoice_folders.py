"""The folder of invoices, the queue for the next morning, batches, and who asked how often."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from app.domain.invoices.models import BatchState, Outcome, WaitingState
from app.gateways.exchange import InvoiceState
from app.kit import guards

INDEXES = {
    "invoice_asker_once": 'UNIQUE INDEX {} ON invoice_asker (asker_hash, "on")',
    "invoice_snapshot_once": (
        "UNIQUE INDEX {} ON invoice_snapshot ((coalesce(enterprise_id, person_id)), invoice_hash)"
    ),
    "invoice_snapshot_listed": "INDEX {} ON invoice_snapshot ((coalesce(enterprise_id, person_id)), id DESC)",
    "invoice_snapshot_of_person": "INDEX {} ON invoice_snapshot (person_id)",
    "invoice_snapshot_saved": "INDEX {} ON invoice_snapshot (invoice_hash) WHERE saved_at IS NOT NULL",
    "invoice_snapshot_unsaved": "INDEX {} ON invoice_snapshot (checked_at) WHERE saved_at IS NULL",
    "invoice_snapshot_due": "INDEX {} ON invoice_snapshot (recheck_at) WHERE recheck_at IS NOT NULL",
    "queued_check_once": (
        "UNIQUE INDEX {} ON queued_check (person_id, (coalesce(enterprise_id, person_id)), invoice_hash)"
        " WHERE state = 'waiting'"
    ),
    "queued_check_due": "INDEX {} ON queued_check (due_at, id) WHERE state = 'waiting'",
    "queued_check_of_person": "INDEX {} ON queued_check (person_id, id DESC)",
    "queued_check_settled": "INDEX {} ON queued_check (settled_at) WHERE state <> 'waiting'",
    "invoice_batch_working": "INDEX {} ON invoice_batch (person_id) WHERE state = 'working'",
    "invoice_batch_of_person": "INDEX {} ON invoice_batch (person_id, id DESC)",
    "invoice_batch_old": "INDEX {} ON invoice_batch (created_at)",
    "invoice_batch_row_once": "UNIQUE INDEX {} ON invoice_batch_row (batch_id, place)",
    "invoice_batch_row_waiting": "INDEX {} ON invoice_batch_row (batch_id, place) WHERE state = 'waiting'",
}

_OUTCOMES = (
    "('needs_input', 'in_the_future', 'too_new', 'queued', 'out_of_years', 'over_limit', 'over_own_limit',"
    " 'match', 'mismatch', 'not_found', 'unreadable', 'duplicate', 'unavailable')"
)
_STATES = "('normal', 'void', 'red', 'partly_red', 'fully_red')"

CHECKS = {
    ("invoice_asker", "invoice_asker_counts"): "checks >= 0",
    ("invoice_snapshot", "invoice_snapshot_has_owner"): (
        "person_id IS NOT NULL OR enterprise_id IS NOT NULL"
    ),
    ("invoice_snapshot", "invoice_snapshot_state"): f"state IN {_STATES}",
    ("invoice_snapshot", "invoice_snapshot_previous_state"): (
        f"previous_state IS NULL OR (previous_state IN {_STATES} AND changed_at IS NOT NULL)"
    ),
    ("invoice_snapshot", "invoice_snapshot_tags"): "cardinality(tags) <= 10",
    # What nobody saved is thrown away: it has no words of its owner, and is not looked at again.
    ("invoice_snapshot", "invoice_snapshot_saved_first"): (
        "saved_at IS NOT NULL OR (recheck_at IS NULL AND note_sealed IS NULL AND tags = '{}' AND repeats = 0)"
    ),
    ("queued_check", "queued_check_state"): "state IN ('waiting', 'answered', 'cancelled')",
    ("queued_check", "queued_check_settled_at"): "(settled_at IS NULL) = (state = 'waiting')",
    (
        "queued_check",
        "queued_check_outcome",
    ): f"(state = 'answered') = (outcome IS NOT NULL AND outcome IN {_OUTCOMES})",
    ("invoice_batch", "invoice_batch_state"): "state IN ('working', 'done', 'cancelled')",
    ("invoice_batch", "invoice_batch_finished_at"): "(finished_at IS NULL) = (state = 'working')",
    ("invoice_batch_row", "invoice_batch_row_place"): "place BETWEEN 1 AND 500",
    ("invoice_batch_row", "invoice_batch_row_state"): "state IN ('waiting', 'answered', 'cancelled')",
    ("invoice_batch_row", "invoice_batch_row_outcome"): (
        f"(state = 'answered') = (outcome IS NOT NULL AND outcome IN {_OUTCOMES})"
    ),
    ("invoice_batch_row", "invoice_batch_row_found"): (
        f"found IS NULL OR (found IN {_STATES} AND outcome = 'match')"
    ),
    ("invoice_batch_row", "invoice_batch_row_duplicate"): (
        "(duplicate_of IS NOT NULL) = (outcome IS NOT NULL AND outcome = 'duplicate') AND duplicate_of < place"
    ),
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0024_connections")]

    operations = [
        ops.CreateModel(
            name="InvoiceAsker",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("asker_hash", fields.BinaryField(description="keyed hash of who asked")),
                ("on", fields.DateField(description="the day in Shanghai")),
                ("checks", fields.SmallIntField()),
            ],
            options={
                "table": "invoice_asker",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "查验人当日次数: how many checks somebody made on one day.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InvoiceBatch",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("enterprise_id", fields.UUIDField(null=True)),
                (
                    "state",
                    fields.CharEnumField(
                        description="WORKING: working\nDONE: done\nCANCELLED: cancelled",
                        enum_type=BatchState,
                        max_length=12,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("finished_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "invoice_batch",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "批量查验: up to five hundred invoices handed in together.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InvoiceBatchRow",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "batch",
                    fields.ForeignKeyField(
                        "weiban.InvoiceBatch",
                        source_field="batch_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="rows",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("place", fields.SmallIntField(description="counted from 1")),
                (
                    "text_sealed",
                    fields.TextField(
                        description="the line, sealed; of an invoice in the common form", unique=False
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="WAITING: waiting\nANSWERED: answered\nCANCELLED: cancelled",
                        enum_type=WaitingState,
                        max_length=12,
                    ),
                ),
                (
                    "outcome",
                    fields.CharEnumField(
                        null=True,
                        description="NEEDS_INPUT: needs_input\nIN_THE_FUTURE: in_the_future\nTOO_NEW: too_new\nQUEUED: queued\nOUT_OF_YEARS: out_of_years\nOVER_LIMIT: over_limit\nOVER_OWN_LIMIT: over_own_limit\nMATCH: match\nMISMATCH: mismatch\nNOT_FOUND: not_found\nUNREADABLE: unreadable\nDUPLICATE: duplicate\nUNAVAILABLE: unavailable",
                        enum_type=Outcome,
                        max_length=16,
                    ),
                ),
                (
                    "found",
                    fields.CharEnumField(
                        null=True, description="发票状态", enum_type=InvoiceState, max_length=12
                    ),
                ),
                ("told", fields.CharField(description="the result in words", max_length=120)),
                (
                    "duplicate_of",
                    fields.SmallIntField(null=True, description="the place of the same invoice before"),
                ),
                (
                    "is_known",
                    fields.BooleanField(default=False, description="was saved in the folder before"),
                ),
                ("snapshot_id", fields.UUIDField(null=True)),
                ("tries", fields.SmallIntField(default=0)),
                (
                    "retry_at",
                    fields.DatetimeField(
                        description="not before; while it is worked on, when its worker is given up",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "invoice_batch_row",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "批量查验的一行: settled at once, or waiting for its check.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="InvoiceSnapshot",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "person_id",
                    fields.UUIDField(null=True, description="who had it checked; null after they left"),
                ),
                (
                    "enterprise_id",
                    fields.UUIDField(null=True, description="whose folder it is in; null: the person's own"),
                ),
                ("invoice_hash", fields.BinaryField(description="keyed hash of 发票代码 and 发票号码")),
                ("number_hash", fields.BinaryField(description="keyed hash of 发票号码, to find it by")),
                ("kind_code", fields.CharField(max_length=2)),
                ("issued_on", fields.DateField()),
                (
                    "amount",
                    fields.DecimalField(
                        null=True,
                        description="价税合计 if told, else as the invoice says",
                        max_digits=14,
                        decimal_places=2,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        description="NORMAL: normal\nVOID: void\nRED: red\nPARTLY_RED: partly_red\nFULLY_RED: fully_red",
                        enum_type=InvoiceState,
                        max_length=12,
                    ),
                ),
                (
                    "previous_state",
                    fields.CharEnumField(
                        null=True,
                        description="NORMAL: normal\nVOID: void\nRED: red\nPARTLY_RED: partly_red\nFULLY_RED: fully_red",
                        enum_type=InvoiceState,
                        max_length=12,
                    ),
                ),
                (
                    "content_sealed",
                    fields.TextField(description="what the invoice says and its 票面, sealed", unique=False),
                ),
                ("tags", ArrayField(description="标签", element_type="TEXT")),
                (
                    "note_sealed",
                    fields.TextField(
                        null=True, description="备注 in the owner's words, sealed", unique=False
                    ),
                ),
                (
                    "repeats",
                    fields.IntField(
                        default=0, description="how often it was handed in again after it was saved"
                    ),
                ),
                ("checked_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "changed_at",
                    fields.DatetimeField(
                        null=True,
                        description="when another state was found",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("saved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "recheck_at",
                    fields.DatetimeField(
                        null=True,
                        description="when it is looked at again",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "invoice_snapshot",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "发票夹: what a check found, of one person or one enterprise; gone after thirty days unless saved.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="QueuedCheck",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("person_id", fields.UUIDField()),
                ("enterprise_id", fields.UUIDField(null=True)),
                ("invoice_hash", fields.BinaryField()),
                (
                    "invoice_sealed",
                    fields.TextField(description="the common form of the QR text, sealed", unique=False),
                ),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "state",
                    fields.CharEnumField(
                        default=WaitingState.WAITING,
                        description="WAITING: waiting\nANSWERED: answered\nCANCELLED: cancelled",
                        enum_type=WaitingState,
                        max_length=12,
                    ),
                ),
                (
                    "outcome",
                    fields.CharEnumField(
                        null=True,
                        description="NEEDS_INPUT: needs_input\nIN_THE_FUTURE: in_the_future\nTOO_NEW: too_new\nQUEUED: queued\nOUT_OF_YEARS: out_of_years\nOVER_LIMIT: over_limit\nOVER_OWN_LIMIT: over_own_limit\nMATCH: match\nMISMATCH: mismatch\nNOT_FOUND: not_found\nUNREADABLE: unreadable\nDUPLICATE: duplicate\nUNAVAILABLE: unavailable",
                        enum_type=Outcome,
                        max_length=16,
                    ),
                ),
                ("snapshot_id", fields.UUIDField(null=True)),
                ("tries", fields.SmallIntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("settled_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "queued_check",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "次日查验: an invoice that cannot be checked before the next morning.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS),
    ]
