"""Customer-service messages: every type checked, sent only while the person's window is open.

Source: the platform's guide to customer-service messages.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import OK, Calls, Table, body_of, page_path
from app.sandbox.quotas import CUSTOM_SEND
from app.sandbox.world import Person

_LONGEST_TEXT_BYTES: Final = 2048
_TYPING_S: Final = 15
_SPOKE_LATELY_S: Final = 30

Inside = Mapping[str, Any]
Shape = Callable[[Account, Inside], dict[str, Any]]


class Customers(Calls):
    """``message/custom/send``, ``message/custom/typing`` and the list of service accounts."""

    pays_late = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._typing: dict[tuple[str, str], float] = {}
        both: dict[str, Shape] = {"text": _text, "image": self._image, "miniprogrampage": self._program_page}
        self._shapes: dict[str, dict[str, Shape]] = {
            "mp": {**both, "link": _link},
            "oa": {
                **both,
                "voice": self._voice,
                "video": self._video,
                "music": self._music,
                "news": _news,
                "mpnews": _no_material,
                "mpnewsarticle": _no_article,
                "msgmenu": _menu,
                "wxcard": _no_card,
            },
        }

    def table(self) -> Table:
        return {
            CUSTOM_SEND: ("POST", self.send),
            "/cgi-bin/message/custom/typing": ("POST", self.type),
            "/cgi-bin/customservice/getkflist": ("GET", self.service_accounts),
        }

    async def send(self, request: Request) -> dict[str, Any]:
        account = self._caller(request)
        kind = self._sandbox.options.kind(account)
        body = body_of(request)
        person = self._person(account, body.get("touser"))
        shape = self._shapes[kind].get(str(body.get("msgtype")))
        if shape is None:
            raise PlatformRefusal(40008)
        inside = body.get(body["msgtype"])
        if not isinstance(inside, dict):
            raise PlatformRefusal(44002)
        if body.get("customservice"):
            # The sandbox keeps no service accounts, so none of them can speak.
            raise PlatformRefusal(65401)
        shown = shape(account, inside)
        if person.declines:
            raise PlatformRefusal(48002)
        if kind == "oa" and not self._sandbox.world.following(person, account.appid):
            raise PlatformRefusal(45015)
        self._sandbox.windows.spend(account.appid, person.name)
        self._sandbox.quotas.spend(CUSTOM_SEND, account.appid)
        self._typing.pop((account.appid, person.name), None)
        self._sandbox.show(account, person, {"from": "account", "path": CUSTOM_SEND, **shown})
        return dict(OK)

    async def type(self, request: Request) -> dict[str, Any]:
        """The phone shows for fifteen seconds that somebody is writing."""
        account = self._caller(request)
        body = body_of(request)
        person = self._person(account, body.get("touser"))
        whose = account.appid, person.name
        now = clock.seconds()
        match body.get("command"):
            case "Typing":
                if self._typing.get(whose, 0) > now:
                    raise PlatformRefusal(45081)
                if not self._spoke_lately(account, person):
                    raise PlatformRefusal(45080)
                self._typing[whose] = now + _TYPING_S
            case "CancelTyping":
                self._typing.pop(whose, None)
            case _:
                raise PlatformRefusal(45072)
        return dict(OK)

    async def service_accounts(self, request: Request) -> dict[str, Any]:
        self._caller(request, "oa")
        return {"kf_list": []}

    def _spoke_lately(self, account: Account, person: Person) -> bool:
        since = clock.seconds() - _SPOKE_LATELY_S
        return any(
            message["from"] == "person" and message["appid"] == account.appid
            for message in person.messages
            if datetime.fromisoformat(message["at"]).timestamp() >= since
        )

    def _image(self, account: Account, inside: Inside) -> dict[str, Any]:
        return {"kind": "image", "media_id": self._media(account, inside)}

    def _voice(self, account: Account, inside: Inside) -> dict[str, Any]:
        return {"kind": "voice", "media_id": self._media(account, inside)}

    def _video(self, account: Account, inside: Inside) -> dict[str, Any]:
        self._media(account, inside, "thumb_media_id")
        return {
            "kind": "video",
            "media_id": self._media(account, inside),
            "title": str(inside.get("title") or ""),
        }

    def _music(self, account: Account, inside: Inside) -> dict[str, Any]:
        self._media(account, inside, "thumb_media_id")
        url, _ = _address(inside, "musicurl"), _address(inside, "hqmusicurl")
        title, description = str(inside.get("title") or ""), str(inside.get("description") or "")
        return {"kind": "music", "title": title, "description": description, "url": url}

    def _program_page(self, account: Account, inside: Inside) -> dict[str, Any]:
        is_own = self._sandbox.options.kind(account) == "mp"
        if not is_own and inside.get("appid") not in self._sandbox.appids("mp"):
            raise PlatformRefusal(40013)
        title = _words(inside, "title", 40035)
        if not inside.get("pagepath"):
            raise PlatformRefusal(40165)
        thumb = self._media(account, inside, "thumb_media_id")
        page = page_path(inside["pagepath"], 40165)
        return {"kind": "miniprogrampage", "title": title, "page": page, "media_id": thumb}

    def _media(self, account: Account, inside: Inside, name: str = "media_id") -> str:
        if not inside.get(name):
            raise PlatformRefusal(41006)
        if self._sandbox.media.find(account.appid, inside[name]) is None:
            raise PlatformRefusal(40007)
        return str(inside[name])


def _text(_account: Account, inside: Inside) -> dict[str, Any]:
    text = _words(inside, "content", 44004)
    if len(text.encode()) > _LONGEST_TEXT_BYTES:
        raise PlatformRefusal(45002)
    return {"kind": "text", "text": text}


def _link(_account: Account, inside: Inside) -> dict[str, Any]:
    article = {
        "title": _words(inside, "title", 40035),
        "description": str(inside.get("description") or ""),
        "url": _address(inside, "url"),
        "picurl": str(inside.get("thumb_url") or ""),
    }
    return {"kind": "link", "articles": [article]}


def _news(_account: Account, inside: Inside) -> dict[str, Any]:
    articles = inside.get("articles")
    if not isinstance(articles, list) or not articles:
        raise PlatformRefusal(44003)
    if len(articles) != 1 or not isinstance(articles[0], dict):
        raise PlatformRefusal(45008)
    article = {
        "title": _words(articles[0], "title", 40035),
        "description": str(articles[0].get("description") or ""),
        "url": _address(articles[0], "url"),
        "picurl": str(articles[0].get("picurl") or ""),
    }
    return {"kind": "news", "articles": [article]}


def _menu(_account: Account, inside: Inside) -> dict[str, Any]:
    options = inside.get("list")
    if not isinstance(options, list) or not options:
        raise PlatformRefusal(40035, "list")
    items = [{"id": str(one["id"]), "content": str(one["content"])} for one in options if _is_option(one)]
    if len(items) != len(options):
        raise PlatformRefusal(40035, "list")
    head, tail = str(inside.get("head_content") or ""), str(inside.get("tail_content") or "")
    return {"kind": "msgmenu", "text": head, "menu": {"head": head, "items": items, "tail": tail}}


def _is_option(one: Any) -> bool:
    return isinstance(one, dict) and bool(one.get("id")) and bool(one.get("content"))


def _no_material(_account: Account, inside: Inside) -> dict[str, Any]:
    raise PlatformRefusal(40007 if inside.get("media_id") else 41006)


def _no_article(_account: Account, _inside: Inside) -> dict[str, Any]:
    raise PlatformRefusal(53600)


def _no_card(_account: Account, _inside: Inside) -> dict[str, Any]:
    raise PlatformRefusal(40035, "card_id")


def _words(inside: Inside, name: str, errcode: int) -> str:
    value = inside.get(name)
    if not isinstance(value, str) or not value.strip():
        raise PlatformRefusal(errcode, name)
    return value


def _address(inside: Inside, name: str) -> str:
    value = inside.get(name)
    if not isinstance(value, str) or not value.startswith(("http://", "https://")):
        raise PlatformRefusal(40035, name)
    return value
