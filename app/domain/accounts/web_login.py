"""Signing in on our web pages inside WeChat: OAuth2 网页授权, bound to the browser that asked for it.

A sign-in is remembered in the cache under the hash of its state and of a secret that only this browser
holds; taking it out is what makes it work once. Losing the cache loses sign-ins under way, no session.
"""

import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from app.domain.accounts import identities, sessions
from app.domain.accounts.errors import PersonFrozen, SessionEnded, SignInStale, SnapshotVisitor
from app.domain.accounts.models import Person, PersonStatus, WeChatIdentity
from app.domain.accounts.sessions import Begun
from app.gateways import wechat
from app.gateways.wechat import WeChatError
from app.kit import cache, db, ids

HOME: Final = "/h5/"
PATIENCE: Final = timedelta(minutes=10)
"""How long a sign-in may take."""

# Nothing that a browser could read as another host, and nothing encoded that it could decode into it.
_PAGE: Final = re.compile(r"/h5/(?:[0-9A-Za-z_~-]+/)*[0-9A-Za-z_~-]*(?:\?[0-9A-Za-z_=&~.-]*)?")
_LONGEST_PAGE: Final = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """A sign-in under way: where to send the browser, and the secret to leave with it."""

    url: str
    secret: str = field(repr=False)


def is_page(path: str) -> bool:
    """Whether this is one of our own pages, with its query: the only places a sign-in leads to."""
    return len(path) <= _LONGEST_PAGE and _PAGE.fullmatch(path) is not None


async def ask(to: str, redirect_uri: str) -> Asked:
    """Begin a sign-in that leads to one of our pages, or home if ``to`` is none of them."""
    state, secret = secrets.token_hex(16), ids.new_token()
    path = to if is_page(to) else HOME
    await cache.client().set(_key(state, secret), path, ex=int(PATIENCE.total_seconds()))
    return Asked(wechat.current().oa.authorize_url(redirect_uri, state), secret)


async def answer(state: str, secret: str, code: str) -> tuple[Begun, str]:
    """WeChat sent the browser back: who it is, and where they wanted to go.

    Raises SignInStale for a state that this browser has not asked for, or not for this long;
    SnapshotVisitor and PersonFrozen; CodeInvalid, PersonBlocked, AskedTooOften or WeChatDown.
    """
    path = await cache.client().getdel(_key(state, secret))
    if not isinstance(path, bytes):
        raise SignInStale
    public_account = wechat.current().oa
    grant = await public_account.exchange_code(code)
    if grant.is_snapshot:
        raise SnapshotVisitor
    unionid = grant.unionid or await _unionid(public_account, grant.openid)
    return await _sign_in(public_account.appid, grant.openid, unionid), path.decode()


async def end_earlier(token: str) -> None:
    """End the session a browser held before it was given a new one."""
    try:
        earlier = await sessions.citizen_of(token)
    except SessionEnded:
        return
    await sessions.end(earlier.session_id)


async def _unionid(public_account: wechat.PublicAccount, openid: str) -> str | None:
    """A silent grant carries no unionid; of a follower WeChat tells it when asked.

    A person we know by this openid need not be asked after, and a WeChat that does not answer now
    tells it at another time.
    """
    known = WeChatIdentity.filter(appid=public_account.appid, openid=openid)
    if await known.filter(unionid__not_isnull=True).exists():
        return None
    try:
        return (await public_account.profile(openid)).unionid
    except WeChatError:
        return None


async def _sign_in(appid: str, openid: str, unionid: str | None) -> Begun:
    async with db.transaction():
        person_id = await identities.person_of(appid, openid, unionid)
        person = await Person.get(id=person_id)
        if person.status is not PersonStatus.ACTIVE:
            raise PersonFrozen
        return await sessions.begin(person.id, person.level)


def _key(state: str, secret: str) -> str:
    return "sign-in:" + ids.token_hash(f"{state} {secret}").hex()
