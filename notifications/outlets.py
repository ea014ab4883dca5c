"""Outlets: the account behind each channel."""

from config import settings
from notifications.models import Channel

SMS_ACCOUNT = "sms"


def account_of(channel: Channel) -> str:
    """The appid a channel goes out through; text messages have one account for all."""
    chosen = settings.current()
    if channel is Channel.SMS:
        return SMS_ACCOUNT
    return chosen.mp_appid if channel is Channel.SUBSCRIBE else chosen.oa_appid


def accounts() -> dict[Channel, str]:
    """Every channel with its account."""
    return {channel: account_of(channel) for channel in Channel}
