"""What the sandbox has acknowledged is there after a restart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.sandbox.answers import PlatformRefusal
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
    card = {"kind": "template", "appid": "wx1", "template_id": "T", "client_msg_id": "m1", "msgid": 8}
    world.show(zhang, card)
    world.follow(world.person("li"), following=False)


def _checked(world: World) -> None:
    zhang, li = world.people["zhang"], world.people["li"]
    assert (world.following(zhang), world.following(li)) == (True, False)
    assert zhang.consents["S-BOOKED"] == 2
    assert zhang.long_term == {"S-LONG"}
    assert [message["msgid"] for message in zhang.messages] == [7, 8]
    assert world.already_sent("wx1", zhang, "m1") == 8


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


async def test_what_accounts_own_and_open_windows_survive(
    options: Options, templates: Templates, tmp_path: Path
) -> None:
    kept = replace(options, state=tmp_path / "sandbox.jsonl", callback=None)
    oa = options.oa.appid
    async with running(kept, templates) as first:
        box = first.sandbox
        box.menus.create(oa, [{"type": "click", "name": "x", "key": "k"}])
        box.tags.tag(oa, ["o1"], box.tags.create(oa, "企业"))
        box.own_templates.add(oa, templates["T-BOOKED"])
        box.own_templates.delete(oa, "T-BOOKED")
        ticket = box.scenes.make(oa, "poster", None).ticket
        box.windows.act("oa", oa, "zhang", "follow")
        box.windows.spend(oa, "zhang")
        box.world.behave(box.world.person("zhang"), snapshot=True, declines=False)
        box.reset()
        box.windows.act("oa", oa, "zhang", "follow")
        box.windows.spend(oa, "zhang")
    for _ in range(2):
        async with running(kept, templates) as again:
            box = again.sandbox
            menu = box.menus.seen_by(oa, "o1")
            assert menu is not None
            assert menu["button"][0]["key"] == "k"
            assert box.tags.of_person(oa, "o1") == [100]
            assert "T-BOOKED" not in box.own_templates.of(oa, "template")
            assert box.scenes.find(ticket, [oa]) is not None
            assert box.world.people["zhang"].snapshot
    async with running(kept, templates) as last:
        for _ in range(2):
            last.sandbox.windows.spend(oa, "zhang")
        with pytest.raises(PlatformRefusal) as refusal:
            last.sandbox.windows.spend(oa, "zhang")
    assert refusal.value.errcode == 45047


async def test_a_reset_stays_reset(options: Options, templates: Templates, tmp_path: Path) -> None:
    kept = replace(options, state=tmp_path / "sandbox.jsonl", callback=None)
    async with running(kept, templates) as first:
        await _lived(first.sandbox)
        first.sandbox.world.reset()
    async with running(kept, templates) as again:
        assert not again.sandbox.world.people["zhang"].messages
        assert again.sandbox.world.following(again.sandbox.world.people["zhang"])


def test_a_large_journal_is_replaced_by_what_is_left(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("app.sandbox.journal._REWRITE_AT", 20_000)
    path = tmp_path / "sandbox.jsonl"
    journal = Journal(path)
    world = World(("wx1",), journal)
    journal.open()
    person = world.person("zhang")
    for turn in range(500):
        world.follow(person, following=bool(turn % 2))
    journal.close()
    assert path.stat().st_size < 21_000
    journal = Journal(path)
    again = World(("wx1",), journal)
    journal.open()
    assert again.following(again.people["zhang"]) is True
    journal.close()
