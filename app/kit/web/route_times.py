"""How long the routes take, over all processes of the server.

Each process tells the cache every few seconds what it has measured since it began; whoever reads adds that
up. Nothing of it is kept: a process that ends takes its numbers along, and the reader says since when the
others count.
"""

import asyncio
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import orjson
from sanic import Sanic

from app.kit import cache, clock
from app.kit.ids import uuid7
from app.kit.loops import every
from app.kit.metrics import REQUESTS

EVERY_S: Final = 15
_KEPT_S: Final = 4 * EVERY_S
_PROCESSES: Final = "route_times"
_FAULTS: Final = 500

_process: Final = uuid7().hex
_began: Final = clock.now()


@dataclass(slots=True)
class RouteTimes:
    """What was measured of one route; ``faults`` are answers that were our fault.

    ``within`` counts requests by the bound in seconds they stayed below and no smaller one.
    """

    route: str
    method: str
    faults: int = 0
    seconds: float = 0.0
    within: Counter[float] = field(default_factory=Counter)

    @property
    def count(self) -> int:
        return self.within.total()

    @property
    def mean(self) -> float:
        """In seconds."""
        return self.seconds / self.count

    def percentile(self, share: float) -> float:
        """The bound in seconds below which this share of requests stayed; infinite above the last bound."""
        told, wanted = 0, math.ceil(share * self.count)
        for bound in sorted(self.within):
            told += self.within[bound]
            if told >= wanted:
                return bound
        return math.inf

    def add(self, other: "RouteTimes") -> None:
        """Count what another process measured of the same route."""
        self.faults += other.faults
        self.seconds += other.seconds
        self.within += other.within


@dataclass(frozen=True, slots=True)
class Gathered:
    """What so many processes told, the first of which counts ``since`` then; slowest routes first."""

    processes: int
    since: datetime | None
    routes: Sequence[RouteTimes]


def attach_route_times(app: Sanic[Any, Any]) -> None:
    """Let this process tell what it measures for as long as it serves."""
    stop = asyncio.Event()

    @app.after_server_start
    async def begin(_: Sanic[Any, Any]) -> None:
        app.add_task(every("route times", EVERY_S, tell, stop=stop))

    @app.before_server_stop
    async def end(_: Sanic[Any, Any]) -> None:
        stop.set()


async def tell() -> None:
    """Tell the cache what this process has measured; without a cache nobody is told."""
    await tell_of(_process, _began, list(measured()))


async def tell_of(process: str, began: datetime, times: Sequence[RouteTimes]) -> None:
    """Tell the numbers of one process, instead of those it told before."""
    now = clock.seconds()
    numbers = orjson.dumps({"began": began.timestamp(), "routes": [_packed(one) for one in times]})
    try:
        async with cache.client().pipeline(transaction=False) as said:
            said.set(f"{_PROCESSES}:{process}", numbers, ex=_KEPT_S)
            said.zadd(_PROCESSES, {process: now})
            said.zremrangebyscore(_PROCESSES, 0, now - _KEPT_S)
            await said.execute()
    except cache.CACHE_ERRORS:
        return


async def gathered() -> Gathered | None:
    """What all processes told last, or ``None`` while the cache is away."""
    try:
        processes = await cache.client().zrangebyscore(_PROCESSES, clock.seconds() - _KEPT_S, "+inf")
        names = [name.decode() if isinstance(name, bytes) else name for name in processes]
        told = await cache.client().mget([f"{_PROCESSES}:{name}" for name in names]) if names else []
    except cache.CACHE_ERRORS:
        return None
    heard = [orjson.loads(one) for one in told if one is not None]
    routes: dict[tuple[str, str], RouteTimes] = {}
    for packed in (packed for one in heard for packed in one["routes"]):
        times = _unpacked(packed)
        routes.setdefault((times.method, times.route), RouteTimes(times.route, times.method)).add(times)
    since = min((datetime.fromtimestamp(one["began"], clock.SHANGHAI) for one in heard), default=None)
    slowest = sorted(routes.values(), key=lambda one: (-one.percentile(0.95), -one.mean, one.route))
    return Gathered(len(heard), since, slowest)


def measured() -> Iterator[RouteTimes]:
    """What this process has measured of each route that was asked for."""
    routes: dict[tuple[str, str], RouteTimes] = {}
    for labels, name, value in _samples():
        key = labels["method"], labels["route"]
        times = routes.setdefault(key, RouteTimes(labels["route"], labels["method"]))
        if name == "sum":
            times.seconds += value
        elif name == "count":
            times.faults += int(value) if int(labels["status"]) >= _FAULTS else 0
        elif value:
            times.within[float(labels["le"])] += int(value)
    yield from (one for one in routes.values() if one.count)


def _samples() -> Iterator[tuple[Mapping[str, str], str, float]]:
    """The parts of the histograms; those of a bucket without what lies in the smaller ones already."""
    below = 0.0
    for sample in next(iter(REQUESTS.collect())).samples:
        name = sample.name.rpartition("_")[2]
        if name == "bucket":
            yield sample.labels, name, sample.value - below
            below = 0.0 if sample.labels["le"] == "+Inf" else sample.value
        elif name in ("sum", "count"):
            yield sample.labels, name, sample.value


def _packed(times: RouteTimes) -> list[object]:
    within = {"inf" if math.isinf(bound) else str(bound): count for bound, count in times.within.items()}
    return [times.method, times.route, times.faults, times.seconds, within]


def _unpacked(packed: Sequence[Any]) -> RouteTimes:
    method, route, faults, seconds, within = packed
    counted = Counter({float(bound): int(count) for bound, count in within.items()})
    return RouteTimes(route, method, faults, seconds, counted)
