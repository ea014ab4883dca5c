"""What people are told of their appeal against a ban: whether it was upheld, and where the answer stands."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from app.domain.appointments import appeals
from app.domain.appointments.appeals import DecidedAppeal
from app.domain.appointments.models import AppealStatus
from app.kit.outbox import Event, Handler
from config.messages import MessageKind
from notifications import routing
from notifications.messages import Messages, moment_text
from notifications.routing import Telling

_SAYINGS: Final[Mapping[AppealStatus, tuple[str, str]]] = {
    AppealStatus.UPHELD: ("已支持", "限制已解除，可以重新预约"),
    AppealStatus.REFUSED: ("未支持", "限制照旧，点击查看答复"),
}
# A ban from before bans knew their hall.
_SOME_HALL: Final = "办税服务厅"


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handler of decided appeals."""

    async def tell(events: Sequence[Event]) -> None:
        await messages.refresh()
        kind = messages.kind(appeals.DECIDED)
        by_event = {event.id: UUID(event.payload["appeal_id"]) for event in events}
        facts = await appeals.decided(list(set(by_event.values())))
        await routing.tell([_telling(kind, event, facts[by_event[event.id]]) for event in events])

    return {appeals.DECIDED: tell}


def _telling(kind: MessageKind, event: Event, one: DecidedAppeal) -> Telling:
    """The words of the manager are not in it: nobody knows what personal data stand there."""
    state, hint = _SAYINGS[one.status]
    params = {
        "hall": one.hall_name or _SOME_HALL,
        "state": state,
        "hint": hint,
        "changed_at": moment_text(one.decided_at),
    }
    return Telling(kind, one.person_id, params, event.created_at, event_id=event.id)
