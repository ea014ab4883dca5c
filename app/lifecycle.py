"""What every process of ours opens at start and closes at the end: database, cache, gateways."""

from contextlib import suppress

from tortoise import Tortoise

from app.gateways import exchange, wechat
from app.kit import cache
from config import settings
from config.database import tortoise_config


async def open_stores() -> None:
    """Open the pools; none of them insists that its other side is up yet."""
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
