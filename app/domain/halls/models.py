"""Tables of regions, businesses, halls and all that decides when a hall is open."""

from datetime import time
from enum import StrEnum
from typing import Any

from tortoise import fields
from tortoise.indexes import Index
from tortoise.models import Model


class WallTime(fields.Field[time], time):
    """A time of day as it hangs on the hall's door; Tortoise's own time field would store an offset."""

    SQL_TYPE = "TIME"

    def to_python_value(self, value: Any) -> time | None:
        return time.fromisoformat(value) if isinstance(value, str) else value


class DayKind(StrEnum):
    WORKDAY = "workday"
    RESTDAY = "restday"


class DayStatus(StrEnum):
    """Whether the State Council has published the year (国务院办公厅节假日安排通知)."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


class HalfDay(StrEnum):
    MORNING = "am"
    AFTERNOON = "pm"


class Region(Model):
    """行政区划: province, city, county, town, village; the code of a child begins with its parent's."""

    code = fields.CharField(12, primary_key=True)
    name = fields.CharField(80)
    level = fields.SmallIntField(description="1 省 2 市 3 县 4 镇街 5 村社区")
    parent_code = fields.CharField(12, null=True)
    pinyin = fields.CharField(240)
    initials = fields.CharField(80)
    is_government = fields.BooleanField(default=True, description="false for 林场 and other statistics units")

    class Meta:
        table = "region"
        indexes = (Index(fields=("parent_code", "code")),)


class Business(Model):
    """业务类别: what one comes to a hall for."""

    code = fields.CharField(24, primary_key=True)
    name = fields.CharField(60)
    pinyin = fields.CharField(240)
    initials = fields.CharField(60)
    handling_minutes = fields.SmallIntField(description="平均办理时长, in minutes")
    position = fields.SmallIntField(default=0, description="order in lists")

    class Meta:
        table = "business"


class Hall(Model):
    """办税服务厅（政务服务大厅）: a place with counters."""

    id = fields.BigIntField(primary_key=True)
    code = fields.CharField(24, unique=True)
    name = fields.CharField(80)
    pinyin = fields.CharField(320)
    initials = fields.CharField(80)
    region: fields.ForeignKeyRelation[Region] = fields.ForeignKeyField(
        "weiban.Region", related_name=False, on_delete=fields.RESTRICT
    )
    region_id: str
    address = fields.CharField(200)
    phone = fields.CharField(20)
    latitude = fields.DecimalField(9, 6, description="WGS-84 degrees")
    longitude = fields.DecimalField(9, 6, description="WGS-84 degrees")
    is_active = fields.BooleanField(default=True)

    class Meta:
        table = "hall"
        indexes = (Index(fields=("region_id",)),)


class HallBusiness(Model):
    """厅办业务: a hall takes a business, perhaps faster or slower than elsewhere."""

    id = fields.BigIntField(primary_key=True)
    hall: fields.ForeignKeyRelation[Hall] = fields.ForeignKeyField(
        "weiban.Hall", related_name="hall_businesses", on_delete=fields.CASCADE
    )
    business: fields.ForeignKeyRelation[Business] = fields.ForeignKeyField(
        "weiban.Business", related_name=False, on_delete=fields.RESTRICT
    )
    handling_minutes = fields.SmallIntField(null=True, description="here; null: as the business says")
    is_active = fields.BooleanField(default=True)

    class Meta:
        table = "hall_business"
        unique_together = (("hall_id", "business_id"),)


class Counter(Model):
    """窗口: a counter of a hall; it carries skills, not a department."""

    id = fields.BigIntField(primary_key=True)
    hall: fields.ForeignKeyRelation[Hall] = fields.ForeignKeyField(
        "weiban.Hall", related_name="counters", on_delete=fields.CASCADE
    )
    number = fields.SmallIntField(description="窗口号")
    name = fields.CharField(40)
    is_integrated = fields.BooleanField(default=False, description="综合窗口: takes every business")
    is_active = fields.BooleanField(default=True)

    class Meta:
        table = "counter"
        unique_together = (("hall_id", "number"),)


class CounterSkill(Model):
    """窗口技能: a counter can take a business."""

    id = fields.BigIntField(primary_key=True)
    counter: fields.ForeignKeyRelation[Counter] = fields.ForeignKeyField(
        "weiban.Counter", related_name="skills", on_delete=fields.CASCADE
    )
    business: fields.ForeignKeyRelation[Business] = fields.ForeignKeyField(
        "weiban.Business", related_name=False, on_delete=fields.RESTRICT
    )

    class Meta:
        table = "counter_skill"
        unique_together = (("counter_id", "business_id"),)


class OpeningHours(Model):
    """开放时间: a span of a weekday, valid for a span of days; a hall may have several a day."""

    id = fields.BigIntField(primary_key=True)
    hall: fields.ForeignKeyRelation[Hall] = fields.ForeignKeyField(
        "weiban.Hall", related_name="opening_hours", on_delete=fields.CASCADE
    )
    weekday = fields.SmallIntField(description="ISO: 1 Monday to 7 Sunday; a 调休 workday counts as Monday")
    opens_at = WallTime()
    closes_at = WallTime()
    valid_from = fields.DateField()
    valid_to = fields.DateField(null=True, description="last day; null: until changed")

    class Meta:
        table = "opening_hours"
        indexes = (Index(fields=("hall_id", "weekday")),)


class HallException(Model):
    """特殊开放日: one day that differs from the weekly hours; closed, or open at other hours."""

    id = fields.BigIntField(primary_key=True)
    hall: fields.ForeignKeyRelation[Hall] = fields.ForeignKeyField(
        "weiban.Hall", related_name="exceptions", on_delete=fields.CASCADE
    )
    on = fields.DateField()
    is_closed = fields.BooleanField()
    opens_at = WallTime(null=True)
    closes_at = WallTime(null=True)
    reason = fields.CharField(120)

    class Meta:
        table = "hall_exception"
        indexes = (Index(fields=("hall_id", "on")),)


class Blackout(Model):
    """停约: no booking for a business (or all) in a hall (or all) for half a day.

    It names a date, or recurs: ``first_workday`` of each month (征期首日), or a ``day_of_month``
    that moves to the next workday when it is a rest day.
    """

    id = fields.BigIntField(primary_key=True)
    hall: fields.ForeignKeyNullableRelation[Hall] = fields.ForeignKeyField(
        "weiban.Hall", related_name="blackouts", null=True, on_delete=fields.CASCADE
    )
    business: fields.ForeignKeyNullableRelation[Business] = fields.ForeignKeyField(
        "weiban.Business", related_name=False, null=True, on_delete=fields.CASCADE
    )
    on = fields.DateField(null=True)
    is_first_workday = fields.BooleanField(default=False)
    day_of_month = fields.SmallIntField(null=True)
    half = fields.CharEnumField(HalfDay, max_length=2, null=True, description="null: the whole day")
    reason = fields.CharField(120)

    class Meta:
        table = "blackout"


class WorkDay(Model):
    """工作日历: every day of the years we plan for."""

    on = fields.DateField(primary_key=True)
    kind = fields.CharEnumField(DayKind, max_length=8)
    status = fields.CharEnumField(DayStatus, max_length=12)
    source = fields.CharField(80)
    name = fields.CharField(40, null=True, description="节日名")

    class Meta:
        table = "work_calendar"
