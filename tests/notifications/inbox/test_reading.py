"""One's own inbox: pages, what counts as shown and read, and that nobody else looks in."""

from uuid import UUID

import pytest

from app.kit import clock, db
from app.kit.ids import uuid7
from config import messages as message_list
from notifications.inbox import cards, reading
from notifications.inbox.errors import ItemNotFound, NoProof, NothingToAcknowledge
from notifications.inbox.reading import MOST_COUNTED, Item
from notifications.wording.facts import sample_of
from tests.factories.appointments import make_person
from tests.factories.messages import tell

pytestmark = pytest.mark.usefixtures("db")


async def told(person_id: UUID, count: int = 1) -> list[UUID]:
    for number in range(count):
        await tell("notice_published", person_id, params={"title": f"公告{number}"})
    rows = await db.fetch("SELECT id FROM inbox_item WHERE person_id = $1 ORDER BY id DESC", person_id)
    return [row["id"] for row in rows]


async def unread(person_id: UUID) -> int:
    [count] = await reading.unread([person_id])
    return count


async def test_pages_follow_each_other_without_holes() -> None:
    person_id = await make_person()
    ids = await told(person_id, 7)
    seen: list[Item] = []
    before: UUID | None = None
    while True:
        items, before = await reading.page(person_id, before=before, limit=3)
        seen += items
        if before is None:
            break
    assert [item.id for item in seen] == ids


async def test_a_message_reads_in_full_with_the_facts_it_was_told_with() -> None:
    person_id = await make_person()
    long = "关于2026年度企业所得税汇算清缴有关事项的通告以及后续安排的说明"
    await tell("notice_published", person_id, params={"title": long})
    [item], _ = await reading.page(person_id, before=None, limit=1)
    assert item.card.title == "通知公告提醒"
    assert item.card.summary == f"新公告：{long}（2026年9月28日 09:00）"
    assert ("标题", long) in item.card.lines


def test_a_fact_in_the_address_of_a_page_stays_one_fact() -> None:
    kind = message_list.current()["appointment_booked"]
    facts = sample_of("appointment_booked") | {"appointment_id": "a&b=c"}
    assert cards.card(kind, facts).page == "pages/appointments/detail?id=a%26b%3Dc"


async def test_listing_shows_and_opening_reads_each_once() -> None:
    person_id = await make_person()
    [item_id] = await told(person_id)
    assert await unread(person_id) == 1
    [listed], _ = await reading.page(person_id, before=None, limit=5)
    assert listed.shown_at is not None
    assert listed.read_at is None
    opened = await reading.read(person_id, item_id)
    again = await reading.read(person_id, item_id)
    assert opened.shown_at == listed.shown_at
    assert again.read_at == opened.read_at is not None
    assert await unread(person_id) == 0


async def test_opening_what_was_never_listed_shows_it_too() -> None:
    person_id = await make_person()
    [item_id] = await told(person_id)
    opened = await reading.read(person_id, item_id)
    assert opened.shown_at == opened.read_at


async def test_all_may_be_read_at_once() -> None:
    person_id, other = await make_person(), await make_person()
    await told(person_id, 3)
    await told(other)
    assert await reading.read_all(person_id) == 3
    assert (await unread(person_id), await unread(other)) == (0, 1)
    items, _ = await reading.page(person_id, before=None, limit=5, is_unread=True)
    assert items == []


async def test_unread_messages_are_counted_no_further_than_anybody_cares() -> None:
    person_id = await make_person()
    await db.execute(
        "INSERT INTO inbox_item (id, person_id, message, message_version, params, event_id, told,"
        " is_statutory, committed_at, arrived_at)"
        " SELECT gen_random_uuid(), $1, 'notice_published', 1, '{}', n, 'muted', false, $2, $2"
        " FROM generate_series(1, 250) n",
        person_id,
        clock.now(),
    )
    assert await unread(person_id) == MOST_COUNTED


async def test_the_messages_of_others_are_not_there() -> None:
    [item_id] = await told(await make_person())
    stranger = await make_person()
    for deed in (reading.one, reading.read, reading.acknowledge, reading.proof):
        for wanted in (item_id, uuid7()):
            with pytest.raises(ItemNotFound):
                await deed(stranger, wanted)
    assert await reading.page(stranger, before=None, limit=5) == ([], None)
    assert await db.fetch_value("SELECT shown_at FROM inbox_item") is None


async def test_only_documents_have_a_proof_and_are_acknowledged() -> None:
    person_id = await make_person()
    [item_id] = await told(person_id)
    with pytest.raises(NoProof):
        await reading.proof(person_id, item_id)
    with pytest.raises(NothingToAcknowledge):
        await reading.acknowledge(person_id, item_id)


async def test_what_has_lost_its_wording_still_says_that_it_was_there() -> None:
    person_id = await make_person()
    [item_id] = await told(person_id)
    await db.execute("UPDATE inbox_item SET params = '{}'")
    assert (await reading.read(person_id, item_id)).card.summary == "内容已删除"
