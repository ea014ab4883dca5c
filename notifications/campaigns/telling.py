"""Recipients leave the waiting line: into the queue, into their inbox, or called off."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

import orjson

from app.domain.audiences import selecting
from app.domain.audiences.definition import Definition
from app.kit import clock, db
from config.messages import MessageKind
from notifications import routing
from notifications.campaigns.models import Campaign, CampaignState, RecipientState
from notifications.messages import Messages
from notifications.routing import Telling, Told

TOLD_BEFORE: Final = "told_before"
REFUSED_PUSH: Final = "refused_push"
_CALLED_OFF: Final = {CampaignState.CANCELLED: "cancelled", CampaignState.EXPIRED: "expired"}
_WITHOUT_CHANNEL: Final = {
    routing.DIGESTED: RecipientState.DIGESTED,
    routing.NO_CHANNEL: RecipientState.INBOX_ONLY,
    routing.MUTED: RecipientState.INBOX_ONLY,
}


async def tell_next(campaign: Campaign, messages: Messages, limit: int) -> int:
    """Tell the next so many recipients, in the caller's transaction; answers how many left the line.

    The database moves those who got a notification; the others are moved here.
    """
    rows = await db.fetch(
        "SELECT person_id, params FROM campaign_recipient WHERE campaign_id = $1 AND is_pending"
        " ORDER BY ord LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED",
        campaign.id,
        limit,
    )
    kind = worded(campaign, messages)
    refusing = await _refusing(campaign, kind, [row["person_id"] for row in rows])
    told = await routing.tell(
        [
            Telling(
                kind=kind,
                person_id=row["person_id"],
                params=campaign.params | (orjson.loads(row["params"]) if row["params"] else {}),
                committed_at=campaign.launched_at or clock.now(),
                campaign_id=campaign.id,
                expires_at=campaign.expires_at,
            )
            for row in rows
            if row["person_id"] not in refusing
        ]
    )
    await _move_on(campaign, told, refusing)
    return len(rows)


async def call_off(campaign: Campaign, limit: int) -> int:
    """Call off the next so many who are still to be told, in the caller's transaction; answers how many."""
    return await db.execute(
        "UPDATE campaign_recipient r SET state = 'cancelled', reason = $2, settled_at = $3"
        " WHERE campaign_id = $1 AND person_id IN ("
        "  SELECT person_id FROM campaign_recipient WHERE campaign_id = $1 AND is_pending"
        "  ORDER BY ord LIMIT $4 FOR NO KEY UPDATE)",
        campaign.id, _CALLED_OFF[campaign.state], clock.now(), limit,
    )  # fmt: skip


def worded(campaign: Campaign, messages: Messages) -> MessageKind:
    """The wording as approved, in the campaign's lane."""
    return replace(messages.kind(str(campaign.message), campaign.message_version), lane=campaign.lane)


async def _refusing(campaign: Campaign, kind: MessageKind, people: Sequence[UUID]) -> set[UUID]:
    """Weeks may lie between the dry run and this moment: who has refused meanwhile counts as well."""
    if kind.is_statutory or Definition.read(campaign.audience).is_everyone:
        return set()
    return await selecting.refusing(people)


async def _move_on(campaign: Campaign, told: Sequence[Told], refusing: Collection[UUID]) -> None:
    """Those without a notification. One who has a channel and got none was told as somebody else before."""
    people: list[UUID] = [*refusing]
    states: list[str] = [RecipientState.CANCELLED.value] * len(refusing)
    reasons: list[str] = [REFUSED_PUSH] * len(refusing)
    for one in told:
        reason = one.reason or TOLD_BEFORE
        people.append(one.person_id)
        states.append(_WITHOUT_CHANNEL.get(reason, RecipientState.CANCELLED).value)
        reasons.append(reason)
    await db.execute(
        "UPDATE campaign_recipient r SET state = d.state, reason = d.reason, settled_at = $5"
        " FROM unnest($2::uuid[], $3::text[], $4::text[]) AS d (person_id, state, reason)"
        " WHERE r.campaign_id = $1 AND r.person_id = d.person_id AND r.is_pending",
        campaign.id, people, states, reasons, clock.now(),
    )  # fmt: skip
