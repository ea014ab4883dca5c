"""Followers by pages, remarks and tags, with the platform's limits."""

from dataclasses import replace
from typing import Any

import pytest

from app.sandbox.options import Options
from app.sandbox.world import openid_of

_TAG, _TAGGING = "/cgi-bin/tags/create", "/cgi-bin/tags/members/batchtagging"


@pytest.fixture
def options(options: Options) -> Options:
    return replace(options, followers_per_page=2)


@pytest.fixture
async def zhang(talk: Any, options: Options) -> str:
    await talk.tap("follow")
    return openid_of(options.oa.appid, "zhang")


async def _tag(talk: Any, name: str) -> int:
    return int((await talk.call(_TAG, {"tag": {"name": name}}))["tag"]["id"])


async def test_followers_come_by_pages_until_an_empty_one(talk: Any, options: Options) -> None:
    names = ["a", "b", "c", "d", "e"]
    for name in names:
        await talk.tap("follow", name)
    await talk.tap("unfollow", "e")
    seen: list[str] = []
    sizes, after = [], ""
    while True:
        page = await talk.call("/cgi-bin/user/get", next_openid=after)
        sizes.append(page["count"])
        if not page["count"]:
            break
        seen += page["data"]["openid"]
        after = page["next_openid"]
    assert sizes == [2, 2, 0]
    assert sorted(seen) == sorted(openid_of(options.oa.appid, name) for name in names[:4])
    assert (page["total"], page["next_openid"]) == (4, "")
    assert (await talk.call("/cgi-bin/user/get", next_openid="o-nobody"))["errcode"] == 40003


async def test_users_are_asked_for_one_by_one_or_a_hundred(talk: Any, zhang: str, options: Options) -> None:
    stranger = openid_of(options.oa.appid, "li")
    await talk.tap("unfollow", "li")
    await talk.call("/cgi-bin/user/info/updateremark", {"openid": zhang, "remark": "老张"})
    wanted = [{"openid": zhang, "lang": "zh_CN"}, {"openid": stranger}]
    known, other = (await talk.call("/cgi-bin/user/info/batchget", {"user_list": wanted}))["user_info_list"]
    assert (known["subscribe"], known["remark"]) == (1, "老张")
    assert other["subscribe"] == 0
    too_many = {"user_list": [{"openid": zhang}] * 101}
    assert (await talk.call("/cgi-bin/user/info/batchget", too_many))["errcode"] == 40032
    too_long = {"openid": zhang, "remark": "长" * 30}
    assert (await talk.call("/cgi-bin/user/info/updateremark", too_long))["errcode"] == 40035


async def test_tags_are_made_renamed_put_on_and_taken_off(talk: Any, zhang: str) -> None:
    tag_id = await _tag(talk, "企业")
    assert tag_id == 100
    for _ in range(2):
        assert (await talk.call(_TAGGING, {"openid_list": [zhang], "tagid": tag_id}))["errcode"] == 0
    assert (await talk.call("/cgi-bin/user/info", openid=zhang))["tagid_list"] == [tag_id]
    assert (await talk.call("/cgi-bin/tags/getidlist", {"openid": zhang})) == {"tagid_list": [tag_id]}
    people = await talk.call("/cgi-bin/user/tag/get", {"tagid": tag_id, "next_openid": ""})
    assert (people["count"], people["data"]["openid"]) == (1, [zhang])
    await talk.call("/cgi-bin/tags/update", {"tag": {"id": tag_id, "name": "个体"}})
    tags = {tag["id"]: tag for tag in (await talk.call("/cgi-bin/tags/get"))["tags"]}
    assert tags[tag_id] == {"id": tag_id, "name": "个体", "count": 1}
    untag = {"openid_list": [zhang], "tagid": tag_id}
    assert (await talk.call("/cgi-bin/tags/members/batchuntagging", untag))["errcode"] == 0
    assert (await talk.call("/cgi-bin/tags/getidlist", {"openid": zhang})) == {"tagid_list": []}


async def test_a_deleted_tag_goes_from_everybody(talk: Any, zhang: str) -> None:
    tag_id = await _tag(talk, "企业")
    await talk.call(_TAGGING, {"openid_list": [zhang], "tagid": tag_id})
    await talk.call("/cgi-bin/tags/delete", {"tag": {"id": tag_id}})
    assert (await talk.call("/cgi-bin/tags/getidlist", {"openid": zhang})) == {"tagid_list": []}
    assert (await talk.call(_TAGGING, {"openid_list": [zhang], "tagid": tag_id}))["errcode"] == 45159


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        (_TAG, {"tag": {"name": "企业"}}, 45157),
        (_TAG, {"tag": {"name": ""}}, 45157),
        (_TAG, {"tag": {"name": "字" * 11}}, 45158),
        (_TAG, {"name": "x"}, 47001),
        ("/cgi-bin/tags/update", {"tag": {"id": 2, "name": "x"}}, 45058),
        ("/cgi-bin/tags/update", {"tag": {"id": 999, "name": "x"}}, 45159),
        ("/cgi-bin/tags/delete", {"tag": {"id": 0}}, 45058),
        ("/cgi-bin/user/tag/get", {"tagid": 999}, 45159),
        (_TAGGING, {"openid_list": [], "tagid": 100}, 40032),
        (_TAGGING, {"openid_list": ["x"], "tagid": 100}, 40003),
        (_TAGGING, {"openid_list": ["o" * 28], "tagid": 100}, 49003),
    ],
)
async def test_a_broken_rule_of_tags_is_named(
    talk: Any, zhang: str, path: str, body: Any, errcode: int
) -> None:
    await _tag(talk, "企业")
    assert (await talk.call(path, body))["errcode"] == errcode


async def test_there_are_a_hundred_tags_and_twenty_on_a_person(talk: Any, zhang: str) -> None:
    tag_ids = [await _tag(talk, f"t{number}") for number in range(100)]
    assert (await talk.call(_TAG, {"tag": {"name": "one more"}}))["errcode"] == 45056
    codes = [
        (await talk.call(_TAGGING, {"openid_list": [zhang], "tagid": tag_id}))["errcode"]
        for tag_id in tag_ids[:21]
    ]
    assert codes == [0] * 20 + [45059]
    fifty_one = {"openid_list": [zhang] * 51, "tagid": tag_ids[0]}
    assert (await talk.call(_TAGGING, fifty_one))["errcode"] == 40032


async def test_only_followers_are_tagged(talk: Any, zhang: str) -> None:
    tag_id = await _tag(talk, "企业")
    await talk.tap("unfollow")
    assert (await talk.call(_TAGGING, {"openid_list": [zhang], "tagid": tag_id}))["errcode"] == 43004
