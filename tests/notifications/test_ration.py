"""The common quota of all processes: rate, day, reserves, a lost cache, and the end of a day."""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

import pytest

from app.kit import cache, clock, db
from app.kit.clock import SHANGHAI
from config import settings
from notifications.models import Channel
from notifications.quota import bucket, own, products, rules
from notifications.quota.bucket import Ask
from notifications.quota.pool import Pool, Portion
from notifications.ration import Ration
from tests.conftest import Engines

pytestmark = pytest.mark.usefixtures("db")

URGENT, NORMAL, BULK = ((Channel.TEMPLATE, lane) for lane in range(3))
TODAY = date(2026, 6, 17)

Limits = Callable[..., None]


class Ticks:
    """Monotonic seconds that go on when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(datetime(2026, 6, 17, 12, tzinfo=SHANGHAI)):
        yield


@pytest.fixture
def limits(monkeypatch: pytest.MonkeyPatch) -> Limits:
    """Other limits than the published ones."""

    def become(**values: int) -> None:
        chosen = settings.current().model_copy(update=values)
        monkeypatch.setattr(settings, "current", lambda: chosen)

    return become


async def got(ration: Ration, portion: Portion, want: int) -> int:
    return (await ration.grant({portion: want}))[portion]


async def used_rows() -> list[tuple[str, date, int, int]]:
    rows = await db.fetch("SELECT channel, day, lane, used FROM send_day ORDER BY channel, day, lane")
    return [(row["channel"], row["day"], row["lane"], row["used"]) for row in rows]


async def test_bulk_leaves_the_reserves_of_the_day(limits: Limits) -> None:
    limits(template_per_day=100)
    one, other = Ration(), Ration()
    assert await got(one, BULK, 90) == 60
    assert await got(other, BULK, 1) == 0
    assert await got(other, NORMAL, 90) == 20
    assert await got(one, NORMAL, 1) == 0
    assert await got(one, URGENT, 90) == 20
    assert await got(other, URGENT, 1) == 0


async def test_urgent_is_served_first_of_one_call(limits: Limits) -> None:
    limits(template_per_day=100)
    granted = await Ration().grant({BULK: 100, NORMAL: 100, URGENT: 100})
    assert granted == {URGENT: 100, NORMAL: 0, BULK: 0}


async def test_bulk_leaves_the_reserves_of_the_second(limits: Limits) -> None:
    limits(template_per_second=50)
    one, other = Ration(), Ration()
    assert await got(one, BULK, 90) == 30
    assert await got(other, NORMAL, 90) in range(10, 13)
    assert await got(other, URGENT, 90) in range(10, 15)


async def test_two_processes_share_one_rate(limits: Limits) -> None:
    limits(template_per_second=100)
    rations = [Ration(), Ration()]
    began = time.monotonic()
    granted = 0
    while time.monotonic() - began < 0.6:
        for ration in rations:
            granted += await got(ration, URGENT, 20)
        await asyncio.sleep(0.01)
    # A full second's worth at the beginning, and what came in meanwhile.
    most = 100 * (1 + time.monotonic() - began) + 1
    assert 0.9 * 160 <= granted <= most


async def test_a_pause_saves_no_more_than_one_second_s_worth(limits: Limits) -> None:
    limits(template_per_second=100)
    ration = Ration()
    await got(ration, URGENT, 1)
    await asyncio.sleep(0.2)
    assert await got(ration, URGENT, 500) == 100


async def test_urgent_goes_at_once_while_bulk_takes_all_it_can(limits: Limits) -> None:
    limits(template_per_second=100)
    greedy, urgent = Ration(), Ration()
    for _ in range(20):
        await got(greedy, BULK, 64)
        assert await got(urgent, URGENT, 1) == 1
        await asyncio.sleep(0.01)


async def test_what_is_not_needed_serves_others_within_a_moment(limits: Limits) -> None:
    limits(template_per_day=100, template_per_second=1000)
    one, other = Ration(), Ration()
    assert await got(one, URGENT, 100) == 100
    one.give_back(Channel.TEMPLATE, 0, 70)
    async with asyncio.timeout(1):
        while await got(other, URGENT, 70) != 70:  # noqa: ASYNC110  The bucket tells nobody.
            await asyncio.sleep(0.005)
    assert await got(other, URGENT, 1) == 0


async def test_nobody_gives_back_more_than_was_granted(limits: Limits) -> None:
    limits(template_per_day=100)
    assert await got(Ration(), URGENT, 30) == 30
    ration = Ration()
    await got(ration, URGENT, 40)
    ration.give_back(Channel.TEMPLATE, 0, 41)
    ration.give_back(Channel.TEMPLATE, 0, 40)
    ration.give_back(Channel.TEMPLATE, 0, 40)
    await ration.close()
    assert await got(Ration(), URGENT, 200) == 70


async def test_a_busy_lane_asks_ahead_and_forgets_nothing(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(template_per_day=500, template_per_second=1000)
    asked = 0
    take = bucket.take

    async def counted(asks: list[Ask], day: date) -> list[rules.Lanes | None]:
        nonlocal asked
        asked += 1
        return await take(asks, day)

    monkeypatch.setattr(bucket, "take", counted)
    ration = Ration()
    granted = [await got(ration, URGENT, 10) for _ in range(25)]
    assert granted == [10] * 25
    # Two for the first, which has to tell the day; then one for two grants.
    assert asked == 14
    await ration.close()
    assert await used_rows() == [("template", TODAY, 0, 250)]
    assert await got(Ration(), URGENT, 500) == 250


async def test_what_was_taken_ahead_goes_back_after_a_second(limits: Limits) -> None:
    limits(template_per_day=100, template_per_second=1000)
    ticks = Ticks()
    ration = Ration(monotonic=ticks)
    await got(ration, URGENT, 10)
    await got(ration, URGENT, 10)
    assert await got(Ration(), URGENT, 100) == 70
    ticks.now += 1.1
    await ration.tend()
    assert await got(Ration(), URGENT, 100) == 10


async def test_the_day_is_known_again_after_the_cache_was_emptied(limits: Limits) -> None:
    limits(template_per_day=100)
    ration = Ration()
    await got(ration, BULK, 50)
    await got(ration, URGENT, 7)
    await cache.client().flushall()
    # This process knows what it has not written down yet; from others no more than a second's is lost.
    assert await got(ration, BULK, 50) == 10
    await ration.tend()
    await cache.client().flushall()
    assert await got(Ration(), BULK, 50) == 0
    assert await got(Ration(), URGENT, 50) == 33


async def test_the_rows_of_a_day_add_up_over_processes(limits: Limits) -> None:
    limits(template_per_second=1000)
    rations = [Ration() for _ in range(4)]
    for _ in range(5):
        await asyncio.gather(*(got(ration, URGENT, 3) for ration in rations))
        await asyncio.gather(*(ration.tend() for ration in rations))
    for ration in rations:
        ration.give_back(Channel.TEMPLATE, 0, 1)
    await asyncio.gather(*(ration.close() for ration in rations))
    assert await used_rows() == [("template", TODAY, 0, 56)]


async def test_a_lost_database_loses_no_count(limits: Limits, monkeypatch: pytest.MonkeyPatch) -> None:
    limits(template_per_second=1000)
    ration = Ration()
    await got(ration, URGENT, 3)
    await ration.tend()
    await got(ration, URGENT, 4)

    async def gone(*_: object) -> int:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(db, "execute", gone)
        with pytest.raises(ConnectionError):
            await ration.tend()
    await ration.close()
    assert await used_rows() == [("template", TODAY, 0, 7)]


@pytest.fixture
def lost_cache(migrated: Engines, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Nobody listens where Valkey was."""
    del migrated
    with monkeypatch.context() as broken:
        broken.setattr(cache, "client", _nobody)
        yield broken


def _nobody() -> None:
    raise ConnectionError("nobody listens")


async def test_without_the_cache_each_process_sends_an_eighth_and_no_bulk(
    limits: Limits, lost_cache: pytest.MonkeyPatch
) -> None:
    del lost_cache
    limits(template_per_second=800)
    ticks = Ticks()
    ration = Ration(monotonic=ticks)
    granted = await ration.grant({NORMAL: 500, BULK: 500})
    assert granted == {NORMAL: 80, BULK: 0}
    assert await got(ration, URGENT, 500) == 20
    ticks.now += 0.5
    assert await got(ration, URGENT, 500) == 50


async def test_the_slowest_channel_still_sends_one_at_a_time_without_the_cache(
    limits: Limits, lost_cache: pytest.MonkeyPatch
) -> None:
    del lost_cache
    limits(template_per_second=1)
    ticks = Ticks()
    ration = Ration(monotonic=ticks)
    assert await got(ration, NORMAL, 5) == 1
    assert await got(ration, NORMAL, 5) == 0
    ticks.now += own.PROCESSES
    assert await got(ration, NORMAL, 5) == 1


async def test_without_the_cache_the_day_s_limit_holds(
    limits: Limits, lost_cache: pytest.MonkeyPatch
) -> None:
    del lost_cache
    limits(template_per_day=10, template_per_second=8000)
    one, other = Ration(), Ration()
    assert await got(one, NORMAL, 50) == 8
    await one.tend()
    assert await got(other, NORMAL, 50) == 0
    assert await got(other, URGENT, 50) == 2


async def test_what_was_sent_without_the_cache_counts_when_it_is_back(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(template_per_day=100, template_per_second=800)
    ticks = Ticks()
    ration = Ration(monotonic=ticks)
    assert await got(ration, URGENT, 10) == 10
    with monkeypatch.context() as broken:
        broken.setattr(cache, "client", _nobody)
        ticks.now += 60
        assert await got(ration, URGENT, 30) == 30
    ticks.now += 2
    await ration.tend()
    await ration.close()
    assert await got(Ration(), URGENT, 100) == 60


async def test_what_is_given_back_while_the_cache_is_away_is_told_later(
    limits: Limits, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits(template_per_day=100, template_per_second=1000)
    ticks = Ticks()
    ration = Ration(monotonic=ticks)
    assert await got(ration, URGENT, 60) == 60
    with monkeypatch.context() as broken:
        broken.setattr(cache, "client", _nobody)
        ration.give_back(Channel.TEMPLATE, 0, 60)
        await ration.tend()
    ticks.now += 2
    await ration.tend()
    assert await got(Ration(), URGENT, 100) == 100


async def test_a_new_day_begins_at_midnight_in_shanghai(limits: Limits) -> None:
    limits(template_per_day=100, template_per_second=1000)
    ration = Ration()
    last_second = datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)
    with clock.frozen(last_second):
        assert await got(ration, URGENT, 100) == 100
        assert await got(ration, URGENT, 1) == 0
    with clock.frozen(last_second + timedelta(microseconds=1)):
        assert await got(ration, URGENT, 30) == 30
        await ration.close()
    days = [(day, used) for _, day, _, used in await used_rows()]
    assert days == [(date(2026, 12, 31), 100), (date(2027, 1, 1), 30)]


async def test_what_comes_back_after_midnight_belongs_to_the_day_before(limits: Limits) -> None:
    limits(template_per_day=100, template_per_second=1000)
    ration = Ration()
    midnight = datetime(2026, 7, 1, tzinfo=SHANGHAI)
    with clock.frozen(midnight - timedelta(seconds=1)):
        assert await got(ration, URGENT, 60) == 60
    with clock.frozen(midnight):
        assert await got(Ration(), URGENT, 60) == 60
        assert await got(ration, NORMAL, 5) == 5
        ration.give_back(Channel.TEMPLATE, 0, 50)
        await ration.close()
        assert await got(Ration(), URGENT, 100) == 35
    rows = [(day, used) for _, day, _, used in await used_rows()]
    assert (date(2026, 6, 30), 10) in rows


async def test_what_was_taken_ahead_yesterday_is_not_used_today(limits: Limits) -> None:
    limits(template_per_day=100, template_per_second=1000)
    ration = Ration()
    midnight = datetime(2026, 7, 1, tzinfo=SHANGHAI)
    with clock.frozen(midnight - timedelta(seconds=1)):
        await got(ration, URGENT, 10)
        await got(ration, URGENT, 10)
    with clock.frozen(midnight):
        assert await got(ration, URGENT, 10) == 10
        await ration.close()
    assert [(day, used) for _, day, _, used in await used_rows()] == [
        (date(2026, 6, 30), 20),
        (date(2026, 7, 1), 10),
    ]


async def test_the_script_divides_as_the_rule_says(limits: Limits) -> None:
    limits(template_per_day=100, template_per_second=100_000)
    own_ = products.product(Channel.TEMPLATE)
    await bucket.fill(own_, TODAY, (0, 0, 0))
    used: rules.Lanes = (0, 0, 0)
    for want in [(3, 0, 9), (0, 12, 40), (1, 1, 30), (25, 0, 0), (0, 9, 9), (50, 50, 50)]:
        expected = rules.divide(want, 100, used, (20, 20))
        assert await bucket.take([Ask(own_, want)], TODAY) == [expected]
        used = (used[0] + expected[0], used[1] + expected[1], used[2] + expected[2])
    known = await bucket.of_day(own_, TODAY)
    assert known is not None
    assert known.used == used


async def test_a_forecast_knows_what_is_used_and_what_stands_still(limits: Limits) -> None:
    limits(template_per_day=1000, template_per_second=100)
    ration = Ration()
    pool = Pool()
    await pool.take({BULK: 50}, TODAY)
    found = await ration.forecast(Channel.TEMPLATE, 550)
    assert (found.per_day, found.days, found.seconds) == (600, 1, 6)
    assert (await ration.forecast(Channel.TEMPLATE, 551)).days == 2
    await ration.stop(Channel.TEMPLATE, clock.now() + timedelta(hours=1), "微信说用完了")
    assert (await ration.forecast(Channel.TEMPLATE, 550)).seconds == 3606


async def test_a_stopped_channel_gets_nothing_and_others_go_on(limits: Limits) -> None:
    limits(template_per_second=1000)
    ration = Ration()
    await ration.stop(Channel.TEMPLATE, clock.now() + timedelta(minutes=1), "45011")
    sms = (Channel.SMS, 0)
    assert await ration.grant({URGENT: 5, sms: 5}) == {URGENT: 0, sms: 5}
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        assert await got(ration, URGENT, 5) == 5
