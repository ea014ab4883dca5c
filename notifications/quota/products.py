"""What each channel may send, as the settings say, and where WeChat tells what is left of it."""

from dataclasses import dataclass
from typing import Final

from config import settings
from notifications.models import Channel
from notifications.outlets import account_of
from notifications.quota import rules

# The paths whose calls WeChat counts; the operator of text messages tells nothing of the kind.
_PATHS: Final = {
    Channel.TEMPLATE: "/cgi-bin/message/template/send",
    Channel.SUBSCRIBE: "/cgi-bin/message/subscribe/send",
    Channel.CUSTOM: "/cgi-bin/message/custom/send",
}


@dataclass(frozen=True, slots=True)
class Product:
    """One channel of one account. ``path`` is None where nobody can be asked what is left."""

    channel: Channel
    account_id: str
    per_day: int
    per_second: int
    path: str | None


def product(channel: Channel) -> Product:
    """The product of a channel."""
    chosen = settings.current()
    return Product(
        channel,
        account_of(channel),
        getattr(chosen, f"{channel.value}_per_day"),
        getattr(chosen, f"{channel.value}_per_second"),
        _PATHS.get(channel),
    )


def reserves(limit: int) -> tuple[int, int]:
    """What of a limit is kept for urgent and for normal messages."""
    chosen = settings.current()
    return rules.reserves(limit, chosen.urgent_reserve_percent, chosen.normal_reserve_percent)
