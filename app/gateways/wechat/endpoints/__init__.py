"""Our own versions of wechatpy's endpoint methods that lack something, or would not work by ``await``."""

from app.gateways.wechat.endpoints.blocking import CloudEndpoints, QrCodeEndpoints
from app.gateways.wechat.endpoints.mini_program import MiniProgramEndpoints
from app.gateways.wechat.endpoints.people import StatisticsEndpoints, TagEndpoints, UserEndpoints
from app.gateways.wechat.endpoints.sending import (
    CustomerServiceEndpoints,
    MaterialEndpoints,
    MediaEndpoints,
    MenuEndpoints,
    MessageEndpoints,
)
from app.gateways.wechat.endpoints.signing import CardEndpoints, JsApiEndpoints

__all__ = [
    "CardEndpoints",
    "CloudEndpoints",
    "CustomerServiceEndpoints",
    "JsApiEndpoints",
    "MaterialEndpoints",
    "MediaEndpoints",
    "MenuEndpoints",
    "MessageEndpoints",
    "MiniProgramEndpoints",
    "QrCodeEndpoints",
    "StatisticsEndpoints",
    "TagEndpoints",
    "UserEndpoints",
]
