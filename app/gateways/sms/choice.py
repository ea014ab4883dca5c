"""Which operator of text messages this process uses; settings say."""

from app.gateways.sms.contract import SmsConnector
from app.gateways.sms.demo import DemoSms
from app.gateways.sms.http import HttpSms
from app.kit.errors import Refused
from config import settings

_connector: SmsConnector | None = None


class NotConnected(Refused):
    """This installation sends no text messages."""

    code = "sms_not_connected"
    message = "短信尚未接通，请改用微信消息"


def is_connected() -> bool:
    """Whether text messages can be sent at all."""
    return _connector is not None or settings.current().sms_connector != "off"


def connector() -> SmsConnector:
    """The operator of this process. Raises NotConnected."""
    global _connector
    if _connector is None:
        chosen = settings.current()
        match chosen.sms_connector:
            case "off":
                raise NotConnected
            case "demo":
                _connector = DemoSms(chosen.sms_signature)
            case "http":
                _connector = _over_http(chosen)
    return _connector


def use(chosen: SmsConnector | None) -> None:
    """Send through this operator from now on; ``None`` goes back to what the settings say."""
    global _connector
    _connector = chosen


async def close() -> None:
    """Give the connections of this process back."""
    global _connector
    if _connector is not None:
        await _connector.close()
        _connector = None


def _over_http(given: settings.Settings) -> HttpSms:
    if not (given.sms_url and given.sms_key and given.sms_secret):
        names = "、".join(settings.variable(f"sms_{name}") for name in ("url", "key", "secret"))
        raise settings.BadSettings([f"{names}: 短信对接需要设置"])
    return HttpSms(
        given.sms_url,
        given.sms_key,
        given.sms_secret.get_secret_value(),
        signature=given.sms_signature,
        timeout_s=given.sms_timeout_s,
    )
