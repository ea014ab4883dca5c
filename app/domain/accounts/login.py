"""Logging in from the mini-program: WeChat's one-time code becomes a session of ours."""

from app.domain.accounts import identities, sessions
from app.domain.accounts.errors import PersonFrozen
from app.domain.accounts.models import Person, PersonStatus
from app.domain.accounts.sessions import Begun
from app.gateways import wechat
from app.kit import db


async def log_in(code: str) -> Begun:
    """Exchange a ``wx.login`` code for a session; somebody new becomes a person.

    Raises CodeInvalid, PersonBlocked, AskedTooOften or WeChatDown (see ``app.gateways.wechat``), and
    PersonFrozen.
    """
    mini_program = wechat.current().mp
    # WeChat is asked before the transaction: no row stays locked while it thinks.
    found = await mini_program.code_to_session(code)
    async with db.transaction():
        person_id = await identities.person_of(
            mini_program.appid, found.openid, found.unionid, session_key=found.session_key
        )
        person = await Person.get(id=person_id)
        if person.status is not PersonStatus.ACTIVE:
            raise PersonFrozen
        return await sessions.begin(person.id, person.level)
