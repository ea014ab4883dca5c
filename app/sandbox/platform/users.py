"""Followers of a public account: who they are, all of them by pages, remarks and tags."""

from bisect import bisect_right
from typing import Any, Final

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.platform.calls import OK, Calls, Table, body_of
from app.sandbox.world import unionid_of

_BATCH: Final = 100
_LONGEST_REMARK: Final = 30
_TAGGED_AT_ONCE: Final = 50
_TAGGED_PER_PAGE: Final = 10_000


class Users(Calls):
    """``cgi-bin/user/*`` and ``cgi-bin/tags/*``."""

    def table(self) -> Table:
        return {
            "/cgi-bin/user/info": ("GET", self.info),
            "/cgi-bin/user/info/batchget": ("POST", self.infos),
            "/cgi-bin/user/info/updateremark": ("POST", self.remark),
            "/cgi-bin/user/get": ("GET", self.followers),
            "/cgi-bin/user/tag/get": ("POST", self.tagged),
            "/cgi-bin/tags/create": ("POST", self.create_tag),
            "/cgi-bin/tags/get": ("GET", self.tags),
            "/cgi-bin/tags/update": ("POST", self.rename_tag),
            "/cgi-bin/tags/delete": ("POST", self.delete_tag),
            "/cgi-bin/tags/getidlist": ("POST", self.tags_of_person),
            "/cgi-bin/tags/members/batchtagging": ("POST", self.tag_people),
            "/cgi-bin/tags/members/batchuntagging": ("POST", self.untag_people),
        }

    async def info(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        return self._shown(account, request.args.get("openid"))

    async def infos(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        wanted = body_of(request).get("user_list")
        if not isinstance(wanted, list) or not 0 < len(wanted) <= _BATCH:
            raise PlatformRefusal(40032)
        openids = [one.get("openid") if isinstance(one, dict) else None for one in wanted]
        return {"user_info_list": [self._shown(account, openid) for openid in openids]}

    async def remark(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        self._follower(account, body.get("openid"))
        text = body.get("remark")
        # The guide says fewer than thirty characters.
        if not isinstance(text, str) or len(text) >= _LONGEST_REMARK:
            raise PlatformRefusal(40035, "remark")
        self._sandbox.holdings.put(account.appid, "remark", body["openid"], text)
        return dict(OK)

    async def followers(self, request: Request) -> dict[str, Any]:
        """One page after ``next_openid``; an empty page comes after the last."""
        account = self._caller(request, "oa")
        everybody = self._sandbox.world.followers(account.appid)
        after = request.args.get("next_openid") or ""
        if after and self._sandbox.world.find(account.appid, after) is None:
            raise PlatformRefusal(40003)
        start = bisect_right(everybody, after)
        page = everybody[start : start + self._sandbox.options.followers_per_page]
        answer: dict[str, Any] = {"total": len(everybody), "count": len(page)}
        if page:
            answer["data"] = {"openid": page}
        return {**answer, "next_openid": page[-1] if page else ""}

    async def tagged(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        tag_id, after = body.get("tagid"), body.get("next_openid") or ""
        if str(tag_id) not in self._sandbox.tags.known(account.appid) and str(tag_id) != "2":
            raise PlatformRefusal(45159)
        people = sorted(self._sandbox.tags.people(account.appid, int(str(tag_id))))
        start = bisect_right(people, str(after))
        page = people[start : start + _TAGGED_PER_PAGE]
        answer: dict[str, Any] = {"count": len(page)}
        if page:
            answer["data"] = {"openid": page}
        return {**answer, "next_openid": page[-1] if page else ""}

    async def create_tag(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        name = _tag(request).get("name")
        return {"tag": {"id": self._sandbox.tags.create(account.appid, name), "name": name}}

    async def tags(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        own = [{"id": 2, "name": "星标组", "count": len(self._sandbox.tags.people(account.appid, 2))}]
        return {"tags": own + self._sandbox.tags.all(account.appid)}

    async def rename_tag(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        tag = _tag(request)
        self._sandbox.tags.rename(account.appid, tag.get("id"), tag.get("name"))
        return dict(OK)

    async def delete_tag(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        self._sandbox.tags.delete(account.appid, _tag(request).get("id"))
        return dict(OK)

    async def tags_of_person(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        openid = body_of(request).get("openid")
        self._person(account, openid)
        return {"tagid_list": self._sandbox.tags.of_person(account.appid, str(openid))}

    async def tag_people(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        self._sandbox.tags.tag(account.appid, self._openids(account, body), body.get("tagid"))
        return dict(OK)

    async def untag_people(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        body = body_of(request)
        self._sandbox.tags.untag(account.appid, self._openids(account, body), body.get("tagid"))
        return dict(OK)

    def _openids(self, account: Account, body: dict[str, Any]) -> list[str]:
        """Raises PlatformRefusal 40032, 40003 or 49003."""
        openids = body.get("openid_list")
        if not isinstance(openids, list) or not 0 < len(openids) <= _TAGGED_AT_ONCE:
            raise PlatformRefusal(40032)
        for openid in openids:
            if not isinstance(openid, str) or len(openid) != 28:
                raise PlatformRefusal(40003)
            if self._sandbox.world.find(account.appid, openid) is None:
                raise PlatformRefusal(49003)
            self._follower(account, openid)
        return openids

    def _follower(self, account: Account, openid: object) -> None:
        if not self._sandbox.world.following(self._person(account, openid), account.appid):
            raise PlatformRefusal(43004)

    def _shown(self, account: Account, openid: object) -> dict[str, Any]:
        person = self._person(account, openid)
        unionid = unionid_of(person.name)
        if not self._sandbox.world.following(person, account.appid):
            return {"subscribe": 0, "openid": openid, "unionid": unionid}
        return {
            "subscribe": 1,
            "openid": openid,
            "language": "zh_CN",
            "subscribe_time": int(clock.seconds()),
            "unionid": unionid,
            "remark": self._sandbox.holdings.of(account.appid, "remark").get(str(openid), ""),
            "groupid": 0,
            "tagid_list": self._sandbox.tags.of_person(account.appid, str(openid)),
            "subscribe_scene": "ADD_SCENE_OTHERS",
            "qr_scene": 0,
            "qr_scene_str": "",
        }


def _tag(request: Request) -> dict[str, Any]:
    tag = body_of(request).get("tag")
    if not isinstance(tag, dict):
        raise PlatformRefusal(47001)
    return tag
