"""Codes to scan: scene codes of a public account, codes and links of a mini-program."""

import re
import secrets
from typing import Any, Final

from sanic import HTTPResponse, Request
from sanic.response import empty, raw

from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import OK, Calls, Table, body_of, page_path, whole
from app.sandbox.quotas import UNLIMITED_CODE
from app.sandbox.scenes import picture, program_picture

_MOST_LIFE_S: Final = 2_592_000
_USUAL_LIFE_S: Final = 30
_MOST_SCENE_ID: Final = 100_000
_SCENE: Final = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]+")
_VERSIONS: Final = ("release", "trial", "develop")
_MOST_DAYS: Final = 30


class SceneCalls(Calls):
    """``qrcode/create``, ``showqrcode``, ``wxa/getwxacode*``, ``generate_urllink``, ``generatescheme``."""

    def table(self) -> Table:
        return {
            "/cgi-bin/qrcode/create": ("POST", self.create),
            "/cgi-bin/showqrcode": ("GET", self.show),
            UNLIMITED_CODE: ("POST", self.unlimited_code),
            "/wxa/getwxacode": ("POST", self.limited_code),
            "/wxa/generate_urllink": ("POST", self.url_link),
            "/wxa/generatescheme": ("POST", self.scheme),
        }

    async def create(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        action = body.get("action_name")
        if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
            raise PlatformRefusal(40052)
        scene = _scene(body, is_text="STR" in action, is_lasting="LIMIT" in action)
        life_s = None
        if "LIMIT" not in action:
            life_s = whole({"expire_seconds": _USUAL_LIFE_S, **body}, "expire_seconds", 1, _MOST_LIFE_S)
        code = self._sandbox.scenes.make(account.appid, scene, life_s)
        lasting = {} if life_s is None else {"expire_seconds": life_s}
        return {"ticket": code.ticket, **lasting, "url": code.url}

    async def show(self, request: Request) -> HTTPResponse:
        """Needs no token; a ticket nobody made, or that has ended, is not found."""
        appids = self._sandbox.appids("oa")
        code = self._sandbox.scenes.find(request.args.get("ticket", ""), appids)
        return raw(picture(code.url), content_type="image/png") if code else empty(status=404)

    async def unlimited_code(self, request: Request) -> HTTPResponse:
        account = self._caller(request, "mp")
        body = body_of(request)
        scene = body.get("scene")
        if not isinstance(scene, str) or not 1 <= len(scene) <= 32:
            raise PlatformRefusal(40169)
        if not _SCENE.fullmatch(scene):
            raise PlatformRefusal(40129)
        page = body.get("page") or "pages/index/index"
        if not isinstance(page, str) or page.startswith("/") or "?" in page:
            raise PlatformRefusal(41030)
        self._check_released(body, page, check_path=body.get("check_path", True))
        width = _width(body)
        number = self._sandbox.scenes.make_program_code(account.appid, page, scene)
        # The number keeps a code apart from one that was made before, as the picture's name.
        return raw(
            program_picture(account.appid, page, scene, width),
            content_type="image/png",
            headers={"Content-Disposition": f'inline; filename="{number}.png"'},
        )

    async def limited_code(self, request: Request) -> HTTPResponse:
        """The older call: the path carries its own query, and there are 100,000 of them."""
        account = self._caller(request, "mp")
        body = body_of(request)
        path = body.get("path")
        if not isinstance(path, str) or not path or len(path) > 1024:
            raise PlatformRefusal(40165)
        page, _, query = path.partition("?")
        self._check_released(body, page, check_path=True)
        self._sandbox.scenes.make_program_code(account.appid, page, query)
        content = program_picture(account.appid, page, query, _width(body))
        return raw(content, content_type="image/png")

    async def url_link(self, request: Request) -> dict[str, Any]:
        self._caller(request, "mp")
        body = body_of(request)
        _check_link(body, body)
        self._check_page(body)
        return {**OK, "url_link": f"https://wxaurl.cn/{secrets.token_urlsafe(8)}"}

    async def scheme(self, request: Request) -> dict[str, Any]:
        self._caller(request, "mp")
        body = body_of(request)
        inside = body.get("jump_wxa") or {}
        if not isinstance(inside, dict):
            raise PlatformRefusal(47001)
        _check_link(inside, body)
        self._check_page(inside)
        return {**OK, "openlink": f"weixin://dl/business/?t={secrets.token_urlsafe(8)}"}

    def _check_page(self, inside: dict[str, Any]) -> None:
        path = page_path(inside.get("path") or None, 40165)
        is_released = inside.get("env_version", "release") == "release"
        if path and is_released and path.lstrip("/") not in self._sandbox.options.pages:
            raise PlatformRefusal(40165)

    def _check_released(self, body: dict[str, Any], page: str, *, check_path: Any) -> None:
        """A page must be in the released version, unless the caller says not to look."""
        version = body.get("env_version", "release")
        if version not in _VERSIONS or not isinstance(check_path, bool):
            raise PlatformRefusal(40097, "env_version or check_path")
        if check_path and version == "release" and page not in self._sandbox.options.pages:
            raise PlatformRefusal(41030)


def _scene(body: dict[str, Any], *, is_text: bool, is_lasting: bool) -> str:
    """The scene as text. Raises PlatformRefusal 40053."""
    info = body.get("action_info")
    inside = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(inside, dict):
        raise PlatformRefusal(40053)
    if is_text:
        text = inside.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= 64:
            raise PlatformRefusal(40053, "scene_str")
        return text
    most = _MOST_SCENE_ID if is_lasting else 2**32 - 1
    return str(whole(inside, "scene_id", 1, most, 40053))


def _width(body: dict[str, Any]) -> int:
    return whole({"width": 430, **body}, "width", 280, 1280)


def _check_link(inside: dict[str, Any], body: dict[str, Any]) -> None:
    """Query, version and end of a link. Raises PlatformRefusal 40212, 85402 or 85401."""
    query = inside.get("query") or ""
    if not isinstance(query, str) or len(query) > 1024:
        raise PlatformRefusal(40212)
    if inside.get("env_version", "release") not in _VERSIONS:
        raise PlatformRefusal(85402)
    if body.get("expire_type", 0) == 1:
        whole(body, "expire_interval", 1, _MOST_DAYS, 85401)
        return
    until = body.get("expire_time")
    now = clock.seconds()
    latest = now + _MOST_DAYS * 86400
    if until is not None and (not isinstance(until, int) or not now + 60 <= until <= latest):
        raise PlatformRefusal(85401)
