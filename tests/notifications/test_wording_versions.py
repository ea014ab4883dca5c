"""What was sent reads as it was sent: versions are registered once, and never change their words."""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import asyncpg
import orjson
import pytest

from app import worker
from app.kit import db as raw
from config import messages as message_list
from config.messages import BadMessages, MessageKind
from notifications.messages import Messages
from notifications.models import Channel
from notifications.wording import queries, trying, versions
from notifications.wording.facts import sample_of
from tests.notifications.conftest import Story
from tests.processes import environment

NAME = "appointment_booked"
FACTS = sample_of(NAME)
pytestmark = pytest.mark.usefixtures("db")


def listed(**changes: Any) -> Mapping[str, MessageKind]:
    """The message list with one message changed."""
    kinds = message_list.current()
    return {**kinds, NAME: replace(kinds[NAME], **changes)}


def migrated_by_command() -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", "migrate"],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def fresh() -> Messages:
    """A worker's messages, read anew whenever they are asked to."""
    return Messages(message_list.current(), read_again_after_s=0)


async def test_the_list_is_registered_once_however_often_it_is_brought() -> None:
    assert set(await versions.register(message_list.current())) == set(message_list.current())
    assert await versions.register(message_list.current()) == []
    found = await queries.overview()
    assert {one.kind for one in found} == set(message_list.current().values())
    assert all(one.is_current and one.state == "approved" and one.origin == "file" for one in found)


async def test_a_version_registered_before_must_read_the_same() -> None:
    await versions.register(message_list.current())
    with pytest.raises(BadMessages) as refused:
        await versions.register(listed(summary="预约好了，预约号 {number}"))
    assert refused.value.faults == [f"{NAME}: 内容改了，version 仍是 1，请把 version 加到 2"]
    assert (await queries.version(NAME)).kind == message_list.current()[NAME]


async def test_a_raised_version_takes_effect_and_the_older_stays_readable() -> None:
    messages = fresh()
    await versions.register(message_list.current())
    await messages.refresh()
    before = messages.summary(NAME, FACTS)
    await versions.register(listed(version=2, summary="预约好了，预约号 {number}"))
    await messages.refresh()
    assert messages.kind(NAME).version == 2
    assert messages.summary(NAME, FACTS) == "预约好了，预约号 48210957"
    assert messages.summary(NAME, FACTS, version=1) == before
    assert messages.knows(NAME, 1)
    assert not messages.knows(NAME, 3)


async def test_an_older_list_never_takes_effect_again_by_itself() -> None:
    await versions.register(listed(version=3))
    await versions.register(listed(version=4, summary="预约号 {number}"))
    assert await versions.register(listed(version=3)) == []
    assert (await queries.version(NAME)).version == 4
    with pytest.raises(BadMessages, match="version 2 比已启用过的 4 小"):
        await versions.register(listed(version=2))


async def test_one_wrong_message_registers_none() -> None:
    await versions.register(message_list.current())
    changed = dict(listed(summary="{number}"))
    changed["digest"] = replace(changed["digest"], version=2)
    with pytest.raises(BadMessages):
        await versions.register(changed)
    assert (await queries.version("digest")).version == 1


async def test_what_was_approved_cannot_be_rewritten_in_the_database_either() -> None:
    await versions.register(message_list.current())
    for statement in (
        "UPDATE message_version SET definition = '{}'",
        "UPDATE message_version SET version = version + 100",
        "UPDATE message_version SET state = 'draft'",
        "UPDATE message_version SET state = 'pending'",
        "DELETE FROM message_version",
    ):
        with pytest.raises(asyncpg.RestrictViolationError):
            await raw.execute(statement)


async def test_a_worker_learns_of_a_version_it_needs_at_once() -> None:
    messages = Messages(message_list.current(), read_again_after_s=3600)
    await versions.register(message_list.current())
    await messages.refresh()
    await versions.register(listed(version=2, summary="预约号 {number}"))
    await messages.refresh()
    assert not messages.knows(NAME, 2), "it looks at most once in a while"
    await messages.refresh([(NAME, 2)])
    assert messages.summary(NAME, FACTS, version=2) == "预约号 48210957"


async def test_looking_again_reads_no_words_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = fresh()
    await versions.register(message_list.current())
    await messages.refresh()

    async def never(ids: object) -> list[MessageKind]:
        raise AssertionError(ids)

    monkeypatch.setattr(versions, "kinds", never)
    await messages.refresh()


async def test_a_version_this_program_cannot_read_stops_nobody(caplog: pytest.LogCaptureFixture) -> None:
    await versions.register(message_list.current())
    await raw.execute(
        "INSERT INTO message_version (name, version, definition, state, origin, file_version, revision,"
        " editor_ids, decided_at) VALUES ($1, 9, '{}', 'approved', 'file', 9, 1, '{}', now())",
        NAME,
    )
    messages = fresh()
    await messages.refresh()
    assert messages.kind(NAME).version == 1
    assert "version 9 cannot be read" in caplog.text


async def test_what_waits_goes_out_as_it_was_written(story: Story) -> None:
    await versions.register(message_list.current())
    person = await story.person()
    await story.books(person)
    await story.relay()
    await versions.register(listed(version=2, lines=message_list.current()[NAME].lines[:-1]))
    story.messages = fresh()
    await story.messages.refresh()
    await story.deliver()
    (shown,) = story.phone()
    values = story.messages.render(NAME, Channel.TEMPLATE, (await notification())["params"], version=1)
    assert {line["key"]: line["value"] for line in shown["lines"]} == values
    assert "thing5" in values
    assert (await notification())["message_version"] == 1


async def notification() -> dict[str, Any]:
    row = await raw.fetch_one("SELECT * FROM notification")
    assert row is not None
    return {**row, "params": orjson.loads(row["params"])}


async def test_a_worker_registers_the_list_at_its_start(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    await worker.register_messages()
    assert len(await queries.overview()) == len(message_list.current())

    async def away(listed: object) -> list[str]:
        raise ConnectionRefusedError(listed)

    monkeypatch.setattr(versions, "register", away)
    await worker.register_messages()
    assert "not registered" in caplog.text


async def test_a_changed_list_stops_the_worker_and_the_migration_with_words() -> None:
    await versions.register(listed(summary="预约好了，预约号 {number}"))
    with pytest.raises(BadMessages):
        await worker.register_messages()
    told = migrated_by_command()
    assert told.returncode == 1
    assert "请把 version 加到 2" in told.stderr
    assert "Traceback" not in told.stderr


def test_the_worker_handles_tries() -> None:
    assert trying.TRIED in worker.handlers(fresh())
