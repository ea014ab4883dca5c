"""What staff do with a campaign: try it out, hand it in, decide, stop, go on; and ask why somebody is in."""

from collections.abc import Awaitable, Callable
from typing import Final

from app.console import deeds
from app.console.campaigns.desk import AUTHORS, BOTH, REVIEWERS, address, sheet
from app.console.doors import Desk
from app.console.forms import Minute
from app.domain import audiences
from app.domain.audiences import Explanation
from app.kit.web import Call, fields
from app.kit.web.pages import Form, Nothing
from notifications.campaigns import errands, lifecycle, queries
from notifications.campaigns.drafts import is_statutory
from notifications.campaigns.errors import CampaignNotFound
from notifications.campaigns.models import ErrandDeed
from notifications.inbox.cards import messages

routes = Desk("/campaigns", name="campaigns", roles=BOTH)

_ONE: Final = "/<campaign_id:int>"


class Why(Form):
    why = fields.Text(min=1, max=200, required=True, metadata={"description": "原因，记入任务经过"})


class Moment(Form):
    at = Minute(load_default=None, metadata={"description": "何时发送；不填为批准后立即"})


class Person(Form):
    person = fields.UUID(required=True, metadata={"description": "人员编号"})


@routes.post(f"{_ONE}/try-out", roles=AUTHORS, body=Nothing, errors=(CampaignNotFound,))
async def try_out(call: Call) -> object:
    """试算：人数、通道、样例、额度和所需天数；不发送，由后台办理"""
    return await _deed(call, "tried_out", lambda id_: errands.ask(call.caller, id_, ErrandDeed.TRY_OUT))


@routes.post(f"{_ONE}/submit", roles=AUTHORS, body=Nothing, errors=(CampaignNotFound,))
async def submit(call: Call) -> object:
    """提交审批"""
    return await _deed(call, "submitted", lambda id_: lifecycle.submit(call.caller, id_))


@routes.post(f"{_ONE}/approve", body=Nothing, errors=(CampaignNotFound,))
async def approve(call: Call) -> object:
    """批准；没有定时的立即开始试发，由后台办理"""
    return await _deed(call, "approved", lambda id_: errands.ask(call.caller, id_, ErrandDeed.APPROVE))


@routes.post(f"{_ONE}/call-off", body=Nothing, errors=(CampaignNotFound,))
async def call_off(call: Call) -> object:
    """停止办理中的试算或批准，任务不变"""
    return await _deed(call, "called_off", lambda id_: errands.call_off(call.caller, id_))


@routes.post(f"{_ONE}/refuse", roles=REVIEWERS, body=Why, shows_faults=True, errors=(CampaignNotFound,))
async def refuse(call: Call) -> object:
    """退回修改"""
    return await _deed(call, "refused", lambda id_: lifecycle.refuse(call.caller, id_, call.body["why"]))


@routes.post(f"{_ONE}/schedule", body=Moment, shows_faults=True, errors=(CampaignNotFound,))
async def schedule(call: Call) -> object:
    """定时或改期；不填时间为批准后立即发送"""
    return await _deed(call, "scheduled", lambda id_: lifecycle.schedule(call.caller, id_, call.body["at"]))


@routes.post(f"{_ONE}/pause", body=Why, shows_faults=True, errors=(CampaignNotFound,))
async def pause(call: Call) -> object:
    """暂停，两秒内生效"""
    return await _deed(call, "paused", lambda id_: lifecycle.pause(call.caller, id_, call.body["why"]))


@routes.post(f"{_ONE}/resume", body=Nothing, errors=(CampaignNotFound,))
async def resume(call: Call) -> object:
    """继续"""
    return await _deed(call, "resumed", lambda id_: lifecycle.resume(call.caller, id_))


@routes.post(f"{_ONE}/cancel", body=Why, shows_faults=True, errors=(CampaignNotFound,))
async def cancel(call: Call) -> object:
    """取消：未发送的不再发送"""
    return await _deed(call, "cancelled", lambda id_: lifecycle.cancel(call.caller, id_, call.body["why"]))


@routes.post(f"{_ONE}/explain", body=Person, shows_faults=True, errors=(CampaignNotFound,))
async def explain(call: Call) -> object:
    """某人为什么在（或不在）受众里"""

    async def ask() -> Explanation:
        campaign = await queries.one(call.caller, call.path["campaign_id"])
        return await audiences.explain(
            audiences.Definition.read(campaign.audience),
            call.body["person"],
            is_statutory=is_statutory(campaign, messages()),
        )

    return await sheet(call, await deeds.attempt(call, "explain", ask))


async def _deed(call: Call, deed: str, act: Callable[[int], Awaitable[object]]) -> object:
    campaign_id: int = call.path["campaign_id"]
    return await deeds.done(call, deed, lambda: act(campaign_id), address(campaign_id), sheet)
