"""Menus of a public account: default, conditional, and what a person would see."""

from typing import Any

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.sandbox.answers import PlatformRefusal
from app.sandbox.menu_limits import check_charset, check_domains, check_menu, check_rule
from app.sandbox.menus import Menu
from app.sandbox.platform.calls import OK, Calls, Table, body_of
from app.sandbox.world import openid_of


class MenuCalls(Calls):
    """``cgi-bin/menu/*`` and ``cgi-bin/get_current_selfmenu_info``."""

    def table(self) -> Table:
        return {
            "/cgi-bin/menu/create": ("POST", self.create),
            "/cgi-bin/menu/get": ("GET", self.get),
            "/cgi-bin/menu/delete": ("GET", self.delete),
            "/cgi-bin/menu/addconditional": ("POST", self.add_conditional),
            "/cgi-bin/menu/delconditional": ("POST", self.delete_conditional),
            "/cgi-bin/menu/trymatch": ("POST", self.try_match),
            "/cgi-bin/get_current_selfmenu_info": ("GET", self.current),
        }

    async def create(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        self._sandbox.menus.create(account.appid, self._buttons(request))
        return dict(OK)

    async def get(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        menu = self._existing(account)
        answer: dict[str, Any] = {"menu": {"button": _filled(menu["button"])}}
        conditional = self._sandbox.menus.conditional(account.appid)
        if conditional:
            answer["menu"]["menuid"] = int(menu["menuid"])
            answer["conditionalmenu"] = [
                {
                    "button": _filled(one["button"]),
                    "matchrule": one["matchrule"],
                    "menuid": int(one["menuid"]),
                }
                for one in conditional
            ]
        return answer

    async def delete(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        self._sandbox.menus.delete(account.appid)
        return dict(OK)

    async def add_conditional(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        if self._sandbox.menus.default(account.appid) is None:
            raise PlatformRefusal(65303)
        body = body_of(request)
        if not body.get("button"):
            raise PlatformRefusal(65307)
        buttons = self._buttons(request)
        rule = check_rule(body.get("matchrule"), self._sandbox.tags.known(account.appid))
        check_domains(buttons)
        return {"menuid": self._sandbox.menus.add_conditional(account.appid, buttons, rule)}

    async def delete_conditional(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        menuid = str(body_of(request).get("menuid"))
        if menuid not in [menu["menuid"] for menu in self._sandbox.menus.conditional(account.appid)]:
            raise PlatformRefusal(65301)
        self._sandbox.menus.drop_conditional(account.appid, menuid)
        return dict(OK)

    async def try_match(self, request: Request) -> dict[str, Any]:
        """``user_id`` is an openid, or the person's own WeChat name."""
        account = self._caller(request, "oa")
        given = body_of(request).get("user_id")
        person = self._sandbox.world.find(account.appid, given) or self._sandbox.world.people.get(str(given))
        if person is None:
            raise PlatformRefusal(65302)
        menu = self._sandbox.menus.seen_by(account.appid, openid_of(account.appid, person.name))
        if menu is None:
            raise PlatformRefusal(46003)
        return {"button": _filled(menu["button"])}

    async def current(self, request: Request) -> dict[str, Any]:
        """The default menu in the other shape: lists under ``list``."""
        account = self._caller(request, "oa")
        menu = self._sandbox.menus.default(account.appid)
        if menu is None:
            return {"is_menu_open": 0}
        buttons = [
            {"name": button["name"], "sub_button": {"list": button["sub_button"]}}
            if button.get("sub_button")
            else button
            for button in menu["button"]
        ]
        return {"is_menu_open": 1, "selfmenu_info": {"button": buttons}}

    def _buttons(self, request: Request) -> list[dict[str, Any]]:
        check_charset(request.body)
        return check_menu(body_of(request), frozenset(self._sandbox.appids("mp")))

    def _existing(self, account: Account) -> Menu:
        menu = self._sandbox.menus.default(account.appid)
        if menu is None:
            raise PlatformRefusal(46003)
        return menu


def _filled(buttons: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """As the platform gives them back: every button with a ``sub_button``, be it empty."""
    return [
        {**button, "sub_button": [{**sub, "sub_button": []} for sub in button.get("sub_button") or []]}
        for button in buttons
    ]
