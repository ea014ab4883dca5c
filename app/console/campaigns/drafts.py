"""A campaign as its author types it: whom it is for, what the message says, and when."""

import re
from collections.abc import Mapping
from typing import Any, Final

from sanic import HTTPResponse

from app.console import deeds
from app.console.campaigns.desk import AUTHORS, address, labels_of, title_of
from app.console.deeds import Shown
from app.console.doors import Desk
from app.console.forms import Minute, flat, minute
from app.console.messages.desk import example_of
from app.console.site import site
from app.domain.audiences import rule_book
from app.kit.web import Call, fields
from app.kit.web.pages import Form, PageQuery
from config import messages as message_list
from notifications.campaigns import lifecycle, queries
from notifications.campaigns.drafts import NewCampaign
from notifications.campaigns.errors import CampaignNotFound, IllegalDeed
from notifications.campaigns.models import Campaign, Product
from notifications.inbox.cards import messages

routes = Desk("/campaigns", name="campaigns", roles=AUTHORS)

TYPED_KEYS: Final = ("regions", "halls", "tags", "lists", "rated_years")
EXCLUDED_KEYS: Final = (*TYPED_KEYS, "told_by_campaign")
"""Conditions that are typed as values with commas or blanks between them."""

_NUMBERS: Final = frozenset({"halls", "lists", "rated_years", "told_by_campaign"})
_BETWEEN: Final = re.compile(r"[\s,，、;；]+")
_FACT: Final = "params."
_GROUPS: Final = "audience.groups"
_NO_GROUPS: Final = "audience.exclude.groups"


class Words(Form):
    """What is said besides of each fact is a field ``params.<fact>``; there are others for each message."""

    class Meta:
        unknown = "include"

    name = fields.Text(metadata={"description": "任务名称"})
    message = fields.Text(metadata={"description": "消息"})
    scheduled_at = Minute(metadata={"description": "何时发送，不填为批准后立即"})
    expires_at = Minute(metadata={"description": "何时失效"})


def _audience_fields() -> dict[str, Any]:
    said: dict[str, Any] = {
        "audience.everyone": fields.Choice(["yes"], metadata={"description": "所有人"}),
        _GROUPS: fields.List(fields.Text(), metadata={"description": "纳税人分组"}),
        _NO_GROUPS: fields.List(fields.Text(), metadata={"description": "排除的纳税人分组"}),
    }
    said |= {f"audience.{key}": fields.Text(metadata={"description": key}) for key in TYPED_KEYS}
    return said | {
        f"audience.exclude.{key}": fields.Text(metadata={"description": f"排除 {key}"})
        for key in EXCLUDED_KEYS
    }


CampaignWords = type("CampaignWords", (Words,), _audience_fields())


class AskNew(PageQuery):
    message = fields.Code(max=40, load_default=None, metadata={"description": "哪种消息"})
    list = fields.whole(1, fields.LARGEST_ID, load_default=None, metadata={"description": "发给哪份名单"})


@routes.get("/new", query=AskNew)
async def ask_new(call: Call) -> object:
    """新建群发：先选消息，再填受众和内容"""
    message, list_id = call.query["message"], call.query["list"]
    if message not in message_list.current():
        return site.page(
            call.request,
            "campaign_kinds.html",
            member=call.caller,
            kinds=[(kind.name, kind.title, example_of(kind)) for kind in message_list.current().values()],
            list_id=list_id,
        )
    typed = {"message": message, "audience.lists": str(list_id) if list_id else ""}
    return await _form(call, Shown(typed=typed))


@routes.post("/new", body=CampaignWords, shows_faults=True)
async def create(call: Call) -> object:
    """新建群发任务（草稿）"""

    async def act() -> Campaign:
        await messages().refresh()
        return await lifecycle.create(call.caller, _read(flat(call.body)), messages())

    return await deeds.done(call, "created", act, lambda made: address(made.id), _form)


@routes.get("/<campaign_id:int>/edit", query=PageQuery, errors=(CampaignNotFound,))
async def ask_edit(call: Call) -> object:
    """修改草稿"""
    campaign = await queries.one(call.caller, call.path["campaign_id"])
    if campaign.product is not Product.TEMPLATE:
        raise IllegalDeed("公告群发的内容含图片，请用命令 weiban campaign edit 按文件修改")
    audience = campaign.audience
    ticked = {_GROUPS: audience.get("groups"), _NO_GROUPS: audience.get("exclude", {}).get("groups")}
    return await _form(call, Shown(typed=_typed(campaign)), ticked=ticked)


@routes.post(
    "/<campaign_id:int>/edit",
    body=CampaignWords,
    shows_faults=True,
    errors=(CampaignNotFound,),
)
async def edit(call: Call) -> object:
    """修改草稿；改后须重新试算"""
    campaign_id = call.path["campaign_id"]

    async def act() -> None:
        await messages().refresh()
        await lifecycle.edit(call.caller, campaign_id, _read(flat(call.body)), messages())

    return await deeds.done(call, "edited", act, address(campaign_id), _form)


def _read(said: Mapping[str, Any]) -> NewCampaign:
    return NewCampaign(
        name=said.get("name", ""),
        audience=_audience(said),
        message=said.get("message"),
        params={
            name.removeprefix(_FACT): value.strip()
            for name, value in said.items()
            if name.startswith(_FACT) and isinstance(value, str)
        },
        scheduled_at=said.get("scheduled_at"),
        expires_at=said.get("expires_at"),
    )


def _audience(said: Mapping[str, Any]) -> dict[str, Any]:
    """The definition that was typed; whether it can be understood ``Definition.read`` says."""
    audience: dict[str, Any] = {}
    if "audience.everyone" in said:
        audience["everyone"] = True
    if said.get(_GROUPS):
        audience["groups"] = said[_GROUPS]
    audience |= _values(said, "audience.", TYPED_KEYS)
    exclude: dict[str, Any] = {"groups": said[_NO_GROUPS]} if said.get(_NO_GROUPS) else {}
    exclude |= _values(said, "audience.exclude.", EXCLUDED_KEYS)
    return {**audience, "exclude": exclude} if exclude else audience


def _values(said: Mapping[str, Any], where: str, keys: tuple[str, ...]) -> dict[str, list[str | int]]:
    found: dict[str, list[str | int]] = {}
    for key in keys:
        values = [one for one in _BETWEEN.split(said.get(f"{where}{key}", "")) if one]
        if values:
            found[key] = [
                int(one) if key in _NUMBERS and one.isascii() and one.isdecimal() else one for one in values
            ]
    return found


def _typed(campaign: Campaign) -> dict[str, str]:
    """What stands in the form of a campaign that is changed."""
    audience = campaign.audience
    typed = {
        "name": campaign.name,
        "message": campaign.message or "",
        "scheduled_at": minute(campaign.scheduled_at),
        "expires_at": minute(campaign.expires_at),
        "audience.everyone": "yes" if audience.get("everyone") else "",
    }
    for key in TYPED_KEYS:
        typed[f"audience.{key}"] = "，".join(map(str, audience.get(key, ())))
    for key in EXCLUDED_KEYS:
        typed[f"audience.exclude.{key}"] = "，".join(map(str, audience.get("exclude", {}).get(key, ())))
    return typed | {f"{_FACT}{name}": value for name, value in campaign.params.items()}


async def _form(call: Call, shown: Shown, *, ticked: Mapping[str, Any] | None = None) -> HTTPResponse:
    typed = shown.typed
    chosen = flat(call.body) if ticked is None else ticked
    campaign_id, message = call.path.get("campaign_id"), typed.get("message")
    return site.page(
        call.request,
        "campaign_form.html",
        member=call.caller,
        campaign_id=campaign_id,
        back=address(campaign_id) if campaign_id else f"{routes.prefix}/new",
        typed=typed,
        message=message,
        title=title_of(message),
        facts=list(labels_of(message)),
        groups=[(rule.group_code, rule.title) for rule in await rule_book.in_force()],
        chosen=chosen.get(_GROUPS) or [],
        refused_groups=chosen.get(_NO_GROUPS) or [],
        typed_keys=TYPED_KEYS,
        excluded_keys=EXCLUDED_KEYS,
        is_narrowed=any(typed.get(f"audience.exclude.{key}") for key in EXCLUDED_KEYS)
        or chosen.get(_NO_GROUPS),
        refusal=shown.refusal,
    )
