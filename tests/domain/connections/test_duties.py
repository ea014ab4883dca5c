"""Who has to share what: listed, opened, served; refused only by law, and decided by a higher office."""

import asyncpg
import pytest

from app.domain.connections import desk, duties
from app.domain.connections.errors import (
    BadDuty,
    BadStep,
    DutyListed,
    DutyNotAt,
    DutyNotFound,
    NoOpenRefusal,
    RefusedAlready,
)
from app.domain.connections.models import DutyState, DutyTerms, ShareDuty
from app.kit import audit
from app.kit import db as raw
from app.kit.errors import NotAllowed
from tests.factories.connections import admin, duty, supervisor

pytestmark = pytest.mark.usefixtures("db")


async def refuse(duty_id: int, legal_basis: str = "《居民身份证法》第十九条") -> None:
    await duties.refuse(
        admin(), duty_id, legal_basis=legal_basis, reason="涉及公民个人信息", escalated_to="市大数据局"
    )


async def test_a_duty_is_listed_opened_and_served() -> None:
    one = await duties.add(admin(), duty(terms=DutyTerms.CONDITIONAL, condition="限行政审批使用"))
    await duties.open_(admin(), one)
    await duties.serve(admin(), one)
    found = await ShareDuty.get(id=one)
    assert (found.state, found.condition) == (DutyState.SERVING, "限行政审批使用")
    assert found.opened_at
    assert found.serving_at
    with pytest.raises(DutyNotAt):
        await refuse(one)
    assert await audit.verify() == 3


async def test_a_duty_is_not_served_before_it_is_opened() -> None:
    one = await duties.add(admin(), duty())
    with pytest.raises(DutyNotAt):
        await duties.serve(admin(), one)


async def test_a_duty_is_listed_once() -> None:
    await duties.add(admin(), duty())
    with pytest.raises(DutyListed):
        await duties.add(admin(), duty())
    with pytest.raises(BadDuty):
        await duties.add(admin(), duty(data=""))


async def test_a_refusal_names_the_law_and_goes_up() -> None:
    one = await duties.add(admin(), duty())
    with pytest.raises(BadStep) as told:
        await refuse(one, "")
    assert list(told.value.fields) == ["法律依据"]
    await refuse(one)
    (listed,) = await desk.duties(supervisor())
    assert (listed.legal_basis, listed.escalated_to) == ("《居民身份证法》第十九条", "市大数据局")
    assert listed.is_upheld is None
    with pytest.raises(RefusedAlready):
        await refuse(one)


async def test_a_refusal_that_was_overruled_may_be_tried_again_one_that_stands_needs_not() -> None:
    one = await duties.add(admin(), duty())
    with pytest.raises(NoOpenRefusal):
        await duties.decide(admin(), one, is_upheld=True, document_number="文号")
    await refuse(one)
    await duties.decide(admin(), one, is_upheld=False, document_number="文号")
    await refuse(one, "《保守国家秘密法》第二十一条")
    await duties.decide(admin(), one, is_upheld=True, document_number="文号")
    assert (await desk.duties(supervisor()))[0].is_upheld
    with pytest.raises(RefusedAlready):
        await refuse(one)


async def test_administrators_change_and_supervision_reads() -> None:
    one = await duties.add(admin(), duty())
    for deed in (
        duties.add(supervisor(), duty("另一项")),
        duties.open_(supervisor(), one),
        duties.serve(supervisor(), one),
        duties.refuse(supervisor(), one, legal_basis="法", reason="由", escalated_to="局"),
        duties.decide(supervisor(), one, is_upheld=True, document_number="文号"),
    ):
        with pytest.raises(NotAllowed):
            await deed
    for nobody in (0, one + 1, 2**70):
        with pytest.raises(DutyNotFound):
            await duties.open_(admin(), nobody)


async def test_duties_are_listed_by_supplier_and_page() -> None:
    ids = [await duties.add(admin(), duty("数据", supplier=f"部门{number}")) for number in range(3)]
    assert [one.id for one in await desk.duties(admin(), after=ids[0], limit=1)] == [ids[1]]
    assert [one.id for one in await desk.duties(admin(), supplier="部门2")] == [ids[2]]


REFUSED_BY_THE_DATABASE = {
    "served without a day": "UPDATE share_duty SET state = 'serving'",
    "served before it is opened": "UPDATE share_duty SET state = 'serving', serving_at = now()",
    "a condition without terms": "UPDATE share_duty SET condition = 'x'",
    "terms without a condition": "UPDATE share_duty SET terms = 'conditional'",
    "a refusal without law": "INSERT INTO share_refusal (duty_id, legal_basis, reason, escalated_to, at)"
    " SELECT id, '', 'x', 'y', now() FROM share_duty",
    "a refusal that goes nowhere": "INSERT INTO share_refusal (duty_id, legal_basis, reason, escalated_to,"
    " at) SELECT id, 'x', 'x', '', now() FROM share_duty",
    "a decision without a document": "INSERT INTO share_refusal (duty_id, legal_basis, reason, escalated_to,"
    " at, is_upheld, decided_at) SELECT id, 'x', 'x', 'y', now(), true, now() FROM share_duty",
    "born overdue": "INSERT INTO share_duty (supplier, data, due_on, terms, document_number, state)"
    " SELECT supplier, 'x', due_on, terms, 'x', 'overdue' FROM share_duty",
}


@pytest.mark.parametrize("statement", REFUSED_BY_THE_DATABASE.values(), ids=REFUSED_BY_THE_DATABASE)
async def test_the_database_itself_refuses(statement: str) -> None:
    await duties.add(admin(), duty())
    with pytest.raises(asyncpg.CheckViolationError):
        await raw.execute(statement)
