"""A person's right to take their data along and to leave (个人信息保护法 45, 47).

Areas above keep data of their own. Each registers here, at start, how it exports them and what it
does when somebody leaves, so that this area need not know them.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from app.domain.accounts import groups, identities, merging, phones, sessions
from app.domain.accounts.models import (
    BindingStatus,
    ConsentEntry,
    EnterpriseBinding,
    IdentityLevel,
    Person,
    PersonStatus,
    Session,
    WeChatIdentity,
)
from app.domain.accounts.sessions import Citizen
from app.kit import audit, clock, crypto, db

Exporter = Callable[[UUID], Awaitable[object]]
Step = Callable[[UUID], Awaitable[None]]

_exporters: dict[str, Exporter] = {}
_steps: dict[str, Step] = {}


def register(name: str, export: Exporter) -> None:
    """Add a section to every export: ``export(person_id)`` answers plain data (dicts, lists, dates)."""
    _exporters[name] = export


def before_deletion(name: str, step: Step) -> None:
    """Run ``step(person_id)`` in the transaction that deletes a person.

    It refuses by raising ``Refused`` with the way out, or clears the personal data its area holds.
    """
    _steps[name] = step


async def export(citizen: Citizen) -> dict[str, object]:
    """Everything we hold about a person, in clear, by section."""
    person_id = citizen.person_id
    sections: dict[str, object] = {
        "person": await _person(person_id),
        "wechat_identities": await WeChatIdentity.filter(person_id=person_id).values(
            "appid", "openid", "unionid", "is_follower", "followed_at", "unfollowed_at", "created_at"
        ),
        "taxpayer_group": await groups.export(person_id),
        "enterprises": await _enterprises(person_id),
        "sessions": await Session.filter(person_id=person_id).values(
            "id", "created_at", "expires_at", "revoked_at"
        ),
        "consents": await ConsentEntry.filter(person_id__in=await merging.everyone_behind(person_id))
        .order_by("id")
        .values("purpose", "is_granted", "text_version", "channel", "at"),
    }
    for name, exporter in _exporters.items():
        sections[name] = await exporter(person_id)
    await audit.record(citizen.caller_id, "person.exported", citizen.caller_id)
    return {name: _plain(section) for name, section in sections.items()}


async def delete(citizen: Citizen) -> None:
    """Unlink the person from WeChat and clear what is personal; records the law keeps stay, without a name.

    Raises whatever ``Refused`` a registered step raises; then nothing has changed.
    """
    person_id = citizen.person_id
    async with db.transaction():
        # The same order as a login takes: identities, then the person. Bookings under way hold the
        # person too, so the steps below see each of them.
        await db.fetch(
            "SELECT id FROM wechat_identity WHERE person_id = $1 ORDER BY id FOR UPDATE", person_id
        )
        await identities.locked(person_id)
        for step in _steps.values():
            await step(person_id)
        now = clock.now()
        await groups.forget(person_id)
        await merging.forget_proofs(person_id)
        await phones.forget(person_id)
        await WeChatIdentity.filter(person_id=person_id).delete()
        await sessions.end_all(person_id)
        await EnterpriseBinding.filter(person_id=person_id, status=BindingStatus.ACTIVE).update(
            status=BindingStatus.UNBOUND, ended_at=now
        )
        await Person.filter(id=person_id).update(
            status=PersonStatus.DELETED,
            level=IdentityLevel.WX_BOUND,
            deleted_at=now,
            name_sealed=None,
            id_number_sealed=None,
            id_number_hash=None,
            phone_sealed=None,
            phone_hash=None,
            real_name_at=None,
            phone_verified_at=None,
        )
        await audit.record(citizen.caller_id, "person.deleted", citizen.caller_id)


async def _person(person_id: UUID) -> dict[str, object]:
    person = await Person.get(id=person_id)
    return {
        "id": person.id,
        "level": person.level,
        "name": _open(person.name_sealed),
        "id_number": _open(person.id_number_sealed),
        "phone": _open(person.phone_sealed),
        "real_name_at": person.real_name_at,
        "phone_verified_at": person.phone_verified_at,
        "created_at": person.created_at,
    }


async def _enterprises(person_id: UUID) -> list[dict[str, object]]:
    bindings = EnterpriseBinding.filter(person_id=person_id).order_by("bound_at")
    return [
        {
            "uscc": crypto.unseal(one.enterprise.uscc_sealed),
            "name": one.enterprise.name,
            "role": one.role,
            "status": one.status,
            "bound_at": one.bound_at,
            "expires_on": one.expires_on,
            "ended_at": one.ended_at,
        }
        for one in await bindings.select_related("enterprise")
    ]


def _plain(value: object) -> object:
    """The value as JSON has it: moments in Beijing time, keys and amounts as text."""
    match value:
        case Mapping():
            return {str(name): _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case datetime():
            return value.astimezone(clock.SHANGHAI).isoformat()
        case bool() | int() | None:
            return value
        case StrEnum():
            return value.value
        case _:
            return str(value)


def _open(sealed: str | None) -> str | None:
    return crypto.unseal(sealed) if sealed else None
