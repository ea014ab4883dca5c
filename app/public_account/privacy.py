"""What people take back in WeChat, as the law wants it heard: it is deleted here too."""

from typing import Final

from app.domain.accounts import followers, revocations
from app.gateways.wechat import Event

_EVERYTHING: Final = (revocations.PHONE,)


async def take_back(_: str, event: Event) -> None:
    """``user_authorization_revoke``: ``RevokeInfo`` names what, by numbers; ``AppID`` the account."""
    await _revoke(event, {part.strip() for part in event.told("RevokeInfo").split(",")})


async def take_back_all(_: str, event: Event) -> None:
    """``user_authorization_cancellation``: their WeChat account ends, and all that WeChat let us know.

    What they did here stays theirs; whoever wants that gone asks for it (``DELETE /api/v1/me``).
    """
    await _revoke(event, set(_EVERYTHING))


async def _revoke(event: Event, taken_back: set[str]) -> None:
    person_id = await followers.person_behind(event.told("AppID"), event.openid)
    if person_id is not None:
        await revocations.revoke(person_id, taken_back)
