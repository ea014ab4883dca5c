"""The worker's part in campaigns: launches them, moves people into the queue, watches, and ends them."""

import logging
from typing import Final

from app.kit import audit, clock, db
from config import settings
from notifications import queue
from notifications.campaigns import lifecycle, metrics, rules, tally, telling
from notifications.campaigns.counts import Counts
from notifications.campaigns.mass import gathering
from notifications.campaigns.models import Campaign, CampaignState, Product, RecipientState
from notifications.messages import Messages

log = logging.getLogger("weiban.campaigns")

CHUNK: Final = 1000
# Rows waiting in the queue ahead of the channels' rate, in seconds of it: few enough that a pause
# has little to hold, enough that no worker ever waits for the feeder.
_SECONDS_AHEAD: Final = 2


async def step(messages: Messages) -> int:
    """One turn with every campaign at work; answers how many recipients moved or campaigns changed state.

    Any number of workers may do so: one has a campaign for the length of a transaction, the others
    pass it by. A campaign that fails holds up no other.
    """
    rows = await db.fetch(
        "SELECT id FROM campaign WHERE closed_at IS NULL AND state = ANY ($1) ORDER BY id",
        [state.value for state in rules.AT_WORK],
    )
    if rows:
        await messages.refresh()
    done = 0
    for row in rows:
        try:
            done += await _advance(row["id"], messages)
        except Exception as failure:
            log.warning("campaign %s: %s", row["id"], type(failure).__name__, exc_info=failure)
    return done


async def _advance(campaign_id: int, messages: Messages) -> int:
    async with db.transaction():
        free = Campaign.filter(id=campaign_id, closed_at=None, state__in=rules.AT_WORK)
        campaign = await free.select_for_update(skip_locked=True).first()
        if campaign is None:
            return 0
        if campaign.state in (CampaignState.CANCELLED, CampaignState.EXPIRED):
            return await _close(campaign)
        if campaign.expires_at is not None and campaign.expires_at <= clock.now():
            await lifecycle.move(campaign, CampaignState.EXPIRED, audit.SYSTEM, "已过失效时间")
            return 1
        match campaign.state:
            case CampaignState.SCHEDULED:
                return await _launch_if_due(campaign)
            case CampaignState.PAUSED:
                # What was under way when it was paused may have come back to the queue.
                await queue.hold(campaign.id)
                return 0
            case _:
                return await _go_on(campaign, messages)


async def _launch_if_due(campaign: Campaign) -> int:
    """A worker that slept over the date begins late, but it begins."""
    if campaign.scheduled_at is None or campaign.scheduled_at > clock.now():
        return 0
    await lifecycle.launch(campaign, audit.SYSTEM)
    return 1


async def _go_on(campaign: Campaign, messages: Messages) -> int:
    counts = await tally.counts(campaign.id)
    is_canary = campaign.state is CampaignState.CANARY
    sample = rules.SAMPLE
    if is_canary:
        sample = min(sample, rules.canary_size(counts.total, campaign.canary_percent))
    why = _unworded(campaign, messages) or _failing(campaign, counts, sample)
    if why is not None:
        return await _stop(campaign, why)
    if is_canary:
        return await _canary(campaign, counts, messages)
    if counts.pending:
        return await _feed(campaign, counts, messages, most=counts.pending)
    return await _finish(campaign, counts)


async def _stop(campaign: Campaign, why: str) -> int:
    metrics.PAUSED.inc()
    log.error("campaign %s stops: %s", campaign.id, why)
    await lifecycle.stop(campaign, why)
    return 1


def _unworded(campaign: Campaign, messages: Messages) -> str | None:
    if campaign.message is None or messages.knows(campaign.message, campaign.message_version):
        return None
    return f"没有第 {campaign.message_version} 版的消息 {campaign.message}，已自动暂停；请检查部署的版本"


def _failing(campaign: Campaign, counts: Counts, sample: int) -> str | None:
    above_percent = settings.current().pause_above_percent
    return rules.trouble(counts, campaign.baseline, above_percent=above_percent, sample=sample)


async def _canary(campaign: Campaign, counts: Counts, messages: Messages) -> int:
    """A few first; all others only when these have arrived, or their receipts stay away.

    Whoever has answered by then is all there is to judge by, be they few: of a canary most may have no
    channel, or a notice in the day's digest.
    """
    missing = rules.canary_size(counts.total, campaign.canary_percent) - (counts.total - counts.pending)
    if missing > 0:
        return await _feed(campaign, counts, messages, most=missing)
    is_passed = not counts.pending
    if not is_passed and await _is_idle(campaign, counts):
        waited = clock.now() - (campaign.idle_since or clock.now())
        is_open = counts.of(RecipientState.SENT, RecipientState.UNKNOWN) > 0
        is_passed = not is_open or waited >= rules.CANARY_WAIT
    if not is_passed:
        return 0
    why = _failing(campaign, counts, 1) if counts.pending else None
    if why is not None:
        return await _stop(campaign, why)
    await lifecycle.move(campaign, CampaignState.RUNNING, audit.SYSTEM, None, is_canary_passed=True)
    return 1


async def _feed(campaign: Campaign, counts: Counts, messages: Messages, *, most: int) -> int:
    if campaign.product is Product.MASS:
        return await gathering.form_next(campaign, most)
    room = _room(counts)
    if room <= 0:
        return 0
    return await telling.tell_next(campaign, messages, min(most, room, CHUNK))


def _room(counts: Counts) -> int:
    chosen = settings.current()
    rate = chosen.template_per_second + chosen.subscribe_per_second
    return _SECONDS_AHEAD * rate - counts.queued


async def _finish(campaign: Campaign, counts: Counts) -> int:
    """Over when nobody is on the way; those whose fate is unknown are given an hour for their receipts."""
    if not await _is_idle(campaign, counts):
        return 0
    waited = clock.now() - (campaign.idle_since or clock.now())
    if counts.of(RecipientState.UNKNOWN) and waited < rules.UNKNOWN_WAIT:
        return 0
    await lifecycle.move(campaign, CampaignState.FINISHED, audit.SYSTEM, None, closed_at=clock.now())
    return 1


async def _is_idle(campaign: Campaign, counts: Counts) -> bool:
    """Whether nothing waits to be handed over; notes since when."""
    if counts.queued:
        if campaign.idle_since is not None:
            await lifecycle.note_idle(campaign, since=None)
        return False
    if campaign.idle_since is None:
        await lifecycle.note_idle(campaign, since=clock.now())
    return True


async def _close(campaign: Campaign) -> int:
    """After the end, call off everybody who is left; closed when nobody is on the way any more."""
    await queue.cancel(campaign.id)
    called_off = await telling.call_off(campaign, CHUNK * 20)
    if not called_off and not (await tally.counts(campaign.id)).queued:
        await lifecycle.note_closed(campaign)
    return called_off
