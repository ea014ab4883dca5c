"""Reading WeChat's answers: JSON or a file, refusals, and what cannot have come from WeChat."""

import json
import re
from collections.abc import Iterable
from typing import Any, Final

import orjson

from app.gateways.wechat.errors import WeChatRefused, WeChatUnreachable
from app.gateways.wechat.paths import gives_file
from app.gateways.wechat.transport import RawAnswer

_RID: Final = re.compile(r"rid:\s*([0-9a-zA-Z-]+)")
_PHONE: Final = re.compile(r"(?<!\d)1\d{10}(?!\d)")


def understood(answer: RawAnswer, path: str, secrets: Iterable[str | None]) -> Any:
    """The decoded JSON of an answer, or the answer itself where the path gives files.

    ``secrets`` are cut out of WeChat's words. Raises WeChatRefused for an error code and
    WeChatUnreachable for whatever is no answer of WeChat's.
    """
    result = _decoded(answer.content)
    # A proxy that refuses us may do so in JSON, too; only an error code would make it WeChat's.
    if isinstance(result, dict) and (answer.status == 200 or result.get("errcode")):
        return _accepted(result, path, secrets)
    if answer.status != 200:
        raise WeChatUnreachable(path, f"HTTP {answer.status}", sent_maybe=True)
    if result is not None or not gives_file(path) or not _is_file(answer):
        raise WeChatUnreachable(path, "an answer that is not WeChat's", sent_maybe=True)
    return answer


def _accepted(result: dict[str, Any], path: str, secrets: Iterable[str | None]) -> dict[str, Any]:
    try:
        result.update(result.pop("base_resp", None) or {})
        errcode = result["errcode"] = int(result.get("errcode") or 0)
    except (TypeError, ValueError, OverflowError):
        raise WeChatUnreachable(path, "an answer of an unknown shape", sent_maybe=True) from None
    if errcode:
        errmsg = _clean(str(result.get("errmsg", "")), secrets)
        rid = _RID.search(errmsg)
        raise WeChatRefused(errcode, errmsg, rid and rid.group(1), path, msg_id=_msg_id(result))
    return result


def _msg_id(result: dict[str, Any]) -> int | None:
    msg_id = str(result.get("msg_id") or "")
    return int(msg_id) if msg_id.isascii() and msg_id.isdigit() else None


def _clean(errmsg: str, secrets: Iterable[str | None]) -> str:
    """WeChat's words without anything secret or personal it may have repeated to us."""
    for secret in secrets:
        if secret:
            errmsg = errmsg.replace(secret, "***")
    return _PHONE.sub("***", errmsg)[:500]


def _decoded(content: bytes) -> Any:
    """JSON, or None; Content-Type tells nothing, since WeChat labels JSON text/plain now and then."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        pass
    if content.lstrip()[:1] != b"{":
        return None
    try:
        # WeChat lets raw control characters through in nicknames, which strict parsers refuse.
        return json.loads(content.decode("utf-8", "ignore"), strict=False)
    except ValueError:
        return None


def _is_file(answer: RawAnswer) -> bool:
    """A page of some proxy, half an answer or none at all is no file."""
    kind = answer.headers.get("Content-Type", "")
    return bool(answer.content) and answer.content.lstrip()[:1] != b"{" and "html" not in kind.lower()
