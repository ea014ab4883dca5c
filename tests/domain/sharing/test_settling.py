"""The person's word: confirmed or corrected, once; and an objection that its department has to answer."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from app.domain.accounts import merging, portability
from app.domain.accounts.models import StaffRole
from app.domain.accounts.sessions import Citizen
from app.domain.accounts.staff import StaffMember
from app.domain.halls.schedules import load_calendar
from app.domain.sharing import asking, keeping, objections, prefills, settling
from app.domain.sharing.errors import (
    BadObjection,
    ObjectionAnswered,
    ObjectionNotFound,
    ShareNeedsConsent,
    ShareRequestLapsed,
    ShareRequestNotFound,
    ShareRequestNotOpen,
)
from app.domain.sharing.models import ObjectionState, Occasion, ShareObjection, ShareRequest, ShareState
from app.gateways.exchange import Library
from app.kit import clock, db
from app.kit.errors import NotAllowed
from tests.factories.accounts import id_number
from tests.factories.audiences import at_work
from tests.factories.sharing import consent, make_citizen

pytestmark = pytest.mark.usefixtures("libraries")

WRONG = [(1, "residence", "天河区新街 2 号")]
WHY = "去年已搬家"


async def asked_by(citizen: Citizen) -> UUID:
    """A prefill that stands in the form."""
    found = await asking.ask(citizen, Library.POPULATION, Occasion.APPLICATION)
    assert (await prefills.one(citizen, found)).state is ShareState.PREFILLED
    return found


async def test_what_is_right_is_confirmed_once_however_often_it_is_said() -> None:
    citizen = await make_citizen()
    asked = await asked_by(citizen)
    await settling.confirm(citizen, asked)
    await settling.confirm(citizen, asked)
    found = await prefills.one(citizen, asked)
    assert (found.state, found.objection, len(found.records)) == (ShareState.CONFIRMED, None, 1)
    assert await db.fetch_value("SELECT count(*) FROM audit_entry WHERE action = 'share.confirmed'") == 1
    with pytest.raises(ShareRequestNotOpen):
        await settling.correct(citizen, asked, WRONG, WHY)


async def test_what_is_wrong_goes_to_the_department_it_is_from() -> None:
    number = id_number()
    citizen = await make_citizen(number=number)
    asked = await asked_by(citizen)
    await settling.correct(citizen, asked, WRONG, WHY)
    found = await prefills.one(citizen, asked)
    assert found.state is ShareState.CORRECTED
    assert found.objection is not None
    assert (found.objection.department, found.objection.fields) == ("公安机关", ["residence"])
    due_on = (await load_calendar()).add_workdays(clock.today(), 10)
    assert (found.objection.due_on, found.objection.state) == (due_on, ObjectionState.OPEN)
    (entry,) = await db.fetch("SELECT to_jsonb(o)::text AS row FROM share_objection o")
    for secret in (number, "新街", "搬家"):
        assert secret not in entry["row"]
    claim = await objections.claim(operator(), 1, "转公安机关核实")
    assert (claim.subject, claim.reason) == (number, WHY)
    assert [(one.told, one.value) for one in claim.corrections] == [("天河区某街 1 号", "天河区新街 2 号")]
    assert number not in repr(claim)


async def test_confirming_and_correcting_at_once_is_one_of_the_two() -> None:
    for _ in range(4):
        citizen = await make_citizen()
        asked = await asked_by(citizen)
        done = await asyncio.gather(
            settling.confirm(citizen, asked),
            settling.correct(citizen, asked, WRONG, WHY),
            settling.correct(citizen, asked, WRONG, WHY),
            return_exceptions=True,
        )
        failures = [one for one in done if one is not None]
        assert len(failures) == 2
        assert all(isinstance(one, ShareRequestNotOpen) for one in failures), failures
        row = await ShareRequest.get(id=asked)
        assert await ShareObjection.filter(request_id=asked).count() == (row.state is ShareState.CORRECTED)


@pytest.mark.parametrize(
    ("wrong", "why", "field"),
    [
        ([], WHY, "corrections"),
        ([(2, "residence", "甲")], WHY, "corrections"),
        ([(1, "income", "甲")], WHY, "corrections"),
        ([(1, "name", "张三")], WHY, "corrections"),
        ([(1, "name", "甲"), (1, "name", "乙")], WHY, "corrections"),
        (WRONG, "", "reason"),
        (WRONG, "甲" * 501, "reason"),
    ],
)
async def test_an_objection_that_says_nothing_is_refused_and_the_form_stays_open(
    wrong: list[tuple[int, str, str]], why: str, field: str
) -> None:
    citizen = await make_citizen()
    asked = await asked_by(citizen)
    with pytest.raises(BadObjection) as refused:
        await settling.correct(citizen, asked, wrong, why)
    assert field in refused.value.fields
    await settling.confirm(citizen, asked)


async def test_a_value_that_was_left_out_may_be_added() -> None:
    citizen = await make_citizen()
    asked = await asked_by(citizen)
    await settling.correct(citizen, asked, [(1, "birth_date", "1990-03-07")], WHY)
    claim = await objections.claim(operator(), 1, "转公安机关核实")
    assert claim.corrections[0].told is None


async def test_nobody_settles_anothers_or_what_lapsed_or_without_consent() -> None:
    citizen, stranger = await make_citizen(), await make_citizen()
    asked = await asked_by(citizen)
    with pytest.raises(ShareRequestNotFound):
        await settling.confirm(stranger, asked)
    with pytest.raises(ShareRequestNotFound):
        await settling.correct(stranger, asked, WRONG, WHY)
    await consent(citizen, is_granted=False)
    with pytest.raises(ShareNeedsConsent):
        await settling.confirm(citizen, asked)
    await consent(citizen)
    with clock.frozen(clock.now() + timedelta(hours=24)):
        with pytest.raises(ShareRequestLapsed):
            await settling.confirm(citizen, asked)
        await keeping.tidy()
        with pytest.raises(ShareRequestLapsed):
            await settling.correct(citizen, asked, WRONG, WHY)


async def test_the_database_itself_lets_no_request_go_back() -> None:
    citizen = await make_citizen()
    asked = await asked_by(citizen)
    await settling.confirm(citizen, asked)
    for state in ("requested", "authorised", "hit", "prefilled", "corrected"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await db.execute("UPDATE share_request SET state = $1", state)


def operator() -> StaffMember:
    return at_work("operator", StaffRole.EXCHANGE_OPERATOR)


async def objected() -> tuple[Citizen, UUID]:
    citizen = await make_citizen()
    asked = await asked_by(citizen)
    await settling.correct(citizen, asked, WRONG, WHY)
    return citizen, asked


async def test_an_objection_is_answered_once_and_the_person_reads_it() -> None:
    citizen, asked = await objected()
    member = operator()
    done = await asyncio.gather(
        objections.answer(member, 1, is_mended=True, words="已更正住址"),
        objections.answer(member, 1, is_mended=False, words="核实无误"),
        return_exceptions=True,
    )
    assert [type(one) for one in done if one is not None] == [ObjectionAnswered]
    told = (await prefills.one(citizen, asked)).objection
    assert told is not None
    assert (told.state, told.answer) in (
        (ObjectionState.MENDED, "已更正住址"), (ObjectionState.KEPT, "核实无误"),
    )  # fmt: skip
    with pytest.raises(ObjectionNotFound):
        await objections.answer(member, 99, is_mended=True, words="已更正")
    with pytest.raises(BadObjection):
        await objections.answer(member, 1, is_mended=True, words=" ")
    assert await objections.listed(member, limit=10) == []
    assert len(await objections.listed(member, only_open=False, limit=10)) == 1


async def test_an_objection_is_overdue_from_the_day_after_and_never_forgotten_while_open() -> None:
    await objected()
    due_on = (await ShareObjection.get()).due_on
    watcher = at_work("watcher", StaffRole.SUPERVISOR)
    for days, is_overdue in ((0, False), (1, True)):
        with clock.frozen(clock.now() + (due_on - clock.today()) + timedelta(days=days)):
            (one,) = await objections.listed(watcher, department="公安机关", limit=10)
            assert one.is_overdue is is_overdue
    assert await objections.listed(watcher, department="税务局", limit=10) == []
    with clock.frozen(clock.now() + timedelta(days=400)):
        assert await keeping.forget() == 0


async def test_only_who_looks_after_the_exchange_reads_and_answers() -> None:
    await objected()
    clerk, watcher = at_work("clerk", StaffRole.CLERK), at_work("watcher", StaffRole.SUPERVISOR)
    with pytest.raises(NotAllowed):
        await objections.listed(clerk, limit=10)
    for member in (clerk, watcher):
        with pytest.raises(NotAllowed):
            await objections.claim(member, 1, "看看")
        with pytest.raises(NotAllowed):
            await objections.answer(member, 1, is_mended=True, words="已更正")
    with pytest.raises(BadObjection):
        await objections.claim(operator(), 1, "")
    with pytest.raises(ObjectionNotFound):
        await objections.claim(operator(), 2, "转公安机关核实")
    assert await db.fetch_value("SELECT count(*) FROM audit_entry WHERE action = 'share.objection_read'") == 0
    await objections.claim(operator(), 1, "转公安机关核实")
    assert await db.fetch_value("SELECT reason FROM audit_entry WHERE action = 'share.objection_read'")


async def test_requests_go_with_the_person() -> None:
    citizen, asked = await objected()
    told: Any = await portability.export(citizen)
    (one,) = told["prefills"]
    assert (one["objection"]["reason"], one["records"][0]["name"]) == (WHY, "张三")
    other = await make_citizen(number=id_number())
    await db.execute(
        "UPDATE person SET id_number_hash = NULL, id_number_sealed = NULL WHERE id = $1", other.person_id
    )
    kept_id = await merging.merge(citizen.person_id, other.person_id, actor="system", reason="test")
    assert (await ShareRequest.get(id=asked)).person_id == kept_id
    kept = Citizen(kept_id, citizen.session_id, None, citizen.level)
    await portability.delete(kept)
    assert not await ShareRequest.exists()
    assert not await ShareObjection.exists()
