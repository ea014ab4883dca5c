"""Cases of a person who takes their data along, leaves, or turns out to be two."""

import orjson
import pytest

from app.domain.accounts import merging
from app.domain.accounts.models import PersonMerge
from app.domain.cases import lookup, portability, queries
from app.domain.cases.errors import CaseNotFound
from app.domain.cases.models import Case
from app.domain.cases.models import CaseState as S
from app.domain.cases.portability import HasOpenCases
from app.kit.ids import uuid7
from tests.factories.appointments import make_person
from tests.factories.cases import CODE, make_case

pytestmark = pytest.mark.usefixtures("db")

OVER = (S.SUPPLEMENT, S.TERMINATED)


async def test_an_export_has_every_case_with_what_was_told_and_none_of_others() -> None:
    me, other = await make_person(), await make_person()
    mine, theirs = await make_case(*OVER, person_id=me), await make_case(person_id=other)
    written = orjson.dumps(await portability.export(me)).decode()
    assert mine.number in written
    assert "理由和要求" in written
    assert theirs.number not in written
    assert "hash" not in written


async def test_what_became_of_an_enterprises_case_is_not_exported_to_who_handed_it_in() -> None:
    me, firm = await make_person(), uuid7()
    case = await make_case(*OVER, person_id=me, enterprise_id=firm)
    written = orjson.dumps(await portability.export(me), default=str).decode()
    assert case.number in written
    for told in ("理由和要求", S.TERMINATED.value, case.office):
        assert told not in written


async def test_a_result_that_was_delivered_keeps_nobody() -> None:
    me = await make_person()
    await make_case(S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED, S.DELIVERED, person_id=me)
    await portability.leave(me)
    assert (await Case.get()).person_id is None


async def test_nobody_leaves_while_their_matter_is_under_way() -> None:
    me = await make_person()
    case = await make_case(S.ACCEPTED, person_id=me)
    with pytest.raises(HasOpenCases):
        await portability.leave(me)
    assert (await Case.get(number=case.number)).person_id == me


async def test_what_stays_of_who_left_is_tied_to_nobody() -> None:
    me = await make_person()
    own = await make_case(*OVER, person_id=me)
    firms = await make_case(person_id=me, enterprise_id=uuid7())
    await portability.leave(me)
    assert set(await Case.all().values_list("person_id", flat=True)) == {None}
    with pytest.raises(CaseNotFound):
        await lookup.look_up(own.number, CODE, asked_by="a")
    assert (await lookup.look_up(firms.number, CODE, asked_by="a")).number == firms.number


@pytest.fixture
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(merging, "_sections", dict(merging._sections))
    portability.register()


@pytest.mark.usefixtures("_registered")
async def test_cases_move_along_when_two_persons_are_one_and_back_when_they_part() -> None:
    one, other = await make_person(), await make_person()
    numbers = {who: (await make_case(person_id=who)).number for who in (one, other)}
    kept = await merging.merge(one, other, actor="system", reason="same unionid")
    assert {found.number for found in await queries.own(kept)} == set(numbers.values())
    await merging.undo((await PersonMerge.get()).id, actor="system", reason="a mistake")
    for who, number in numbers.items():
        assert [found.number for found in await queries.own(who)] == [number]
