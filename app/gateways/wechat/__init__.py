"""WeChat: transport, tokens, sealed envelopes and the few endpoints we use, with wechatpy behind them."""

from app.gateways.wechat.accounts import Account
from app.gateways.wechat.errors import (
    AskedTooOften,
    BadEnvelope,
    CodeInvalid,
    ErrorClass,
    PersonBlocked,
    WeChatDown,
    WeChatError,
    WeChatRefused,
    WeChatUnreachable,
    classify,
)
from app.gateways.wechat.events import Event, Message, parse
from app.gateways.wechat.facade import MiniProgram, PublicAccount, WeChat
from app.gateways.wechat.instance import current, use
from app.gateways.wechat.login import WeChatSession

__all__ = [
    "Account",
    "AskedTooOften",
    "BadEnvelope",
    "CodeInvalid",
    "ErrorClass",
    "Event",
    "Message",
    "MiniProgram",
    "PersonBlocked",
    "PublicAccount",
    "WeChat",
    "WeChatDown",
    "WeChatError",
    "WeChatRefused",
    "WeChatSession",
    "WeChatUnreachable",
    "classify",
    "current",
    "parse",
    "use",
]
