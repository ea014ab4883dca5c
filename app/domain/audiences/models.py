"""Tables of group rules and memberships, of facts about enterprises, of tags and of uploaded lists."""

from enum import StrEnum

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class RuleState(StrEnum):
    """States of a version of a rule; the last one is final."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class TaxpayerType(StrEnum):
    """增值税纳税人类型."""

    GENERAL = "general"  # 一般纳税人
    SMALL_SCALE = "small_scale"  # 小规模纳税人


class ListIdentity(StrEnum):
    """What the rows of an uploaded list name people by."""

    USCC = "uscc"  # 统一社会信用代码
    ID_NUMBER = "id_number"  # 身份证号
    PHONE = "phone"  # 手机号
    OPENID = "openid"


class GroupRule(Model):
    """分组规则: one version of what puts people into a group; never changed once it was in force."""

    id = fields.BigIntField(primary_key=True)
    group_code = fields.CharField(32)
    version = fields.SmallIntField()
    title = fields.CharField(40, description="the group's name for people")
    condition = fields.JSONField[dict[str, object]](description="the tree that ``conditions`` reads")
    because = fields.CharField(80, description="why somebody is in, in words")
    state = fields.CharEnumField(RuleState, max_length=8)
    author = fields.CharField(80, description="staff:<id>, system")
    reviewer = fields.CharField(80, null=True, description="who put it in force; another than the author")
    created_at = fields.DatetimeField()
    activated_at = fields.DatetimeField(null=True)
    retired_at = fields.DatetimeField(null=True)

    class Meta:
        table = "group_rule"
        unique_together = (("group_code", "version"),)


class Membership(Model):
    """分组成员: that a rule in force holds for a person; derived from facts, and renewed with them."""

    id = fields.BigIntField(primary_key=True)
    group_code = fields.CharField(32)
    person_id = fields.UUIDField()
    rule_version = fields.SmallIntField()
    because = fields.CharField(80)
    since = fields.DatetimeField(description="in the group without a break since then")

    class Meta:
        table = "membership"
        unique_together = (("group_code", "person_id"),)
        indexes = (Index(fields=("person_id",)),)


class PersonRegion(Model):
    """人员所在地: the region a person is counted in by reports; derived, and renewed with the groups."""

    person_id = fields.UUIDField(primary_key=True)
    region_code = fields.CharField(12)

    class Meta:
        table = "person_region"


class EnterpriseFact(Model):
    """企业信息: what is known of an enterprise; ``null`` is unknown, which is neither yes nor no."""

    enterprise_id = fields.UUIDField(primary_key=True)
    taxpayer_type = fields.CharEnumField(TaxpayerType, max_length=12, null=True)
    is_exporter = fields.BooleanField(null=True, description="出口企业")
    is_individual = fields.BooleanField(null=True, description="个体工商户")
    pays_social_insurance = fields.BooleanField(null=True, description="缴纳社会保险费")
    industry = fields.CharField(4, null=True, description="GB/T 4754-2017, two to four digits")
    registered_on = fields.DateField(null=True, description="成立日期")
    region_code = fields.CharField(12, null=True, description="登记地区划")
    as_of = fields.DateField(null=True, description="the day for which the department told these facts")
    source = fields.CharField(40, description="who told: uscc, or the name of a file")
    updated_at = fields.DatetimeField()

    class Meta:
        table = "enterprise_fact"


class PersonTag(Model):
    """人员标签: a word that staff put on a person."""

    id = fields.BigIntField(primary_key=True)
    tag = fields.CharField(40)
    person_id = fields.UUIDField()
    given_by = fields.CharField(80)
    given_at = fields.DatetimeField()

    class Meta:
        table = "person_tag"
        unique_together = (("tag", "person_id"),)
        indexes = (Index(fields=("person_id",)),)


class AudienceList(Model):
    """上传名单: people a department named in a file; the numbers in the file are not kept."""

    id = fields.BigIntField(primary_key=True)
    name = fields.CharField(80)
    identity = fields.CharEnumField(ListIdentity, max_length=12)
    facts = fields.JSONField[list[str]](description="the names of what each row tells besides")
    counts = fields.JSONField[dict[str, int]](description="rows of the file by what became of them")
    created_by = fields.CharField(80)
    created_at = fields.DatetimeField()

    class Meta:
        table = "audience_list"
        indexes = (Index(fields=("created_at",)),)


class AudienceListRow(Model):
    """名单成员: one person of a list, with what the row tells them."""

    id = fields.BigIntField(primary_key=True)
    list: fields.ForeignKeyRelation[AudienceList] = fields.ForeignKeyField(
        "weiban.AudienceList", related_name="people", on_delete=fields.CASCADE
    )
    list_id: int
    person_id = fields.UUIDField()
    row_number = fields.IntField(description="of the file; the heading is row 1")
    params = fields.JSONField[dict[str, str]](null=True)

    class Meta:
        table = "audience_list_row"
        unique_together = (("list_id", "person_id"),)
        indexes = (Index(fields=("person_id",)),)
