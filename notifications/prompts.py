"""When people are asked whether we may remind them, and of what: right after the deed it will be about."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.accounts import reach, subscriptions
from config import settings
from config.messages import MessageKind
from notifications.inbox import cards


class Moment(StrEnum):
    """What somebody has just done."""

    BOOKING = "booking"
    CASE = "case"  # handed something in for a case of their own
    FOLLOWING = "following"  # began to follow somebody else's case
    ANSWER = "answer"  # left an invoice to be checked tomorrow


# WeChat's prompt takes three templates, so the ones that are missed most stand here.
ASKED: Final[Mapping[Moment, tuple[str, ...]]] = {
    Moment.BOOKING: ("appointment_booked", "appointment_reminder", "appointment_cancelled_by_hall"),
    Moment.CASE: ("case_correction", "case_decided", "case_ready"),
    Moment.FOLLOWING: ("case_followed",),
    Moment.ANSWER: ("invoice_answered",),
}


async def kinds(moment: Moment | None) -> Sequence[MessageKind]:
    """The messages to ask consent for at a moment, the most wanted first; without one all there are."""
    await cards.messages().refresh()
    if moment is None:
        return list(cards.messages().kinds())
    return [cards.messages().kind(name) for name in ASKED[moment]]


async def needs_way(person_id: UUID, moment: Moment | None = None) -> bool:
    """Whether they neither follow the public account nor allow the mini-program to tell them of this."""
    chosen = settings.current()
    found = await reach.of([person_id], oa_appid=chosen.oa_appid, mp_appid=chosen.mp_appid)
    if person_id in found and found[person_id].follower_openid is not None:
        return False
    asked = [kind.mp_template_id for kind in await kinds(moment)]
    return not await subscriptions.standing([person_id], asked)
