"""Tables of hand-overs between channels and of the scenes behind QR codes, with what they forbid."""

from uuid import uuid4

from orjson import loads
from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from tortoise.indexes import Index
from tortoise.migrations import operations as ops

from app.domain.accounts.models import HandoffState, ServiceChannel
from app.domain.accounts.scene_models import SceneKind, SceneMedium
from app.kit import guards

INDEXES = {
    "handoff_token_once": "UNIQUE INDEX {} ON handoff (token_hash)",
    "handoff_to_expire": "INDEX {} ON handoff (expires_at) WHERE state = 'issued'",
    # The same thing asked for again gets the same code: WeChat gives an account 100,000 permanent ones.
    "scene_once": "UNIQUE INDEX {} ON scene (kind, payload, expires_at) NULLS NOT DISTINCT",
    "scene_to_purge": "INDEX {} ON scene (expires_at) WHERE expires_at IS NOT NULL",
}

CHECKS = {
    ("handoff", "handoff_short"): "expires_at <= created_at + interval '60 seconds'",
    ("handoff", "handoff_used_once"): "(state = 'used') = (used_at IS NOT NULL)",
    ("handoff", "handoff_state"): "state IN ('issued', 'used', 'expired')",
    ("scene", "scene_short"): "short ~ '^[0-9A-Za-z]{8,12}$'",
    ("scene", "scene_span"): "expires_at > created_at",
}


class Migration(migrations.Migration):
    dependencies = [("weiban", "0004_jobs")]

    operations = [
        ops.CreateModel(
            name="Handoff",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("token_hash", fields.BinaryField(description="SHA-256, unique")),
                (
                    "person",
                    fields.ForeignKeyField(
                        "weiban.Person",
                        source_field="person_id",
                        db_constraint=True,
                        to_field="id",
                        related_name=False,
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("enterprise_id", fields.UUIDField(null=True, description="whom the person acts for")),
                (
                    "from_channel",
                    fields.CharEnumField(
                        description="MP: MP\nWX_OA: WX_OA\nWEB: WEB\nKIOSK: KIOSK\nWINDOW: WINDOW\nPHONE: PHONE\nSMS: SMS",
                        enum_type=ServiceChannel,
                        max_length=12,
                    ),
                ),
                (
                    "to_channel",
                    fields.CharEnumField(
                        description="MP: MP\nWX_OA: WX_OA\nWEB: WEB\nKIOSK: KIOSK\nWINDOW: WINDOW\nPHONE: PHONE\nSMS: SMS",
                        enum_type=ServiceChannel,
                        max_length=12,
                    ),
                ),
                ("path", fields.CharField(description="where they go on", max_length=300)),
                (
                    "state",
                    fields.CharEnumField(
                        default=HandoffState.ISSUED,
                        description="ISSUED: issued\nUSED: used\nEXPIRED: expired",
                        enum_type=HandoffState,
                        max_length=12,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "handoff",
                "app": "weiban",
                "indexes": [Index(fields=["person_id"])],
                "pk_attr": "id",
                "table_description": "渠道衔接: a person goes on in another channel, signed in there by a token that works once.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Scene",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("short", fields.CharField(unique=True, description="random Base62", max_length=12)),
                (
                    "kind",
                    fields.CharEnumField(
                        description="HALL_POSTER: hall_poster\nCHECK_IN: check_in\nGUIDE: guide\nBIND: bind",
                        enum_type=SceneKind,
                        max_length=24,
                    ),
                ),
                (
                    "payload",
                    fields.JSONField(
                        description="ids; never personal data", encoder=JSON_DUMPS, decoder=loads
                    ),
                ),
                (
                    "created_by",
                    fields.CharField(description="person:<id>, staff:<id>, system", max_length=80),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                (
                    "expires_at",
                    fields.DatetimeField(
                        null=True,
                        description="null: for ever",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "scene",
                "app": "weiban",
                "pk_attr": "id",
                "table_description": "场景: what a QR code stands for; WeChat carries only its short id.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ScenePicture",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "scene",
                    fields.ForeignKeyField(
                        "weiban.Scene",
                        source_field="scene_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="pictures",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "medium",
                    fields.CharEnumField(
                        description="PUBLIC_ACCOUNT: oa\nMINI_PROGRAM: mp",
                        enum_type=SceneMedium,
                        max_length=4,
                    ),
                ),
                ("media_type", fields.CharField(max_length=40)),
                ("body", fields.BinaryField()),
                ("made_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "scene_picture",
                "app": "weiban",
                "unique_together": (("scene_id", "medium"),),
                "pk_attr": "id",
                "table_description": "场景码图片: a scene's code as WeChat made it, kept because permanent codes are limited in number.",
            },
            bases=["Model"],
        ),
        guards.operation(INDEXES, CHECKS),
    ]
