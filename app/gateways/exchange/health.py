"""How each outside system is doing: how it is connected, whether it is left alone, what is left to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
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
