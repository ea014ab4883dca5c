"""The first page after signing in: the desks one works at."""

from app.console.doors import EVERYONE, Desk
from app.console.navigation import desks_of
from app.console.site import site
from app.kit.web import Call, fields
from app.kit.web.pages import PageQuery

routes = Desk("", name="home", roles=EVERYONE)


class AskHome(PageQuery):
    done = fields.Code(max=24, load_default="", metadata={"description": "刚刚做了什么"})


@routes.get("/", query=AskHome)
async def show_home(call: Call) -> object:
    """我的工作台"""
    return site.page(
        call.request, "home.html", member=call.caller, desks=desks_of(call.caller), done=call.query["done"]
    )
