"""Templates: an account's own, the public library, adding from one to the other."""

import secrets
from typing import Any, Final
from urllib.parse import parse_qs

from sanic import Request

from app.gateways.wechat.accounts import Account
from app.kit import clock
from app.sandbox.answers import PlatformRefusal
from app.sandbox.library import CATEGORIES, INDUSTRIES, LIBRARY, MOST_OWN, PublicTemplate
from app.sandbox.platform.calls import OK, Calls, Table, body_of
from app.sandbox.templates import Channel, Line, Template, type_of

_LONGEST_SCENE: Final = 15


class Library(Calls):
    """``cgi-bin/template/*`` for template messages, ``wxaapi/newtmpl/*`` for subscribe messages."""

    def table(self) -> Table:
        return {
            "/cgi-bin/template/api_set_industry": ("POST", self.set_industry),
            "/cgi-bin/template/get_industry": ("GET", self.industry),
            "/cgi-bin/template/api_add_template": ("POST", self.add),
            "/cgi-bin/template/get_all_private_template": ("GET", self.own),
            "/cgi-bin/template/del_private_template": ("POST", self.delete),
            "/wxaapi/newtmpl/addtemplate": ("POST", self.add_subscribe),
            "/wxaapi/newtmpl/deltemplate": ("POST", self.delete_subscribe),
            "/wxaapi/newtmpl/getcategory": ("GET", self.categories),
            "/wxaapi/newtmpl/getpubtemplatetitles": ("GET", self.titles),
            "/wxaapi/newtmpl/getpubtemplatekeywords": ("GET", self.keywords),
            "/wxaapi/newtmpl/gettemplate": ("GET", self.own_subscribe),
        }

    # Template messages of a public account --------------------------------------------------

    async def set_industry(self, request: Request) -> dict[str, Any]:
        """Once a month."""
        account = self._caller(request, "oa")
        body = body_of(request)
        chosen = [str(body.get(name)) for name in ("industry_id1", "industry_id2")]
        if any(industry_id not in INDUSTRIES for industry_id in chosen):
            raise PlatformRefusal(40102)
        month = f"{clock.now():%Y%m}"
        if self._sandbox.holdings.of(account.appid, "industry").get("month") == month:
            raise PlatformRefusal(43100)
        self._sandbox.holdings.put(account.appid, "industry", "month", month)
        self._sandbox.holdings.put(account.appid, "industry", "chosen", chosen)
        return dict(OK)

    async def industry(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        chosen = self._sandbox.holdings.of(account.appid, "industry").get("chosen", ["20", "21"])
        first, second = (INDUSTRIES[industry_id] for industry_id in chosen)
        return {
            "primary_industry": {"first_class": first[0], "second_class": first[1]},
            "secondary_industry": {"first_class": second[0], "second_class": second[1]},
        }

    async def add(self, request: Request) -> dict[str, Any]:
        """``keyword_name_list`` chooses and orders the lines; without it all are taken."""
        account = self._caller(request, "oa")
        body = body_of(request)
        found = LIBRARY.get(str(body.get("template_id_short")))
        if found is None:
            raise PlatformRefusal(40036)
        names = body.get("keyword_name_list") or [line.label for line in found.keywords]
        by_label = {line.label: line for line in found.keywords}
        if not isinstance(names, list) or any(name not in by_label for name in names):
            raise PlatformRefusal(40035, "keyword_name_list")
        lines = tuple(by_label[name] for name in names)
        return {**OK, "template_id": self._added(account, "template", found, lines, 45026)}

    async def own(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        return {
            "template_list": [
                {
                    "template_id": template.template_id,
                    "title": template.title,
                    "primary_industry": "政府与公共事业",
                    "deputy_industry": "行政事业",
                    "content": template.content,
                    "example": template.example,
                }
                for template in self._sandbox.own_templates.of(account.appid, "template").values()
            ]
        }

    async def delete(self, request: Request) -> dict[str, Any]:
        account = self._caller(request, "oa")
        return self._deleted(account, "template", body_of(request).get("template_id"))

    # Subscribe messages of either kind of account -------------------------------------------

    async def add_subscribe(self, request: Request) -> dict[str, Any]:
        account = self._caller(request)
        body = _form_or_json(request)
        found = LIBRARY.get(str(body.get("tid")))
        if found is None:
            raise PlatformRefusal(200014)
        kids = body.get("kidList")
        by_kid = dict(enumerate(found.keywords, start=1))
        if not isinstance(kids, list) or not 2 <= len(kids) <= 5 or any(kid not in by_kid for kid in kids):
            raise PlatformRefusal(200020)
        scene = body.get("sceneDesc")
        if scene is not None and (not isinstance(scene, str) or len(scene) > _LONGEST_SCENE):
            raise PlatformRefusal(200021)
        lines = tuple(by_kid[kid] for kid in kids)
        return {**OK, "priTmplId": self._added(account, "subscribe", found, lines, 200012)}

    async def delete_subscribe(self, request: Request) -> dict[str, Any]:
        account = self._caller(request)
        return self._deleted(account, "subscribe", _form_or_json(request).get("priTmplId"))

    async def categories(self, request: Request) -> dict[str, Any]:
        self._caller(request)
        return {**OK, "data": [{"id": number, "name": name} for number, name in CATEGORIES.items()]}

    async def titles(self, request: Request) -> dict[str, Any]:
        self._caller(request)
        wanted = (request.args.get("ids") or "").split(",")
        if any(not one.isdigit() or int(one) not in CATEGORIES for one in wanted):
            raise PlatformRefusal(200019)
        start, limit = (request.args.get(name) or "" for name in ("start", "limit"))
        if not start.isdigit():
            raise PlatformRefusal(200016)
        if not limit.isdigit() or not 0 < int(limit) <= 30:
            raise PlatformRefusal(200017)
        found = [one for one in LIBRARY.values() if str(one.category_id) in wanted]
        data = [
            {"tid": int(one.tid), "title": one.title, "type": _type(one), "categoryId": str(one.category_id)}
            for one in found[int(start) : int(start) + int(limit)]
        ]
        return {**OK, "count": len(found), "data": data}

    async def keywords(self, request: Request) -> dict[str, Any]:
        self._caller(request)
        found = LIBRARY.get(request.args.get("tid") or "")
        if found is None:
            raise PlatformRefusal(200014)
        data = [
            {"kid": kid, "name": line.label, "example": line.example, "rule": type_of(line.key)}
            for kid, line in enumerate(found.keywords, start=1)
        ]
        return {**OK, "count": len(data), "data": data}

    async def own_subscribe(self, request: Request) -> dict[str, Any]:
        """Type 2 is one send for one accept, 3 a long-term template."""
        account = self._caller(request)
        own = self._sandbox.own_templates.of(account.appid, "subscribe").values()
        return {**OK, "data": [_shown(template) for template in own]}

    def _added(
        self,
        account: Account,
        channel: Channel,
        found: PublicTemplate,
        lines: tuple[Line, ...],
        full: int,
    ) -> str:
        added = self._sandbox.holdings.of(account.appid, "template").values()
        if sum(one is not None and one["channel"] == channel for one in added) >= MOST_OWN:
            raise PlatformRefusal(full)
        template_id = secrets.token_urlsafe(32)
        template = Template(template_id, channel, found.title, lines, found.long_term)
        self._sandbox.own_templates.add(account.appid, template)
        return template_id

    def _deleted(self, account: Account, channel: Channel, template_id: Any) -> dict[str, Any]:
        if self._sandbox.own_templates.find(account.appid, template_id, channel) is None:
            raise PlatformRefusal(40037)
        self._sandbox.own_templates.delete(account.appid, template_id)
        return dict(OK)


def _shown(template: Template) -> dict[str, Any]:
    return {
        "priTmplId": template.template_id,
        "title": template.title,
        "content": template.content,
        "example": template.example,
        "type": _type(template),
        "keywordEnumValueList": [
            {"keywordCode": line.key, "enumValueList": list(line.choices)}
            for line in template.lines
            if line.choices and type_of(line.key)
        ],
    }


def _type(template: Template | PublicTemplate) -> int:
    return 3 if template.long_term else 2


def _form_or_json(request: Request) -> dict[str, Any]:
    """Both are in use for these calls: a form writes its list as ``kidList[]`` or by repeating the name."""
    if request.body.lstrip()[:1] == b"{":
        return body_of(request)
    given = parse_qs(request.body.decode(errors="replace"))
    body: dict[str, Any] = {name: values[0] for name, values in given.items()}
    if kids := given.get("kidList[]") or given.get("kidList"):
        body["kidList"] = [int(kid) if kid.isdigit() else kid for kid in kids]
    return body
