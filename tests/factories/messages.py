"""Messages to tell people, and people who are to be told."""

from datetime import datetime
from itertools import count
from typing import Any
from uuid import UUID

from app.domain.accounts.consents import ELECTRONIC_SERVICE
from app.domain.accounts.models import ConsentEntry, WeChatIdentity
from app.kit import clock
from config import messages, settings
from notifications import routing
from notifications.routing import Telling, Told

_events = count(1_000_000)

FACTS = {
    "appointment_booked": {
        "appointment_id": "0198a0a0-0000-7000-8000-000000000000",
        "number": "48210957",
        "hall": "天河区办税服务厅",
        "address": "天河路 1 号",
        "business": "发票业务",
        "starts_at": "2026年11月24日 09:00",
    },
    "tax_reminder": {"tax": "增值税", "period": "2026年10月", "due_at": "2026年11月16日 18:00"},
    "notice_published": {"notice_id": "7", "title": "国庆节放假安排", "published_at": "2026年9月28日 09:00"},
    "document_served": {
        "document": "税务事项通知书",
        "document_number": "穗税通〔2026〕12号",
        "issuer": "天河区税务局",
    },
}
FACTS["appointment_cancelled_by_hall"] = {**FACTS["appointment_booked"], "reason": "设备检修"}


def telling(name: str, person_id: UUID, *, committed_at: datetime | None = None, **values: Any) -> Telling:
    """A message of this kind for somebody, of an event of its own unless ``event_id`` or another is given."""
    facts = {**FACTS[name], **values.pop("params", {})}
    if "event_id" not in values and "campaign_id" not in values:
        values["event_id"] = next(_events)
    return Telling(
        kind=messages.current()[name],
        person_id=person_id,
        params=facts,
        committed_at=committed_at or clock.now(),
        **values,
    )


async def tell(name: str, person_id: UUID, **values: Any) -> Told:
    """Tell one person something."""
    [told] = await routing.tell([telling(name, person_id, **values)])
    return told


async def agree_to_service(person_id: UUID, *, is_granted: bool = True) -> None:
    """The person agrees to, or takes back, electronic service."""
    await ConsentEntry.create(
        person_id=person_id, purpose=ELECTRONIC_SERVICE, is_granted=is_granted, text_version="1",
        text_hash=bytes(32), channel="MP",
    )  # fmt: skip


async def follow(person_id: UUID, openid: str) -> None:
    """The person follows the public account."""
    await WeChatIdentity.create(
        person_id=person_id, appid=settings.current().oa_appid, openid=openid, is_follower=True
    )


async def use_mini_program(person_id: UUID, openid: str) -> None:
    """The person has an openid in the mini-program."""
    await WeChatIdentity.create(person_id=person_id, appid=settings.current().mp_appid, openid=openid)
