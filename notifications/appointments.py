"""What people are told of their appointments: one event becomes one message."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.appointments import queries
from app.domain.appointments.models import AppointmentStatus
from app.domain.appointments.queries import AppointmentFacts
from app.kit.outbox import Event, Handler
from config.messages import MessageKind
from notifications import routing
from notifications.messages import Messages, moment_text
from notifications.routing import Telling

# The outbox event and the message it becomes.
MESSAGES: Final[Mapping[str, str]] = {
    "appointment_booked": "appointment_booked",
    "appointment_cancelled": "appointment_cancelled",
    "appointment_rescheduled": "appointment_rescheduled",
    "appointment_cancelled_by_hall": "appointment_cancelled_by_hall",
    "appointment_reminded": "appointment_reminder",
    "appointment_checked_in": "appointment_checked_in",
}

_NO_REASON: Final[Mapping[str, str]] = {
    "appointment_rescheduled": "已改期，请按新时间到厅办理",
    "appointment_cancelled_by_hall": "大厅工作安排调整",
}


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handlers of appointment events."""

    async def tell(events: Sequence[Event]) -> None:
        await _tell(messages, events)

    return dict.fromkeys(MESSAGES, tell)


async def _tell(messages: Messages, events: Sequence[Event]) -> None:
    """Tell what some events say, in the transaction that takes the events away."""
    await messages.refresh()
    by_event = {event.id: UUID(event.payload["appointment_id"]) for event in events}
    facts = await queries.for_messages(list(set(by_event.values())))
    tellings: list[Telling] = []
    for event in events:
        appointment = facts.get(by_event[event.id])
        if appointment is None:
            raise LookupError(f"no appointment {by_event[event.id]}")
        if _is_worth_telling(event, appointment):
            tellings.append(_telling(event, appointment, messages.kind(MESSAGES[event.kind])))
    await routing.tell(tellings)


def _is_worth_telling(event: Event, appointment: AppointmentFacts) -> bool:
    """A reminder of what was cancelled or begun meanwhile would only confuse."""
    return event.kind != "appointment_reminded" or appointment.status is AppointmentStatus.BOOKED


def _telling(event: Event, appointment: AppointmentFacts, kind: MessageKind) -> Telling:
    return Telling(
        kind=kind,
        person_id=appointment.person_id,
        params=_params(event, appointment),
        event_id=event.id,
        committed_at=event.created_at,
        expires_at=appointment.starts_at if event.kind == "appointment_reminded" else appointment.ends_at,
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
