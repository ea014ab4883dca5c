"""When a hall is open and when it takes no bookings: weekly hours, special days, blackouts, closing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any, Final

from app.console.halls.changes import Change, Input, Path, Standing, serve, serve_everywhere
from app.console.halls.desk import business_choices, more_pages
from app.console.halls.typed import Spans, words_of
from app.domain.appointments.changes import Deed
from app.domain.halls import premises, service
from app.domain.halls.errors import ExceptionNotFound
from app.domain.halls.models import HalfDay, Hall
from app.domain.halls.opening import BlackoutRule
from app.domain.halls.service import DayHours
from app.kit import clock
from app.kit.web import fields
from app.kit.web.pages import Form

routes = more_pages()

_WEEK: Final = range(1, 8)


class SetHours(Form):
    valid_from = fields.Day(required=True, metadata={"description": "自哪天起"})
    day_1 = Spans(load_default=list, metadata={"description": "周一"})
    day_2 = Spans(load_default=list, metadata={"description": "周二"})
    day_3 = Spans(load_default=list, metadata={"description": "周三"})
    day_4 = Spans(load_default=list, metadata={"description": "周四"})
    day_5 = Spans(load_default=list, metadata={"description": "周五"})
    day_6 = Spans(load_default=list, metadata={"description": "周六"})
    day_7 = Spans(load_default=list, metadata={"description": "周日"})


async def _weekly(hall: Hall, _: Path) -> Standing:
    """The hours that stand at the end: a week that is to come replaces the one before."""
    rows = [row for row in (await premises.premises_of(hall.id)).hours if row["valid_to"] is None]
    week = {
        f"day_{weekday}": [words_of([(row["opens_at"], row["closes_at"]) for row in spans])]
        for weekday, spans in groupby(sorted(rows, key=_place), key=lambda row: row["weekday"])
    }
    return Standing(week, {"valid_from": [_tomorrow().isoformat()]})


def _place(row: Any) -> tuple[object, ...]:
    return row["weekday"], row["opens_at"]


def _set_hours(hall: Hall, _: Path, said: Mapping[str, Any]) -> Deed:
    week = [DayHours(day, span) for day in _WEEK for span in said[f"day_{day}"]]
    return partial(service.set_opening_hours, hall.id, week, valid_from=said["valid_from"])


HOURS = Change(
    "hours", "/hours", "每周开放时间", SetHours, _weekly, _set_hours,
    (Input("valid_from", "date"), *(Input(f"day_{day}", blank="halls.day.closed") for day in _WEEK)),
)  # fmt: skip


class SetDay(Form):
    on = fields.Day(required=True, metadata={"description": "哪一天"})
    hours = Spans(load_default=list, metadata={"description": "当天开放时间，不填为全天闭厅"})


async def _no_day(_: Hall, __: Path) -> Standing:
    return Standing(suggested={"on": [_tomorrow().isoformat()]})


def _set_day(hall: Hall, _: Path, said: Mapping[str, Any]) -> Deed:
    return partial(service.set_special_day, hall.id, said["on"], said["hours"])


DAY = Change(
    "day",
    "/days",
    "特殊开放日",
    SetDay,
    _no_day,
    _set_day,
    (Input("on", "date"), Input("hours", blank="halls.day.closed")),
)


async def _that_day(hall: Hall, path: Path) -> Standing:
    on = _day_of(path)
    days = (await premises.premises_of(hall.id)).special_days
    if not any(row["on"] == on for row in days):
        raise ExceptionNotFound
    return Standing(about=on.isoformat())


def _drop_day(hall: Hall, path: Path, _: Mapping[str, Any]) -> Deed:
    return partial(service.drop_special_day, hall.id, _day_of(path))


def _day_of(path: Path) -> date:
    try:
        return date.fromisoformat(path["on"])
    except ValueError:
        raise ExceptionNotFound from None


NO_DAY = Change("no_day", "/days/<on:str>/drop", "取消特殊开放日", Form, _that_day, _drop_day)


class AddBlackout(Form):
    business = fields.Code(max=24, load_default=None, metadata={"description": "业务，不选为全部"})
    rule = fields.Choice(
        ["on", "first_workday", "day_of_month"], required=True, metadata={"description": "哪些日子"}
    )
    on = fields.Day(load_default=None, metadata={"description": "日期"})
    day_of_month = fields.whole(1, 31, load_default=None, metadata={"description": "每月几日"})
    half = fields.Choice(["am", "pm"], load_default=None, metadata={"description": "上午或下午，不选为全天"})


async def _no_blackout(_: Hall | None, __: Path) -> Standing:
    return Standing(
        suggested={"rule": ["on"], "on": [_tomorrow().isoformat()]},
        choices={"business": await business_choices()},
    )


def _add_blackout(hall: Hall | None, _: Path, said: Mapping[str, Any]) -> Deed:
    chosen, hall_id = said["rule"], None if hall is None else hall.id
    rule = BlackoutRule(
        business=said["business"],
        on=said["on"] if chosen == "on" else None,
        is_first_workday=chosen == "first_workday",
        day_of_month=said["day_of_month"] if chosen == "day_of_month" else None,
        half=HalfDay(said["half"]) if said["half"] else None,
    )

    async def add(*, actor: str, reason: str) -> None:
        await service.add_blackout(hall_id, replace(rule, reason=reason), actor=actor)

    return add


BLACKOUT = Change(
    "blackout", "/blackouts", "停约安排", AddBlackout, _no_blackout, _add_blackout,
    (
        Input("rule", "choice", ("on", "first_workday", "day_of_month"), "halls.blackout_rule"),
        Input("on", "date"),
        Input("day_of_month", "number"),
        Input("half", "choice", ("", "am", "pm"), "halls.half", "halls.half."),
        Input("business", "choice", blank="halls.blackout.every"),
    ),
)  # fmt: skip


async def _that_blackout(hall: Hall | None, path: Path) -> Standing:
    """One of every hall is taken back where it was set, not in one of them."""
    if hall is None:
        found = await premises.blackout_everywhere(path["blackout_id"])
    else:
        found = await premises.blackout_of(hall.id, path["blackout_id"])
    return Standing(about=found["reason"])


def _drop_blackout(_: Hall | None, path: Path, __: Mapping[str, Any]) -> Deed:
    return partial(service.drop_blackout, path["blackout_id"])


NO_BLACKOUT = Change(
    "no_blackout", "/blackouts/<blackout_id:int>/drop", "取消停约", Form, _that_blackout, _drop_blackout
)


async def _no_more(hall: Hall, _: Path) -> Standing:
    return Standing(about=hall.name)


def _close(hall: Hall, _: Path, __: Mapping[str, Any]) -> Deed:
    return partial(service.close_hall, hall.id)


def _reopen(hall: Hall, _: Path, __: Mapping[str, Any]) -> Deed:
    return partial(service.reopen_hall, hall.id)


CLOSING = Change("closing", "/close", "关闭大厅", Form, _no_more, _close)
REOPENING = Change("reopening", "/reopen", "重新开放大厅", Form, _no_more, _reopen)


def _tomorrow() -> date:
    return clock.today() + timedelta(days=1)


for _one in (HOURS, DAY, NO_DAY, BLACKOUT, NO_BLACKOUT, CLOSING, REOPENING):
    serve(routes, _one)
for _one in (BLACKOUT, NO_BLACKOUT):
    serve_everywhere(routes, _one)
