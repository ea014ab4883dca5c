"""Asking WeChat what is left: corrects our own count, and ends a stop once there is room again."""

import logging

from app.gateways import wechat
from app.gateways.wechat import Quota, WeChatError
from app.kit import cache, clock
from notifications.models import Channel
from notifications.quota import bucket, stops
from notifications.quota.bucket import Day
from notifications.quota.products import Product, product

log = logging.getLogger("weiban.quota")


async def consult() -> None:
    """Ask about every product in use today, and every five minutes about each that is stopped.

    Whoever uses the account besides us, or calls of ours that WeChat did not count, show in its answer.
    A question that fails changes nothing. Meant for one process at a time, once a minute.
    """
    stopped = {stop.channel: stop for stop in await stops.to_ask_about()}
    for own in map(product, Channel):
        before = await _known(own)
        if own.channel not in stopped and (before is None or not any(before.used)):
            continue
        told = await _ask(own, before)
        stop = stopped.get(own.channel)
        if stop is not None and told is not None and told.remain > 0 and await stops.lift(stop):
            log.warning("channel %s goes on: WeChat has room for %s more", own.channel, told.remain)


async def _ask(own: Product, before: Day | None) -> Quota | None:
    """What WeChat tells; our count of the day is corrected by it. None if it tells nothing."""
    if own.path is None:
        return None
    today = clock.today()
    try:
        told = await wechat.current().party(own.account_id).quota(own.path)
    except WeChatError as failure:
        log.info("WeChat does not tell what is left of %s: %s", own.channel, failure)
        return None
    # What may still be on its way counts twice until the next answer; the other way round there would
    # seem to be room that is none.
    if before is not None and clock.today() == today:
        elsewhere = told.used - before.landed
        try:
            await bucket.correct(own, today, elsewhere=elsewhere, limit=told.daily_limit)
        except cache.CACHE_ERRORS as lost:
            log.info("the shared quota is away, not corrected: %s", type(lost).__name__)
    return told


async def _known(own: Product) -> Day | None:
    try:
        return await bucket.of_day(own, clock.today())
    except cache.CACHE_ERRORS:
        return None
