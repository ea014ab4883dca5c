"""Tables of guides and of the words they are found by."""

from enum import StrEnum
from typing import TypedDict

from tortoise import fields
from tortoise.models import Model


class Audience(StrEnum):
    """Whom a guide is written for (服务对象)."""

    ANYONE = "anyone"
    PERSON = "person"  # 自然人
    INDIVIDUAL_BUSINESS = "individual_business"  # 个体工商户
    ENTERPRISE = "enterprise"  # 企业及其他单位


class Section(TypedDict):
    """One part of a guide."""

    heading: str
    text: str


class WordVector(fields.Field[str]):
    """PostgreSQL's ``tsvector``: the set of words a row is found by."""

    SQL_TYPE = "TSVECTOR"


class Guide(Model):
    """办事指南: what to bring, where to go and what comes of it, in words a citizen understands."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(40, unique=True)
    title = fields.CharField(80)
    summary = fields.CharField(200)
    sections = fields.JSONField[list[Section]](description="in reading order")
    keywords = fields.JSONField[list[str]](description="what else people call it")
    basis = fields.JSONField[list[str]](description="依据: laws and announcements, by name")
    audience = fields.CharEnumField(Audience, max_length=20, description="服务对象")
    topic = fields.CharField(20, description="主题")
    version = fields.IntField(default=1, description="counts every change of its words")
    published_at = fields.DatetimeField()
    withdrawn_at = fields.DatetimeField(null=True, description="下架")
    updated_on = fields.DateField(description="the day its words were last checked, as readers are told")

    class Meta:
        table = "guide"


class GuideIndex(Model):
    """What a published guide is found by: one narrow row, so that counting hits reads few pages."""

    guide_id = fields.BigIntField(primary_key=True, generated=False)
    words = WordVector()

    class Meta:
        table = "guide_index"


class GuideWord(Model):
    """In how many published guides a word occurs: what is rare says more about a question."""

    word = fields.CharField(80, primary_key=True)
    guides = fields.IntField()

    class Meta:
        table = "guide_word"
