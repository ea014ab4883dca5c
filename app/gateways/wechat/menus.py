"""The public account's menus: the default one and the conditional ones 个性化菜单, in WeChat's own form."""

from collections.abc import Mapping
from typing import Any

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.shapes import reading

_ADD_CONDITIONAL = "/cgi-bin/menu/addconditional"
_MATCH = "/cgi-bin/menu/trymatch"


async def menu(client: AsyncWeChatClient) -> dict[str, Any] | None:
    """What WeChat has: ``{"menu": {"button": […]}, "conditionalmenu"?: […]}``, or None without a menu."""
    answer = await client.menu.get()
    return answer and {name: value for name, value in answer.items() if name not in ("errcode", "errmsg")}


async def create_menu(client: AsyncWeChatClient, menu: Mapping[str, Any]) -> None:
    """Set the default menu ``{"button": […]}``; people see it within five minutes."""
    await client.menu.create(menu)


async def delete_menu(client: AsyncWeChatClient) -> None:
    """Take every menu away, the conditional ones too."""
    await client.menu.delete()


async def add_conditional_menu(client: AsyncWeChatClient, menu: Mapping[str, Any]) -> str:
    """Add ``{"button": […], "matchrule": {"tag_id": …}}``; a default menu must exist. Gives the menuid."""
    answer = await client.call("POST", _ADD_CONDITIONAL, data=dict(menu))
    with reading(_ADD_CONDITIONAL):
        return str(answer["menuid"])


async def delete_conditional_menu(client: AsyncWeChatClient, menuid: str) -> None:
    """Take one conditional menu away."""
    await client.call("POST", "/cgi-bin/menu/delconditional", data={"menuid": menuid})


async def match_menu(client: AsyncWeChatClient, openid: str) -> dict[str, Any]:
    """The menu this person sees: ``{"button": […]}``."""
    answer = await client.call("POST", _MATCH, data={"user_id": openid})
    with reading(_MATCH):
        # The platform has answered in both forms.
        return {"button": list(answer.get("menu", answer)["button"])}
