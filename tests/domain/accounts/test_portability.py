"""Taking one's data along, and leaving."""

import asyncio
from uuid import UUID

import orjson
import pytest

from app.domain.accounts import agency, consents, login, portability, proofing, queries, sessions
from app.domain.accounts.errors import PhoneNeedsMiniProgram, RealNameRequired, SessionEnded
from app.domain.accounts.models import AgentRole, Person, PersonStatus, WeChatIdentity
from app.kit import audit
from app.kit import db as raw
from app.kit.errors import Refused
from app.sandbox.world import phone_of
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("wechat_sandbox")


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other area is asked, whichever test registered it."""
    monkeypatch.setattr(portability, "_exporters", {})
    monkeypatch.setattr(portability, "_steps", {})


async def test_an_export_holds_everything_in_clear() -> None:
    number = make.id_number()
    citizen = await make.known_citizen(real_name="欧阳小明", number=number)
    await proofing.prove_phone(citizen, "phone-zhangsan")
    await agency.bind(citizen, make.uscc_number(), AgentRole.TAX_AGENT)
    await consents.answer(citizen, "location", "1", is_granted=True)

    async def bookings(person_id: UUID) -> object:
        return [{"of": person_id}]

    portability.register("bookings", bookings)
    sections = await portability.export(citizen)
    written = orjson.dumps(sections).decode()
    for fact in (
        number,
        "欧阳小明",
        phone_of("zhangsan"),
        make.uscc_number(),
        "location",
        str(citizen.session_id),
    ):
        assert fact in written
    assert sections["bookings"] == [{"of": str(citizen.person_id)}]
    assert "session_key" not in written
    assert "token_hash" not in written


async def test_an_export_holds_nothing_of_others() -> None:
    number = make.id_number()
    await make.known_citizen("lisi", real_name="李四光", number=number)
    written = orjson.dumps(await portability.export(await make.log_in("zhangsan"))).decode()
    assert number not in written
    assert "李四光" not in written


async def test_who_leaves_is_forgotten_and_starts_anew() -> None:
    number = make.id_number()
    begun = await login.log_in("sandbox-zhangsan")
    await make.known_citizen(number=number)
    await agency.bind(await sessions.citizen_of(begun.token), make.uscc_number(), AgentRole.TAX_AGENT)
    await portability.delete(begun.citizen)
    gone = await Person.get(id=begun.citizen.person_id)
    assert gone.status is PersonStatus.DELETED
    personal = (
        gone.name_sealed,
        gone.id_number_sealed,
        gone.id_number_hash,
        gone.phone_sealed,
        gone.phone_hash,
    )
    assert set(personal) == {None}
    assert await WeChatIdentity.all().count() == 0
    assert await queries.enterprises_of(gone.id) == []
    with pytest.raises(SessionEnded):
        await sessions.citizen_of(begun.token)
    back = await make.known_citizen(number=number)
    assert back.person_id != gone.id
    assert await audit.verify() > 0


async def test_leaving_twice_at_once_happens_once() -> None:
    citizen = await make.log_in("zhangsan")
    ends = await asyncio.gather(*(portability.delete(citizen) for _ in range(3)), return_exceptions=True)
    assert sorted(type(end).__name__ for end in ends) == ["NoneType", "SessionEnded", "SessionEnded"]


async def test_leaving_while_logging_in_never_leaves_a_session_of_nobody() -> None:
    for _ in range(8):
        citizen = await make.log_in("zhangsan")
        await asyncio.gather(
            portability.delete(citizen), *(login.log_in("sandbox-zhangsan") for _ in range(3))
        )
        alive = await raw.fetch(
            "SELECT p.status FROM session s JOIN person p ON p.id = s.person_id WHERE s.revoked_at IS NULL"
        )
        assert {row["status"] for row in alive} <= {"active"}


async def test_who_left_meanwhile_proves_and_binds_nothing() -> None:
    citizen = await make.known_citizen()
    await portability.delete(citizen)
    for act in (
        proofing.prove_real_name(citizen, "张三", make.id_number()),
        proofing.prove_phone(citizen, "phone-zhangsan"),
        agency.bind(citizen, make.uscc_number(), AgentRole.TAX_AGENT),
    ):
        with pytest.raises((SessionEnded, RealNameRequired, PhoneNeedsMiniProgram)):
            await act


async def test_a_refusal_of_another_area_changes_nothing() -> None:
    begun = await login.log_in("sandbox-zhangsan")

    async def refuse(person_id: UUID) -> None:
        await raw.execute("DELETE FROM session WHERE person_id = $1", person_id)
        raise Refused("请先取消预约")

    portability.before_deletion("bookings", refuse)
    with pytest.raises(Refused, match="取消预约"):
        await portability.delete(begun.citizen)
    assert await sessions.citizen_of(begun.token) == begun.citizen
    assert await WeChatIdentity.all().count() == 1
