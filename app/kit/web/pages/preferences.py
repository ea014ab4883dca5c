"""How somebody likes to read: the language and the size of letters, remembered by the browser alone."""

from collections.abc import Callable

from app.kit.web import fields
from app.kit.web.callers import ANYONE
from app.kit.web.pages.site import BIG, LANGUAGE_COOKIE, TEXT_COOKIE, PageQuery, Site, remember, to
from app.kit.web.pages.texts import LANGUAGES
from app.kit.web.routes import HTML, Call, Limit, Routes


class ChooseLanguage(PageQuery):
    to = fields.Choice(list(LANGUAGES), required=True, metadata={"description": "语言"})
    back = fields.Text(max=600, load_default="", metadata={"description": "回到哪一页"})


class ChooseText(PageQuery):
    to = fields.Choice([BIG, "usual"], required=True, metadata={"description": "字号"})
    back = fields.Text(max=600, load_default="", metadata={"description": "回到哪一页"})


def preferences(site: Site, *, tag: str, own_page: Callable[[str], str]) -> Routes:
    """The two choices below a site's prefix; ``own_page`` answers a path if it is a page of it."""
    routes = Routes(site.prefix, tag=tag)

    @routes.get("/language", caller=ANYONE, limit=Limit.READING, query=ChooseLanguage, produces=HTML)
    async def choose_language(call: Call) -> object:
        """选择语言"""
        answer = to(own_page(call.query["back"]))
        remember(answer, LANGUAGE_COOKIE, call.query["to"])
        return answer

    @routes.get("/text-size", caller=ANYONE, limit=Limit.READING, query=ChooseText, produces=HTML)
    async def choose_text(call: Call) -> object:
        """选择字号（适老化大字版）"""
        answer = to(own_page(call.query["back"]))
        remember(answer, TEXT_COOKIE, call.query["to"])
        return answer

    return routes
