"""How each channel stands today: what is used, what is left to whom, and whether it is stopped."""

from dataclasses import dataclass

from app.kit import clock
from notifications.models import Channel
from notifications.quota import rules, stops
from notifications.quota.pool import Pool
from notifications.quota.products import Product, product, reserves
from notifications.quota.rules import Lanes
from notifications.quota.stops import Stop


@dataclass(frozen=True, slots=True)
class Standing:
    """One channel today. ``reserved`` is what is still kept for urgent and for normal messages alone."""

    product: Product
    limit: int
    used: Lanes
    elsewhere: int
    left: Lanes
    reserved: tuple[int, int]
    stop: Stop | None


async def standings() -> list[Standing]:
    """Every channel."""
    pool, today = Pool(), clock.today()
    stopped = {one.channel: one for one in await stops.in_force()}
    found: list[Standing] = []
    for channel in Channel:
        own = product(channel)
        known = await pool.of_day(own, today)
        limit = own.per_day if known.limit is None else min(own.per_day, known.limit)
        kept = reserves(limit)
        found.append(
            Standing(
                own,
                limit,
                known.used,
                known.elsewhere,
                rules.room(limit - known.elsewhere, known.used, kept),
                (max(kept[0] - known.used[0], 0), max(kept[1] - known.used[1], 0)),
                stopped.get(channel),
            )
        )
    return found
