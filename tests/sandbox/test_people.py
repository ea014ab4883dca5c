"""People of the sandbox: always the same, codes as WeChat's, numbers of their own."""

from datetime import timedelta
from typing import Any

import pytest

from app.kit import clock
from app.sandbox.options import Options
from app.sandbox.world import openid_of


async def test_a_name_is_the_same_person_every_time(talk: Any) -> None:
    first, second, other = [await talk.login(f"sandbox-{name}") for name in ("zhang", "zhang", "li")]
    assert (first["openid"], first["unionid"]) == (second["openid"], second["unionid"])
    assert first["session_key"] != second["session_key"]
    assert first["openid"] != other["openid"]
    assert first["unionid"] != other["unionid"]
    assert "errcode" not in first


async def test_openids_differ_between_accounts_and_share_the_unionid(talk: Any, options: Options) -> None:
    session = await talk.login("sandbox-zhang")
    openid = openid_of(options.oa.appid, "zhang")
    assert openid != session["openid"]
    token = (await talk.token())["access_token"]
    info = await talk.ask("GET", "/cgi-bin/user/info", params={"access_token": token, "openid": openid})
    assert (info["subscribe"], info["unionid"]) == (1, session["unionid"])


@pytest.mark.parametrize(
    "code", ["nonsense", "sandbox-", "sandbox-a b", "sandbox-张", "sandbox-" + "a" * 65, "phone-zhang"]
)
async def test_codes_nobody_gave_out_are_invalid(talk: Any, code: str) -> None:
    assert (await talk.login(code))["errcode"] == 40029


async def test_a_code_of_the_phone_works_once(talk: Any) -> None:
    code = (await talk.ask("POST", "/_sandbox/code", json={"person": "zhang"}))["code"]
    assert (await talk.login(code))["openid"] == (await talk.login("sandbox-zhang"))["openid"]
    assert (await talk.login(code))["errcode"] == 40163


async def test_a_code_of_the_phone_lives_five_minutes(talk: Any) -> None:
    start = clock.now()
    for seconds, is_taken in ((299, True), (301, False)):
        with clock.frozen(start):
            code = (await talk.ask("POST", "/_sandbox/code", json={"person": "zhang"}))["code"]
        with clock.frozen(start + timedelta(seconds=seconds)):
            answer = await talk.login(code)
            assert ("openid" in answer) is is_taken
            assert answer.get("errcode") == (None if is_taken else 40029)


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": "wrong"}, 40125),
        ({"grant_type": "x"}, 40002),
        ({"js_code": ""}, 41008),
    ],
)
async def test_a_login_with_wrong_credentials_is_named(
    talk: Any, options: Options, changes: dict[str, str], errcode: int
) -> None:
    right = {"appid": options.mp.appid, "secret": options.mp.secret, "js_code": "sandbox-a"}
    params = {**right, "grant_type": "authorization_code", **changes}
    assert (await talk.ask("GET", "/sns/jscode2session", params=params))["errcode"] == errcode


async def _phone(talk: Any, code: str, openid: str | None) -> Any:
    params = {"access_token": (await talk.token("mp"))["access_token"]}
    body = {"code": code} if openid is None else {"code": code, "openid": openid}
    return await talk.ask("POST", "/wxa/business/getuserphonenumber", params=params, json=body)


async def test_everybody_has_one_phone_number(talk: Any, options: Options) -> None:
    openid = openid_of(options.mp.appid, "zhang")
    answers = [await _phone(talk, "phone-zhang", given) for given in (openid, None)]
    numbers = {answer["phone_info"]["purePhoneNumber"] for answer in answers}
    assert len(numbers) == 1
    (number,) = numbers
    assert len(number) == 11
    assert number.startswith("138")


async def test_a_phone_code_belongs_to_its_person_and_works_once(talk: Any, options: Options) -> None:
    zhang, li = (openid_of(options.mp.appid, name) for name in ("zhang", "li"))
    assert (await _phone(talk, "phone-zhang", li))["errcode"] == 40029
    code = (await talk.ask("POST", "/_sandbox/code", json={"person": "zhang", "purpose": "phone"}))["code"]
    assert (await talk.login(code))["errcode"] == 40029
    assert (await _phone(talk, code, zhang))["errcode"] == 0
    assert (await _phone(talk, code, zhang))["errcode"] == 40163
