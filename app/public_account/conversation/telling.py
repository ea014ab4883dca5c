"""How answers are written: days and times as people say them, links that open the mini-program or a page."""

from datetime import date, datetime
from typing import Final

from app.kit.clock import SHANGHAI
from config import settings

_WEEKDAYS: Final = "一二三四五六日"


def plain(text: str) -> str:
    """A text that cannot be taken for a link of ours."""
    return text.replace("<", "＜")


def link(words: str, path: str) -> str:
    """A link to a page of ours; ``path`` begins with ``/h5``."""
    return f'<a href="{settings.current().public_url}{path}">{plain(words)}</a>'


def mini_program_link(words: str, page: str, path: str) -> str:
    """A link that opens a page of the mini-program, and where that cannot be, a page of ours."""
    chosen = settings.current()
    return (
        f'<a href="{chosen.public_url}{path}" data-miniprogram-appid="{chosen.mp_appid}"'
        f' data-miniprogram-path="{page}">{plain(words)}</a>'
    )


def day(on: date) -> str:
    """``11月24日（周二）``."""
    return f"{on.month}月{on.day}日（周{_WEEKDAYS[on.weekday()]}）"


def time_of_day(moment: datetime) -> str:
    """``09:30`` in Beijing."""
    return f"{moment.astimezone(SHANGHAI):%H:%M}"


def span(starts_at: datetime, ends_at: datetime) -> str:
    """``11月24日（周二）09:00-09:30``."""
    return f"{day(starts_at.astimezone(SHANGHAI).date())}{time_of_day(starts_at)}-{time_of_day(ends_at)}"
