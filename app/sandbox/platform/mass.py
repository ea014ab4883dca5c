"""Mass sends: to all, to a tag, to a list; shown on every phone, and reported a moment later.

Source: the platform's guide to mass sends and originality checks.
"""

import asyncio
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.kit import clock
from app.sandbox.answers import WORDS, PlatformRefusal
from app.sandbox.mass import MassJob
from app.sandbox.platform.calls import OK, Calls, Table, body_of
from app.sandbox.quotas import MASS_DELETE, MASS_PREVIEW, MASS_SEND, MASS_SEND_ALL
from app.sandbox.world import openid_of

_FEWEST: Final = 2
_MOST: Final = 10_000
_LONGEST_TEXT_BYTES: Final = 2048
# The guide says 64 bytes; the platform itself refuses 36 already.
_LONGEST_ID: Final = 32
_AT_ONCE: Final = 1000
_EVENT: Final = "MASSSENDJOBFINISH"


@dataclass(frozen=True, slots=True)
class _Message:
    shown: dict[str, Any]
    articles: list[dict[str, str]]
    media_id: str | None = None


class Mass(Calls):
    """``message/mass/*``."""

    pays_late = True

    def table(self) -> Table:
        return {
            MASS_SEND_ALL: ("POST", self.send_to_many),
            MASS_SEND: ("POST", self.send_to_list),
            MASS_PREVIEW: ("POST", self.preview),
            "/cgi-bin/message/mass/get": ("POST", self.state),
            MASS_DELETE: ("POST", self.delete),
        }

    async def send_to_many(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        chosen = body.get("filter")
        if not isinstance(chosen, dict):
            raise PlatformRefusal(40035, "filter")
        to_all = chosen.get("is_to_all") is True
        if not to_all and str(chosen.get("tag_id")) not in self._sandbox.tags.known(account.appid):
            raise PlatformRefusal(45159)
        client_msg_id = _client_msg_id(body)
        if known := self._repeated(account, client_msg_id):
            return known
        message = self._message(account, body)
        if to_all:
            self._sandbox.mass.spend_to_all(account.appid)
            openids = self._sandbox.world.followers(account.appid)
        else:
            openids = self._sandbox.tags.people(account.appid, int(chosen["tag_id"]))
        return self._begin(request, account, client_msg_id, message, openids)

    async def send_to_list(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        openids = body.get("touser")
        if not isinstance(openids, list) or len(set(map(str, openids))) < _FEWEST:
            raise PlatformRefusal(40130)
        if len(openids) > _MOST:
            raise PlatformRefusal(40032)
        client_msg_id = _client_msg_id(body)
        if known := self._repeated(account, client_msg_id):
            return known
        message = self._message(account, body)
        return self._begin(request, account, client_msg_id, message, list(dict.fromkeys(map(str, openids))))

    async def preview(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        person = self._person(account, body.get("touser"))
        if not self._sandbox.world.following(person, account.appid):
            raise PlatformRefusal(43004)
        message = self._message(account, body)
        self._sandbox.quotas.spend(MASS_PREVIEW, account.appid)
        self._sandbox.show(account, person, {**message.shown, "path": MASS_PREVIEW})
        return dict(OK)

    async def state(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        job = self._sandbox.mass.find(account.appid, body_of(request).get("msg_id"))
        return {"msg_id": job.msg_id, "msg_status": job.status}

    async def delete(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        job = self._sandbox.mass.find(account.appid, body_of(request).get("msg_id"))
        if not job.articles or job.status != "SEND_SUCCESS":
            raise PlatformRefusal(40008)
        self._sandbox.quotas.spend(MASS_DELETE, account.appid)
        job.status = "DELETE"
        return dict(OK)

    def _repeated(self, account: Account, client_msg_id: str) -> dict[str, Any] | None:
        job = self._sandbox.mass.known(account.appid, client_msg_id)
        if job is None:
            return None
        return {"errcode": 45065, "errmsg": WORDS[45065], "msg_id": job.msg_id}

    def _message(self, account: Account, body: dict[str, Any]) -> _Message:
        kind = str(body.get("msgtype"))
        inside = body.get(kind)
        if not isinstance(inside, dict):
            raise PlatformRefusal(44002)
        match kind:
            case "text":
                text = inside.get("content")
                if not isinstance(text, str) or not text.strip():
                    raise PlatformRefusal(44004)
                if len(text.encode()) > _LONGEST_TEXT_BYTES:
                    raise PlatformRefusal(45002)
                return _Message({"kind": "text", "from": "account", "text": text}, [])
            case "mpnews":
                media_id = str(inside.get("media_id"))
                articles = self._sandbox.mass.draft(account.appid, media_id)
                return _Message(_news(articles, None), articles, media_id)
            case _:
                raise PlatformRefusal(40008)

    def _begin(
        self, request: Request, account: Account, client_msg_id: str, message: _Message, openids: list[str]
    ) -> dict[str, Any]:
        sandbox = self._sandbox
        sandbox.quotas.spend(request.path, account.appid)
        job = MassJob(
            sandbox.world.next_msgid(), account.appid, client_msg_id, clock.seconds(), message.articles
        )
        sandbox.mass.begin(job)
        sandbox.accepted.note(client_msg_id)
        shown = message.shown
        if message.articles:
            sandbox.mass.drop_draft(message.media_id)
            shown = _news(message.articles, f"/_sandbox/articles/{job.msg_id}")
        base = f"{request.scheme}://{request.host}"
        shown = {**shown, "path": request.path, "msgid": job.msg_id}
        sandbox.later(self._deliver(account, job, shown, openids, base))
        more = {"msg_data_id": job.msg_id} if job.articles else {}
        return {"errcode": 0, "errmsg": "send job submission success", "msg_id": job.msg_id, **more}

    async def _deliver(
        self, account: Account, job: MassJob, shown: dict[str, Any], openids: list[str], base: str
    ) -> None:
        """Show it on each phone, with a breath now and then for everybody else, and report."""
        reached = 0
        for start in range(0, len(openids), _AT_ONCE):
            await asyncio.sleep(0)
            reached += self._reach(account, shown, openids[start : start + _AT_ONCE])
        job.status = "SEND_SUCCESS"
        listed = (
            [{"ArticleIdx": 1, "ArticleUrl": f"{base}/_sandbox/articles/{job.msg_id}"}]
            if job.articles
            else []
        )
        self._sandbox.push_from_platform(
            account,
            _EVENT,
            MsgID=job.msg_id,
            Status="send success",
            TotalCount=len(openids),
            # What is left after the filter, not what it held back.
            FilterCount=reached,
            SentCount=reached,
            ErrorCount=0,
            CopyrightCheckResult={"Count": 0, "ResultList": "", "CheckState": 1},
            ArticleUrlResult={"Count": len(listed), "ResultList": {"item": listed}},
        )

    def _reach(self, account: Account, shown: dict[str, Any], openids: Iterable[str]) -> int:
        sandbox, reached = self._sandbox, 0
        for openid in openids:
            person = sandbox.world.find(account.appid, openid)
            if person is None or person.declines or not sandbox.world.following(person, account.appid):
                continue
            if sandbox.mass.spend(account.appid, openid_of(account.appid, person.name)):
                sandbox.show(account, person, shown)
                reached += 1
        return reached


def _news(articles: list[dict[str, str]], address: str | None) -> dict[str, Any]:
    """Articles as a phone shows them; a preview leads nowhere."""
    listed = [
        {
            "title": one["title"],
            "description": one["digest"],
            "url": address or "",
            "picurl": f"/_sandbox/media/{one['cover']}",
        }
        for one in articles
    ]
    return {"kind": "news", "from": "account", "articles": listed}


def _client_msg_id(body: dict[str, Any]) -> str:
    """What the caller gave, or the platform's own: the digest of whom it is for and what it says."""
    given = body.get("clientmsgid")
    if given is None:
        return hashlib.sha256(repr(sorted(body.items())).encode()).hexdigest()[:_LONGEST_ID]
    if not isinstance(given, str) or not 0 < len(given) <= _LONGEST_ID:
        raise PlatformRefusal(45067)
    return given
