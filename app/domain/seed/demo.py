"""The demonstration's halls, read from ``demo.toml`` and written once."""

import tomllib
from collections.abc import Mapping, Sequence
from datetime import time
from functools import cache
from importlib.resources import files
from typing import Any

from app.domain.appointments.models import BookingRules
from app.domain.halls.models import (
    Blackout,
    Business,
    Counter,
    CounterSkill,
    Hall,
    HallBusiness,
    HallException,
    OpeningHours,
)
from app.domain.halls.schedules import load_calendar
from app.domain.halls.spelling import spell
from app.kit import clock

Facts = Mapping[str, Any]


@cache
def told() -> Facts:
    """The whole file."""
    return tomllib.loads((files("app.domain.seed") / "demo.toml").read_text(encoding="utf-8"))


async def write() -> None:
    """Write what is missing; a business or hall that exists keeps whatever an administrator made of it."""
    await Business.bulk_create(
        (
            Business(
                code=one["code"], name=one["name"], handling_minutes=one["minutes"], position=position,
                **spell(one["name"])._asdict(),
            )
            for position, one in enumerate(told()["business"], start=1)
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    standing = set(await Hall.all().values_list("code", flat=True))
    missing = [facts for facts in told()["hall"] if facts["code"] not in standing]
    for facts in missing:
        await _write_hall(facts)
    if len(missing) == len(told()["hall"]):
        await Blackout.bulk_create(
            Blackout(
                business_id=rule.get("business"),
                is_first_workday=rule.get("is_first_workday", False),
                day_of_month=rule.get("day_of_month"),
                half=rule.get("half"),
                reason=rule["reason"],
            )
            for rule in told()["blackout"]
        )


async def _write_hall(facts: Facts) -> None:
    latitude, longitude = facts["position"]
    hall = await Hall.create(
        code=facts["code"], name=facts["name"], region_id=facts["region"], address=facts["address"],
        phone=facts["phone"], latitude=latitude, longitude=longitude,
        **spell(facts["name"], facts["region"])._asdict(),
    )  # fmt: skip
    pace = facts.get("handling", {})
    await HallBusiness.bulk_create(
        HallBusiness(hall=hall, business_id=code, handling_minutes=pace.get(code))
        for code in facts["businesses"]
    )
    await _write_counters(hall, facts["counters"])
    await _write_hours(hall, facts)
    await BookingRules.create(hall=hall, **facts["rules"])


async def _write_counters(hall: Hall, groups: Sequence[Facts]) -> None:
    number = 0
    for group in groups:
        is_integrated = group.get("is_integrated", False)
        for _ in range(group["count"]):
            number += 1
            counter = await Counter.create(
                hall=hall,
                number=number,
                name=f"{number} 号{'综合' if is_integrated else '专项'}窗口",
                is_integrated=is_integrated,
            )
            await CounterSkill.bulk_create(
                CounterSkill(counter=counter, business_id=code) for code in group.get("skills", ())
            )


async def _write_hours(hall: Hall, facts: Facts) -> None:
    today = clock.today()
    for name in facts["hours"]:
        weekdays, spans = told()["hours"][name]
        await OpeningHours.bulk_create(
            OpeningHours(hall=hall, weekday=weekday, opens_at=opens, closes_at=closes, valid_from=today)
            for weekday in weekdays
            for opens, closes in map(_span, spans)
        )
    calendar = await load_calendar()
    for day in facts.get("special_days", ()):
        on, reason = calendar.add_workdays(today, day["in_workdays"]), day["reason"]
        for opens, closes in map(_span, day["hours"]):
            await HallException.create(
                hall=hall, on=on, is_closed=False, opens_at=opens, closes_at=closes, reason=reason
            )
        if not day["hours"]:
            await HallException.create(hall=hall, on=on, is_closed=True, reason=reason)


def _span(words: str) -> tuple[time, time]:
    opens, closes = map(time.fromisoformat, words.split("-"))
    return opens, closes
