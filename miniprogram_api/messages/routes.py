"""Routes of the inbox, of wishes, and of consents to subscribe messages."""

from uuid import UUID

from app.domain.accounts import subscriptions
from app.kit.errors import InvalidInput
from app.kit.web import CITIZEN, Call, Limit, Routes
from config import settings
from miniprogram_api.messages import schemas
from notifications import grants, prompts
from notifications.inbox import cards, preferences, proofs, reading
from notifications.inbox.errors import CannotSwitchOff, ItemNotFound, NoProof, NothingToAcknowledge
from notifications.inbox.preferences import Choice, Wish
from notifications.models import Channel
from notifications.prompts import Moment

routes = Routes("/api/v1", tag="消息")


@routes.get("/inbox", caller=CITIZEN, limit=Limit.READING, query=schemas.ListInbox, answer=schemas.InboxPage)
async def list_inbox(call: Call) -> object:
    """我的消息，新的在前；列出即记为已显示"""
    person_id, asked = call.caller.person_id, call.query
    items, following = await reading.page(
        person_id, before=asked.get("cursor"), limit=asked["limit"], is_unread=asked["unread"]
    )
    [unread] = await reading.unread([person_id])
    return {"items": items, "next": following, "unread": unread}


@routes.post("/inbox/read-all", caller=CITIZEN, limit=Limit.WRITING, answer=schemas.ReadAllView)
async def read_all(call: Call) -> object:
    """把全部消息标为已读；法定文书须逐份打开"""
    return {"read": await reading.read_all(call.caller.person_id)}


@routes.get(
    "/inbox/<id:uuid>", caller=CITIZEN, limit=Limit.READING, answer=schemas.ItemView, errors=(ItemNotFound,)
)
async def show_item(call: Call) -> object:
    """查看一条消息"""
    return await reading.one(call.caller.person_id, call.path["id"])


@routes.post(
    "/inbox/<id:uuid>/read",
    caller=CITIZEN,
    limit=Limit.WRITING,
    answer=schemas.ItemView,
    errors=(ItemNotFound,),
)
async def read_item(call: Call) -> object:
    """打开一条消息，记为已读；重复打开保留首次时间"""
    return await reading.read(call.caller.person_id, call.path["id"])


@routes.post(
    "/inbox/<id:uuid>/acknowledge",
    caller=CITIZEN,
    limit=Limit.WRITING,
    answer=schemas.ItemView,
    errors=(ItemNotFound, NothingToAcknowledge),
)
async def acknowledge_item(call: Call) -> object:
    """签收一份送达的文书；是否签收不影响送达效力"""
    return await reading.acknowledge(call.caller.person_id, call.path["id"])


@routes.get(
    "/inbox/<id:uuid>/receipt",
    caller=CITIZEN,
    limit=Limit.READING,
    answer=schemas.ProofView,
    errors=(ItemNotFound, NoProof),
)
async def show_proof(call: Call) -> object:
    """一份文书的送达回证"""
    found = await reading.proof(call.caller.person_id, call.path["id"])
    return {
        "item": found.item,
        "steps": found.steps,
        "basis": proofs.BASIS,
        "seal": found.seal,
        "is_intact": found.is_intact,
    }


@routes.get("/message-preferences", caller=CITIZEN, limit=Limit.READING, answer=schemas.PreferenceList)
async def list_preferences(call: Call) -> object:
    """各种消息的提醒设置"""
    return await _preferences(call.caller.person_id)


@routes.put(
    "/message-preferences",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.SetPreferences,
    answer=schemas.PreferenceList,
    errors=(InvalidInput, CannotSwitchOff),
)
async def set_preferences(call: Call) -> object:
    """修改提醒设置；没有提到的保持不变"""
    await preferences.wish(
        call.caller.person_id,
        [
            Wish(one["message"], one["is_muted"], frozenset(Channel(name) for name in one["switched_off"]))
            for one in call.body["items"]
        ],
    )
    return await _preferences(call.caller.person_id)


@routes.get(
    "/subscriptions/templates",
    caller=CITIZEN,
    limit=Limit.READING,
    query=schemas.AskTemplates,
    answer=schemas.TemplateList,
)
async def find_templates(call: Call) -> object:
    """列出此时该请求订阅的消息模板，及各自剩余的可发送次数"""
    moment = call.query["moment"]
    return await _templates(call.caller.person_id, Moment(moment) if moment else None)


@routes.post(
    "/subscriptions",
    caller=CITIZEN,
    limit=Limit.WRITING,
    body=schemas.ReportConsents,
    answer=schemas.TemplateList,
    errors=(InvalidInput,),
    idempotent=True,
)
async def report_consents(call: Call) -> object:
    """登记用户对订阅消息的选择，一次允许可收到一条消息；长期订阅只需允许一次"""
    results: dict[str, str] = call.body["results"]
    await cards.messages().refresh()
    known = {kind.mp_template_id for kind in cards.messages().kinds()}
    if strangers := [template_id for template_id in results if template_id not in known]:
        raise InvalidInput(fields={f"results.{name}": ["不认识的模板 id"] for name in strangers})
    accepted = [template_id for template_id, answer in results.items() if answer == "accept"]
    await subscriptions.grant(
        call.caller.person_id,
        settings.current().mp_appid,
        accepted,
        reported_by="client",
        long_term=await grants.long_term(),
    )
    return await _templates(call.caller.person_id)


async def _templates(person_id: UUID, moment: Moment | None = None) -> dict[str, object]:
    """At a moment, those that still have to be asked for; without one, every template."""
    kinds = await prompts.kinds(moment)
    left = await subscriptions.standing([person_id], [kind.mp_template_id for kind in kinds])
    nothing = subscriptions.Standing(0, has_grant=False)
    items = [
        {
            "message": kind.name,
            "title": kind.title,
            "template_id": kind.mp_template_id,
            "left": left.get((person_id, kind.mp_template_id), nothing).credits,
            "is_long_term": left.get((person_id, kind.mp_template_id), nothing).has_grant,
        }
        for kind in kinds
    ]
    if moment is not None:
        items = [one for one in items if not one["is_long_term"]]
    return {"items": items, "next": None}


async def _preferences(person_id: UUID) -> dict[str, object]:
    return {"items": [_shown(one) for one in await preferences.choices(person_id)], "next": None}


def _shown(choice: Choice) -> dict[str, object]:
    return {
        "message": choice.kind.name,
        "title": choice.kind.title,
        "may_be_muted": choice.may_be_muted,
        "why_not": None if choice.may_be_muted else preferences.WHY_ALWAYS_ON,
        "is_muted": choice.wish.is_muted,
        "channels": [
            {"channel": one.value, "label": one.label, "is_on": one not in choice.wish.switched_off}
            for one in choice.channels
        ],
    }
