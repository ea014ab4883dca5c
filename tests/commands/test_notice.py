"""``weiban notice``: a notice is written, reviewed, published and withdrawn by those who may."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.accounts import staff, staffing
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.notices import drafting, reviewing
from app.domain.notices.models import Notice
from tests.factories.accounts import CHOSEN_PASSWORD, code_of
from tests.factories.notices import PDF, reviewer
from tests.processes import environment

pytestmark = pytest.mark.usefixtures("db")

TEXT = 'kind = "announcement"\ntitle = "延长办公时间"\nsource = "天河区税务局"\nbody = "<p>正文</p>"\n'


async def token_of(username: str, role: StaffRole) -> str:
    """Somebody signed in, with a password of their own choice."""
    given = await staffing.hire(username, username, Post(role))
    signed = await staff.sign_in(username, given.password, code_of(given.totp_uri), address="127.0.0.1")
    await staff.change_password(signed.member, given.password, CHOSEN_PASSWORD)
    return signed.token


def weiban(token: str, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    told = environment(WEIBAN_STAFF_TOKEN=token, WEIBAN_FILES_DIR=str(folder / "files"))
    return subprocess.run(
        [sys.executable, "-m", "app", "notice", *arguments],
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )


async def test_a_notice_from_the_first_word_to_the_last(tmp_path: Path) -> None:
    author = await token_of("writer", StaffRole.PUBLISHER)
    judge = await token_of("judge", StaffRole.REVIEWER)
    draft, table = tmp_path / "notice.toml", tmp_path / "表.pdf"
    draft.write_text(TEXT, encoding="utf-8")
    table.write_bytes(PDF)

    def done(token: str, *arguments: str) -> str:
        ended = weiban(token, tmp_path, *arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    assert "编号 1" in done(author, "draft", str(draft))
    assert "附件 1" in done(author, "attach", "1", str(table))
    await drafting.submit(await staff.staff_of(author), 1)
    assert "附件 1  表.pdf  15 字节  未查毒" in done(judge, "show", "1")
    assert "二审" in done(judge, "review", "1", "--version", "2", "--approve")
    for _ in range(2):
        await reviewing.approve(reviewer(), 1, seen=2)
    done(author, "publish", "1")
    assert "已发布  通知公告  延长办公时间" in done(author, "list", "--state", "published")
    done(author, "withdraw", "1", "日期有误")
    assert (await Notice.get()).withdrawn_because == "日期有误"


async def test_what_is_wrong_is_told_in_words(tmp_path: Path) -> None:
    author = await token_of("writer", StaffRole.PUBLISHER)
    wrong = tmp_path / "notice.toml"
    wrong.write_text(TEXT.replace("announcement", "news"), encoding="utf-8")
    for token, arguments, words in (
        (author, ("draft", str(wrong)), "kind：应为"),
        (author, ("schedule", "1", "2020-01-01T09:00"), "没有这篇公告"),
        (author, ("schedule", "1", "0001-01-01T00:00+23:00"), "时间应形如"),
        ("nobody", ("list",), "登录已失效"),
    ):
        ended = weiban(token, tmp_path, *arguments)
        assert ended.returncode == 1
        assert words in ended.stderr
        assert "Traceback" not in ended.stderr
    assert await Notice.all().count() == 0
