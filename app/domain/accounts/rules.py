"""What may happen to an identity, an agency or a staff account: pure functions of loaded facts."""

import re
import unicodedata
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from app.domain.accounts.errors import (
    CannotMerge,
    IdNumberInvalid,
    NameInvalid,
    PasswordWeak,
    PostScopeInvalid,
    RealNameFixed,
    RealNameRequired,
    UsccInvalid,
    UsernameInvalid,
)
from app.domain.accounts.models import IdentityLevel, Person, PersonStatus, StaffRole
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


# Two persons become one ------------------------------------------------------------------------------

_REAL_NAME = ("name_sealed", "id_number_sealed", "id_number_hash", "real_name_at")
_PHONE = ("phone_sealed", "phone_hash", "phone_verified_at")
PROOFS = ("level", *_REAL_NAME, *_PHONE)
"""The columns that say how well we know a person; a merge remembers them as plain JSON."""

Proofs = dict[str, Any]
NOTHING_PROVED: Proofs = {**dict.fromkeys(PROOFS), "level": IdentityLevel.WX_BOUND.value}


def proofs_of(person: Person) -> Proofs:
    """What is proved of a person, as plain JSON: hashes in hex, moments in ISO 8601."""
    return {name: _plain(getattr(person, name)) for name in PROOFS}


def kept_and_absorbed(one: Person, other: Person) -> tuple[Person, Person]:
    """Who stays: the better known, else the one who was here first."""
    kept = min((one, other), key=lambda person: (-person.level.rank, person.created_at, person.id))
    return kept, other if kept is one else one


def check_may_merge(kept: Person, absorbed: Person) -> None:
    """Raise CannotMerge unless both are active and nothing proves them to be two human beings."""
    if kept.status is not PersonStatus.ACTIVE or absorbed.status is not PersonStatus.ACTIVE:
        raise CannotMerge("只能合并两个正常使用的账号；被冻结的账号请先处理")
    numbers = {person.id_number_hash for person in (kept, absorbed)} - {None}
    if len(numbers) > 1:
        raise CannotMerge("两个账号实名的不是同一个人，不能合并")


def check_may_part(kept: Person, absorbed: Person) -> None:
    """Raise CannotMerge unless the merge of these two is the last thing that happened to either."""
    if kept.status is not PersonStatus.ACTIVE:
        raise CannotMerge("保留的账号已不再使用；如它又并入了别的账号，请先撤销那一次")
    if absorbed.status is not PersonStatus.DELETED:
        raise CannotMerge("被合并的账号状态已变化，不能撤销")


def carried_proofs(kept: Proofs, absorbed: Proofs) -> Proofs:
    """What is proved of both together; where both proved something, the kept one's counts."""
    carried = dict(kept)
    for group, mark in ((_REAL_NAME, "id_number_hash"), (_PHONE, "phone_hash")):
        if kept[mark] is None:
            carried.update({name: absorbed[name] for name in group})
    levels = (IdentityLevel(kept["level"]), IdentityLevel(absorbed["level"]))
    return {**carried, "level": raised(*levels).value}


def proofs_after_parting(now: Proofs, kept_before: Proofs, absorbed_before: Proofs) -> Proofs:
    """The kept one's proofs without what the merge had carried over to them; what they proved since stays."""
    left = dict(now)
    for group, mark in ((_REAL_NAME, "id_number_hash"), (_PHONE, "phone_hash")):
        if now[mark] is not None and now[mark] == absorbed_before[mark] and kept_before[mark] is None:
            left.update(dict.fromkeys(group))
    # A level rests on the name, where there is one, and else on the phone.
    if left == now or left["id_number_hash"] is not None:
        return left
    return {**left, "level": kept_before["level"]}


def without_phone(proofs: Proofs) -> Proofs:
    """Proofs without the phone; a level that rested on it alone falls back."""
    level = proofs["level"]
    if level == IdentityLevel.PHONE_VERIFIED:
        level = IdentityLevel.WX_BOUND.value
    return {**proofs, **dict.fromkeys(_PHONE), "level": level}


def _plain(value: object) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    return value.isoformat() if isinstance(value, datetime) else value
