"""Tables of published ratings, of the releases they came in, and of the rows of a file that were left out."""

from enum import StrEnum

from tortoise import fields
from tortoise.fields.db_defaults import Now
from tortoise.models import Model

from app.domain.credit_ratings.rule_sets import Level


class ReleaseState(StrEnum):
    """States of a release; the last two are final."""

    DRAFT = "draft"  # 导入中
    CHECKED = "checked"  # 已校验，待发布
    PUBLISHED = "published"  # 已发布
    REPLACED = "replaced"  # 已被新一批替换
    DISCARDED = "discarded"  # 已作废


class CreditRating(Model):
    """信用评价结果 of one enterprise and year, as released; the table is split by year.

    The key in the database is (year, taxpayer_hash). Only of an A, which the law makes public, name and
    number are kept in clear, and of a number that holds somebody's ID number not even then.
    """

    year = fields.SmallIntField(primary_key=True, generated=False, description="评价年度")
    taxpayer_hash = fields.BinaryField(description="keyed hash of the number, as of an enterprise")
    level = fields.CharEnumField(Level, max_length=1)
    score = fields.DecimalField(5, 2, null=True)
    starting_score = fields.DecimalField(5, 2, null=True, description="起评分")
    authority = fields.CharField(80, null=True, description="主管税务机关")
    name = fields.CharField(200, null=True, description="of an A alone")
    taxpayer_id = fields.CharField(20, null=True, description="of an A alone, and of no person")
    row_number = fields.IntField(null=True, description="of the file; the heading is row 1")
    release_id = fields.BigIntField()
    adjusted_on = fields.DateField(null=True, description="changed since the release")

    class Meta:
        table = "credit_rating"


class CreditRelease(Model):
    """评价结果批次: a file with the ratings of a year, and how far it has come.

    Its rows lie in a table of their own, ``credit_rating_release_<id>``, which becomes the partition of the
    year when it is published.
    """

    id = fields.BigIntField(primary_key=True)
    year = fields.SmallIntField()
    state = fields.CharEnumField(ReleaseState, max_length=10, default=ReleaseState.DRAFT)
    file_name = fields.CharField(200)
    file_sha256 = fields.CharField(64)
    rows_read = fields.IntField(default=0, description="rows of the file behind us, the heading included")
    broken = fields.IntField(default=0, description="rows left out for what they say")
    doubled = fields.IntField(default=0, description="rows left out for repeating or contradicting another")
    levels = fields.JSONField[dict[str, int]](null=True, description="ratings by level, once checked")
    author_id = fields.UUIDField(description="the member of staff who imported it")
    publisher_id = fields.UUIDField(null=True, description="the one who published it; another")
    created_at = fields.DatetimeField(db_default=Now())
    published_on = fields.DateField(null=True)

    class Meta:
        table = "credit_release"


class CreditReleaseFault(Model):
    """导入问题: a row of a file that was left out, and why; the value is masked."""

    id = fields.BigIntField(primary_key=True)
    release_id = fields.BigIntField()
    row_number = fields.IntField()
    title = fields.CharField(40, description="of the column")
    reason = fields.CharField(200)
    value = fields.CharField(60)

    class Meta:
        table = "credit_release_fault"
