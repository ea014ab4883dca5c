"""Long-term grants beside single consents: one accept, any number of messages, until it is taken back."""

from uuid import UUID

import pytest

from app.domain.accounts import consents, merging, subscriptions
from app.domain.accounts.consents import ELECTRONIC_SERVICE
from app.domain.accounts.subscriptions import Standing, Wish
from tests.factories.appointments import make_person
from tests.factories.messages import agree_to_service

pytestmark = pytest.mark.usefixtures("db")

MP = "wx-mp"


async def grant(person_id: UUID, template_id: str = "t", *, long_term: bool = True) -> int:
    return await subscriptions.grant(
        person_id, MP, [template_id], reported_by="client", long_term=[template_id] if long_term else ()
    )


async def left(person_id: UUID) -> Standing | None:
    return (await subscriptions.standing([person_id], ["t"])).get((person_id, "t"))


async def test_a_grant_is_entered_once_and_never_spent() -> None:
    person_id = await make_person()
    assert [await grant(person_id) for _ in range(2)] == [1, 0]
    wishes = [Wish(number, person_id, "t") for number in range(1, 4)]
    assert await subscriptions.spend(MP, wishes) == {1, 2, 3}
    assert await subscriptions.refund([1, 2, 3]) == 0
    assert await left(person_id) == Standing(0, has_grant=True)


async def test_a_grant_that_is_taken_back_allows_nothing_until_it_is_given_anew() -> None:
    person_id = await make_person()
    await grant(person_id)
    assert await subscriptions.revoke(person_id, "t") == 1
    assert await subscriptions.spend(MP, [Wish(1, person_id, "t")]) == set()
    assert await left(person_id) is None
    assert await grant(person_id) == 1
    assert await subscriptions.spend(MP, [Wish(2, person_id, "t")]) == {2}


async def test_single_consents_are_spared_under_a_grant() -> None:
    person_id = await make_person()
    await grant(person_id, long_term=False)
    await grant(person_id)
    assert await subscriptions.spend(MP, [Wish(1, person_id, "t")]) == {1}
    assert await left(person_id) == Standing(1, has_grant=True)


async def test_a_grant_is_of_one_person_template_and_account() -> None:
    person_id, other = await make_person(), await make_person()
    await grant(person_id)
    wishes = [Wish(1, other, "t"), Wish(2, person_id, "u")]
    assert await subscriptions.spend(MP, wishes) == set()
    assert await subscriptions.spend("wx-other", [Wish(3, person_id, "t")]) == set()


async def test_in_doubt_a_grant_counts_as_something_left() -> None:
    """So that a message that may have arrived is not sent again: nothing would stop the second one."""
    person_id = await make_person()
    await grant(person_id)
    assert await subscriptions.count_unspent([person_id], ["t"]) == {(person_id, "t"): 1}


async def test_of_two_merged_persons_grants_one_is_enough() -> None:
    older, younger = await make_person(), await make_person()
    for person_id in (older, younger):
        await grant(person_id)
        await grant(person_id, long_term=False)
    kept = await merging.merge(older, younger, actor="system", reason="一人")
    assert await left(kept) == Standing(2, has_grant=True)


async def test_who_agreed_is_known_for_many_at_once() -> None:
    yes, no, back = [await make_person() for _ in range(3)]
    await agree_to_service(yes)
    await agree_to_service(back)
    await agree_to_service(back, is_granted=False)
    assert await consents.agreed_among([yes, no, back], ELECTRONIC_SERVICE) == {yes}
