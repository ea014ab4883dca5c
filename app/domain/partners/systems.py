"""Registering department systems and handing out their keys; every deed is audited."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from tortoise.exceptions import IntegrityError

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.partners.errors import (
    KeyUnknown,
    SystemExists,
    SystemInvalid,
    SystemUnknown,
    TooManyKeys,
)
from app.domain.partners.kinds import MessageKind
from app.domain.partners.mapping import FieldMap
from app.domain.partners.models import PartnerKey, PartnerSystem
from app.domain.partners.relaying import PURPOSES
from app.kit import audit, clock, crypto, db, sm2
from app.kit.errors import NotAllowed
from app.kit.signing import Algorithm

MOST_KEYS: Final = 2
"""So many keys of a system may be valid at once: the old one and the one that replaces it."""
LONGEST_DAYS: Final = 366

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
_AUTHORITY: Final = re.compile(r"[0-9A-Z]{1,18}")
_REGION: Final = re.compile(r"[0-9]{2,12}")


@dataclass(frozen=True, slots=True)
class NewSystem:
    """A system as it is registered; that it may speak for any authority or region has to be said."""

    code: str
    name: str
    department: str
    kinds: Sequence[str]
    authorities: Sequence[str] = ()
    regions: Sequence[str] = ()
    field_map: Mapping[str, Any] | None = None
    relays: Sequence[str] = ()
    """用途 for which it may ask the base libraries through us."""
    any_authority: bool = False
    any_region: bool = False


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A key just made; the secret is told this once, and none is for a public key of the system's own."""

    id: str
    expires_at: datetime
    secret: str | None = field(repr=False)


def check_security(member: StaffMember) -> None:
    """Keys and scopes are the security administrator's (GB/T 22239-2019). Raises NotAllowed."""
    if not staff.may(member, StaffRole.SECURITY_ADMIN, None):
        raise NotAllowed


def check_exchange(member: StaffMember) -> None:
    """Whoever looks after the exchange, or after its keys. Raises NotAllowed."""
    roles = (StaffRole.EXCHANGE_OPERATOR, StaffRole.SECURITY_ADMIN)
    if not any(staff.may(member, role, None) for role in roles):
        raise NotAllowed


async def create(member: StaffMember, new: NewSystem) -> int:
    """Register a system and answer its id. Raises NotAllowed, SystemInvalid or SystemExists."""
    check_security(member)
    _check(new)
    try:
        async with db.transaction():
            system = await PartnerSystem.create(
                code=new.code, name=new.name, department=new.department, kinds=sorted(set(new.kinds)),
                authorities=list(new.authorities), regions=list(new.regions),
                field_map=dict(new.field_map) if new.field_map is not None else None,
                relays=sorted(set(new.relays)) or None,
                created_by=member.caller_id,
            )  # fmt: skip
            detail = {
                "code": new.code, "kinds": sorted(set(new.kinds)), "authorities": list(new.authorities),
                "regions": list(new.regions), "relays": sorted(set(new.relays)),
            }  # fmt: skip
            await audit.record(member.caller_id, "partner.created", f"partner:{new.code}", detail=detail)
    except IntegrityError:
        raise SystemExists from None
    system_id: int = system.id
    return system_id


async def add_key(member: StaffMember, code: str, *, days: int, public_key: str | None = None) -> IssuedKey:
    """Give a system a key for some days: a secret of ours, or ``public_key`` (PEM) for SM2.

    Raises NotAllowed, SystemUnknown, SystemInvalid, or TooManyKeys while two are valid.
    """
    check_security(member)
    if not 1 <= days <= LONGEST_DAYS:
        raise SystemInvalid(fields={"days": [f"应在 1 到 {LONGEST_DAYS} 之间"]})
    secret = secrets.token_urlsafe(32) if public_key is None else None
    now = clock.now()
    async with db.transaction():
        system = await PartnerSystem.filter(code=code).select_for_update(no_key=True).first()
        if system is None:
            raise SystemUnknown
        live = PartnerKey.filter(system_id=system.id, revoked_at=None, expires_at__gt=now)
        if await live.count() >= MOST_KEYS:
            raise TooManyKeys
        key = await PartnerKey.create(
            id=f"{secrets.token_hex(8)}",
            system_id=system.id,
            algorithm=Algorithm.HMAC if secret else Algorithm.SM2,
            secret_sealed=crypto.seal(secret or _checked(public_key or "")),
            created_by=member.caller_id,
            created_at=now,
            expires_at=now + timedelta(days=days),
        )
        detail = {"key": key.id, "algorithm": key.algorithm.value, "days": days}
        await audit.record(member.caller_id, "partner.key_added", f"partner:{code}", detail=detail)
    return IssuedKey(key.id, key.expires_at, secret)


async def revoke_key(member: StaffMember, key_id: str) -> None:
    """Stop a key at once. Raises NotAllowed or KeyUnknown."""
    check_security(member)
    async with db.transaction():
        code = await db.fetch_value(
            "UPDATE partner_key k SET revoked_at = $2 FROM partner_system s"
            " WHERE k.id = $1 AND k.revoked_at IS NULL AND s.id = k.system_id RETURNING s.code",
            key_id, clock.now(),
        )  # fmt: skip
        if code is None:
            raise KeyUnknown
        detail = {"key": key_id}
        await audit.record(member.caller_id, "partner.key_revoked", f"partner:{code}", detail=detail)


async def switch(member: StaffMember, code: str, *, is_active: bool) -> None:
    """Let a system push or no longer; what it has pushed stays. Raises NotAllowed or SystemUnknown."""
    check_security(member)
    async with db.transaction():
        if not await PartnerSystem.filter(code=code).update(is_active=is_active):
            raise SystemUnknown
        action = "partner.switched_on" if is_active else "partner.switched_off"
        await audit.record(member.caller_id, action, f"partner:{code}")


async def find(code: str) -> PartnerSystem:
    """The system of this code. Raises SystemUnknown."""
    system = await PartnerSystem.get_or_none(code=code)
    if system is None:
        raise SystemUnknown
    return system


async def with_keys(member: StaffMember, code: str) -> tuple[PartnerSystem, Sequence[PartnerKey]]:
    """A system with its keys, the newest first. Raises NotAllowed or SystemUnknown."""
    check_exchange(member)
    system = await find(code)
    return system, await PartnerKey.filter(system_id=system.id).order_by("-created_at")


async def listed(member: StaffMember) -> Sequence[tuple[PartnerSystem, Sequence[PartnerKey]]]:
    """Every system with its keys, by code. Raises NotAllowed."""
    check_exchange(member)
    found = await PartnerSystem.all().order_by("code").prefetch_related("keys")
    return [(one, sorted(one.keys, key=lambda key: key.created_at)) for one in found]  # type: ignore[attr-defined]


def _check(new: NewSystem) -> None:
    faults: dict[str, list[str]] = {}
    if not _CODE.fullmatch(new.code):
        faults["code"] = ["应为 2 到 40 位字母、数字、- 或 _"]
    for name in ("name", "department"):
        if not 0 < len(getattr(new, name).strip()) <= 80:
            faults[name] = ["应为 1 到 80 个字"]
    strange = sorted(set(new.kinds) - set(MessageKind))
    if strange or not new.kinds:
        faults["kinds"] = [f"应为 {'、'.join(MessageKind)} 中的一个或几个"]
    faults |= _scope_faults(new)
    if set(new.relays) - set(PURPOSES):
        faults["relays"] = [f"应为 {'、'.join(PURPOSES)} 中的一个或几个"]
    if faults:
        raise SystemInvalid(fields=faults)
    FieldMap.read(new.field_map)


def _scope_faults(new: NewSystem) -> dict[str, list[str]]:
    faults: dict[str, list[str]] = {}
    if not all(_AUTHORITY.fullmatch(one) for one in new.authorities):
        faults["authorities"] = ["应为统一社会信用代码或其开头几位"]
    elif bool(new.authorities) == new.any_authority:
        faults["authorities"] = ["请写明可代表的实施主体，或者明确不限（--any-authority），二者选一"]
    if not all(_REGION.fullmatch(one) for one in new.regions):
        faults["regions"] = ["应为行政区划代码或其开头几位"]
    elif bool(new.regions) == new.any_region:
        faults["regions"] = ["请写明可代表的区划，或者明确不限（--any-region），二者选一"]
    return faults


def _checked(pem: str) -> str:
    try:
        sm2.PublicKey.from_pem(pem)
    except sm2.UnusableKey:
        raise SystemInvalid(fields={"public_key": ["不是 SM2 公钥或证书（PEM）"]}) from None
    return pem
