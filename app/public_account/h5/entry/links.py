"""What leads into the pages or serves them: scanned codes, and signatures for WeChat's JS-SDK."""

from urllib.parse import urldefrag, urlsplit

from app.domain.accounts import scenes
from app.domain.accounts.errors import SceneUnknown
from app.gateways import wechat
from app.gateways.wechat import WeChatDown, WeChatError
from app.kit.errors import NotAllowed
from app.kit.web import ANYONE, Call, Limit, Routes, Schema, fields
from app.kit.web.pages import HTML, PageQuery
from app.kit.web.pages.site import to
from app.public_account.h5.pages import PREFIX
from app.public_account.scenes import page_of
from config import settings

routes = Routes(PREFIX, tag="网页")


class ForeignPage(NotAllowed):
    """Whoever gets a signature for their own page acts as our account there."""

    code = "foreign_page"
    message = "只能为本站页面签名"


class AskSignature(Schema):
    url = fields.Text(
        required=True, min=1, max=1000, metadata={"description": "页面的完整地址，# 之后的部分不计"}
    )


class SignatureView(Schema):
    app_id = fields.Text(required=True, data_key="appId", metadata={"description": "公众号 AppID"})
    timestamp = fields.Integer(required=True, metadata={"description": "时间戳（秒）"})
    nonce_str = fields.Text(required=True, data_key="nonceStr", metadata={"description": "随机串"})
    signature = fields.Text(required=True, metadata={"description": "签名"})


@routes.get(
    "/js-sdk",
    caller=ANYONE,
    limit=Limit.READING,
    query=AskSignature,
    answer=SignatureView,
    errors=(ForeignPage, WeChatDown),
)
async def sign_page(call: Call) -> object:
    """为本站网页签发 JS-SDK 签名"""
    url = urldefrag(call.query["url"]).url
    if not is_ours(url):
        raise ForeignPage
    try:
        return await wechat.current().oa.sign_page(url)
    except WeChatError as failed:
        raise WeChatDown from failed


@routes.get(
    "/s/<short:str>",
    caller=ANYONE,
    limit=Limit.READING,
    query=PageQuery,
    produces=HTML,
    errors=(SceneUnknown,),
)
async def open_scene(call: Call) -> object:
    """打开扫到的二维码"""
    scene = await scenes.open_scene(call.path["short"])
    if scene is None:
        raise SceneUnknown
    return to(page_of(scene))


def is_ours(url: str) -> bool:
    """Whether a page of this address is ours: our very origin, below ``/h5/``, nobody's name before it."""
    try:
        asked, own = urlsplit(url), urlsplit(settings.current().public_url)
        has_same_origin = (asked.scheme, asked.netloc) == (own.scheme, own.netloc)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and not set(url) & set("\\ ")
    return has_same_origin and is_plain and asked.path.startswith(f"{PREFIX}/") and "/." not in asked.path
