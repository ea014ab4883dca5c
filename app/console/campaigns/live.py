"""A campaign under way, or an errand of it, told at once to every page that shows it."""

from sanic.response import ResponseStream

from app.console.campaigns.desk import READERS, sight
from app.console.doors import Desk
from app.console.site import site
from app.domain.accounts import staff
from app.domain.accounts.staff import StaffMember
from app.kit.web import Call, fields, live
from app.kit.web.live import EVENTS, Watch
from app.kit.web.pages import PageQuery
from notifications.campaigns import queries
from notifications.campaigns.errors import CampaignNotFound, NotYourCampaign
from notifications.campaigns.queries import Progress

routes = Desk("/campaigns", name="campaigns", roles=READERS)

watch = Watch("campaigns", queries.pulse)


class AskLive(PageQuery):
    seen = fields.Code(max=40, load_default="", metadata={"description": "页面上是任务的哪个状态"})


@routes.get(
    "/<campaign_id:int>/live", query=AskLive, produces=EVENTS, errors=(CampaignNotFound, NotYourCampaign)
)
async def listen(call: Call) -> object:
    """进度变化的实时推送"""
    return await _stream(call, call.caller, call.path["campaign_id"], call.query["seen"])


@routes.get(
    "/<campaign_id:int>/errands/<errand_id:int>/live",
    query=PageQuery,
    produces=EVENTS,
    errors=(CampaignNotFound, NotYourCampaign),
)
async def listen_for_the_end(call: Call) -> object:
    """试算或批准办完时的推送"""
    return await _stream_until_ended(call, call.caller, call.path["campaign_id"], call.path["errand_id"])


async def _stream_until_ended(
    call: Call, member: StaffMember, campaign_id: int, errand_id: int
) -> ResponseStream:
    """That a worker takes up an errand, and that it has ended: then the page asks for all of itself anew."""
    await queries.one(member, campaign_id)
    is_begun: bool | None = None

    async def still() -> None:
        await queries.one(await staff.still(member), campaign_id)

    async def news() -> str | None:
        nonlocal is_begun
        seen = await sight(member, campaign_id)
        if not seen["is_under_way"] or seen["errand"].id != errand_id:
            return live.event("ended", ".") + live.event("over", ".")
        if is_begun == (seen["errand"].begun_at is not None):
            return None
        is_begun = seen["errand"].begun_at is not None
        return live.event("errand", site.written(call.request, "campaign_errand.html", **seen))

    return watch.stream(campaign_id, member.caller_id, still, news)


async def _stream(call: Call, member: StaffMember, campaign_id: int, seen: str) -> ResponseStream:
    """The progress each time it differs from the one told before, until it is over or the session ends.

    What can be done is told anew only when the state is another one: a reason being typed stays where it is.
    """
    await queries.one(member, campaign_id)
    told: Progress | None = None
    told_state = seen

    async def still() -> None:
        await queries.one(await staff.still(member), campaign_id)

    async def news() -> str | None:
        nonlocal told, told_state
        seen_now = await sight(member, campaign_id)
        progress: Progress = seen_now["progress"]
        if progress == told:
            return None
        is_changed = progress.state.value != told_state
        told, told_state = progress, progress.state.value
        text = site.written(
            call.request, "campaign_live.html", is_changed=is_changed, refusal=None, typed={}, **seen_now
        )
        return live.event("progress", text) + ("" if seen_now["is_moving"] else live.event("over", "."))

    return watch.stream(campaign_id, member.caller_id, still, news)
