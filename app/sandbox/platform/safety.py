"""Whether a text may be shown to others: ``wxa/msg_sec_check``, version 2."""

import secrets
from typing import Any, Final

from sanic import Request

from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import OK, Calls, Table, body_of, whole

_LONGEST: Final = 2500
# What a word of a text makes of it; the first that is found counts.
_WORDS: Final = (("违禁", "risky", 20006), ("可疑", "review", 21000))
_CLEAN: Final = 100


class Safety(Calls):
    """``errcode`` 0 says that the text was looked at; the verdict is in ``result``."""

    def table(self) -> Table:
        return {"/wxa/msg_sec_check": ("POST", self.check_text)}

    async def check_text(self, request: Request) -> dict[str, Any]:
        """Only for people who used the mini-program within two hours (61010)."""
        account = self._caller(request, "mp")
        body = body_of(request)
        if None in body.values():
            raise PlatformRefusal(47001)
        if body.get("version") != 2:
            raise PlatformRefusal(40097, "version")
        scene = whole(body, "scene", 1, 4)
        content = body.get("content")
        if not isinstance(content, str) or not content:
            raise PlatformRefusal(44004)
        if len(content) > _LONGEST:
            raise PlatformRefusal(45002)
        if body.get("signature") and scene != 1:
            raise PlatformRefusal(40097, "signature")
        self._person(account, body.get("openid"))
        if not self._sandbox.visits.was_here_lately(account.appid, str(body["openid"])):
            raise PlatformRefusal(61010)
        said = " ".join(str(body.get(name) or "") for name in ("content", "title", "nickname", "signature"))
        found = next(((word, suggest, label) for word, suggest, label in _WORDS if word in said), None)
        word, suggest, label = found or ("", "pass", _CLEAN)
        detail: list[dict[str, Any]] = [
            {"strategy": "content_model", "errcode": 0, "suggest": suggest, "label": label, "prob": 90}
        ]
        if found:
            by_word = {"suggest": suggest, "label": label, "keyword": word, "level": 90}
            detail.append({"strategy": "keyword", "errcode": 0, **by_word})
        verdict = {"suggest": suggest, "label": label}
        trace_id = f"{secrets.token_hex(4)}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"
        return {**OK, "result": verdict, "detail": detail, "trace_id": trace_id}
