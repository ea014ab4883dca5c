"""A person takes back in WeChat what they let us know (个人信息保护法 15, 47): it is deleted here too."""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from app.domain.accounts import merging, phones, rules
from app.domain.accounts.models import Person
from app.kit import audit, db

PHONE: Final = "8"
"""WeChat's number of the phone among what can be taken back.

Nickname and picture (6, 19, 20), places (13, 18) and the rest are never kept, so nothing is left to delete.
"""


async def revoke(person_id: UUID, taken_back: Collection[str]) -> bool:
    """Delete what was taken back, by WeChat's numbers; answers whether there was anything.

    A level that rested on the phone alone falls back; a name the registry has confirmed stays. Safe to
    repeat, and nothing happens for somebody who left meanwhile. Whoever is frozen may take back too.
    """
    if PHONE not in taken_back:
        return False
    async with db.transaction():
        person = await Person.filter(id=person_id).select_for_update(no_key=True).get_or_none()
        if person is None or person.phone_sealed is None:
            return False
        await phones.forget(person_id)
        level = rules.without_phone(rules.proofs_of(person))["level"]
        await Person.filter(id=person_id).update(
            level=level, phone_sealed=None, phone_hash=None, phone_verified_at=None
        )
        await merging.forget_phones(person_id)
        await audit.record("wechat", "person.phone_revoked", audit.person(person_id))
    return True
