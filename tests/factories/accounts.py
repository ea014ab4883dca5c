"""People, their numbers, and staff at work."""

from datetime import date
from itertools import count

import pyotp
from stdnum.cn import ric, uscc

from app.domain.accounts import login, proofing, sessions, staff, staffing
from app.domain.accounts.models import Staff, StaffRole
from app.domain.accounts.sessions import Citizen
from app.domain.accounts.staff import Post, StaffMember
from app.kit import clock, crypto

_serials = count(1)

CHOSEN_PASSWORD = "Chosen-by-me-2026"


def id_number(born: date = date(1990, 3, 7), serial: int | None = None) -> str:
    """A valid ID number of somebody from 天河区; a new one each time."""
    body = f"440106{born:%Y%m%d}{(serial if serial is not None else next(_serials)) % 1000:03d}"
    return body + str(ric.calc_check_digit(body + "0"))


def uscc_number(serial: int = 1) -> str:
    """A valid unified social credit code of a company in Guangzhou."""
    body = f"91440101MA5T{serial:05d}"
    return body + str(uscc.calc_check_digit(body))


async def log_in(name: str) -> Citizen:
    """A person of the WeChat sandbox, logged in."""
    return (await login.log_in(f"sandbox-{name}")).citizen


async def known_citizen(
    name: str = "zhangsan", real_name: str = "张三", number: str | None = None
) -> Citizen:
    """A person logged in whom the registry has confirmed."""
    begun = await login.log_in(f"sandbox-{name}")
    await proofing.prove_real_name(begun.citizen, real_name, number or id_number())
    return await sessions.citizen_of(begun.token)


def code_of(uri: str, steps_ahead: int = 0) -> str:
    """What the authenticator app shows that was set up with this address."""
    totp = pyotp.parse_uri(uri)
    assert isinstance(totp, pyotp.TOTP)
    return totp.at(clock.now(), counter_offset=steps_ahead)


async def staff_at_work(username: str, *posts: Post) -> StaffMember:
    """A member of staff with these posts, signed in with a password of their own choice."""
    first, *others = posts or (Post(StaffRole.CLERK),)
    given = await staffing.hire(username, username, first)
    for post in others:
        await staffing.appoint(given.staff_id, post, actor="system")
    signed = await staff.sign_in(username, given.password, code_of(given.totp_uri), address="127.0.0.1")
    await staff.change_password(signed.member, given.password, CHOSEN_PASSWORD)
    return await staff.staff_of(signed.token)


async def totp_uri_of(username: str) -> str:
    """The authenticator's address of an account, as it was handed out."""
    found = await Staff.get(username=username)
    return pyotp.TOTP(crypto.unseal(found.totp_secret_sealed)).provisioning_uri(name=username)
