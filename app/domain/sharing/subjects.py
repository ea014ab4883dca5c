"""Whom a prefill is about: the person who asks, or the enterprise they act for just now; nobody else."""

from app.domain.accounts.models import Enterprise, Person
from app.domain.accounts.sessions import Citizen
from app.domain.sharing.errors import ShareNeedsRealName
from app.kit import crypto


async def number_of(citizen: Citizen) -> str:
    """The ID number or the USCC libraries know them by. Raises ShareNeedsRealName."""
    if citizen.enterprise_id is not None:
        return crypto.unseal((await Enterprise.get(id=citizen.enterprise_id)).uscc_sealed)
    sealed = (await Person.get(id=citizen.person_id)).id_number_sealed
    if sealed is None:
        raise ShareNeedsRealName
    return crypto.unseal(sealed)
