"""Enterprises of which something is known, their agents, people with tags, and files of lists."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import NAMESPACE_DNS, UUID, uuid5

from app.domain.accounts import agency, proofing
from app.domain.accounts.models import (
    AgentRole,
    BindingStatus,
    Enterprise,
    EnterpriseBinding,
    IdentityLevel,
    Person,
    StaffRole,
)
from app.domain.accounts.staff import Post, StaffMember
from app.domain.audiences.models import EnterpriseFact, PersonTag
from app.kit import clock, crypto
from app.kit.ids import uuid7
from tests.factories import accounts

PHONE = "13800005678"


async def person(level: IdentityLevel = IdentityLevel.WX_BOUND, **numbers: str) -> UUID:
    """Somebody, known by ``id_number`` or ``phone`` if given."""
    purposes = {"id_number": proofing.ID_NUMBER, "phone": proofing.PHONE}
    hashes = {f"{name}_hash": crypto.lookup_hash(number, purposes[name]) for name, number in numbers.items()}
    return (await Person.create(id=uuid7(), level=level, **cast(Any, hashes))).id


async def enterprise(uscc: str | None = None, **facts: Any) -> UUID:
    """An enterprise; with facts as a department told them, or with none."""
    code = uscc or accounts.uscc_number()
    made = await Enterprise.create(
        id=uuid7(),
        uscc_sealed=crypto.seal(code),
        uscc_hash=crypto.lookup_hash(code, agency.USCC),
        name="企业",
    )
    if facts:
        await EnterpriseFact.create(enterprise_id=made.id, source="test", updated_at=clock.now(), **facts)
    return made.id


async def bind(
    person_id: UUID,
    enterprise_id: UUID,
    role: AgentRole = AgentRole.TAX_AGENT,
    *,
    expires_on: date | None = None,
    status: BindingStatus = BindingStatus.ACTIVE,
) -> None:
    """Somebody acts for an enterprise, for a year if nothing else is said."""
    await EnterpriseBinding.create(
        id=uuid7(), person_id=person_id, enterprise_id=enterprise_id, role=role, status=status,
        expires_on=expires_on or clock.today() + timedelta(days=365),
    )  # fmt: skip


async def agent(role: AgentRole = AgentRole.TAX_AGENT, *, uscc: str | None = None, **facts: Any) -> UUID:
    """Somebody who acts for an enterprise of which this is known."""
    person_id = await person(IdentityLevel.REALNAME_L1)
    await bind(person_id, await enterprise(uscc, **facts), role)
    return person_id


async def tag(person_id: UUID, word: str) -> None:
    """A tag on somebody."""
    await PersonTag.create(tag=word, person_id=person_id, given_by="system", given_at=clock.now())


def at_work(username: str, *roles: StaffRole) -> StaffMember:
    """A member of staff with these posts, without the password and the code that a sign-in takes."""
    return StaffMember(
        id=uuid5(NAMESPACE_DNS, username),
        session_id=uuid7(),
        username=username,
        display_name=username,
        posts=tuple(Post(role) for role in roles),
        must_change_password=False,
    )


def publisher() -> StaffMember:
    """Somebody who may upload lists and write rules, anywhere."""
    return at_work("editor", StaffRole.PUBLISHER)


def reviewer() -> StaffMember:
    """Somebody who may put rules in force, and write them."""
    return at_work("second", StaffRole.REVIEWER, StaffRole.PUBLISHER)


def csv_file(folder: Path, lines: Iterable[str], encoding: str = "utf-8") -> Path:
    """A file of these lines."""
    path = folder / "list.csv"
    path.write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return path


def uscc_numbers(count: int) -> Sequence[str]:
    """So many different valid codes."""
    return [accounts.uscc_number(serial) for serial in range(1, count + 1)]
