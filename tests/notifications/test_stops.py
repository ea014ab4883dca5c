"""Stops: known to every worker, forgotten by none, and lifted when WeChat has room again."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from app.kit import cache, clock, db
from app.kit.clock import SHANGHAI
from app.sandbox.quotas import CUSTOM_SEND, TEMPLATE_SEND, Limit
from app.sandbox.running import Running
from config import settings
from notifications.models import Channel
from notifications.quota import bucket, consultation, products
from notifications.quota.standing import standings
from notifications.ration import Ration

pytestmark = pytest.mark.usefixtures("db")

NOON = datetime(2026, 6, 17, 12, tzinfo=SHANGHAI)
MIDNIGHT = datetime(2026, 6, 18, tzinfo=SHANGHAI)
URGENT = (Channel.TEMPLATE, 0)


@pytest.fixture(autouse=True)
def _noon() -> Iterator[None]:
    with clock.frozen(NOON):
        yield


async def allowed(ration: Ration, want: int = 1) -> int:
    return (await ration.grant({URGENT: want}))[URGENT]


def use(sandbox: Running, path: str, count: int) -> None:
    """Somebody else sends through the same account."""
    appid = settings.current().oa_appid
    for _ in range(count):
        sandbox.sandbox.quotas.spend(path, appid)


async def test_another_worker_knows_of_a_stop_within_two_seconds() -> None:
    ticks = iter(range(1000, 2000, 2))
    one, other = Ration(), Ration(monotonic=lambda: float(next(ticks)))
    assert await allowed(other) == 1
    await one.stop(Channel.TEMPLATE, MIDNIGHT, "45009")
    assert await allowed(one) == 0
    assert await allowed(other) == 0
    assert await other.is_stopped(Channel.TEMPLATE) == MIDNIGHT
    assert await other.is_stopped(Channel.SUBSCRIBE) is None


async def test_a_worker_that_starts_anew_remembers_a_stop() -> None:
    await Ration().stop(Channel.TEMPLATE, MIDNIGHT, "45009")
    assert await allowed(Ration()) == 0


async def test_a_shorter_stop_does_not_shorten_a_longer_one() -> None:
    await Ration().stop(Channel.TEMPLATE, MIDNIGHT, "45009")
    await Ration().stop(Channel.TEMPLATE, NOON + timedelta(minutes=1), "45011")
    assert await Ration().is_stopped(Channel.TEMPLATE) == MIDNIGHT
    rows = await db.fetch("SELECT because FROM sending_stop")
    assert [row["because"] for row in rows] == ["45009"]


async def test_a_longer_stop_replaces_a_shorter_one_and_keeps_its_beginning() -> None:
    await Ration().stop(Channel.TEMPLATE, NOON + timedelta(minutes=1), "45011")
    with clock.frozen(NOON + timedelta(seconds=30)):
        await Ration().stop(Channel.TEMPLATE, MIDNIGHT, "45009")
    row = await db.fetch_one("SELECT * FROM sending_stop")
    assert row is not None
    assert (row["since"], row["until"], row["because"]) == (NOON, MIDNIGHT, "45009")


async def test_a_stop_ends_with_the_last_second_of_the_year() -> None:
    ration = Ration()
    new_year = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    with clock.frozen(new_year - timedelta(seconds=2)):
        await ration.stop(Channel.TEMPLATE, new_year, "45009")
    with clock.frozen(new_year - timedelta(microseconds=1)):
        assert await allowed(ration) == 0
    with clock.frozen(new_year):
        assert await allowed(ration) == 1


async def test_a_stop_that_is_over_before_it_is_known_stops_nothing() -> None:
    ration = Ration()
    await ration.stop(Channel.TEMPLATE, NOON - timedelta(seconds=1), "late")
    assert await allowed(ration) == 1


async def test_odd_words_of_a_refusal_do_no_harm() -> None:
    await Ration().stop(Channel.TEMPLATE, MIDNIGHT, "\0" + "坏" * 300)
    rows = await db.fetch("SELECT because FROM sending_stop")
    assert [row["because"] for row in rows] == ["坏" * 200]


async def test_wechat_is_asked_after_five_minutes_and_lifts_the_stop(wechat_sandbox: Running) -> None:
    await Ration().stop(Channel.TEMPLATE, MIDNIGHT, "45009")
    asked = wechat_sandbox.sandbox.calls
    path = "/cgi-bin/openapi/quota/get"
    with clock.frozen(NOON + timedelta(minutes=4, seconds=59)):
        await consultation.consult()
        assert asked[path] == 0
    with clock.frozen(NOON + timedelta(minutes=5)):
        await consultation.consult()
        assert asked[path] == 1
        assert await allowed(Ration()) == 1


async def test_a_stop_stays_while_wechat_has_no_room_and_is_asked_about_again(
    wechat_sandbox: Running,
) -> None:
    quotas = wechat_sandbox.sandbox.quotas
    quotas.limits[TEMPLATE_SEND] = Limit(per_day=3)
    use(wechat_sandbox, TEMPLATE_SEND, 3)
    await Ration().stop(Channel.TEMPLATE, MIDNIGHT, "45009")
    with clock.frozen(NOON + timedelta(minutes=5)):
        await consultation.consult()
        await consultation.consult()
        assert wechat_sandbox.sandbox.calls["/cgi-bin/openapi/quota/get"] == 1
        assert await Ration().is_stopped(Channel.TEMPLATE) == MIDNIGHT
    # The operator clears the quota by hand.
    quotas.begin_anew(settings.current().oa_appid)
    with clock.frozen(NOON + timedelta(minutes=10)):
        await consultation.consult()
        assert await Ration().is_stopped(Channel.TEMPLATE) is None


async def test_what_is_still_on_its_way_is_no_room(
    wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings.current().model_copy(update={"template_per_day": 100})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    ration = Ration()
    assert await allowed(ration, 60) == 60
    use(wechat_sandbox, TEMPLATE_SEND, 20)
    await consultation.consult()
    # Nobody knows whether the 20 are among the 60, so for now both count.
    assert await allowed(ration, 100) == 20
    monkeypatch.setattr(bucket, "LANDED_AFTER_MS", 0)
    use(wechat_sandbox, TEMPLATE_SEND, 60)
    await consultation.consult()
    assert await allowed(ration, 100) == 20


async def test_what_was_granted_a_while_ago_has_landed() -> None:
    async def pass_time() -> None:
        (day,) = await cache.client().keys("quota:template:*20260617")
        for moment in ("granted_at", "sampled_at"):
            await cache.client().hincrby(day, moment, -bucket.LANDED_AFTER_MS)

    async def landed() -> int:
        known = await bucket.of_day(products.product(Channel.TEMPLATE), NOON.date())
        assert known is not None
        return known.landed

    await allowed(Ration(), 5)
    assert await landed() == 0
    await pass_time()
    assert await landed() == 5
    await allowed(Ration(), 3)
    await allowed(Ration(), 1)
    assert await landed() == 0
    await pass_time()
    await allowed(Ration(), 2)
    assert await landed() == 5
    await pass_time()
    assert await landed() == 11


async def test_after_a_cleared_quota_our_own_count_begins_anew(
    wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "LANDED_AFTER_MS", 0)
    chosen = settings.current().model_copy(update={"template_per_day": 40})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    assert await allowed(Ration(), 40) == 40
    assert await allowed(Ration()) == 0
    await consultation.consult()
    assert await allowed(Ration(), 50) == 40


async def test_what_others_use_of_the_account_is_missing_here(
    wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "LANDED_AFTER_MS", 0)
    chosen = settings.current().model_copy(update={"template_per_day": 100})
    monkeypatch.setattr(settings, "current", lambda: chosen)
    assert await allowed(Ration(), 10) == 10
    use(wechat_sandbox, TEMPLATE_SEND, 70)
    await consultation.consult()
    assert await allowed(Ration(), 100) == 30


async def test_a_lower_limit_told_by_wechat_counts(
    wechat_sandbox: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bucket, "LANDED_AFTER_MS", 0)
    assert await allowed(Ration(), 1) == 1
    wechat_sandbox.sandbox.quotas.limits[TEMPLATE_SEND] = Limit(per_day=50)
    use(wechat_sandbox, TEMPLATE_SEND, 1)
    await consultation.consult()
    assert await allowed(Ration(), 100) == 49


async def test_wechat_that_does_not_tell_changes_nothing(wechat_sandbox: Running) -> None:
    wechat_sandbox.sandbox.faults.order({"path": "/cgi-bin/openapi/quota/get", "errcode": 48001, "times": 9})
    await allowed(Ration())
    await Ration().stop(Channel.TEMPLATE, MIDNIGHT, "45009")
    with clock.frozen(NOON + timedelta(minutes=5)):
        await consultation.consult()
    assert await Ration().is_stopped(Channel.TEMPLATE) == MIDNIGHT
    known = await bucket.of_day(products.product(Channel.TEMPLATE), NOON.date())
    assert known is not None
    assert (known.elsewhere, known.limit) == (0, None)


async def test_only_what_is_in_use_is_asked_about(wechat_sandbox: Running) -> None:
    await Ration().grant({(Channel.CUSTOM, 1): 5, (Channel.SMS, 1): 5})
    use(wechat_sandbox, CUSTOM_SEND, 1)
    await consultation.consult()
    assert wechat_sandbox.sandbox.calls["/cgi-bin/openapi/quota/get"] == 1


async def test_the_standing_tells_used_left_reserved_and_stopped() -> None:
    await Ration().grant({URGENT: 5, (Channel.TEMPLATE, 2): 7})
    await Ration().stop(Channel.SMS, MIDNIGHT, "欠费")
    found = {one.product.channel: one for one in await standings()}
    template = found[Channel.TEMPLATE]
    assert (template.limit, template.used) == (100_000, (5, 0, 7))
    assert template.left == (99_988, 79_993, 59_993)
    assert template.reserved == (19_995, 20_000)
    assert template.stop is None
    stop = found[Channel.SMS].stop
    assert stop is not None
    assert stop.because == "欠费"
