"""Following somebody else's case: code, consent, a cap, an end; and what becomes of it with the person."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from app.domain.accounts import consents, merging, portability
from app.domain.accounts.models import IdentityLevel, PersonMerge
from app.domain.accounts.sessions import Citizen
from app.domain.cases import followers
from app.domain.cases.errors import CaseNotFound, LookupLocked
from app.domain.cases.follower_models import CaseFollower
from app.domain.cases.followers import (
    CONSENT,
    MOST_FOLLOWED,
    CaseIsOver,
    FollowConsentNeeded,
    NotFollowed,
    TooManyFollowed,
)
from app.domain.cases.models import CaseState as S
from app.kit import clock, db
from app.kit.ids import uuid7
from tests.factories.appointments import make_person
from tests.factories.cases import CODE, case_number, make_case

pytestmark = pytest.mark.usefixtures("db")


async def somebody(*, agrees: bool | None = True) -> Citizen:
    """A person signed in, who was asked for their consent."""
    citizen = Citizen(await make_person(), uuid7(), None, IdentityLevel.WX_BOUND)
    if agrees is not None:
        await consents.answer(citizen, CONSENT, "1", is_granted=agrees)
    return citizen


async def numbers_of(person_id: UUID) -> list[str]:
    return [one.number for one in await followers.followed(person_id)]


async def test_who_knows_the_code_and_agrees_follows_once() -> None:
    me, case = await somebody(), await make_case(S.ACCEPTED)
    for _ in range(2):
        begun = await followers.follow(me, f" {case.number.lower()} ", CODE)
        assert (begun.number, begun.item_name, begun.state) == (case.number, case.item_name, S.ACCEPTED)
    assert await numbers_of(me.person_id) == [case.number]
    assert await followers.of_cases([case.number, case_number()]) == {case.number: [me.person_id]}


@pytest.mark.parametrize("agrees", [None, False])
async def test_without_consent_nobody_follows(agrees: bool | None) -> None:
    me, case = await somebody(agrees=agrees), await make_case()
    with pytest.raises(FollowConsentNeeded):
        await followers.follow(me, case.number, CODE)
    assert await CaseFollower.all().count() == 0


async def test_whoever_takes_consent_back_is_told_nothing_more() -> None:
    me, case = await somebody(), await make_case()
    await followers.follow(me, case.number, CODE)
    await consents.answer(me, CONSENT, "1", is_granted=False)
    assert await followers.of_cases([case.number]) == {}


async def test_wrong_codes_are_counted_as_in_any_look_up() -> None:
    me, case = await somebody(), await make_case()
    for _ in range(5):
        with pytest.raises(CaseNotFound):
            await followers.follow(me, case.number, "ZZZZZZ")
    with pytest.raises(LookupLocked):
        await followers.follow(me, case.number, CODE)


async def test_a_locked_number_keeps_its_followers() -> None:
    me, other, case = await somebody(), await somebody(), await make_case()
    await followers.follow(me, case.number, CODE)
    for _ in range(5):
        with pytest.raises(CaseNotFound):
            await followers.follow(other, case.number, "ZZZZZZ")
    assert await numbers_of(me.person_id) == [case.number]


async def test_a_case_that_is_over_is_not_followed() -> None:
    me, case = await somebody(), await make_case(S.NOT_ACCEPTED)
    with pytest.raises(CaseIsOver):
        await followers.follow(me, case.number, CODE)


async def test_following_ends_by_oneself_or_with_the_case() -> None:
    me = await somebody()
    ended, left, kept = await make_case(), await make_case(S.WITHDRAWN), await make_case()
    for number in (ended.number, left.number, kept.number):
        await CaseFollower.create(person_id=me.person_id, case_number=number, since=clock.now())
    await followers.unfollow(me.person_id, ended.number)
    with pytest.raises(NotFollowed):
        await followers.unfollow(me.person_id, ended.number)
    assert await numbers_of(me.person_id) == [kept.number]
    await _last_change_was(left.number, timedelta(days=6))
    assert await followers.purge() == 0, "the last step may still be on its way"
    await _last_change_was(left.number, timedelta(days=8))
    assert await followers.purge() == 1
    assert await numbers_of(me.person_id) == [kept.number]


async def test_only_so_many_cases_are_followed_however_many_are_asked_at_once() -> None:
    me = await somebody()
    for _ in range(MOST_FOLLOWED - 1):
        await CaseFollower.create(
            person_id=me.person_id, case_number=(await make_case()).number, since=clock.now()
        )
    wanted = [await make_case(), await make_case()]
    ends = await asyncio.gather(
        *(followers.follow(me, case.number, CODE) for case in wanted), return_exceptions=True
    )
    assert [type(end) for end in ends].count(TooManyFollowed) == 1
    assert len(await numbers_of(me.person_id)) == MOST_FOLLOWED


async def test_it_is_exported_and_forgotten_with_the_person() -> None:
    me, case = await somebody(), await make_case()
    await followers.follow(me, case.number, CODE)
    exported = await portability.export(me)
    assert case.number in str(exported["followed_cases"])
    await portability.delete(me)
    assert await CaseFollower.all().count() == 0


async def test_it_goes_along_when_persons_are_merged_and_back() -> None:
    one, other = await somebody(), await somebody()
    shared, own = await make_case(), await make_case()
    for citizen, case in ((one, shared), (other, shared), (other, own)):
        await followers.follow(citizen, case.number, CODE)
    kept = await merging.merge(one.person_id, other.person_id, actor="system", reason="同一人")
    absorbed = other.person_id if kept == one.person_id else one.person_id
    assert set(await numbers_of(kept)) == {shared.number, own.number}
    merge = await PersonMerge.get(kept_id=kept)
    await merging.undo(merge.id, actor="system", reason="不是同一人")
    assert shared.number in await numbers_of(absorbed)


async def _last_change_was(number: str, ago: timedelta) -> None:
    await db.execute("UPDATE case_file SET updated_at = $2 WHERE number = $1", number, clock.now() - ago)
