"""What may happen to an identity, an agency or a staff account: pure functions of loaded facts."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Protocol

from app.domain.accounts.errors import (
    IdNumberInvalid,
    NameInvalid,
    PasswordWeak,
    PostScopeInvalid,
    RealNameFixed,
    RealNameRequired,
    UsccInvalid,
    UsernameInvalid,
)
from app.domain.accounts.models import IdentityLevel, StaffRole
from app.kit import identity_numbers

STAFF_FAILURES = 5
STAFF_LOCK = timedelta(minutes=30)
STAFF_IDLE = timedelta(minutes=30)
"""GB/T 22239-2019 level 3: lock after failures, end idle sessions."""
STAFF_DAY = timedelta(hours=12)
"""A staff session ends after this long even if it is never idle."""

ADMIN_ROLES = frozenset({StaffRole.SYSTEM_ADMIN, StaffRole.SECURITY_ADMIN, StaffRole.AUDITOR})

_LONGEST_NAME = 30
_NAME = re.compile(rf"[^\W\d_](?:[^\W\d_]|[·.' -](?=[^\W\d_])){{1,{_LONGEST_NAME - 1}}}")
_MIDDLE_DOTS = str.maketrans(dict.fromkeys("•∙⋅・‧．。", "·"))
_USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,39}")
_PASSWORD_KINDS = (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z\d]")


def raised(level: IdentityLevel, proved: IdentityLevel) -> IdentityLevel:
    """The level after a proof; a proof never lowers it (SM-IDV)."""
    return max(level, proved, key=lambda one: one.rank)


def full_name(text: str) -> str:
    """A person's name as the registry writes it: composed signs, one kind of middle dot, no outer space.

    Raises:
        NameInvalid: if no ID card can bear it.
    """
    name = unicodedata.normalize("NFKC", text.translate(_MIDDLE_DOTS)).strip()
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise NameInvalid
    return name


def id_number(text: str, today: date) -> str:
    """A checked ID number. Raises IdNumberInvalid."""
    try:
        return identity_numbers.id_number(text, today)
    except identity_numbers.BadNumber as bad:
        raise IdNumberInvalid(str(bad)) from None


def uscc(text: str) -> str:
    """A checked unified social credit code. Raises UsccInvalid."""
    try:
        return identity_numbers.uscc_number(text)
    except identity_numbers.BadNumber as bad:
        raise UsccInvalid(str(bad)) from None


def check_same_person(known: bytes | None, proved: bytes) -> None:
    """Once proved, an ID number stays; both are keyed hashes. Raises RealNameFixed."""
    if known is not None and known != proved:
        raise RealNameFixed


def check_may_bind(level: IdentityLevel) -> None:
    """Only somebody we know by name may act for an enterprise. Raises RealNameRequired."""
    if level.rank < IdentityLevel.REALNAME_L1.rank:
        raise RealNameRequired


def last_day_of_binding(today: date) -> date:
    """A binding made today is valid for one year, this day included in the next."""
    try:
        return today.replace(year=today.year + 1)
    except ValueError:
        return date(today.year + 1, 2, 28)


class Place(Protocol):
    """What a post is checked against: a hall with its key and the code of its region."""

    @property
    def id(self) -> int: ...

    @property
    def region_id(self) -> str: ...


def covers(hall_id: int | None, region_code: str | None, place: Place | None) -> bool:
    """Whether a post of this scope reaches a hall; ``None`` asks for a deed that no hall bounds."""
    if hall_id is None and region_code is None:
        return True
    if place is None:
        return False
    return hall_id == place.id or (region_code is not None and place.region_id.startswith(region_code))


def check_scope(role: StaffRole, hall_id: int | None, region_code: str | None) -> None:
    """Raises PostScopeInvalid."""
    is_scoped = hall_id is not None or region_code is not None
    if (hall_id is not None and region_code is not None) or (role in ADMIN_ROLES and is_scoped):
        raise PostScopeInvalid


def check_username(username: str) -> None:
    """Raises UsernameInvalid."""
    if not _USERNAME.fullmatch(username):
        raise UsernameInvalid


def check_password(password: str, username: str) -> None:
    """Length first, then variety (GB/T 22239-2019: complexity). Raises PasswordWeak."""
    kinds = sum(bool(re.search(kind, password)) for kind in _PASSWORD_KINDS)
    if not 12 <= len(password) <= 128 or kinds < 3 or username.lower() in password.lower():
        raise PasswordWeak


def is_idle(seen_at: datetime, now: datetime) -> bool:
    """Whether a staff session was left alone too long."""
    return now - seen_at >= STAFF_IDLE
