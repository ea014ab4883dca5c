"""The table of who follows a case that is somebody else's."""

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class CaseFollower(Model):
    """关注: a person whom the steps of a case are told, because they once knew its query code."""

    id = fields.BigIntField(primary_key=True)
    case_number = fields.CharField(64)
    person_id = fields.UUIDField()
    since = fields.DatetimeField()

    class Meta:
        table = "case_follower"
        unique_together = (("case_number", "person_id"),)
        indexes = (Index(fields=("person_id",)),)
