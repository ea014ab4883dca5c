"""The templates an account has: the public account's 模板消息 and the mini-program's 订阅消息."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.shapes import reading

_TEMPLATES = "/cgi-bin/template/get_all_private_template"
_SUBSCRIBE_TEMPLATES = "/wxaapi/newtmpl/gettemplate"


@dataclass(frozen=True, slots=True)
class AccountTemplate:
    """A template of the account.

    ``content`` is WeChat's text with ``{{thing1.DATA}}`` in it. Of subscribe templates ``type`` is 2
    (one accept, one message) or 3 (long-term), 0 of others; ``choices`` are the texts an enumerated
    field may have, by the field's name.
    """

    template_id: str
    title: str
    content: str
    example: str
    type: int = 0
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


async def templates(client: AsyncWeChatClient) -> tuple[AccountTemplate, ...]:
    """The public account's templates. Raises WeChatRefused or WeChatUnreachable."""
    answer = await client.call("GET", _TEMPLATES)
    with reading(_TEMPLATES):
        return tuple(
            AccountTemplate(
                str(one["template_id"]), str(one["title"]), str(one["content"]), str(one.get("example") or "")
            )
            for one in answer["template_list"]
        )


async def subscribe_templates(client: AsyncWeChatClient) -> tuple[AccountTemplate, ...]:
    """The mini-program's subscribe templates. Raises WeChatRefused or WeChatUnreachable."""
    answer = await client.call("GET", _SUBSCRIBE_TEMPLATES)
    with reading(_SUBSCRIBE_TEMPLATES):
        return tuple(
            AccountTemplate(
                str(one["priTmplId"]),
                str(one["title"]),
                str(one["content"]),
                str(one.get("example") or ""),
                int(one["type"]),
                _choices(one),
            )
            for one in answer["data"]
        )


def _choices(template: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {
        str(one["keywordCode"]).removesuffix(".DATA"): tuple(str(value) for value in one["enumValueList"])
        for one in template.get("keywordEnumValueList") or ()
    }
