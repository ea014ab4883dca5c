"""Routes of the partner interface."""

from app.domain.partners import queries
from app.domain.partners.errors import (
    BacklogFull,
    MessageUnknown,
    NonceUsed,
    PushedTooFast,
    SignatureRefused,
    TimestampRefused,
    TooManyBadSignatures,
)
from app.kit.errors import InvalidInput, TooOften
from app.kit.web import PARTNER, Call, Limit, Routes
from app.partner_api.reading import push
from app.partner_api.schemas import MessageAnswer, PushAnswer, PushMessages, StatusAnswer
from config import settings

routes = Routes("/partner/v1", tag="数据推送")

_DOOR = (SignatureRefused, TooManyBadSignatures, TimestampRefused, NonceUsed)


@routes.post(
    "/messages",
    caller=PARTNER,
    body=PushMessages,
    answer=PushAnswer,
    errors=(*_DOOR, PushedTooFast, BacklogFull, TooOften),
)
async def push_messages(call: Call) -> object:
    """推送消息，逐条答复；顺序不限，重发无害"""
    rows, most = call.body["messages"], settings.current().partner_rows_at_once
    if len(rows) > most:
        raise InvalidInput(fields={"messages": [f"一次最多 {most} 条，请分次推送"]})
    return {"results": await push(call.caller.system_id, rows, call.caller.field_map)}


@routes.get(
    "/messages/<sequence:int>",
    caller=PARTNER,
    limit=Limit.READING,
    answer=MessageAnswer,
    errors=(*_DOOR, MessageUnknown),
)
async def show_message(call: Call) -> object:
    """一条消息的状态"""
    return await queries.message(call.caller.system_id, call.path["sequence"])


@routes.get("/status", caller=PARTNER, limit=Limit.READING, answer=StatusAnswer, errors=_DOOR)
async def show_status(call: Call) -> object:
    """最大序号、缺失的序号、等待和转人工的条数"""
    return await queries.status(call.caller.system_id)
