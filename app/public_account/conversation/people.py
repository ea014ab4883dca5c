"""人工: handing a conversation over to a person at customer service, when somebody is there."""

from datetime import date, datetime, timedelta

from app.domain.halls.schedules import load_calendar
from app.gateways.wechat.replies import Reply, Text, Transfer
from app.kit import clock
from app.public_account.conversation.talk import Talk
from app.public_account.conversation.telling import day
from config import settings
from config.day_hours import Span

_LONGEST_HOLIDAY = 15


async def hand_over(talk: Talk, about: str) -> Reply | None:
    """Hand over in working hours; at other times say when."""
    del talk, about
    hours = settings.current().service_hours
    now = clock.now()
    calendar = await load_calendar()
    if calendar.is_workday(now.date()) and any(opens <= now.time() < closes for opens, closes in hours):
        return Transfer()
    days = (now.date() + timedelta(days=ahead) for ahead in range(_LONGEST_HOLIDAY))
    next_day = next((on for on in days if calendar.is_workday(on) and _is_ahead(on, now, hours)), None)
    told = "、".join(f"{opens:%H:%M}-{closes:%H:%M}" for opens, closes in hours)
    when = f"下一次是{day(next_day)}。" if next_day else ""
    return Text(
        f"人工客服的服务时间是工作日 {told}。{when}\n"
        "现在可以先直接说您要办的事，我为您找办事指南；紧急事项请拨打 12366 纳税缴费服务热线。"
    )


def _is_ahead(on: date, now: datetime, hours: tuple[Span, ...]) -> bool:
    return on > now.date() or any(now.time() < opens for opens, _ in hours)
