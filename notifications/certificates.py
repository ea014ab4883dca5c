"""What people are told of certificates: that one of theirs is about to expire, and that it has."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from app.domain.certificates import expiry, telling
from app.domain.certificates.models import State
from app.domain.certificates.telling import EndingFacts
from app.kit.outbox import Event, Handler
from config.messages import MessageKind
from notifications import routing
from notifications.messages import Messages
from notifications.routing import Telling

_HINTS: Final[Mapping[State, str]] = {
    State.EXPIRING: "即将到期，请尽快申请延续",
    State.EXPIRED: "已过期，请申请换发后再使用",
}


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handler of certificates at their end."""

    async def tell_endings(events: Sequence[Event]) -> None:
        await messages.refresh()
        kind = messages.kind(expiry.ENDING)
        by_event = {event.id: UUID(event.payload["certificate_id"]) for event in events}
        facts = await telling.of_endings(list(set(by_event.values())))
        # One that was renewed meanwhile, or went on to expire, has news of its own.
        found = [
            (event, one)
            for event in events
            if (one := facts.get(by_event[event.id])) is not None and one.state == event.payload["state"]
        ]
        await routing.tell(
            [
                _telling(kind, event, one, reader, by_event[event.id])
                for event, one in found
                for reader in sorted(one.readers)
            ]
        )

    return {expiry.ENDING: tell_endings}


def _telling(
    kind: MessageKind, event: Event, facts: EndingFacts, reader: UUID, certificate_id: UUID
) -> Telling:
    params = {
        "certificate_id": str(certificate_id),
        "certificate": facts.name,
        "issuer": facts.issuer_name,
        "ends_on": _day(facts.valid_until),
        "hint": _HINTS[facts.state],
    }
    return Telling(kind, reader, params, event.created_at, event_id=event.id)


def _day(on: date) -> str:
    return f"{on.year}年{on.month}月{on.day}日"
