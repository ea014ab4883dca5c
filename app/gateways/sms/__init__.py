"""Text messages 短信: the operator who sends them, behind one contract."""

from app.gateways.sms.choice import NotConnected, close, connector, is_connected, use
from app.gateways.sms.contract import (
    LASTING,
    OF_THE_ACCOUNT,
    Refusal,
    SmsConnector,
    SmsReceipt,
    SmsRefused,
    SmsUnreachable,
    TextMessage,
)

__all__ = [
    "LASTING",
    "OF_THE_ACCOUNT",
    "NotConnected",
    "Refusal",
    "SmsConnector",
    "SmsReceipt",
    "SmsRefused",
    "SmsUnreachable",
    "TextMessage",
    "close",
    "connector",
    "is_connected",
    "use",
]
