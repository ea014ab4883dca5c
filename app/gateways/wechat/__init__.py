"""WeChat: transport, tokens, sealed envelopes and the few endpoints we use, with wechatpy behind them."""

from app.gateways.wechat.accounts import Account
from app.gateways.wechat.codes import SceneCode
from app.gateways.wechat.content_safety import TextVerdict
from app.gateways.wechat.errors import (
    AskedTooOften,
    BadEnvelope,
    CodeInvalid,
    ErrorClass,
    NotOffered,
    PersonBlocked,
    WeChatDown,
    WeChatError,
    WeChatRefused,
    WeChatUnreachable,
    classify,
)
from app.gateways.wechat.events import Event, Message, parse
from app.gateways.wechat.facade import WeChat
from app.gateways.wechat.followers import Follower
from app.gateways.wechat.instance import current, use
from app.gateways.wechat.js_sdk import PageSignature
from app.gateways.wechat.library import AccountTemplate
from app.gateways.wechat.login import WeChatSession
from app.gateways.wechat.mass import Article, MassJob, mass_article, mass_text
from app.gateways.wechat.mini_program import MiniProgram
from app.gateways.wechat.oauth import Grant
from app.gateways.wechat.party import Party
from app.gateways.wechat.public_account import PublicAccount
from app.gateways.wechat.quota import Quota
from app.gateways.wechat.tags import Tag

__all__ = [
    "Account",
    "AccountTemplate",
    "Article",
    "AskedTooOften",
    "BadEnvelope",
    "CodeInvalid",
    "ErrorClass",
    "Event",
    "Follower",
    "Grant",
    "MassJob",
    "Message",
    "MiniProgram",
    "NotOffered",
    "PageSignature",
    "Party",
    "PersonBlocked",
    "PublicAccount",
    "Quota",
    "SceneCode",
    "Tag",
    "TextVerdict",
    "WeChat",
    "WeChatDown",
    "WeChatError",
    "WeChatRefused",
    "WeChatSession",
    "WeChatUnreachable",
    "classify",
    "current",
    "mass_article",
    "mass_text",
    "parse",
    "use",
]
