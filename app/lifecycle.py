"""What every process of ours opens at start and closes at the end: database, cache, gateways.

Also where the areas that keep rows of people are made known to the area that knows the people.
"""

from contextlib import suppress

from tortoise import Tortoise

from app.domain.accounts import merging
from app.domain.appointments import merging as bookings_merging
from app.domain.appointments import portability as bookings_portability
from app.domain.cases import portability as cases_portability
from app.gateways import exchange, wechat
from app.kit import cache
from config import settings
from config.database import tortoise_config

# Where both were told the same of one event, the absorbed one's message stays where it is.
_TOLD_ONCE = (
    "NOT EXISTS (SELECT 1 FROM notification k WHERE k.person_id = $1 AND (k.event_id, k.message, k.channel)"
    " = (notification.event_id, notification.message, notification.channel))"
)


async def open_stores() -> None:
    """Open the pools; none of them insists that its other side is up yet."""
    _introduce_areas()
    chosen = settings.current()
    await Tortoise.init(
        config=tortoise_config(
            chosen.database_url, pool_min=chosen.database_pool_min, pool_max=chosen.database_pool_max
        ),
        _enable_global_fallback=True,
    )
    party = wechat.WeChat(chosen, cache.client())
    await party.open()
    wechat.use(party)


async def close_stores() -> None:
    """Give everything back."""
    with suppress(RuntimeError):  # Nothing was opened.
        await wechat.current().close()
    wechat.use(None)
    await exchange.close()
    await cache.close()
    await Tortoise.close_connections()


def _introduce_areas() -> None:
    """Say whose rows go along when a person leaves, exports or is merged; saying it twice does no harm."""
    bookings_portability.register()
    bookings_merging.register()
    cases_portability.register()
    merging.register("notifications", merging.Rows("notification", only=_TOLD_ONCE))
