"""The template list is read from the project's own messages."""

from pathlib import Path
from typing import Any

from app.sandbox.templates import Line, load_templates

_MESSAGES = """
[messages.booked]
title = "预约成功通知"
template_id = "T1"
mp_template_id = "S1"
long_term = true
lines = [
  { label = "办理事项", key = "thing1", mp_key = "thing4" },
  { label = "状态", key = "const2", choices = ["成功", "失败"] },
]

[messages.only_public]
template_id = "T2"
"""


def test_each_message_gives_a_template_for_each_account(tmp_path: Path) -> None:
    path = tmp_path / "messages.toml"
    path.write_text(_MESSAGES, "utf-8")
    found = load_templates(path)
    assert sorted(found) == ["S1", "T1", "T2"]
    assert (found["T1"].channel, found["S1"].channel) == ("template", "subscribe")
    assert found["T1"].lines == (Line("办理事项", "thing1"), Line("状态", "const2", ("成功", "失败")))
    assert found["S1"].lines[0].key == "thing4"
    assert found["S1"].long_term
    assert found["T1"].content == "办理事项:{{thing1.DATA}}\n状态:{{const2.DATA}}"


def test_no_list_means_no_templates(tmp_path: Path) -> None:
    assert load_templates(tmp_path / "none.toml") == {}


async def test_both_libraries_list_their_own(talk: Any) -> None:
    params = {"access_token": (await talk.token())["access_token"]}
    listed = await talk.ask("GET", "/cgi-bin/template/get_all_private_template", params=params)
    assert [template["template_id"] for template in listed["template_list"]] == ["T-BOOKED"]
    params = {"access_token": (await talk.token("mp"))["access_token"]}
    listed = await talk.ask("GET", "/wxaapi/newtmpl/gettemplate", params=params)
    assert [(one["priTmplId"], one["type"]) for one in listed["data"]] == [("S-BOOKED", 2), ("S-LONG", 3)]
