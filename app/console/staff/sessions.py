"""Where one is signed in oneself, and ending what is forgotten elsewhere."""

from app.console.doors import EVERYONE, Desk
from app.console.forms import AskAfterDeed
from app.console.site import SIGN_IN, site
from app.domain.accounts import personnel
from app.kit.web import Call
from app.kit.web.pages import Nothing
from app.kit.web.pages.site import to

routes = Desk("/sessions", name="sessions", roles=EVERYONE)


@routes.get("/", query=AskAfterDeed)
async def show_own(call: Call) -> object:
    """我的会话"""
    found = await personnel.own_sessions(call.caller)
    return site.page(
        call.request, "sessions.html", member=call.caller, sessions=found, done=call.query["done"]
    )


@routes.post("/<session_id:uuid>/end", body=Nothing)
async def end_own(call: Call) -> object:
    """结束自己的一个会话"""
    await personnel.end_session(call.caller, call.caller.id, call.path["session_id"])
    if call.path["session_id"] == call.caller.session_id:
        return to(SIGN_IN)
    return to(f"{routes.prefix}/", {"done": "ended"})
