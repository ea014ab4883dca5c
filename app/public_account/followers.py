"""Following and unfollowing a public account, and finding out who it was."""

import asyncio
import logging
from datetime import datetime
from typing import Any, Final

from app.domain.accounts import followers
from app.gateways import wechat
from app.gateways.wechat import Event, PublicAccount, WeChatError
from app.kit import clock, jobs

log = logging.getLogger("weiban.followers")

RESOLVE_JOB: Final = "resolve_follower"
# The welcome is to be there within a second.
_PATIENCE_S: Final = 0.6


async def follow(appid: str, event: Event) -> None:
    """Somebody follows: join them to their person, now if WeChat tells quickly who it is, else by a job."""
    try:
        async with asyncio.timeout(_PATIENCE_S):
            profile = await _account(appid).profile(event.openid)
    except (WeChatError, TimeoutError) as failure:
        log.warning("a follower is asked after later: %s", type(failure).__name__)
        await jobs.enqueue(RESOLVE_JOB, {"appid": appid, "openid": event.openid})
        return
    await followers.record_follow(appid, event.openid, profile.unionid, event.created_at)


async def unfollow(appid: str, event: Event) -> None:
    """Somebody no longer follows."""
    await followers.record_unfollow(appid, event.openid, event.created_at)


async def look_again(appid: str, event: Event) -> None:
    """WeChat changed what it knows of somebody: ask anew. Of a mini-program there is nothing to ask."""
    of = event.told("AppID") or appid
    if any(party.appid == of and isinstance(party, PublicAccount) for party in wechat.current().parties):
        await jobs.enqueue(RESOLVE_JOB, {"appid": of, "openid": event.openid})


async def resolve(payload: dict[str, Any]) -> None:
    """The job: ask WeChat who it is and whether they still follow. Raises WeChatError to be tried again."""
    asked_at: datetime = clock.now()
    appid, openid = payload["appid"], payload["openid"]
    profile = await _account(appid).profile(openid)
    if profile.is_follower:
        await followers.record_follow(appid, openid, profile.unionid, asked_at)
    else:
        await followers.record_unfollow(appid, openid, asked_at)


def _account(appid: str) -> PublicAccount:
    """Where followers of this appid are known."""
    party = wechat.current().party(appid)
    return party if isinstance(party, PublicAccount) else wechat.current().oa
