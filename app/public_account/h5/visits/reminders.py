"""Whether a reminder can reach somebody on WeChat, so that only who needs it is asked to open a way."""

from uuid import UUID

from app.domain.accounts import reach, subscriptions
from config import settings
from notifications.inbox import cards

_REMINDER = "appointment_reminder"


async def needs_way(person_id: UUID) -> bool:
    """Whether they neither follow the public account nor allow the mini-program to remind them."""
    chosen = settings.current()
    found = await reach.of([person_id], oa_appid=chosen.oa_appid, mp_appid=chosen.mp_appid)
    if person_id in found and found[person_id].follower_openid is not None:
        return False
    await cards.messages().refresh()
    template_id = cards.messages().kind(_REMINDER).mp_template_id
    return not await subscriptions.standing([person_id], [template_id])
