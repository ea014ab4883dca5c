"""WeChat's tags follow our groups: by its tag WeChat knows which menu a follower sees."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.accounts import followers
from app.domain.accounts.models import TaxpayerGroup
from app.gateways import wechat
from app.gateways.wechat import ErrorClass, PublicAccount, WeChatRefused
from app.kit import clock, db
from config import menus

log = logging.getLogger("weiban.tags")

AT_ONCE: Final = 50
"""People in one call; WeChat takes no more."""

_NAME_TAKEN: Final = 45157
_WEARS_TOO_MANY: Final = 45059
# WeChat refuses a whole call for one of its people: not an openid of ours, or no follower any more.
_OF_ONE_PERSON: Final = frozenset({40003, 43004, 49003, _WEARS_TOO_MANY})
# A call and its retries are over by then; whoever made it is dead or has lost the database.
_LEASE: Final = timedelta(minutes=2)
_TOO_MANY: Final = frozenset({ErrorClass.MINUTE, ErrorClass.DAY})

TagIds = Mapping[TaxpayerGroup, int]


@dataclass(frozen=True, slots=True)
class _Member:
    identity_id: int
    person_id: UUID
    openid: str
    wears: TaxpayerGroup | None
    is_in_doubt: bool


async def run(_: Mapping[str, Any]) -> None:
    """The job that follows a change of groups."""
    await tag_followers()


async def tag_followers() -> int:
    """Send WeChat the differences, 50 people at a time; answers how many were tagged.

    Safe to repeat and to run in several places. A quota that is used up ends it, and what is left
    is sent the next time. Raises WeChatRefused for any other refusal, and WeChatUnreachable.
    """
    oa = wechat.current().oa
    if not await _is_any_due(oa.appid):
        return 0
    tagged = 0
    try:
        ids = await tag_ids(oa)
        for group in TaxpayerGroup:
            while members := await _claim(oa.appid, group):
                tagged += await _tag(oa, ids, group, members)
    except WeChatRefused as refused:
        if refused.error_class not in _TOO_MANY:
            raise
        log.warning("tagging pauses after %s followers: %s", tagged, refused)
    return tagged


async def untag_stranger(payload: Mapping[str, Any]) -> None:
    """The job that takes every group's tag off somebody who has left us but still follows."""
    oa, openid = wechat.current().oa, payload["openid"]
    for tag_id in (await _existing(oa)).values():
        try:
            await oa.untag_people(tag_id, [openid])
        except WeChatRefused as refused:
            if refused.errcode not in _OF_ONE_PERSON:
                raise


async def tag_ids(oa: PublicAccount) -> TagIds:
    """WeChat's tag of each group, found by its name, or made; nobody wears a tag just made."""
    found = await _existing(oa)
    for group in TaxpayerGroup:
        if group not in found:
            found[group] = await _make(oa, group)
            await db.execute("UPDATE follower_group SET tagged_as = NULL WHERE tagged_as = $1", group.value)
    return found


async def _existing(oa: PublicAccount) -> dict[TaxpayerGroup, int]:
    groups = {menus.current().group(group.value).name: group for group in TaxpayerGroup}
    return {groups[tag.name]: tag.id for tag in await oa.tags() if tag.name in groups}


async def _make(oa: PublicAccount, group: TaxpayerGroup) -> int:
    try:
        return await oa.create_tag(menus.current().group(group.value).name)
    except WeChatRefused as refused:
        if refused.errcode != _NAME_TAKEN:
            raise
    # Another process made it in this moment.
    return (await _existing(oa))[group]


async def _is_any_due(appid: str) -> bool:
    return bool(
        await db.fetch_value(
            "SELECT true FROM follower_group g JOIN wechat_identity i ON i.id = g.identity_id"
            " WHERE g.is_due AND i.appid = $1 AND i.is_follower LIMIT 1",
            appid,
        )
    )


_CLAIM = """
WITH due AS (
    SELECT g.identity_id, g.tagging_since, i.openid, i.person_id
    FROM follower_group g JOIN wechat_identity i ON i.id = g.identity_id
    WHERE g.is_due AND g.taxpayer_group = $2
      AND i.appid = $1 AND i.is_follower AND coalesce(g.tagging_since <= $3, true)
    ORDER BY g.identity_id LIMIT $5 FOR UPDATE OF g SKIP LOCKED
)
UPDATE follower_group g SET tagging_since = $4 FROM due WHERE g.identity_id = due.identity_id
RETURNING g.identity_id, due.person_id, due.openid, g.tagged_as, due.tagging_since IS NOT NULL AS in_doubt
"""


async def _claim(appid: str, group: TaxpayerGroup) -> list[_Member]:
    """Followers who should wear this group's tag; nobody else tags them while the lease lasts."""
    now = clock.now()
    rows = await db.fetch(_CLAIM, appid, group.value, now - _LEASE, now, AT_ONCE)
    return [
        _Member(
            row["identity_id"],
            row["person_id"],
            row["openid"],
            TaxpayerGroup(row["tagged_as"]) if row["tagged_as"] else None,
            row["in_doubt"],
        )
        for row in rows
    ]


async def _tag(oa: PublicAccount, ids: TagIds, group: TaxpayerGroup, members: Sequence[_Member]) -> int:
    """Take off what they wear, put on the new tag, and note it; answers how many wear it now."""
    try:
        for other in TaxpayerGroup:
            wearers = [one.openid for one in members if one.wears is other or one.is_in_doubt]
            if other is not group and wearers:
                await oa.untag_people(ids[other], wearers)
        await oa.tag_people(ids[group], [one.openid for one in members])
    except WeChatRefused as refused:
        if refused.errcode not in _OF_ONE_PERSON:
            raise
        if len(members) > 1:
            half = len(members) // 2
            return await _tag(oa, ids, group, members[:half]) + await _tag(oa, ids, group, members[half:])
        await _give_up_on(oa, members[0], refused)
        return 0
    await db.execute(
        "UPDATE follower_group SET tagged_as = $2, tagging_since = NULL WHERE identity_id = ANY ($1)",
        [one.identity_id for one in members], group.value,
    )  # fmt: skip
    return len(members)


async def _give_up_on(oa: PublicAccount, member: _Member, refused: WeChatRefused) -> None:
    if refused.errcode == _WEARS_TOO_MANY:
        # Only the operator of the account can take other tags off; it is tried again with the next round.
        log.warning("follower %s cannot be tagged: %s", member.identity_id, refused)
        return
    await followers.forget_following(oa.appid, [member.person_id])
