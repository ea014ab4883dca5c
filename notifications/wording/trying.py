"""Trying a message out: one urgent notification to the WeChat of the member of staff who asks for it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.kit import audit, db, outbox
from app.kit.outbox import Event, Handler
from config.messages import LANES
from notifications import outlets, queue
from notifications.messages import Messages
from notifications.models import Channel
from notifications.queue import Draft
from notifications.wording import preview, queries, readers
from notifications.wording.errors import BadWording, NotAnEditor, WordingNotFound

TRIED: Final = "message_tried"
_WORTH_IT_FOR: Final = timedelta(minutes=10)


async def try_out(
    member: StaffMember,
    name: str,
    version: int | None = None,
    params: Mapping[str, str] | None = None,
    channel: Channel = Channel.TEMPLATE,
) -> None:
    """Send a version of a message, drafts too, to the member's own WeChat and to nobody else.

    Facts not given are taken from the samples. Raises NotAnEditor, WordingNotFound, BadWording for facts
    that do not fit, NotLinked, TriesUsedUp after twenty a day.
    """
    if not any(staff.may(member, role, None) for role in (StaffRole.PUBLISHER, StaffRole.REVIEWER)):
        raise NotAnEditor
    found = await queries.version(name, version)
    if channel is Channel.SMS and found.kind.sms is None:
        raise BadWording(["这种消息没有短信，请换一个渠道试发"])
    facts = preview.check_facts(found.kind, params or {})
    await preview.preview(found.kind, facts)
    async with db.transaction():
        await readers.count_try(member)
        tried = {"name": name, "version": found.version, "channel": channel.value, "params": facts}
        await outbox.emit(TRIED, {"staff_id": str(member.id), **tried})
        target = f"message:{name}:{found.version}"
        await audit.record(member.caller_id, "message.tried", target, detail={"channel": channel.value})


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handler of tries."""

    async def send(events: Sequence[Event]) -> None:
        await _queue(messages, events)

    return {TRIED: send}


async def _queue(messages: Messages, events: Sequence[Event]) -> None:
    """Queue the tries; whoever has let go of their WeChat meanwhile gets none."""
    people = await readers.people_of([UUID(event.payload["staff_id"]) for event in events])
    await messages.refresh([(event.payload["name"], event.payload["version"]) for event in events])
    drafts = [
        _draft(messages, event, people[reader])
        for event in events
        if (reader := UUID(event.payload["staff_id"])) in people
    ]
    if drafts:
        await queue.add(drafts)


def _draft(messages: Messages, event: Event, person_id: UUID) -> Draft:
    name, version = event.payload["name"], event.payload["version"]
    if not messages.knows(name, version):
        raise WordingNotFound
    channel = Channel(event.payload["channel"])
    return Draft(
        event_id=event.id,
        message=name,
        version=version,
        lane=LANES["urgent"],
        person_id=person_id,
        channel=channel,
        account_id=outlets.account_of(channel),
        params=event.payload["params"],
        expires_at=event.created_at + _WORTH_IT_FOR,
        committed_at=event.created_at,
    )
