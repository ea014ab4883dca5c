"""How each outside system is doing: how it is connected, whether it is left alone, what is left to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final

from app.gateways.exchange import choice
from app.gateways.exchange.circuit import State
from app.gateways.exchange.purposes import Source
from app.gateways.exchange.quota import asked_today
from app.gateways.exchange.upstream import Upstream
from app.kit import clock, db

RECENT: Final = timedelta(hours=1)

_GOOD: Final = ("answered", "cached")
_LATELY: Final = """
SELECT source, count(*) AS calls, count(*) FILTER (WHERE outcome <> ALL ($2)) AS troubled,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE attempts > 0) AS p95_ms
FROM exchange_call WHERE at >= $1 GROUP BY source
"""
_LAST: Final = """
SELECT at, outcome FROM exchange_call WHERE at >= $1 AND source = $2 AND outcome <> ALL ($3)
ORDER BY at DESC LIMIT 1
"""
_TROUBLE_KEPT: Final = timedelta(days=1)
_TRAFFIC: Final = """
SELECT source, date_trunc($2, at, 'Asia/Shanghai') AS since, count(*)::int AS calls,
    (count(*) FILTER (WHERE outcome <> ALL ($3)))::int AS troubled,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE attempts > 0) AS median_ms,
    percentile_disc(0.95) WITHIN GROUP (ORDER BY duration_ms) FILTER (WHERE attempts > 0) AS p95_ms
FROM exchange_call WHERE at >= $1
GROUP BY GROUPING SETS ((source), (source, 2)) ORDER BY since NULLS FIRST, source
"""


@dataclass(frozen=True, slots=True)
class Health:
    """One outside system; the counts are of the last hour, ``asked`` of today.

    ``circuit`` is how this process sees it, ``None`` where there is none or nothing was asked yet.
    ``asked`` is ``None`` while nobody can count.
    """

    source: Source
    connector: str
    circuit: State | None
    asked: int | None
    per_day: int
    per_minute: int
    calls: int
    troubled: int
    p95_ms: int | None
    last_trouble: str | None
    last_trouble_at: datetime | None


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was asked of one outside system in an hour or a day, or in all of them if ``since`` is ``None``.

    ``troubled`` had no answer, for whatever reason; times are of what left the house, in milliseconds.
    """

    source: Source
    since: datetime | None
    calls: int
    troubled: int
    median_ms: int | None
    p95_ms: int | None


async def traffic(days: int) -> Sequence[Traffic]:
    """What was asked in so many days, today included; of one day hour by hour, of more day by day."""
    first = datetime.combine(clock.today() - timedelta(days=days - 1), time(), clock.SHANGHAI)
    rows = await db.fetch(_TRAFFIC, first, "hour" if days == 1 else "day", list(_GOOD))
    return [Traffic(**{**row, "source": Source(row["source"])}) for row in rows]


async def each() -> Sequence[Health]:
    """Every outside system, in the order of the house."""
    now = clock.now()
    lately = {row["source"]: row for row in await db.fetch(_LATELY, now - RECENT, list(_GOOD))}
    return [await _one(source, lately.get(source.value), now) for source in Source]


async def _one(source: Source, lately: Any, now: datetime) -> Health:
    last = await db.fetch_one(_LAST, now - _TROUBLE_KEPT, source.value, list(_GOOD))
    connector = choice.in_use(source)
    return Health(
        source=source,
        connector=choice.setting(source, "connector"),
        circuit=connector.circuit.state if isinstance(connector, Upstream) else None,
        asked=await asked_today(source.value),
        per_day=choice.setting(source, "per_day"),
        per_minute=choice.setting(source, "per_minute"),
        calls=lately["calls"] if lately else 0,
        troubled=lately["troubled"] if lately else 0,
        p95_ms=lately["p95_ms"] if lately else None,
        last_trouble=last["outcome"] if last else None,
        last_trouble_at=last["at"] if last else None,
    )
