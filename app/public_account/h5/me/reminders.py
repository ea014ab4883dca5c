"""The code by which a reader opens a way for reminders: scanned, it leads to the public account."""

from sanic import HTTPResponse

from app.domain.halls import posters
from app.gateways.wechat import WeChatDown
from app.kit.web import H5_CITIZEN, Call, Limit, Routes
from app.kit.web.etag import reply_with_etag, tag_of
from app.kit.web.pages import PageQuery
from app.public_account.h5.pages import PREFIX

routes = Routes(PREFIX, tag="网页")


@routes.get(
    "/me/reminders/code",
    caller=H5_CITIZEN,
    limit=Limit.READING,
    query=PageQuery,
    produces="image/*",
    errors=(WeChatDown,),
)
async def show_code(call: Call) -> HTTPResponse:
    """关注公众号、接收提醒的二维码"""
    code = await posters.account_code()
    return reply_with_etag(call.request, code.body, tag_of(code.body), content_type=code.media_type)
