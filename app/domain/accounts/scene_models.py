"""Tables of scanned codes: what each stands for, and the pictures WeChat made of them."""

from enum import StrEnum

from tortoise import fields
from tortoise.models import Model


class SceneKind(StrEnum):
    """What a scanned code is about, and the facts its payload holds."""

    HALL_POSTER = "hall_poster"  # hall_id
    CHECK_IN = "check_in"  # appointment_id
    GUIDE = "guide"  # guide_id
    BIND = "bind"  # person_id
    REMINDERS = "reminders"  # nothing


class SceneMedium(StrEnum):
    """Which of our accounts a code opens."""

    PUBLIC_ACCOUNT = "oa"
    MINI_PROGRAM = "mp"


class Scene(Model):
    """场景: what a QR code stands for; WeChat carries only its short id."""

    id = fields.BigIntField(primary_key=True)
    short = fields.CharField(12, unique=True, description="random Base62")
    kind = fields.CharEnumField(SceneKind, max_length=24)
    payload = fields.JSONField[dict[str, str | int]](description="ids; never personal data")
    created_by = fields.CharField(80, description="person:<id>, staff:<id>, system")
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(null=True, description="null: for ever")

    class Meta:
        table = "scene"


class ScenePicture(Model):
    """场景码图片: a scene's code as WeChat made it, kept because permanent codes are limited in number."""

    id = fields.BigIntField(primary_key=True)
    scene: fields.ForeignKeyRelation[Scene] = fields.ForeignKeyField(
        "weiban.Scene", related_name="pictures", on_delete=fields.CASCADE
    )
    scene_id: int
    medium = fields.CharEnumField(SceneMedium, max_length=4)
    media_type = fields.CharField(40)
    body = fields.BinaryField()
    made_at = fields.DatetimeField()

    class Meta:
        table = "scene_picture"
        unique_together = (("scene_id", "medium"),)
