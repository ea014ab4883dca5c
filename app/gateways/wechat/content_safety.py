"""Whether a text people wrote may be shown (``wxa/msg_sec_check``, version 2)."""

from dataclasses import dataclass
from typing import Final, Literal, cast

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.shapes import reading

Suggestion = Literal["pass", "review", "risky"]

_CHECK: Final = "/wxa/msg_sec_check"
_SUGGESTIONS: Final = ("pass", "review", "risky")


@dataclass(frozen=True, slots=True)
class TextVerdict:
    """WeChat's opinion: ``label`` is 100 for nothing found, 10001–21000 for what was found."""

    suggest: Suggestion
    label: int
    trace_id: str


async def check_text(
    client: AsyncWeChatClient, openid: str, text: str, *, scene: int, title: str | None = None
) -> TextVerdict:
    """Ask about one text of up to 2,500 signs, of who used the mini-program within two hours (else 61010).

    ``scene`` is 1 profile, 2 comment, 3 forum, 4 diary. That WeChat answers without an error code does
    not mean that the text is clean: read ``suggest``. Raises WeChatRefused or WeChatUnreachable.
    """
    asked = {"version": 2, "openid": openid, "scene": scene, "content": text}
    if title:
        asked["title"] = title
    answer = await client.call("POST", _CHECK, data=asked)
    with reading(_CHECK):
        result = answer["result"]
        suggest = _SUGGESTIONS[_SUGGESTIONS.index(result["suggest"])]
        return TextVerdict(cast(Suggestion, suggest), int(result["label"]), str(answer["trace_id"]))
