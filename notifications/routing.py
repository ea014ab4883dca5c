"""Telling people: for each message the channels that lead to its reader, its inbox item and its queue row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from app.domain.accounts import consents, reach, subscriptions
from app.domain.accounts.consents import ELECTRONIC_SERVICE
from app.domain.accounts.reach import Reach
from app.kit import db, ids
from config import settings
from config.messages import MessageKind
from notifications import outlets, queue, rules, windows
from notifications.inbox import days, items, preferences
from notifications.inbox.items import NewItem
from notifications.models import Channel
from notifications.queue import Draft
from notifications.rules import Reader

Reason = Literal["no_channel", "muted", "digested", "not_agreed", "not_servable", "gone"]

NO_CHANNEL: Final = "no_channel"
MUTED: Final = "muted"
DIGESTED: Final = "digested"
NOT_AGREED: Final = "not_agreed"
NOT_SERVABLE: Final = "not_servable"
GONE: Final = "gone"

_KEPT_NOWHERE: Final[frozenset[str]] = frozenset({NOT_AGREED, NOT_SERVABLE, GONE})


@dataclass(frozen=True, slots=True)
class Telling:
    """One message for one person, of one event or one campaign, whose moment ``committed_at`` is.

    ``is_kept`` false leaves no inbox item: a digest only points to what lies there already.
    """

    kind: MessageKind
    person_id: UUID
    params: Mapping[str, str] = field(repr=False)
    committed_at: datetime
    event_id: int | None = None
    campaign_id: int | None = None
    expires_at: datetime | None = None
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """How a person is told: the first channel tried, or why there is none.

    ``no_channel``, ``muted`` and ``digested`` messages lie in the inbox. ``not_agreed`` and
    ``not_servable`` documents have to be served in another way; ``gone`` is nobody's message.
    """

    person_id: UUID
    channel: Channel | None
    reason: Reason | None = None


@dataclass(slots=True)
class _Plan:
    """What is about to be done for one telling."""

    telling: Telling
    ways: tuple[Channel, ...]
    reason: Reason | None
    item_id: UUID = field(default_factory=ids.uuid7)

    @property
    def told(self) -> Told:
        return Told(self.telling.person_id, self.ways[0] if self.ways else None, self.reason)

    def leave(self, reason: Reason) -> None:
        self.ways, self.reason = (), reason


async def tell(tellings: Sequence[Telling]) -> list[Told]:
    """Tell people something in the caller's transaction; answers how each is told, in order.

    Safe to repeat: what was told before stays as it is, and the answer is the one of then. The count of
    statements does not depend on the count of people.
    """
    if not tellings:
        return []
    async with db.transaction():
        plans = await _planned(tellings)
        kept = [plan for plan in plans if plan.telling.is_kept and plan.reason not in _KEPT_NOWHERE]
        new = await items.keep([_item(plan) for plan in kept])
        repeated = [plan for plan in kept if plan.item_id not in new]
        if repeated:
            await _as_before(repeated)
        known_before = {plan.item_id for plan in repeated}
        fresh = [plan for plan in plans if plan.ways and plan.item_id not in known_before]
        await _gather(fresh)
        drafts = [_draft(plan) for plan in fresh if plan.ways]
        if drafts:
            await queue.add(drafts)
    return [plan.told for plan in plans]


async def readers(asked: Sequence[tuple[MessageKind, UUID]]) -> list[Reader | None]:
    """What is known of each person for each kind, in order; ``None`` for whoever has left."""
    chosen = settings.current()
    people = list({person_id for _, person_id in asked})
    reached = await reach.of(people, oa_appid=chosen.oa_appid, mp_appid=chosen.mp_appid)
    kinds = {kind.name: kind for kind, _ in asked}.values()
    allowed = await subscriptions.standing(people, list({kind.mp_template_id for kind, _ in asked}))
    wishes = await preferences.of(people, [kind.name for kind in kinds])
    writable = await _writable(asked, reached)
    sends_sms = chosen.sms_connector != "off"

    def reader(kind: MessageKind, person_id: UUID) -> Reader | None:
        known = reached.get(person_id)
        if known is None:
            return None
        standing = allowed.get((person_id, kind.mp_template_id))
        wish = wishes.get((person_id, kind.name))
        return Reader(
            is_follower=known.follower_openid is not None,
            is_in_mini_program=known.is_in_mini_program,
            credits=standing.credits if standing else 0,
            has_grant=standing.has_grant if standing else False,
            has_open_window=known.follower_openid in writable,
            has_phone=sends_sms and known.has_phone,
            is_muted=wish.is_muted if wish else False,
            switched_off=wish.switched_off if wish else frozenset(),
        )

    return [reader(kind, person_id) for kind, person_id in asked]


async def _writable(asked: Sequence[tuple[MessageKind, UUID]], reached: Mapping[UUID, Reach]) -> set[str]:
    """The openids to whom customer service may write; asked only where that is a way at all."""
    people = {person_id for kind, person_id in asked if kind.lane != rules.BULK and person_id in reached}
    openids = [openid for person in people if (openid := reached[person].follower_openid) is not None]
    return await windows.open_among(outlets.account_of(Channel.CUSTOM), openids)


async def _planned(tellings: Sequence[Telling]) -> list[_Plan]:
    known = await readers([(one.kind, one.person_id) for one in tellings])
    served = [one.person_id for one in tellings if one.kind.is_statutory]
    agreed = await consents.agreed_among(served, ELECTRONIC_SERVICE) if served else set()
    return [_plan(one, reader, agreed) for one, reader in zip(tellings, known, strict=True)]


def _plan(telling: Telling, reader: Reader | None, agreed: set[UUID]) -> _Plan:
    if reader is None:
        return _Plan(telling, (), GONE)
    if telling.kind.is_statutory:
        if telling.person_id not in agreed:
            return _Plan(telling, (), NOT_AGREED)
        if not rules.may_be_served(telling.params.get("document", "")):
            return _Plan(telling, (), NOT_SERVABLE)
    ways = rules.route(telling.kind, reader)
    if ways:
        return _Plan(telling, ways, None)
    unwilling = replace(reader, is_muted=False, switched_off=frozenset())
    return _Plan(telling, (), MUTED if rules.route(telling.kind, unwilling) else NO_CHANNEL)


async def _as_before(repeated: Sequence[_Plan]) -> None:
    """Of what was told before: how."""
    before = await items.told_before([_item(plan) for plan in repeated])
    channels = {channel.value: channel for channel in Channel}
    reasons: dict[str, Reason] = {NO_CHANNEL: NO_CHANNEL, MUTED: MUTED, DIGESTED: DIGESTED}
    for plan, told in zip(repeated, before, strict=True):
        channel = channels.get(told or "")
        plan.ways = (channel,) if channel is not None else ()
        plan.reason = reasons.get(told or "", None if channel else NO_CHANNEL)


async def _gather(fresh: Sequence[_Plan]) -> None:
    """Leave to the day's digest what is not a person's first notice of the day."""
    gathered = [plan for plan in fresh if plan.telling.kind.is_digestible]
    if not gathered:
        return
    titles = [plan.telling.params.get("title", plan.telling.kind.title) for plan in gathered]
    people = [plan.telling.person_id for plan in gathered]
    firsts = await days.enter(list(zip(people, titles, strict=True)))
    later: list[_Plan] = []
    for plan in gathered:
        if plan.telling.person_id in firsts:
            firsts.discard(plan.telling.person_id)
        else:
            plan.leave(DIGESTED)
            later.append(plan)
    await items.note_digested([plan.item_id for plan in later])


def _item(plan: _Plan) -> NewItem:
    telling = plan.telling
    return NewItem(
        id=plan.item_id,
        person_id=telling.person_id,
        message=telling.kind.name,
        version=telling.kind.version,
        params=telling.params,
        event_id=telling.event_id,
        campaign_id=telling.campaign_id,
        told=plan.ways[0].value if plan.ways else plan.reason or NO_CHANNEL,
        is_statutory=telling.kind.is_statutory,
        committed_at=telling.committed_at,
    )


def _draft(plan: _Plan) -> Draft:
    telling = plan.telling
    return Draft(
        event_id=telling.event_id,
        campaign_id=telling.campaign_id,
        message=telling.kind.name,
        version=telling.kind.version,
        lane=telling.kind.lane,
        person_id=telling.person_id,
        channel=plan.ways[0],
        route=plan.ways[1:],
        account_id=outlets.account_of(plan.ways[0]),
        params=dict(telling.params),
        expires_at=telling.expires_at,
        committed_at=telling.committed_at,
    )
