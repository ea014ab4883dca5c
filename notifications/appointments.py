"""What people are told of their appointments: one event becomes one message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.accounts import followers
from app.domain.appointments import queries
from app.domain.appointments.models import AppointmentStatus
from app.domain.appointments.queries import AppointmentFacts
from app.kit.outbox import Event, Handler
from config import settings
from config.messages import MessageKind
from notifications import queue
from notifications.messages import Messages, moment_text
from notifications.models import Channel
from notifications.queue import Draft

# The outbox event and the message it becomes.
MESSAGES: Final[Mapping[str, str]] = {
    "appointment_booked": "appointment_booked",
    "appointment_cancelled": "appointment_cancelled",
    "appointment_rescheduled": "appointment_rescheduled",
    "appointment_cancelled_by_hall": "appointment_cancelled_by_hall",
    "appointment_reminded": "appointment_reminder",
}

_NO_REASON: Final[Mapping[str, str]] = {
    "appointment_rescheduled": "已改期，请按新时间到厅办理",
    "appointment_cancelled_by_hall": "大厅工作安排调整",
}


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handlers of appointment events."""

    async def tell(events: Sequence[Event]) -> None:
        await _queue(messages, events)

    return dict.fromkeys(MESSAGES, tell)


async def _queue(messages: Messages, events: Sequence[Event]) -> None:
    """Queue the messages of some events, in the transaction that takes the events away."""
    by_event = {event.id: UUID(event.payload["appointment_id"]) for event in events}
    facts = await queries.for_messages(list(set(by_event.values())))
    addresses = await followers.addresses_of([appointment.person_id for appointment in facts.values()])
    following = {person for person, known in addresses.items() if any(one.is_follower for one in known)}
    drafts: list[Draft] = []
    for event in events:
        appointment = facts.get(by_event[event.id])
        if appointment is None:
            raise LookupError(f"no appointment {by_event[event.id]}")
        if _is_worth_telling(event, appointment):
            kind = messages.kind(MESSAGES[event.kind])
            drafts.append(_draft(event, appointment, kind, is_follower=appointment.person_id in following))
    if drafts:
        await queue.add(drafts)


def _is_worth_telling(event: Event, appointment: AppointmentFacts) -> bool:
    """A reminder of what was cancelled or begun meanwhile would only confuse."""
    return event.kind != "appointment_reminded" or appointment.status is AppointmentStatus.BOOKED


def _draft(event: Event, appointment: AppointmentFacts, kind: MessageKind, *, is_follower: bool) -> Draft:
    chosen = settings.current()
    return Draft(
        event_id=event.id,
        message=kind.name,
        version=kind.version,
        lane=kind.lane,
        person_id=appointment.person_id,
        channel=Channel.TEMPLATE if is_follower else Channel.SUBSCRIBE,
        account_id=chosen.oa_appid if is_follower else chosen.mp_appid,
        params=_params(event, appointment),
        expires_at=appointment.starts_at if event.kind == "appointment_reminded" else appointment.ends_at,
        committed_at=event.created_at,
    )


def _params(event: Event, appointment: AppointmentFacts) -> dict[str, str]:
    """What the message may be filled with; it stays as it was when the event was handled."""
    params = {
        "appointment_id": str(appointment.id),
        "number": appointment.number,
        "hall": appointment.hall_name,
        "address": appointment.hall_address,
        "business": appointment.business_name,
        "starts_at": moment_text(appointment.starts_at),
    }
    if event.kind in _NO_REASON:
        params["reason"] = str(event.payload.get("reason") or _NO_REASON[event.kind])
    if event.kind == "appointment_rescheduled":
        before = datetime.fromisoformat(event.payload["previous_starts_at"])
        params["previous_starts_at"] = moment_text(before)
    return params
