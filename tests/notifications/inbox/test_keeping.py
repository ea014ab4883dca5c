"""The months of the inbox: made ahead, dropped whole when all of it is 90 days old, but for documents."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from app.kit import clock
from app.kit import db as raw
from app.kit.clock import SHANGHAI
from notifications.inbox import keeping, reading
from tests.factories.appointments import make_person
from tests.factories.messages import agree_to_service, tell

NOW = datetime(2031, 1, 31, 4, 31, tzinfo=SHANGHAI)
"""A time of its own, so that the months made here are in no other test's way."""


@pytest.fixture(autouse=True)
async def months(db: None) -> AsyncIterator[None]:
    yield
    for part in await keeping.PARTS.parts():
        await raw.execute(f"ALTER TABLE inbox_item DETACH PARTITION {part.name}")
        await raw.execute(f"DROP TABLE {part.name}")


async def names() -> list[str]:
    return [part.name for part in await keeping.PARTS.parts()]


async def test_months_are_made_ahead_and_once() -> None:
    with clock.frozen(NOW):
        assert await keeping.keep_house() == 0
        assert await keeping.keep_house() == 0
    assert await names() == ["inbox_item_203101", "inbox_item_203102", "inbox_item_203103"]


async def test_old_months_go_and_documents_stay() -> None:
    person_id = await make_person()
    await agree_to_service(person_id)
    last_of_october = datetime(2030, 10, 31, 23, 59, tzinfo=SHANGHAI)
    for at in (last_of_october, last_of_october + timedelta(minutes=1)):
        with clock.frozen(at):
            await tell("document_served", person_id)
            await tell("notice_published", person_id)
    with clock.frozen(NOW - timedelta(days=2)):
        assert await keeping.keep_house() == 0
    with clock.frozen(NOW - timedelta(days=1)):
        assert await keeping.keep_house() == 1
        assert await keeping.keep_house() == 0
        items, _ = await reading.page(person_id, before=None, limit=10)
    assert [(item.message, item.arrived_at.astimezone(SHANGHAI).month == 10) for item in items] in (
        [("notice_published", False), ("document_served", False), ("document_served", True)],
        [("document_served", False), ("notice_published", False), ("document_served", True)],
    )
    assert (await reading.proof(person_id, items[-1].id)).is_intact


async def test_a_document_that_waited_for_its_month_moves_into_it_unchanged() -> None:
    person_id = await make_person()
    await agree_to_service(person_id)
    with clock.frozen(NOW):
        await tell("document_served", person_id)
        await keeping.keep_house()
        [item], _ = await reading.page(person_id, before=None, limit=10)
        assert (await reading.proof(person_id, item.id)).is_intact
    assert await raw.fetch_value("SELECT count(*) FROM inbox_item_203101") == 1
