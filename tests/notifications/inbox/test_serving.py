"""Documents served: the moment of arrival is the law's, and nobody changes it or the proof of it."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from app.kit import clock
from app.kit import db as raw
from app.kit.clock import SHANGHAI
from notifications.inbox import preferences, reading
from notifications.inbox.errors import CannotSwitchOff
from notifications.inbox.models import Step
from notifications.inbox.preferences import Wish
from tests.factories.appointments import make_person
from tests.factories.messages import agree_to_service, tell

pytestmark = pytest.mark.usefixtures("db")

ARRIVED = datetime(2026, 11, 30, 23, 59, 59, tzinfo=SHANGHAI)


@pytest.fixture
async def recipient(db: None) -> UUID:
    person_id = await make_person()
    await agree_to_service(person_id)
    return person_id


async def serve(recipient: UUID) -> UUID:
    with clock.frozen(ARRIVED):
        await tell("document_served", recipient)
    served: UUID = await raw.fetch_value("SELECT id FROM inbox_item")
    return served


async def test_it_is_served_when_it_arrives_whenever_it_is_read(recipient: UUID) -> None:
    item_id = await serve(recipient)
    with clock.frozen(ARRIVED + timedelta(days=3)):
        await reading.page(recipient, before=None, limit=5)
    with clock.frozen(ARRIVED + timedelta(days=4)):
        await reading.read(recipient, item_id)
    with clock.frozen(ARRIVED + timedelta(days=5)):
        await reading.acknowledge(recipient, item_id)
        await reading.acknowledge(recipient, item_id)
    proof = await reading.proof(recipient, item_id)
    assert proof.item.arrived_at == ARRIVED
    assert [(entry.step, (entry.at - ARRIVED).days) for entry in proof.steps] == [
        (Step.ARRIVED, 0),
        (Step.SHOWN, 3),
        (Step.READ, 4),
        (Step.ACKNOWLEDGED, 5),
    ]
    assert proof.is_intact
    assert len(proof.seal) == 64


async def test_acknowledging_at_once_implies_having_seen_and_read(recipient: UUID) -> None:
    item_id = await serve(recipient)
    await reading.acknowledge(recipient, item_id)
    assert [entry.step for entry in (await reading.proof(recipient, item_id)).steps] == list(Step)


async def test_steps_taken_at_the_same_time_are_written_once_each(recipient: UUID) -> None:
    item_id = await serve(recipient)
    await asyncio.gather(
        *(reading.page(recipient, before=None, limit=5) for _ in range(4)),
        *(reading.read(recipient, item_id) for _ in range(4)),
        *(reading.acknowledge(recipient, item_id) for _ in range(4)),
    )
    proof = await reading.proof(recipient, item_id)
    assert [entry.step for entry in proof.steps] == list(Step)
    assert proof.is_intact


async def test_reading_all_opens_no_document(recipient: UUID) -> None:
    await serve(recipient)
    await tell("notice_published", recipient)
    assert await reading.read_all(recipient) == 1
    assert await reading.unread([recipient]) == [1]


@pytest.mark.parametrize(
    "change",
    [
        "arrived_at = arrived_at - interval '1 day'",
        "is_statutory = false",
        'params = \'{"document": "另一文书"}\'',
        "message_version = 2",
        "shown_at = NULL",
        "read_at = now()",
    ],
)
async def test_what_was_written_is_not_written_again(recipient: UUID, change: str) -> None:
    item_id = await serve(recipient)
    await reading.read(recipient, item_id)
    with pytest.raises(asyncpg.RestrictViolationError):
        await raw.execute(f"UPDATE inbox_item SET {change}")  # noqa: S608  Words of the test.


@pytest.mark.parametrize("statement", ["UPDATE service_proof SET at = now()", "DELETE FROM service_proof"])
async def test_a_proof_is_append_only(recipient: UUID, statement: str) -> None:
    await serve(recipient)
    with pytest.raises(asyncpg.RestrictViolationError):
        await raw.execute(statement)


@pytest.mark.parametrize(
    "forgery",
    [
        "UPDATE service_proof SET at = at - interval '1 day' WHERE seq = 1",
        "DELETE FROM service_proof WHERE seq = 2",
        "UPDATE service_proof SET person_id = gen_random_uuid() WHERE seq = 2",
        'UPDATE inbox_item SET params = \'{"document": "另一文书"}\'',
    ],
)
async def test_who_goes_around_the_triggers_breaks_the_chain(recipient: UUID, forgery: str) -> None:
    item_id = await serve(recipient)
    await reading.acknowledge(recipient, item_id)
    async with raw.transaction():
        await raw.execute("SET LOCAL session_replication_role = replica")
        await raw.execute(forgery)
    assert not (await reading.proof(recipient, item_id)).is_intact


async def test_nobody_switches_documents_off(recipient: UUID) -> None:
    with pytest.raises(CannotSwitchOff):
        await preferences.wish(recipient, [Wish("document_served", is_muted=True)])
    await raw.execute(
        "INSERT INTO message_preference (person_id, message, is_muted, switched_off, changed_at)"
        " VALUES ($1, 'document_served', true, '', now())",
        recipient,
    )
    await serve(recipient)
    assert await reading.unread([recipient]) == [1]
