"""The phone number a person shares with one tap (``wxa/business/getuserphonenumber``)."""

from app.gateways.wechat.client import AsyncWeChatClient
from app.gateways.wechat.errors import WeChatDown, WeChatRefused, WeChatUnreachable
from app.gateways.wechat.login import check_code, said_to_person


async def phone_number(client: AsyncWeChatClient, code: str, openid: str) -> str:
    """The number without country code, e.g. ``13800138000``.

    The openid goes along so that WeChat refuses a code that belongs to somebody else.
    Raises CodeInvalid, AskedTooOften or WeChatDown.
    """
    check_code(code)
    try:
        answer = await client.wxa.get_phone_number(code, openid)
        return str(answer["phone_info"]["purePhoneNumber"])
    except (WeChatRefused, WeChatUnreachable) as failed:
        raise said_to_person(failed) from failed
    except (KeyError, TypeError):
        raise WeChatDown from None
