"""Department systems that push: their keys, the ledger of their messages, what these said, and their order."""

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.fields.db_defaults import Now
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.domain.partners.kinds import MessageKind, MessageState
from app.kit import guards
from app.kit.signing import Algorithm

# What was said lies apart from the ledger, so that it can be dropped by days and the ledger stays narrow.
RANGES = (guards.by_range("partner_message_body", "received_at", has_sequence=False),)

INDEXES = {
    # A place among the messages of a case is one message's, until it has been judged.
    "partner_message_waiting": (
        "UNIQUE INDEX {} ON partner_message (system_id, case_number, step) WHERE state IN ('parked', 'dead')"
    ),
    "partner_message_parked": "INDEX {} ON partner_message (waiting_since) WHERE state = 'parked'",
    "partner_message_dead": "INDEX {} ON partner_message (system_id, sequence) WHERE state = 'dead'",
}

CHECKS = {
    ("partner_system", "partner_system_counts"): (
        "parked >= 0 AND whole_to >= 0 AND last_sequence >= whole_to AND forgotten_to <= last_sequence"
    ),
    ("partner_key", "partner_key_algorithm"): "algorithm IN ('hmac', 'sm2')",
    ("partner_key", "partner_key_lifetime"): "expires_at > created_at",
    ("partner_message", "partner_message_state"): "state IN ('applied', 'parked', 'refused', 'dead')",
    (
        "partner_message",
        "partner_message_settled",
    ): "(settled_at IS NULL) = (state = 'parked') AND (waiting_since IS NULL) = (state <> 'parked')",
    ("partner_message", "partner_message_error"): "(error_code IS NOT NULL) = (state IN ('refused', 'dead'))",
    ("partner_message", "partner_message_place"): (
        "sequence > 0 AND (case_number IS NULL) = (step IS NULL) AND coalesce(step, 1) > 0"
        " AND (case_number IS NULL) = (kind = 'credit_rating')"
    ),
    ("partner_chain", "partner_chain_step"): "last_step > 0",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0022_exchange_calls")]

    operations = [
        ops.CreateModel(
            name="PartnerChain",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("system_id", fields.BigIntField()),
                ("case_number", fields.CharField(max_length=64)),
                ("last_step", fields.IntField(description="the last one applied or refused")),
                (
                    "region_code",
                    fields.CharField(
                        null=True, description="of the case, if this system handed it in", max_length=12
                    ),
                ),
                (
                    "is_origin",
                    fields.BooleanField(default=False, description="whether this system handed the case in"),
                ),
            ],
            options={
                "table": "partner_chain",
                "app": "weiban",
                "unique_together": (("system_id", "case_number"),),
                "indexes": [Index(fields=["case_number"])],
                "pk_attr": "id",
                "table_description": "办件消息链: how far a system's messages of one case have been judged.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PartnerMessage",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("system_id", fields.BigIntField()),
                ("sequence", fields.BigIntField(description="序号 given by the system")),
                (
                    "kind",
                    fields.CharEnumField(
                        description="APPLICATION: application\nPRE_ACCEPTANCE: pre_acceptance\nACCEPTANCE: acceptance\nREVIEW: review\nDECISION: decision\nSPECIAL_PROCEDURE: special_procedure\nSPECIAL_PROCEDURE_RESULT: special_procedure_result\nCORRECTION_NOTICE: correction_notice\nCORRECTION_RECEIVED: correction_received\nCOLLECTION: collection\nOTHER: other\nCREDIT_RATING: credit_rating",
                        enum_type=MessageKind,
                        max_length=24,
                    ),
                ),
                ("case_number", fields.CharField(null=True, max_length=64)),
                (
                    "step",
                    fields.IntField(
                        null=True, description="its place among the system's messages of the case"
                    ),
                ),
                ("digest", fields.BinaryField(description="SHA-256 of what it said")),
                (
                    "state",
                    fields.CharEnumField(
                        description="APPLIED: applied\nPARKED: parked\nREFUSED: refused\nDEAD: dead",
                        enum_type=MessageState,
                        max_length=8,
                    ),
                ),
                ("error_code", fields.CharField(null=True, max_length=40)),
                ("error_text", fields.CharField(null=True, max_length=300)),
                ("received_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "waiting_since",
                    fields.DatetimeField(
                        null=True, description="since when it is parked", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "settled_at",
                    fields.DatetimeField(
                        null=True,
                        description="when it was applied, refused or declared dead",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "partner_message",
                "app": "weiban",
                "unique_together": (("system_id", "sequence"),),
                "pk_attr": "id",
                "table_description": "推送消息: the ledger, one narrow row for each sequence of a system; nothing personal.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PartnerMessageBody",
            fields=[
                (
                    "id",
                    fields.BigIntField(
                        generated=False,
                        primary_key=True,
                        unique=True,
                        db_index=True,
                        description="of the message",
                    ),
                ),
                (
                    "received_at",
                    fields.DatetimeField(description="of the message", auto_now=False, auto_now_add=False),
                ),
                ("body_sealed", fields.TextField(unique=False)),
            ],
            options={
                "table": "partner_message_body",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "推送内容: what a message said, sealed; days are dropped whole when they are 90 days old.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PartnerNonce",
            fields=[
                ("digest", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=64)),
                ("forget_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "partner_nonce",
                "app": "weiban",
                "indexes": [Index(fields=["forget_at"])],
                "pk_attr": "digest",
                "table_description": "用过的随机数 of a key, known by a hash until its timestamp has grown too old anyway.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PartnerSystem",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("code", fields.CharField(unique=True, description="系统代码", max_length=40)),
                ("name", fields.CharField(description="系统名称", max_length=80)),
                ("department", fields.CharField(description="部门", max_length=80)),
                (
                    "kinds",
                    fields.JSONField(
                        description="kinds of messages it may push", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "authorities",
                    fields.JSONField(
                        description="prefixes of 实施主体统一社会信用代码 it may speak for; none: any",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "regions",
                    fields.JSONField(
                        description="prefixes of region codes it may speak for; none: any",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                (
                    "field_map",
                    fields.JSONField(
                        null=True,
                        description="how its own names and step codes read in ours",
                        encoder=JSON_DUMPS,
                        decoder=loads,
                    ),
                ),
                ("is_active", fields.BooleanField(default=True)),
                ("parked", fields.IntField(default=0, description="messages waiting for earlier ones")),
                (
                    "spent_until",
                    fields.DatetimeField(
                        null=True,
                        description="its allowance is spent until then (GCRA)",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("last_sequence", fields.BigIntField(default=0, description="the highest received")),
                (
                    "whole_to",
                    fields.BigIntField(default=0, description="every sequence up to it has been received"),
                ),
                (
                    "forgotten_to",
                    fields.BigIntField(default=0, description="up to it, rows of the ledger may be gone"),
                ),
                ("created_by", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(db_default=Now(), auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "partner_system",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "对接系统: a department's system that pushes, and its scope. Its row is the lock of its pushes.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="PartnerKey",
            fields=[
                (
                    "id",
                    fields.CharField(
                        primary_key=True,
                        unique=True,
                        db_index=True,
                        description="密钥编号, sent along with each request",
                        max_length=32,
                    ),
                ),
                (
                    "system",
                    fields.ForeignKeyField(
                        "weiban.PartnerSystem",
                        source_field="system_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="keys",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "algorithm",
                    fields.CharEnumField(
                        description="HMAC: hmac\nSM2: sm2", enum_type=Algorithm, max_length=8
                    ),
                ),
                (
                    "secret_sealed",
                    fields.TextField(
                        description="the shared secret, or the system's public key; sealed", unique=False
                    ),
                ),
                ("created_by", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                (
                    "last_used_at",
                    fields.DatetimeField(
                        null=True, description="to the hour", auto_now=False, auto_now_add=False
                    ),
                ),
            ],
            options={
                "table": "partner_key",
                "app": "weiban",
                "indexes": [Index(fields=["system_id"])],
                "pk_attr": "id",
                "table_description": "对接密钥: two may be valid at once, so that one replaces the other without a pause.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS, first=RANGES),
    ]
