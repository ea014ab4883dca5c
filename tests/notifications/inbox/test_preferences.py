"""What people wish of each kind of message."""

import pytest

from app.kit.errors import InvalidInput
from config import messages
from notifications.inbox import preferences
from notifications.inbox.preferences import Wish
from notifications.models import Channel
from tests.factories.appointments import make_person

pytestmark = pytest.mark.usefixtures("db")


async def test_without_a_wish_everything_is_on() -> None:
    choices = await preferences.choices(await make_person())
    assert [one.kind.name for one in choices] == list(messages.current())
    assert not any(one.wish.is_muted or one.wish.switched_off for one in choices)
    served = ["document_served", "case_document"]
    assert [one.kind.name for one in choices if not one.may_be_muted] == served


async def test_the_last_wish_counts_and_the_others_stay() -> None:
    person_id, other = await make_person(), await make_person()
    await preferences.wish(person_id, [Wish("tax_reminder", is_muted=True), Wish("digest", is_muted=True)])
    await preferences.wish(
        person_id, [Wish("tax_reminder"), Wish("tax_reminder", switched_off=frozenset({Channel.SUBSCRIBE}))]
    )
    wishes = await preferences.of([person_id, other], ["tax_reminder", "digest", "notice_published"])
    assert wishes == {
        (person_id, "tax_reminder"): Wish("tax_reminder", switched_off=frozenset({Channel.SUBSCRIBE})),
        (person_id, "digest"): Wish("digest", is_muted=True),
    }


@pytest.mark.parametrize(
    "wish", [Wish("nothing"), Wish("tax_reminder", switched_off=frozenset({Channel.SMS}))]
)
async def test_what_is_not_there_cannot_be_wished_for(wish: Wish) -> None:
    person_id = await make_person()
    with pytest.raises(InvalidInput):
        await preferences.wish(person_id, [Wish("digest", is_muted=True), wish])
    assert await preferences.of([person_id], ["digest"]) == {}
