"""``weiban staff create`` makes an account that can sign in, and prints its secrets once."""

import os
import subprocess
import sys

import pytest

from app.domain.accounts import staff
from app.domain.accounts.models import StaffPost
from app.kit import db as raw
from tests.factories import accounts as make

pytestmark = pytest.mark.usefixtures("db")


def _create(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "staff", "create", *arguments],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_printed_words_open_the_account() -> None:
    ended = _create("li.na", "--role", "hall_manager", "--display", "李娜")
    assert ended.returncode == 0, ended.stderr
    told = dict(line.split(maxsplit=1) for line in ended.stdout.splitlines()[:3])
    uri, password = told["动态码设置"], told["一次性密码"]
    signed = await staff.sign_in("li.na", password, make.code_of(uri), address="127.0.0.1")
    assert signed.member.display_name == "李娜"
    assert signed.member.must_change_password
    assert password not in ended.stderr
    assert "secret=" not in ended.stderr


async def test_a_region_bounds_the_post() -> None:
    await raw.execute(
        "INSERT INTO region (code, name, level, pinyin, initials, is_government)"
        " VALUES ('4401', '广州市', 2, '', '', true)"
    )
    assert _create("li.na", "--role", "clerk", "--region", "4401").returncode == 0
    assert (await StaffPost.get()).region_code == "4401"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("li.na", "--role", "clerk", "--hall", "NOWHERE"), "没有编码为 NOWHERE 的大厅"),
        (("li.na", "--role", "clerk", "--region", "99"), "没有代码为 99 的地区"),
        (("Bad Name", "--role", "clerk"), "用户名应以小写字母开头"),
    ],
)
async def test_what_cannot_be_is_told_in_one_line(arguments: tuple[str, ...], words: str) -> None:
    ended = _create(*arguments)
    assert ended.returncode == 1
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
