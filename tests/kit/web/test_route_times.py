"""How long routes take, added up over processes, and what is said while the cache is away."""

import math
from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from redis.exceptions import ConnectionError as Lost

from app.kit import cache, clock
from app.kit.metrics import REQUESTS
from app.kit.web import route_times
from app.kit.web.route_times import RouteTimes

ROUTE = "/a-route-of-this-test"


@pytest.fixture
async def nobody_told(db: None) -> AsyncIterator[None]:
    await cache.client().delete("route_times")
    yield
    await cache.client().delete("route_times")


def times(within: dict[float, int], *, seconds: float = 1.0, faults: int = 0) -> RouteTimes:
    return RouteTimes(ROUTE, "GET", faults, seconds, Counter(within))


def test_a_percentile_is_the_bound_that_so_many_stayed_below() -> None:
    told = times({0.005: 50, 0.1: 45, 1.0: 4, math.inf: 1}, seconds=10)
    assert [told.percentile(share) for share in (0.5, 0.51, 0.95, 0.99, 1)] == [
        0.005,
        0.1,
        0.1,
        1.0,
        math.inf,
    ]
    assert (told.count, told.mean) == (100, 0.1)


def test_a_process_measures_bounds_sums_and_faults() -> None:
    for status, seconds in (("200", 0.003), ("200", 0.3), ("503", 9), ("404", 0.3)):
        REQUESTS.labels(ROUTE, "GET", status).observe(seconds)
    [told] = [one for one in route_times.measured() if one.route == ROUTE]
    assert told.within == {0.005: 1, 0.5: 2, math.inf: 1}
    assert (told.count, told.faults) == (4, 1)
    assert told.seconds == pytest.approx(9.603)


@pytest.mark.usefixtures("nobody_told")
async def test_processes_are_added_up_since_the_first_of_them() -> None:
    began = clock.now().replace(microsecond=0)
    await route_times.tell_of("one", began - timedelta(hours=1), [times({0.1: 2}, faults=1)])
    await route_times.tell_of("two", began, [times({0.1: 1}), times({0.1: 1})])
    await route_times.tell_of("two", began, [times({0.1: 1, math.inf: 3}, seconds=7)])
    found = await route_times.gathered()
    assert found is not None
    assert (found.processes, found.since) == (2, began - timedelta(hours=1))
    assert found.routes == [times({0.1: 3, math.inf: 3}, seconds=8, faults=1)], "the last word of each counts"


@pytest.mark.usefixtures("nobody_told")
async def test_a_process_that_fell_silent_counts_no_more() -> None:
    with clock.frozen(clock.now() - timedelta(minutes=5)):
        await route_times.tell_of("gone", clock.now(), [times({0.1: 1})])
    found = await route_times.gathered()
    assert found == route_times.Gathered(0, None, [])


@pytest.mark.usefixtures("nobody_told")
async def test_the_slowest_stand_first() -> None:
    quick = RouteTimes("/quick", "GET", within=Counter({0.005: 9}))
    await route_times.tell_of("one", clock.now(), [quick, times({2.5: 1})])
    found = await route_times.gathered()
    assert found is not None
    assert [one.route for one in found.routes] == [ROUTE, "/quick"]


async def test_without_a_cache_nothing_is_known_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost() -> None:
        raise Lost

    monkeypatch.setattr(cache, "client", lost)
    await route_times.tell()
    assert await route_times.gathered() is None
