"""Mass sends 群发 of campaigns: the feeder forms their calls, this makes them and settles them.

Every try carries the same client_msg_id and is written down before it is made, so that a worker may die
anywhere: WeChat sends once, and names the job of the first time.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.accounts import followers, tagging
from app.gateways.wechat import (
    ErrorClass,
    MassJob,
    WeChat,
    WeChatError,
    WeChatRefused,
    WeChatUnreachable,
)
from app.gateways.wechat.mass import FEWEST
from app.kit import clock, db
from app.kit.errors import Fault, Refused
from app.kit.ids import uuid7
from config import settings
from notifications import metrics, rules
from notifications.campaigns import lifecycle
from notifications.campaigns.mass import batches, gathering, receipts
from notifications.campaigns.mass.batches import Batch
from notifications.campaigns.mass.content import Content
from notifications.campaigns.mass.models import BatchState, Way
from notifications.campaigns.models import Campaign, CampaignState

log = logging.getLogger("weiban.campaigns")

form_next = gathering.form_next

_MAX_ATTEMPTS: Final = 8
_A_MINUTE: Final = timedelta(seconds=65)
"""WeChat refuses the same client_msg_id, and a second call, within a minute."""
_DRAFT_GONE: Final = 40007
_HINTS: Final = {
    45028: "本月群发次数已用完，请下月再继续",
    48001: "公众号没有群发权限，请完成认证后再继续",
}
_AT_WORK: Final = (CampaignState.CANARY, CampaignState.RUNNING)


class NotReachable(Refused):
    code = "mass_preview_unreachable"
    message = "您还没有关注公众号，无法预览，请先关注后重试"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What a failed try asks for: another one at ``run_at``, or none. ``trouble`` stops the campaign."""

    run_at: datetime | None
    code: int | None
    text: str
    is_counted: bool = True
    is_in_doubt: bool = False
    trouble: str | None = None


class MassSends:
    """One worker's part in mass sends; any number of them share the calls."""

    def __init__(self, wechat: WeChat) -> None:
        self._owner = uuid7()
        self._wechat = wechat

    async def step(self) -> int:
        """Settle what was reported, make the call that is due; answers how much was done."""
        done = await receipts.apply(self._wechat.oa.appid) + await receipts.ask(self._wechat.oa)
        done += await batches.spread() + await batches.doubt_ended() + await batches.withdraw_ended()
        if rules.is_quiet(clock.now(), settings.current().quiet_hours):
            return done
        done += await gathering.gather()
        batch = await batches.claim(self._owner)
        if batch is not None:
            await self._send(batch)
            done += 1
        return done

    async def _send(self, batch: Batch) -> None:
        try:
            media_id = await self._draft(batch)
            tag_id = await self._tag_id(batch)
        except (WeChatError, Fault) as failure:
            await self._note(batch, _before_the_call(batch, failure))
            return
        openids = await batches.begin(self._owner, batch)
        if openids is None:
            await self._note(batch, _Verdict(clock.now(), None, "stopped", is_counted=False))
            return
        if batch.way is Way.LIST and len(openids) < FEWEST:
            # The others left meanwhile, and their rows with them.
            await self._note(batch, _Verdict(None, None, gathering.TOO_FEW))
            return
        message = batch.content.message(media_id)
        oa = self._wechat.oa
        try:
            if batch.way is Way.LIST:
                job = await oa.mass_to(openids, message, batch.client_msg_id)
            else:
                job = await oa.mass_by_tag(tag_id, message, batch.client_msg_id)
        except (WeChatRefused, WeChatUnreachable) as failure:
            if isinstance(failure, WeChatRefused) and failure.errcode == _DRAFT_GONE:
                await batches.keep_draft(self._owner, batch, None)
            await self._note(batch, _after_the_call(batch, failure))
            return
        await self._accept(batch, job)

    async def _accept(self, batch: Batch, job: MassJob) -> None:
        await batches.accept(self._owner, batch, job)
        metrics.OUTCOMES.labels("mass", "sent").inc()
        log.info("mass send %s goes to %s people", batch.id, batch.size)

    async def _draft(self, batch: Batch) -> str | None:
        """The article of this call alone: deleting one send would take the others' article too."""
        if batch.media_id is not None:
            return batch.media_id
        media_id = await batch.content.draft(self._wechat.oa)
        if media_id is not None:
            await batches.keep_draft(self._owner, batch, media_id)
        return media_id

    async def _tag_id(self, batch: Batch) -> int | None:
        if batch.way is not Way.TAG or batch.tag is None:
            return None
        return (await tagging.tag_ids(self._wechat.oa))[batch.tag]

    async def _note(self, batch: Batch, verdict: _Verdict) -> None:
        async with db.transaction():
            # The campaign first: whoever feeds it holds it before it looks at its calls.
            campaign = await lifecycle.locked(batch.campaign_id) if verdict.trouble else None
            if verdict.run_at is not None:
                await batches.put_back(
                    self._owner, batch, verdict.run_at, error_code=verdict.code, error_text=verdict.text,
                    is_counted=verdict.is_counted, is_in_doubt=verdict.is_in_doubt,
                )  # fmt: skip
            else:
                state = BatchState.UNKNOWN if verdict.is_in_doubt else BatchState.FAILED
                await batches.give_up(
                    self._owner, batch, state, error_code=verdict.code, error_text=verdict.text
                )
            if campaign is not None:
                await _stop(campaign, str(verdict.trouble))
        if verdict.trouble is not None:
            metrics.ALARMS.labels("mass").inc()
        log.warning("mass send %s: %s", batch.id, verdict.text)


async def preview(wechat: WeChat, person_id: UUID, content: Content) -> None:
    """Show it to one person, who follows, before it is sent. Raises NotReachable and what the calls raise."""
    oa = wechat.oa
    addresses = (await followers.addresses_of([person_id])).get(person_id, [])
    openid = next((one.openid for one in addresses if one.is_follower and one.appid == oa.appid), None)
    if openid is None:
        raise NotReachable
    await oa.mass_preview(openid, content.message(await content.draft(oa)))


async def _stop(campaign: Campaign, why: str) -> None:
    if campaign.state in _AT_WORK:
        await lifecycle.stop(campaign, why)


def _before_the_call(batch: Batch, failure: WeChatError | Fault) -> _Verdict:
    """Pictures, draft or tag could not be had; nothing was sent by this try."""
    in_doubt = batch.called_at is not None
    if isinstance(failure, WeChatRefused):
        return _refused(batch, failure, is_in_doubt=in_doubt)
    if isinstance(failure, Fault):
        trouble = f"群发内容的文件读不出来：{failure.message}"
        return _Verdict(clock.now(), None, failure.code, is_in_doubt=in_doubt, trouble=trouble)
    return _later(batch, str(failure), is_in_doubt=in_doubt)


def _after_the_call(batch: Batch, failure: WeChatRefused | WeChatUnreachable) -> _Verdict:
    in_doubt = batch.called_at is not None
    if isinstance(failure, WeChatUnreachable):
        return _later(batch, str(failure), is_in_doubt=in_doubt or failure.sent_maybe)
    return _refused(batch, failure, is_in_doubt=in_doubt)


def _refused(batch: Batch, refusal: WeChatRefused, *, is_in_doubt: bool) -> _Verdict:
    """A refusal says nothing of a try before it that WeChat may have acted on."""
    code, text, now = refusal.errcode, str(refusal), clock.now()
    match refusal.error_class:
        case ErrorClass.MINUTE:
            return _Verdict(now + _A_MINUTE, code, text, is_counted=False, is_in_doubt=is_in_doubt)
        case ErrorClass.DAY:
            midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            return _Verdict(midnight, code, text, is_counted=False, is_in_doubt=is_in_doubt)
        case ErrorClass.OPERATOR:
            hint = _HINTS.get(code, "请按公众号后台的提示处理后再继续")
            trouble = f"微信拒绝了群发（{code}），已自动暂停；{hint}"
            return _Verdict(now, code, text, is_counted=False, is_in_doubt=is_in_doubt, trouble=trouble)
        case ErrorClass.DATA | ErrorClass.RECIPIENT if code != _DRAFT_GONE:
            trouble = f"微信拒绝了群发的内容（{code}），已自动暂停；请取消后修改内容重新发起"
            return _Verdict(None, code, text, is_in_doubt=is_in_doubt, trouble=trouble)
    return _later(batch, text, code=code, is_in_doubt=is_in_doubt)


def _later(batch: Batch, text: str, *, is_in_doubt: bool, code: int | None = None) -> _Verdict:
    if batch.attempt >= _MAX_ATTEMPTS:
        trouble = "群发多次没有成功，已自动暂停；请检查与微信的连接后再决定继续或取消"
        return _Verdict(None, code, text, is_in_doubt=is_in_doubt, trouble=trouble)
    wait = _A_MINUTE if is_in_doubt else timedelta(seconds=min(5 * 2**batch.attempt, 600))
    return _Verdict(clock.now() + wait, code, text, is_in_doubt=is_in_doubt)
