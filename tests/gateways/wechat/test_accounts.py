"""Several accounts side by side: the file that lists them, and that nothing of one reaches another."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from redis.asyncio import Redis

from app.gateways.wechat import BadEnvelope, MiniProgram, PublicAccount, WeChat, WeChatRefused
from app.gateways.wechat.envelope import signature
from app.kit import clock
from config import settings
from config.settings import BadSettings, current
from config.wechat_accounts import BadAccounts, read
from tests.gateways.wechat.scripted import Scripted, said, scripted

_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFA"
_OTHER_AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEGA"
_FILE = f"""
[[account]]
kind = "oa"
appid = "wx00000000000000o2"
secret = "secret-of-o2"
token = "tokenO2"
aes_key = "{_AES_KEY}"

[[account]]
kind = "mp"
appid = "wx00000000000000m2"
secret = "secret-of-m2"
token = "tokenM2"
aes_key = "{_OTHER_AES_KEY}"
aes_key_previous = "{_AES_KEY}"
mode = "compat"
"""
_TAGS = "/cgi-bin/tags/get"
_TICKET = "/cgi-bin/ticket/getticket"


@pytest.fixture
def listed(tmp_path: Path) -> str:
    file = tmp_path / "accounts.toml"
    file.write_text(_FILE, encoding="utf-8")
    return str(file)


@pytest.fixture
async def platform() -> AsyncIterator[Scripted]:
    async with scripted() as started:
        started.answer(_TAGS, said(tags=[]))
        started.answer(
            _TICKET, said(ticket="ticket-one", expires_in=7200), said(ticket="two", expires_in=7200)
        )
        yield started


@pytest.fixture
async def wechat(platform: Scripted, listed: str, valkey: Redis) -> AsyncIterator[WeChat]:
    update = {"wechat_api_base": platform.url, "wechat_accounts_file": listed}
    opened = WeChat(current().model_copy(update=update), valkey)
    await opened.open()
    yield opened
    await opened.close()


async def test_every_account_is_found_by_its_appid(wechat: WeChat) -> None:
    second, third = wechat.party("wx00000000000000o2"), wechat.party("wx00000000000000m2")
    assert (type(second), second.kind) == (PublicAccount, "oa")
    assert (type(third), third.kind) == (MiniProgram, "mp")
    assert third.account.mode == "compat"
    assert [party.appid for party in wechat.parties] == [
        wechat.oa.appid, wechat.mp.appid, second.appid, third.appid
    ]  # fmt: skip
    with pytest.raises(KeyError):
        wechat.party("wx0000000000000000")


async def test_two_public_accounts_share_no_token_no_ticket_and_no_key(
    platform: Scripted, wechat: WeChat, valkey: Redis
) -> None:
    first, second = wechat.oa, wechat.party("wx00000000000000o2")
    assert isinstance(second, PublicAccount)
    await first.tags()
    await second.tags()
    used = [one.query["access_token"] for one in platform.calls(_TAGS)]
    assert used == [f"token-1-of-{first.appid}", f"token-1-of-{second.appid}"]
    assert await first.jsapi_ticket() != await second.jsapi_ticket()
    keys = {str(key) for key in await valkey.keys("weiban:wechat:*")}
    for account in (first, second):
        kept = {key for key in keys if account.appid in key}
        assert {key.rsplit(":", 1)[1].rstrip("'") for key in kept} == {"access_token", "jsapi_ticket"}


async def test_a_push_for_one_account_is_none_for_the_other(wechat: WeChat) -> None:
    first, second = wechat.oa, wechat.party("wx00000000000000o2")
    sealed = first.envelope.encrypt(b"<xml/>")
    query = {"timestamp": str(int(clock.now().timestamp())), "nonce": "n"}
    query["msg_signature"] = signature(first.account.token, query["timestamp"], query["nonce"], sealed)
    body = f"<xml><Encrypt>{sealed}</Encrypt></xml>".encode()
    assert first.envelope.open(body, query).message == b"<xml/>"
    with pytest.raises(BadEnvelope):
        second.envelope.open(body, query)


async def test_a_refused_token_of_one_account_leaves_the_other_alone(
    platform: Scripted, wechat: WeChat
) -> None:
    first, second = wechat.oa, wechat.party("wx00000000000000o2")
    kept = await second.client.tokens.get()
    platform.forget(_TAGS)
    platform.answer(_TAGS, said(errcode=42001, errmsg="expired"))
    with pytest.raises(WeChatRefused):
        await first.tags()
    assert await second.client.tokens.get() == kept


def test_no_secret_of_the_file_shows(listed: str) -> None:
    accounts = read(listed)
    told = f"{accounts!r} {accounts[0].model_dump()!r}"
    for hidden in ("secret-of-o2", "tokenO2", _AES_KEY):
        assert hidden not in told


@pytest.mark.parametrize(
    ("old", "new", "said_of_it"),
    [
        ('kind = "oa"', 'kind = "web"', "第 1 个账号的 kind：只能是 oa 或 mp"),
        ('appid = "wx00000000000000o2"', 'appid = "gh_1"', "第 1 个账号的 appid：应为 wx 开头"),
        ('secret = "secret-of-o2"\n', "", "第 1 个账号的 secret：必须设置"),
        ('token = "tokenM2"', 'token = ""', "第 2 个账号的 token：不能为空"),
        (_OTHER_AES_KEY, "secretkey", "第 2 个账号的 aes_key：应为 43 位字母或数字"),
        ('mode = "compat"', 'mode = "secretmode"', "第 2 个账号的 mode：只能是 safe、compat 或 plain"),
        ('mode = "compat"', 'modus = "safe"', "第 2 个账号的 modus：不认识此项"),
        ("[[account]]", "[[accounts]]", "[[account]]"),
        ('token = "tokenO2"', 'token = "secret', "文件不是有效的 TOML"),
    ],
)
def test_each_fault_of_the_file_is_named_without_its_value(
    tmp_path: Path, old: str, new: str, said_of_it: str
) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(_FILE.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadAccounts) as refused:
        read(str(file))
    assert said_of_it in str(refused.value)
    for hidden in ("secret-of", "secretkey", "secretmode", "tokenO2"):
        assert hidden not in str(refused.value)


def _environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"WEIBAN_{name.upper()}", value)


def test_a_missing_file_is_named_with_its_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _environment(monkeypatch, wechat_accounts_file=str(tmp_path / "none.toml"))
    with pytest.raises(BadSettings) as refused:
        settings.read()
    assert refused.value.faults == ["WEIBAN_WECHAT_ACCOUNTS_FILE: 文件不存在或无法读取"]


def test_an_account_is_listed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(_FILE.replace("wx00000000000000m2", current().oa_appid), encoding="utf-8")
    _environment(monkeypatch, wechat_accounts_file=str(file))
    with pytest.raises(BadSettings) as refused:
        settings.read()
    assert any(current().oa_appid in fault and "重复" in fault for fault in refused.value.faults)


def test_production_wants_safe_mode_and_no_sandbox_value(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.toml"
    file.write_text(_FILE.replace("secret-of-o2", settings.LOCAL_DEFAULTS["oa_secret"]), encoding="utf-8")
    _environment(monkeypatch, env="production", wechat_accounts_file=str(file), **_production())
    with pytest.raises(BadSettings) as refused:
        settings.read()
    faults = [fault for fault in refused.value.faults if "ACCOUNTS_FILE" in fault]
    assert len(faults) == 2
    assert "wx00000000000000m2" in faults[0]
    assert "safe" in faults[0]
    assert "wx00000000000000o2" in faults[1]
    assert "沙箱" in faults[1]


def _production() -> dict[str, Any]:
    return {
        "public_url": "https://weiban.example",
        "database_url": "postgresql://weiban@db/weiban",
        "redis_url": "redis://cache/0",
        "secret_key": "s" * 40,
        "pii_key": "p" * 40,
        **{f"{kind}_appid": f"wx00000000000000{kind}" for kind in ("oa", "mp")},
        **{f"{kind}_{name}": "a-real-one" for kind in ("oa", "mp") for name in ("secret", "token")},
        **{f"{kind}_aes_key": _AES_KEY for kind in ("oa", "mp")},
        "idv_url": "https://idv.example",
        "idv_key": "k",
        "idv_secret": "s",
    }
