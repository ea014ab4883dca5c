"""Errands 交办: deeds that go through a whole audience, asked for by a member and done by the worker.

The end of an errand is written in the transaction of its deed: what was called off, or done by another worker
meanwhile, is not done, however often the job runs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from app.domain.accounts import staff
from app.domain.accounts.staff import StaffMember
from app.kit import audit, clock, db, jobs
from app.kit.errors import Fault, InvalidInput
from config import messages as message_list
from notifications.campaigns import approval, lifecycle, posts, queries, trying_out
from notifications.campaigns.errors import (
    AskerGone,
    CalledOff,
    CampaignBusy,
    CampaignChanged,
    IllegalDeed,
)
from notifications.campaigns.models import Campaign, CampaignErrand, ErrandDeed
from notifications.messages import Messages
from notifications.ration import Ration

DO_JOB: Final = "do_campaign_errand"

_LOOK_S: Final = 1.0  # How long a deed goes on after it was called off.
_MOST_SAID: Final = 400

_ASK: Final = """
INSERT INTO campaign_errand (campaign_id, deed, version, member_id, session_id, asked_at)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (campaign_id) WHERE ended_at IS NULL DO NOTHING RETURNING id
"""

_CHECKS: Final[Mapping[ErrandDeed, Callable[[StaffMember, Campaign], None]]] = {
    ErrandDeed.TRY_OUT: trying_out.check,
    ErrandDeed.APPROVE: approval.check,
}


async def ask(member: StaffMember, campaign_id: int, deed: ErrandDeed) -> None:
    """Have the worker do a deed in the member's name.

    Raises at once what the campaign as it stands forbids, and CampaignBusy while another errand is open.
    """
    campaign = await queries.one(member, campaign_id)
    _CHECKS[deed](member, campaign)
    async with db.transaction():
        errand_id = await db.fetch_value(
            _ASK, campaign.id, deed, campaign.version, member.id, member.session_id, clock.now()
        )
        if errand_id is None:
            raise CampaignBusy
        await jobs.enqueue(DO_JOB, {"errand_id": errand_id})


async def call_off(member: StaffMember, campaign_id: int) -> None:
    """End the open errand without its deed. Raises NotYourCampaign, or IllegalDeed where none is open."""
    posts.check(member, posts.ANYBODY)
    errand = await queries.last_errand(campaign_id)
    if errand is None:
        raise IllegalDeed
    async with db.transaction():
        # A deed holds the audit chain when it comes to the errand: whoever took them the other way round
        # would wait for it as it waits for them.
        await audit.record(member.caller_id, f"campaign.{errand.deed}_called_off", f"campaign:{campaign_id}")
        if not await _end(errand, CalledOff()):
            raise IllegalDeed


async def run(asked: dict[str, Any]) -> None:
    """The worker's part: do an errand, unless it has ended or is called off meanwhile. Safe to repeat.

    A refusal is its end; whatever else goes wrong leaves it open and is the job's to try again.
    """
    errand = await _take_up(asked["errand_id"])
    if errand is None:
        return
    doing = asyncio.create_task(_do(errand))
    try:
        while not doing.done():
            await asyncio.wait({doing}, timeout=_LOOK_S)
            if not doing.done() and not await _open(errand).exists():
                return
        await doing
    finally:
        doing.cancel()
        await asyncio.wait({doing})


async def _take_up(errand_id: int) -> CampaignErrand | None:
    open_still = CampaignErrand.filter(id=errand_id, ended_at=None)
    await open_still.filter(begun_at=None).update(begun_at=clock.now())
    return await open_still.first()


async def _do(errand: CampaignErrand) -> None:
    try:
        async with db.transaction():
            campaign = await lifecycle.locked(errand.campaign_id)
            if campaign.version != errand.version:
                raise CampaignChanged
            member = await staff.as_of_now(errand.member_id, errand.session_id)
            if member is None:
                raise AskerGone
            await _DEEDS[errand.deed](member, campaign.id)
            if not await _end(errand):
                raise CalledOff
    except CampaignBusy:
        # Another worker is at it, or a command; what it leaves is judged by the next attempt.
        raise
    except Fault as refusal:
        await _end(errand, refusal)


async def _try_out(member: StaffMember, campaign_id: int) -> None:
    ration = Ration()
    try:
        await trying_out.try_out(member, campaign_id, _messages(), ration)
    finally:
        await ration.close()


async def _approve(member: StaffMember, campaign_id: int) -> None:
    await lifecycle.approve(member, campaign_id, _messages())


_DEEDS: Final[Mapping[ErrandDeed, Callable[[StaffMember, int], Awaitable[None]]]] = {
    ErrandDeed.TRY_OUT: _try_out,
    ErrandDeed.APPROVE: _approve,
}


def _messages() -> Messages:
    return Messages(message_list.current(), read_again_after_s=0)


async def _end(errand: CampaignErrand, refusal: Fault | None = None) -> bool:
    """Write down how it ended; answers whether it was open still."""
    code, said = (None, None) if refusal is None else (refusal.code, _said(refusal))
    ended = await _open(errand).update(ended_at=clock.now(), refusal_code=code, refusal=said)
    return bool(ended)


def _open(errand: CampaignErrand) -> Any:
    return CampaignErrand.filter(id=errand.id, ended_at=None)


def _said(refusal: Fault) -> str:
    """A refusal in one sentence: there is no form any more whose fields could be marked."""
    reasons = refusal.fields.values() if isinstance(refusal, InvalidInput) else ()
    words = "；".join([refusal.message, *(why for whys in reasons for why in whys)])
    return words.replace("\0", "")[:_MOST_SAID]
