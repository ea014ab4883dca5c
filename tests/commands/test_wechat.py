"""``weiban wechat`` tells what differs at WeChat, mends it, and says in Chinese what WeChat refuses."""

import asyncio
import base64
import sys
from dataclasses import dataclass

import pytest

from app.domain.accounts import followers
from app.gateways import wechat as gateway
from app.kit import clock
from app.sandbox.running import Running
from app.sandbox.world import openid_of, unionid_of
from config import settings
from tests.processes import environment


@dataclass(frozen=True)
class Ended:
    """What a command said and its exit code."""

    code: int
    out: str
    err: str


async def wechat(sandbox: Running, *arguments: str, **told: str) -> Ended:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", "wechat", *arguments,
        env=environment(**{"WEIBAN_WECHAT_API_BASE": sandbox.url, **told}),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await asyncio.wait_for(process.communicate(), 60)
    assert b"Traceback" not in err, err.decode()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def test_the_menu_is_compared_pushed_and_shown(wechat_sandbox: Running) -> None:
    differs = await wechat(wechat_sandbox, "menu", "diff")
    assert differs.code == 1
    assert "+  微办税" in differs.out
    pushed = await wechat(wechat_sandbox, "menu", "push")
    assert (pushed.code, pushed.out.splitlines()[-1]) == (0, "已推送，手机上五分钟内生效")
    same, again, shown = await asyncio.gather(
        wechat(wechat_sandbox, "menu", "diff"),
        wechat(wechat_sandbox, "menu", "push"),
        wechat(wechat_sandbox, "menu", "show"),
    )
    assert (same.code, same.out) == (0, "菜单与 config/menus.toml 一致\n")
    assert (again.code, again.out) == (0, "菜单没有变化，无需推送\n")
    assert shown.out.startswith("默认菜单\n  微办税\n    预约办税")


async def test_tags_and_templates_are_brought_in_step(wechat_sandbox: Running) -> None:
    sandbox, oa = wechat_sandbox.sandbox, settings.current().oa_appid
    sandbox.world.follow(sandbox.world.person("zhang"), following=True, appid=oa)
    await followers.record_follow(oa, openid_of(oa, "zhang"), unionid_of("zhang"), clock.now())
    tags, checked = await asyncio.gather(
        wechat(wechat_sandbox, "tags", "sync"), wechat(wechat_sandbox, "check")
    )
    assert (tags.code, tags.out) == (0, "0 个粉丝的分组有变化，1 个粉丝的微信标签已更新\n")
    assert (checked.code, checked.out) == (0, "每种消息都能按微信的模板发出\n")
    sandbox.faults.order({"path": "/cgi-bin/template/get_all_private_template", "errcode": 48001, "times": 1})
    refused = await wechat(wechat_sandbox, "templates", "sync")
    assert refused.code == 1
    assert "48001" in refused.err
    assert "账号没有这项接口权限" in refused.err
    synced = await wechat(wechat_sandbox, "templates", "sync")
    assert synced.code == 0
    assert synced.out.startswith("两个账号共 ")


async def test_a_check_that_finds_something_ends_with_one(wechat_sandbox: Running) -> None:
    booked = {"template_id": "oaAppointmentBooked-sandbox"}
    await gateway.current().oa.client.call("POST", "/cgi-bin/template/del_private_template", data=booked)
    checked = await wechat(wechat_sandbox, "check")
    assert checked.code == 1
    assert (
        "错误 appointment_booked（公众号模板消息）：账号里没有模板 oaAppointmentBooked-sandbox" in checked.out
    )
    assert checked.out.endswith("1 处会被微信拒绝\n")


async def test_what_the_operator_must_mend_is_told_in_chinese(wechat_sandbox: Running) -> None:
    unknown, secret, nobody = await asyncio.gather(
        wechat(wechat_sandbox, "menu", "show", WEIBAN_OA_APPID="wx0000000000000000"),
        wechat(wechat_sandbox, "menu", "show", WEIBAN_OA_SECRET="another-secret-00000000000000000"),
        wechat(wechat_sandbox, "menu", "show", WEIBAN_WECHAT_API_BASE="http://127.0.0.1:1"),
    )
    assert {unknown.code, secret.code, nobody.code} == {1}
    assert "AppID 无效" in unknown.err
    assert "AppSecret 不对" in secret.err
    assert "another-secret" not in secret.err
    assert "连不上微信接口 http://127.0.0.1:1" in nobody.err


@pytest.mark.parametrize("arguments", [("tags", "sync"), ("templates", "sync"), ("check",)])
async def test_a_database_out_of_reach_is_told_in_words(
    wechat_sandbox: Running, arguments: tuple[str, ...]
) -> None:
    nowhere = {"WEIBAN_DATABASE_URL": "postgresql://weiban@127.0.0.1:1/weiban"}
    told = await wechat(wechat_sandbox, *arguments, **nowhere)
    assert told.code == 1
    assert "连不上数据库，请检查 WEIBAN_DATABASE_URL" in told.err


async def test_a_key_that_cannot_be_used_is_told_in_words(wechat_sandbox: Running) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----"
    names = ("SYM_SN", "KEY_SN", "PLATFORM_SN")
    told = await wechat(
        wechat_sandbox, "menu", "show",
        WEIBAN_MP_API_SECURITY="aes-rsa", WEIBAN_MP_API_SYM_KEY=base64.b64encode(bytes(32)).decode(),
        WEIBAN_MP_API_PRIVATE_KEY=pem, WEIBAN_MP_API_PLATFORM_KEY=pem,
        **{f"WEIBAN_MP_API_{name}": "n1" for name in names},
    )  # fmt: skip
    assert told.code == 1
    assert "WEIBAN_MP_API_PRIVATE_KEY: 不能用于所选的签名加密算法" in told.err
