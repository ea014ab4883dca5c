"""Unmasking: permission, reason, record."""

from uuid import uuid4

import pytest

from app.domain.accounts import disclosure
from app.domain.accounts.disclosure import PersonalField
from app.domain.accounts.errors import NothingToUnmask, ReasonRequired, UnmaskingNotAllowed
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit import audit
from app.kit import db as raw
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")

REASON = "核对来电人身份"


async def test_a_hall_manager_with_a_reason_reads_one_field_and_it_is_recorded() -> None:
    number = make.id_number()
    citizen = await make.known_citizen(number=number)
    manager = await make.staff_at_work("manager", Post(StaffRole.HALL_MANAGER, hall_id=7))
    assert await disclosure.unmask(manager, citizen.person_id, PersonalField.ID_NUMBER, REASON) == number
    row = await raw.fetch_one("SELECT *, detail::text AS told FROM audit_entry ORDER BY id DESC LIMIT 1")
    assert row is not None
    assert (row["actor"], row["action"], row["reason"]) == (manager.caller_id, "person.unmasked", REASON)
    assert row["target"] == citizen.caller_id
    assert "id_number" in row["told"]
    assert number not in str(dict(row))
    await audit.verify()


@pytest.mark.parametrize("role", [role for role in StaffRole if role not in disclosure.ROLES])
async def test_no_other_role_reads_personal_data(role: StaffRole) -> None:
    citizen = await make.known_citizen()
    member = await make.staff_at_work("member", Post(role))
    with pytest.raises(UnmaskingNotAllowed):
        await disclosure.unmask(member, citizen.person_id, PersonalField.NAME, REASON)


@pytest.mark.parametrize("reason", ["", "  因为  ", "看一看呀" + " " * 9, "长" * 501])
async def test_no_reason_no_data(reason: str) -> None:
    citizen = await make.known_citizen()
    manager = await make.staff_at_work("manager", Post(StaffRole.HALL_MANAGER))
    with pytest.raises(ReasonRequired):
        await disclosure.unmask(manager, citizen.person_id, PersonalField.NAME, reason)


async def test_what_is_not_there_cannot_be_read() -> None:
    citizen = await make.log_in("zhangsan")
    manager = await make.staff_at_work("manager", Post(StaffRole.HALL_MANAGER))
    for person_id in (citizen.person_id, uuid4()):
        with pytest.raises(NothingToUnmask):
            await disclosure.unmask(manager, person_id, PersonalField.NAME, REASON)
