"""What a person may see of themselves; personal data leave here masked."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from app.domain.accounts.models import AgentRole, BindingStatus, EnterpriseBinding, IdentityLevel, Person
from app.domain.accounts.sessions import Citizen
from app.kit import clock, crypto, masking


@dataclass(frozen=True, slots=True)
class BoundEnterprise:
    """An enterprise as one of its agents sees it."""

    binding_id: UUID
    enterprise_id: UUID
    name: str
    uscc: str
    role: AgentRole
    expires_on: date
    is_expired: bool


@dataclass(frozen=True, slots=True)
class Profile:
    """A person as they see themselves; ``enterprise_id`` is whom they act for just now."""

    id: UUID
    level: IdentityLevel
    name: str | None
    id_number: str | None
    phone: str | None
    enterprise_id: UUID | None
    enterprises: list[BoundEnterprise]
    created_at: datetime


async def profile(citizen: Citizen) -> Profile:
    """The person behind a session."""
    person = await Person.get(id=citizen.person_id)
    return Profile(
        id=person.id,
        level=person.level,
        name=_shown(person.name_sealed, masking.mask_name),
        id_number=_shown(person.id_number_sealed, masking.mask_id_number),
        phone=_shown(person.phone_sealed, masking.mask_phone),
        enterprise_id=citizen.enterprise_id,
        enterprises=await enterprises_of(citizen.person_id),
        created_at=person.created_at,
    )


async def enterprises_of(person_id: UUID) -> list[BoundEnterprise]:
    """The enterprises a person is bound to, oldest first; expired ones too, so that they can be renewed."""
    bindings = EnterpriseBinding.filter(person_id=person_id, status=BindingStatus.ACTIVE)
    return [_bound(one) for one in await bindings.order_by("bound_at", "id").select_related("enterprise")]


async def binding(citizen: Citizen, binding_id: UUID) -> BoundEnterprise:
    """One binding of one's own."""
    mine = EnterpriseBinding.filter(person_id=citizen.person_id).select_related("enterprise")
    return _bound(await mine.get(id=binding_id))


def _bound(one: EnterpriseBinding) -> BoundEnterprise:
    return BoundEnterprise(
        binding_id=one.id,
        enterprise_id=one.enterprise.id,
        name=one.enterprise.name,
        uscc=masking.mask_uscc(crypto.unseal(one.enterprise.uscc_sealed)),
        role=one.role,
        expires_on=one.expires_on,
        is_expired=one.expires_on < clock.today(),
    )


def _shown(sealed: str | None, mask: Callable[[str], str]) -> str | None:
    return mask(crypto.unseal(sealed)) if sealed else None
