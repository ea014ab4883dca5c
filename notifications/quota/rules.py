"""Rules of the quota, pure: what a lane may still use, how long a stop lasts, how long a campaign takes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from app.gateways.wechat import ErrorClass
from config.day_hours import Span

Lanes = tuple[int, int, int]
"""Something of each lane: urgent, normal, bulk."""

A_DAY_S: Final = 86_400
_SHORT_STOP: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Forecast:
    """How long a bulk send takes.

    ``per_day`` is what a whole day lets through. ``days`` counts the days on which something goes out,
    today included if it is one of them; ``seconds`` run from now to the last message, nights included.
    """

    per_day: int
    days: int
    seconds: int
    ends_at: datetime


def reserves(limit: int, urgent_percent: int, normal_percent: int) -> tuple[int, int]:
    """What is kept for urgent and for normal messages; rounded down, so that the least limit serves all."""
    return limit * urgent_percent // 100, limit * normal_percent // 100


def room(limit: int, used: Lanes, reserved: tuple[int, int]) -> Lanes:
    """What each lane may still use of a day's limit; more urgent lanes may use up what less urgent ones have.

    A reserve is kept from the others only as far as its own lane has not used it yet.
    """
    urgent = max(used[0], reserved[0])
    normal = max(used[1], reserved[1])
    return (
        max(limit - sum(used), 0),
        max(limit - urgent - used[1] - used[2], 0),
        max(limit - urgent - normal - used[2], 0),
    )


def divide(wants: Lanes, limit: int, used: Lanes, reserved: tuple[int, int]) -> Lanes:
    """What each lane gets of a day's limit, the most urgent first; the script in ``bucket`` does the same."""
    now_used = list(used)
    given: list[int] = []
    for lane, want in enumerate(wants):
        free = room(limit, (now_used[0], now_used[1], now_used[2]), reserved)[lane]
        given.append(max(min(want, free), 0))
        now_used[lane] += given[lane]
    return given[0], given[1], given[2]


def midnight_after(now: datetime) -> datetime:
    """When quotas begin anew: the coming midnight in the zone of ``now``, which is Shanghai's."""
    return (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)


def stop_until(error_class: ErrorClass, now: datetime) -> datetime:
    """How long a channel stands still after a refusal of this class.

    A used-up day lasts until midnight. In the minute after midnight it is yesterday's: an answer to a
    call of the old day, or a clock of WeChat's that is behind ours; stopping for the new day would lose it.
    """
    is_new_day = now.hour == now.minute == 0
    if error_class is ErrorClass.DAY and not is_new_day:
        return midnight_after(now)
    return now + _SHORT_STOP


def open_spans(quiet: Span | None) -> Sequence[tuple[int, int]]:
    """The seconds of a day, from and to, in which bulk messages go out."""
    if quiet is None or quiet[0] == quiet[1]:
        return [(0, A_DAY_S)]
    begins, ends = (_second(moment) for moment in quiet)
    spans = [(ends, begins)] if begins > ends else [(0, begins), (ends, A_DAY_S)]
    return [(first, last) for first, last in spans if last > first]


def forecast(
    messages: int, *, now: datetime, left_today: int, per_day: int, per_second: int, quiet: Span | None
) -> Forecast:
    """When the last of so many bulk messages has gone out, if nothing else needs more than its reserve.

    ``left_today`` and ``per_day`` are bulk's own part of the quota, today and on a whole day.
    """
    spans = open_spans(quiet)
    whole_day = min(per_day, per_second * sum(last - first for first, last in spans))
    if messages <= 0 or whole_day <= 0:
        return Forecast(whole_day, 0, 0, now)
    from_now = _after(spans, _second(now.timetz()))
    today = min(left_today, per_second * sum(last - first for first, last in from_now))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if messages <= today:
        end = midnight + timedelta(seconds=_end(from_now, messages, per_second))
        return Forecast(whole_day, 1, _seconds(end - now), end)
    full_days, rest = divmod(messages - today - 1, whole_day)
    end = midnight + timedelta(days=1 + full_days, seconds=_end(spans, rest + 1, per_second))
    return Forecast(whole_day, full_days + 1 + (today > 0), _seconds(end - now), end)


def _after(spans: Sequence[tuple[int, int]], second: int) -> list[tuple[int, int]]:
    return [(max(first, second), last) for first, last in spans if last > second]


def _end(spans: Sequence[tuple[int, int]], messages: int, per_second: int) -> int:
    """The second of the day at which so many messages have gone out, of which the spans can take all."""
    left = -(-messages // per_second)
    for first, last in spans:
        if left <= last - first:
            return first + left
        left -= last - first
    return spans[-1][1]


def _second(moment: time) -> int:
    return moment.hour * 3600 + moment.minute * 60 + moment.second


def _seconds(span: timedelta) -> int:
    return max(round(span.total_seconds()), 0)
