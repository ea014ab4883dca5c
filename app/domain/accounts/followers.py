"""Who follows the public account 关注, and where a person can be reached in WeChat."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.domain.accounts import groups, identities
from app.kit import clock, db


@dataclass(frozen=True, slots=True)
class Address:
    """An openid of a person in one of our accounts; only of the public account is one a follower."""

    appid: str
    openid: str
    is_follower: bool


async def record_follow(appid: str, openid: str, unionid: str | None, at: datetime) -> UUID:
    """Somebody followed at this moment; answers who. News older than what is known changes nothing."""
    async with db.transaction():
        person_id = await identities.person_of(appid, openid, unionid)
        await db.execute(
            "UPDATE wechat_identity SET is_follower = true, followed_at = $3 WHERE appid = $1 AND openid = $2"
            " AND coalesce(greatest(followed_at, unfollowed_at) <= $3, true)",
            appid, openid, at,
        )  # fmt: skip
        await groups.regroup_follower(person_id)
    return person_id


async def record_unfollow(appid: str, openid: str, at: datetime) -> None:
    """Somebody unfollowed at this moment; older news changes nothing, and strangers stay strangers."""
    await db.execute(
        "UPDATE wechat_identity SET is_follower = false, unfollowed_at = $3 WHERE appid = $1 AND openid = $2"
        " AND coalesce(greatest(followed_at, unfollowed_at) <= $3, true)",
        appid, openid, at,
    )  # fmt: skip


async def forget_following(appid: str, person_ids: Sequence[UUID]) -> None:
    """WeChat refused a message to these people because they do not follow (43004)."""
    await db.execute(
        "UPDATE wechat_identity SET is_follower = false, unfollowed_at = $3"
        " WHERE appid = $1 AND person_id = ANY ($2) AND is_follower",
        appid, person_ids, clock.now(),
    )  # fmt: skip


async def person_behind(appid: str, openid: str) -> UUID | None:
    """The person we know by this openid."""
    found: UUID | None = await db.fetch_value(
        "SELECT person_id FROM wechat_identity WHERE appid = $1 AND openid = $2", appid, openid
    )
    return found


async def people_behind(addresses: Sequence[tuple[str, str]]) -> list[UUID | None]:
    """The person known by each appid and openid, in one statement for all of them."""
    rows = await db.fetch(
        "SELECT w.person_id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a (appid, openid, n)"
        " LEFT JOIN wechat_identity w ON w.appid = a.appid AND w.openid = a.openid ORDER BY a.n",
        [appid for appid, _ in addresses], [openid for _, openid in addresses],
    )  # fmt: skip
    return [row["person_id"] for row in rows]


async def addresses_of(person_ids: Sequence[UUID]) -> Mapping[UUID, list[Address]]:
    """Every address of these people, the newest first; somebody without any is absent."""
    rows = await db.fetch(
        "SELECT person_id, appid, openid, is_follower FROM wechat_identity"
        " WHERE person_id = ANY ($1) ORDER BY id DESC",
        person_ids,
    )
    found: dict[UUID, list[Address]] = {}
    for row in rows:
        address = Address(row["appid"], row["openid"], row["is_follower"])
        found.setdefault(row["person_id"], []).append(address)
    return found
