"""``weiban message``: from a file to a message in effect, by two people, told in words."""

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.commands import message
from app.domain.accounts import staff, staffing
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.sandbox.running import Running
from config import messages as message_list
from config import settings
from notifications import library
from notifications.wording import queries, readers, versions
from notifications.wording.errors import WordingChanged
from tests.factories import accounts as make
from tests.processes import environment

NAME = "appointment_booked"


@pytest.fixture(autouse=True)
async def registered(wechat_sandbox: Running) -> None:
    await versions.register(message_list.current())
    await library.sync()


@pytest.fixture
def acting(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Commands run here act as whoever's token is set."""
    yield monkeypatch
    monkeypatch.undo()
    settings.current.cache_clear()


async def token_of(username: str, role: StaffRole) -> str:
    given = await staffing.hire(username, username, Post(role))
    signed = await staff.sign_in(username, given.password, make.code_of(given.totp_uri), address="127.0.0.1")
    await staff.change_password(signed.member, given.password, make.CHOSEN_PASSWORD)
    return signed.token


def as_who(acting: pytest.MonkeyPatch, token: str) -> None:
    acting.setenv("WEIBAN_STAFF_TOKEN", token)
    settings.current.cache_clear()


async def weiban(*arguments: str) -> str:
    """What the command says, run in this process on the open database."""
    parser = argparse.ArgumentParser()
    message.add_arguments(parser)
    return "\n".join(await message.do(parser.parse_args(arguments)))


async def test_from_a_file_to_a_message_in_effect(acting: pytest.MonkeyPatch, tmp_path: Path) -> None:
    author, reviewer = await token_of("lin", StaffRole.PUBLISHER), await token_of("heng", StaffRole.REVIEWER)
    as_who(acting, author)
    file = tmp_path / "change.toml"
    file.write_text((await weiban("show", NAME)).replace("您已预约", "预约成功："), "utf-8")
    assert "版本 2（草稿，第 1 稿）" in await weiban("draft", str(file))
    with pytest.raises(WordingChanged):
        await weiban("draft", str(file))
    again = (await weiban("show", NAME, "--version", "2")).replace("预约成功：", "约好了：")
    file.write_text(again, "utf-8")
    assert "--revision 2" in await weiban("draft", str(file))
    shown = await weiban("preview", NAME, "--version", "2", "--fact", "hall=越秀区办税服务厅")
    assert "办事大厅：越秀区办税服务厅" in shown
    assert "约好了： 越秀区办税服务厅发票领用" in shown
    assert "待审核" in await weiban("submit", NAME, "--version", "2", "--revision", "2")
    as_who(acting, reviewer)
    assert "（已通过，当前）" in await weiban("approve", NAME, "--version", "2")
    assert f"{NAME} 版本 2（已通过，当前）" in await weiban("list")
    assert "已停用" in await weiban("retire", NAME, "--version", "2", "--note", "改回原来的说法")
    assert "版本 1（已通过，当前）" in await weiban("show", NAME, "--history")
    assert (await queries.version(NAME)).version == 1


async def test_linking_and_trying(acting: pytest.MonkeyPatch) -> None:
    as_who(acting, await token_of("lin", StaffRole.PUBLISHER))
    told = await weiban("link")
    citizen = await make.log_in("lin")
    await readers.link(told[-6:], citizen.person_id, asked_by="lin")
    assert "已发出" in await weiban("test", NAME)


def run(*arguments: str, **told: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", "message", *arguments],
        env=environment(**told),
        capture_output=True,
        text=True,
        check=False,
    )


async def test_whoever_is_not_signed_in_is_told_how() -> None:
    told = run("list")
    assert (told.returncode, told.stdout) == (1, "")
    assert "weiban staff sign-in" in told.stderr


async def test_a_refusal_is_told_in_words(tmp_path: Path) -> None:
    token = await token_of("lin", StaffRole.PUBLISHER)
    file = tmp_path / "change.toml"
    file.write_text(f'[messages.{NAME}]\nversion = 1\nsummary = "{{name}} 请找 13812345678"\n', "utf-8")
    told = run("draft", str(file), WEIBAN_STAFF_TOKEN=token)
    assert told.returncode == 1
    assert "不能代入 {name}" in told.stderr
    assert "手机号" in told.stderr
    assert "13812345678" not in told.stderr
    assert "Traceback" not in told.stderr
