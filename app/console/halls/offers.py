"""What a hall offers and by which rules: its door plate, businesses, counters and booking rules."""

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from marshmallow import validate
from marshmallow.fields import Decimal

from app.console.halls.changes import Change, Input, Path, Standing, serve
from app.console.halls.desk import business_choices, more_pages, plate_of
from app.console.halls.typed import degrees
from app.domain.accounts.models import IdentityLevel
from app.domain.appointments import rule_changes
from app.domain.appointments.changes import Deed
from app.domain.halls import furnishing, premises, service
from app.domain.halls.furnishing import Fitting
from app.domain.halls.models import Hall
from app.kit.web import fields
from app.kit.web.pages import Form

routes = more_pages()

_LEVELS: Final = [level.value for level in IdentityLevel]


class Describe(Form):
    name = fields.Text(min=2, max=80, required=True, metadata={"description": "名称"})
    address = fields.Text(min=2, max=200, required=True, metadata={"description": "地址"})
    phone = fields.Text(min=5, max=20, required=True, metadata={"description": "电话"})
    latitude = degrees(90, required=True, metadata={"description": "纬度（WGS-84）"})
    longitude = degrees(180, required=True, metadata={"description": "经度（WGS-84）"})


async def _door_plate(hall: Hall, _: Path) -> Standing:
    return Standing({name: [str(getattr(hall, name))] for name in Describe().fields})


def _describe(hall: Hall, _: Path, said: Mapping[str, Any]) -> Deed:
    return partial(furnishing.describe_hall, hall.id, plate_of(said))


PLATE = Change(
    "plate", "/plate", "大厅资料", Describe, _door_plate, _describe,
    tuple(Input(name) for name in Describe().fields),
)  # fmt: skip


class Offer(Form):
    is_offered = fields.Boolean(load_default=False, metadata={"description": "开办"})
    handling_minutes = fields.whole(1, 240, load_default=None, metadata={"description": "本厅平均办理分钟"})


async def _offered(hall: Hall, path: Path) -> Standing:
    found = await premises.business_of(hall.id, path["code"])
    minutes = found["own_minutes"]
    return Standing(
        {"is_offered": ["on"] if found["is_offered"] else [], "handling_minutes": [str(minutes or "")]},
        about=found["name"],
    )


def _offer(hall: Hall, path: Path, said: Mapping[str, Any]) -> Deed:
    return partial(
        service.set_business,
        hall.id,
        path["code"],
        is_offered=said["is_offered"],
        handling_minutes=said["handling_minutes"],
    )


BUSINESS = Change(
    "business", "/businesses/<code:str>", "厅办业务", Offer, _offered, _offer,
    (Input("is_offered", "check"), Input("handling_minutes", "number")),
)  # fmt: skip


class Fit(Form):
    name = fields.Text(min=1, max=40, required=True, metadata={"description": "窗口名称"})
    is_integrated = fields.Boolean(load_default=False, metadata={"description": "综合窗口"})
    skills = fields.List(fields.Code(max=24), load_default=list, metadata={"description": "可办业务"})
    is_active = fields.Boolean(load_default=False, metadata={"description": "启用"})


class AddCounter(Fit):
    number = fields.whole(1, 999, required=True, metadata={"description": "窗口号"})


_FITTING: Final = (
    Input("name"), Input("is_active", "check"), Input("is_integrated", "check"), Input("skills", "checks"),
)  # fmt: skip


async def _that_counter(hall: Hall, path: Path) -> Standing:
    counter, skills = await premises.counter_of(hall.id, path["counter_id"])
    return Standing(
        {
            "name": [counter.name],
            "is_integrated": ["on"] if counter.is_integrated else [],
            "is_active": ["on"] if counter.is_active else [],
            "skills": skills,
        },
        choices={"skills": await business_choices()},
        about=str(counter.number),
    )


def _change_counter(hall: Hall, path: Path, said: Mapping[str, Any]) -> Deed:
    return partial(furnishing.change_counter, hall.id, path["counter_id"], _fitting(said))


COUNTER = Change(
    "counter", "/counters/<counter_id:int>", "窗口", Fit, _that_counter, _change_counter, _FITTING
)


async def _no_counter(_: Hall, __: Path) -> Standing:
    return Standing(suggested={"is_active": ["on"]}, choices={"skills": await business_choices()})


def _add_counter(hall: Hall, _: Path, said: Mapping[str, Any]) -> Deed:
    return partial(furnishing.add_counter, hall.id, said["number"], _fitting(said))


NEW_COUNTER = Change(
    "new_counter", "/counters/new", "增设窗口", AddCounter, _no_counter, _add_counter,
    (Input("number", "number"), *_FITTING),
)  # fmt: skip


def _fitting(said: Mapping[str, Any]) -> Fitting:
    return Fitting(said["name"], said["skills"], said["is_integrated"], said["is_active"])


class SetRules(Form):
    slot_minutes = fields.whole(5, 240, required=True, metadata={"description": "每个时段几分钟"})
    window_workdays = fields.whole(1, 60, required=True, metadata={"description": "可约几个工作日内"})
    earliest_workdays = fields.whole(0, 60, required=True, metadata={"description": "最早约几个工作日后"})
    lead_minutes = fields.whole(0, 1440, required=True, metadata={"description": "开始前多久停约"})
    online_share = Decimal(
        places=2, allow_nan=False, required=True, metadata={"description": "网上号源占比，0 到 1"},
        validate=validate.Range(0, 1, error="应在 0 到 1 之间"),
    )  # fmt: skip
    cancel_minutes = fields.whole(0, 10080, required=True, metadata={"description": "开始前多久可取消"})
    early_check_in_minutes = fields.whole(0, 240, required=True, metadata={"description": "可提前几分钟签到"})
    active_limit = fields.whole(1, 20, required=True, metadata={"description": "每人未办预约上限"})
    no_show_limit = fields.whole(1, 50, required=True, metadata={"description": "爽约几次限制预约"})
    no_show_days = fields.whole(1, 730, required=True, metadata={"description": "爽约计入几天"})
    cancel_limit = fields.whole(1, 50, required=True, metadata={"description": "取消几次限制预约"})
    cancel_days = fields.whole(1, 730, required=True, metadata={"description": "取消计入几天"})
    ban_days = fields.whole(0, 365, required=True, metadata={"description": "限制预约几天"})
    seat_return_max_s = fields.whole(0, 3600, required=True, metadata={"description": "退号最迟几秒放出"})
    required_level = fields.Choice(_LEVELS, required=True, metadata={"description": "实名要求"})


async def _ruled(hall: Hall, _: Path) -> Standing:
    rules = await rule_changes.rules_of(hall.id)
    return Standing(
        {name: [str(getattr(rules, name))] for name in rule_changes.NAMES},
        history=await rule_changes.changes_of(hall.id),
    )


def _set_rules(hall: Hall, _: Path, said: Mapping[str, Any]) -> Deed:
    wanted = {**said, "required_level": IdentityLevel(said["required_level"])}
    return partial(rule_changes.set_rules, hall.id, wanted)


RULES = Change(
    "rules", "/rules", "预约规则", SetRules, _ruled, _set_rules,
    tuple(
        Input(name, "choice", _LEVELS, "halls.level") if name == "required_level"
        else Input(name) if name == "online_share" else Input(name, "number")
        for name in SetRules().fields
    ),
)  # fmt: skip


for _one in (PLATE, BUSINESS, NEW_COUNTER, COUNTER, RULES):
    serve(routes, _one)
