"""What the sandbox has acknowledged is there after a restart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from app.sandbox.journal import Journal
from app.sandbox.options import Options
from app.sandbox.running import running
from app.sandbox.sandbox import Sandbox
from app.sandbox.templates import Templates
from app.sandbox.world import World

_CARD = {"kind": "subscribe", "template_id": "S-BOOKED", "title": "t", "msgid": 7, "client_msg_id": None}


async def _lived(sandbox: Sandbox) -> None:
    world = sandbox.world
    zhang = world.person("zhang")
    world.follow(zhang, following=True)
    for _ in range(3):
        world.consent(zhang, "S-BOOKED", long_term=False)
    world.consent(zhang, "S-LONG", long_term=True)
    world.show(zhang, dict(_CARD))
    world.show(zhang, {"kind": "template", "template_id": "T", "client_msg_id": "m1", "msgid": 8})
    world.follow(world.person("li"), following=False)


def _checked(world: World) -> None:
    zhang, li = world.people["zhang"], world.people["li"]
    assert (zhang.following, li.following) == (True, False)
    assert zhang.consents["S-BOOKED"] == 2
    assert zhang.long_term == {"S-LONG"}
    assert [message["msgid"] for message in zhang.messages] == [7, 8]
    assert world.already_sent(zhang, "m1") == 8


async def test_people_messages_and_consents_survive_two_restarts(
    options: Options, templates: Templates, tmp_path: Path
) -> None:
    kept = replace(options, state=tmp_path / "deep" / "sandbox.jsonl", callback=None)
    async with running(kept, templates) as first:
        await _lived(first.sandbox)
    for _ in range(2):
        async with running(kept, templates) as again:
            _checked(again.sandbox.world)


async def test_a_kill_in_the_middle_of_a_write_loses_only_what_was_not_acknowledged(
    options: Options, templates: Templates, tmp_path: Path
) -> None:
    state = tmp_path / "sandbox.jsonl"
    kept = replace(options, state=state, callback=None)
    async with running(kept, templates) as first:
        await _lived(first.sandbox)
        cut_short = state.read_bytes() + b'{"entry":"message","person":"zh'
    state.write_bytes(cut_short)
    async with running(kept, templates) as again:
        _checked(again.sandbox.world)


async def test_a_reset_stays_reset(options: Options, templates: Templates, tmp_path: Path) -> None:
    kept = replace(options, state=tmp_path / "sandbox.jsonl", callback=None)
    async with running(kept, templates) as first:
        await _lived(first.sandbox)
        first.sandbox.world.reset()
    async with running(kept, templates) as again:
        assert not again.sandbox.world.people["zhang"].messages
        assert again.sandbox.world.people["zhang"].following


def test_a_large_journal_is_replaced_by_what_is_left(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.sandbox.journal._REWRITE_AT", 20_000)
    path = tmp_path / "sandbox.jsonl"
    world = World(("wx1",), Journal(path))
    world.open()
    person = world.person("zhang")
    for turn in range(500):
        world.follow(person, following=bool(turn % 2))
    world.close()
    assert path.stat().st_size < 21_000
    again = World(("wx1",), Journal(path))
    again.open()
    assert again.people["zhang"].following is True
    again.close()
