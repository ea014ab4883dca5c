"""Routes of scenes: what a scanned code stands for, and the codes a hall hangs up."""

from sanic import HTTPResponse

from app.domain.accounts import scenes
from app.domain.accounts.errors import SceneUnknown
from app.domain.accounts.scene_models import SceneKind, SceneMedium
from app.domain.halls import posters
from app.domain.halls.errors import HallNotFound
from app.gateways.wechat import WeChatDown
from app.kit.web import ANYONE, Call, Limit, Routes
from app.kit.web.etag import reply_with_etag, tag_of
from miniprogram_api.scenes import schemas

routes = Routes("/api/v1", tag="扫码")

# What anybody may learn who holds the code; the rest is answered in the chat alone.
_PUBLIC = frozenset({SceneKind.HALL_POSTER, SceneKind.CHECK_IN, SceneKind.GUIDE})
_POSTER_FRESH = "public, max-age=86400"


@routes.get(
    "/scenes",
    caller=ANYONE,
    limit=Limit.READING,
    query=schemas.AskScene,
    answer=schemas.SceneView,
    errors=(SceneUnknown,),
)
async def show_scene(call: Call) -> object:
    """小程序码里的 scene 代表什么"""
    found = await scenes.open_scene(call.query["scene"])
    if found is None or found.kind not in _PUBLIC:
        raise SceneUnknown
    return {"kind": found.kind, "hall_id": None, "appointment_id": None, "guide_id": None, **found.payload}


@routes.get(
    "/halls/<hall_id:int>/poster",
    caller=ANYONE,
    limit=Limit.READING,
    query=schemas.AskPoster,
    produces="image/*",
    errors=(HallNotFound, WeChatDown),
)
async def show_poster(call: Call) -> HTTPResponse:
    """大厅海报用的码：扫一扫进入该大厅的预约"""
    found = await posters.poster(call.path["hall_id"], SceneMedium(call.query["medium"]))
    return reply_with_etag(
        call.request,
        found.body,
        tag_of(found.body),
        cache_control=_POSTER_FRESH,
        content_type=found.media_type,
    )
