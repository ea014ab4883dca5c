"""People who ask what the state already knows, and libraries that answer as a test says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from app.domain.accounts import agency, consents, proofing
from app.domain.accounts.models import AgentRole, Enterprise, EnterpriseBinding, IdentityLevel, Person
from app.domain.accounts.sessions import Citizen
from app.domain.sharing.asking import CONSENT
from app.gateways.exchange import ExchangeDown, Library, LibraryRecord
from app.kit import clock, crypto
from app.kit.ids import uuid7
from tests.factories.accounts import id_number


@dataclass
class Libraries:
    """Tell the same of everybody; remember what they were asked."""

    told: Sequence[Mapping[str, str]] = ({"name": "张三", "sex": "男", "residence": "天河区某街 1 号"},)
    down: ExchangeDown | None = None
    asked: list[tuple[Library, str, frozenset[str], str]] = field(default_factory=list)

    async def look_up(
        self, library: Library, subject: str, fields: Collection[str], *, purpose: str
    ) -> Sequence[LibraryRecord]:
        """See ``LibraryConnector``."""
        self.asked.append((library, subject, frozenset(fields), purpose))
        if self.down:
            raise self.down
        known = [{name: one[name] for name in fields if name in one} for one in self.told]
        return [LibraryRecord(tuple(sorted(one.items()))) for one in known]

    async def close(self) -> None:
        """There is nothing to close."""


async def make_enterprise(uscc: str, name: str = "广州第一有限公司") -> UUID:
    """An enterprise we know."""
    made = await Enterprise.create(
        id=uuid7(), uscc_sealed=crypto.seal(uscc), uscc_hash=crypto.lookup_hash(uscc, agency.USCC), name=name
    )
    return made.id


async def make_citizen(
    *, number: str | None = None, enterprise_id: UUID | None = None, has_consent: bool = True, **facts: Any
) -> Citizen:
    """Somebody with a proved number, acting for themselves or for an enterprise they are bound to."""
    known = number or id_number()
    person = await Person.create(
        id=uuid7(), level=IdentityLevel.REALNAME_L1, name_sealed=crypto.seal("张三"),
        id_number_sealed=crypto.seal(known), id_number_hash=crypto.lookup_hash(known, proofing.ID_NUMBER),
        **facts,
    )  # fmt: skip
    if enterprise_id is not None:
        await EnterpriseBinding.create(
            id=uuid7(), person_id=person.id, enterprise_id=enterprise_id, role=AgentRole.TAX_AGENT,
            expires_on=clock.today() + timedelta(days=30),
        )  # fmt: skip
    citizen = Citizen(person.id, uuid7(), enterprise_id, person.level)
    if has_consent:
        await consent(citizen)
    return citizen


async def consent(citizen: Citizen, *, is_granted: bool = True) -> None:
    """The person's word on having data fetched."""
    version = consents.texts()[CONSENT].version
    await consents.answer(citizen, CONSENT, version, is_granted=is_granted)
