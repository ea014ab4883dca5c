"""``weiban staff sign-in`` and ``weiban campaign``: a whole campaign by two people at a terminal."""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.commands import CannotStart, campaign, campaign_file
from app.domain.accounts import staff, staffing
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit import db as raw
from app.kit import ids
from config import settings
from notifications.campaigns.errors import IllegalDeed
from tests.factories import accounts as make
from tests.processes import environment

pytestmark = pytest.mark.usefixtures("db")

CAMPAIGN = """
name = "九月申报提醒"
message = "tax_reminder"
params = { tax = "增值税", period = "2026年9月", due_at = "2026年10月20日 18:00" }
audience = { tags = ["重点企业"] }
"""


async def weiban(*arguments: str, typed: str = "") -> tuple[int, str, str]:
    """Run a command; answers its exit code, its output and its complaints."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app", *arguments, env=environment(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, complained = await asyncio.wait_for(process.communicate(typed.encode()), 60)
    return process.returncode or 0, told.decode(), complained.decode()


@dataclass(frozen=True)
class Terminal:
    """Where several people act one after the other, without a process for each command."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    async def do(self, token: str | None, *words: str) -> str:
        """What a command prints for somebody."""
        parser = argparse.ArgumentParser()
        campaign.add_arguments(parser)
        args = parser.parse_args(words)
        chosen = settings.current()
        with self.monkeypatch.context() as patched:
            acting = chosen.model_copy(update={"staff_token": token and SecretStr(token)})
            patched.setattr(settings, "current", lambda: acting)
            await args.act(args)
        return self.capsys.readouterr().out


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Terminal:
    return Terminal(monkeypatch, capsys)


async def at_work(name: str, role: StaffRole) -> str:
    """Somebody signed in; answers their token."""
    await make.staff_at_work(name, Post(role))
    code = make.code_of(await make.totp_uri_of(name), steps_ahead=1)
    return (await staff.sign_in(name, make.CHOSEN_PASSWORD, code, address="127.0.0.1")).token


async def tagged(count: int) -> None:
    for _ in range(count):
        person = ids.uuid7()
        await raw.execute("INSERT INTO person (id, level, status) VALUES ($1, 'wx_bound', 'active')", person)
        await raw.execute(
            "INSERT INTO wechat_identity (person_id, appid, openid, is_follower) VALUES ($1, $2, $3, true)",
            person, settings.current().oa_appid, str(person),
        )  # fmt: skip
        await raw.execute(
            "INSERT INTO person_tag (tag, person_id, given_by, given_at)"
            " VALUES ('重点企业', $1, 'system', now())",
            person,
        )


async def test_two_people_bring_a_campaign_on_its_way(terminal: Terminal, tmp_path: Path) -> None:
    author = await at_work("li.na", StaffRole.PUBLISHER)
    reviewer = await at_work("wang.wei", StaffRole.REVIEWER)
    await tagged(3)
    file = tmp_path / "campaign.toml"
    file.write_text(CAMPAIGN, encoding="utf-8")
    assert (await terminal.do(author, "create", str(file))).startswith("1  草稿  九月申报提醒")
    told = await terminal.do(author, "dry-run", "1")
    assert "公众号模板消息 3 人" in told
    assert "税费种：增值税" in told
    assert "待审批" in await terminal.do(author, "submit", "1")
    assert "小批试发" in await terminal.do(reviewer, "approve", "1")
    assert "已暂停" in await terminal.do(author, "pause", "1", "--why", "等一等")
    assert "小批试发" in await terminal.do(author, "resume", "1")
    await terminal.do(author, "cancel", "1", "--why", "撤回")
    with pytest.raises(IllegalDeed):
        await terminal.do(author, "pause", "1", "--why", "x")
    assert "九月申报提醒" in await terminal.do(author, "list")
    assert "已取消：撤回" in await terminal.do(reviewer, "show", "1")


async def test_a_date_is_set_moved_and_taken_off(terminal: Terminal, tmp_path: Path) -> None:
    author = await at_work("li.na", StaffRole.PUBLISHER)
    file = tmp_path / "campaign.toml"
    file.write_text(CAMPAIGN, encoding="utf-8")
    await terminal.do(author, "create", str(file))
    assert "定于 2999-10-12 09:00" in await terminal.do(author, "schedule", "1", "--at", "2999-10-12T09:00")
    assert "定于" not in await terminal.do(author, "schedule", "1", "--now")
    file.write_text(CAMPAIGN.replace("九月", "十月"), encoding="utf-8")
    assert "十月申报提醒" in await terminal.do(author, "edit", "1", str(file))


async def test_the_watch_ends_with_the_campaign(terminal: Terminal) -> None:
    token = await at_work("li.na", StaffRole.PUBLISHER)
    await raw.execute(
        "INSERT INTO campaign (name, product, message, params, audience, lane, author_id, state, version,"
        " state_reason, canary_percent, is_canary_passed, baseline) VALUES"
        " ('x', 'template', 'tax_reminder', '{}', '{}', 2, $1, 'cancelled', 1, '撤回', 1, false, '{}')",
        ids.uuid7(),
    )
    await raw.execute(
        "INSERT INTO campaign_recipient (campaign_id, person_id, ord, because, state)"
        " SELECT 1, gen_random_uuid(), n, '', CASE WHEN n > 2 THEN 'pending' ELSE 'sent' END"
        " FROM generate_series(1, 5) n"
    )
    watching = asyncio.create_task(terminal.do(token, "watch", "1"))
    await asyncio.sleep(0.8)
    assert not watching.done()
    await raw.execute("UPDATE campaign_recipient SET state = 'cancelled' WHERE state = 'pending'")
    told = await asyncio.wait_for(watching, 10)
    assert "已取消  已发 2" in told
    assert "5/5" in told


@pytest.mark.parametrize(("token", "words"), [(None, "请先登录"), ("no such token", "登录已失效")])
async def test_nobody_acts_without_being_somebody(terminal: Terminal, token: str | None, words: str) -> None:
    with pytest.raises(CannotStart, match=words):
        await terminal.do(token, "list")


async def test_a_given_out_password_is_changed_at_the_first_sign_in() -> None:
    given = await staffing.hire("li.na", "李娜", Post(StaffRole.PUBLISHER))
    code = make.code_of(given.totp_uri)
    typed = f"{given.password}\n{code}\n{make.CHOSEN_PASSWORD}\n{make.CHOSEN_PASSWORD}\n"
    ended, token, complained = await weiban("staff", "sign-in", "li.na", typed=typed)
    assert ended == 0, complained
    assert not (await staff.staff_of(token.strip())).must_change_password
    assert given.password not in complained


async def test_a_wrong_code_is_refused_in_one_line() -> None:
    given = await staffing.hire("li.na", "李娜", Post(StaffRole.PUBLISHER))
    ended, told, complained = await weiban("staff", "sign-in", "li.na", typed=f"{given.password}\n000\n")
    assert (ended, told) == (1, "")
    assert "动态码不正确" in complained
    assert "Traceback" not in complained


@pytest.mark.parametrize("number", ["0", "-1", "x", "９", "9" * 19, "9" * 5000])
async def test_what_is_no_id_is_refused_before_anybody_looks_for_it(
    terminal: Terminal, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    with pytest.raises(SystemExit):
        await terminal.do(None, "show", "--", number)
    assert "不是编号" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name = ", "读不了"),
        ("colour = 1", "没有 colour 这样的项"),
        ('product = "letter"', "product 应为"),
        ('expires_at = "soon"', "expires_at 应形如"),
        ("params = 1", "params 应为一节"),
    ],
)
async def test_a_file_that_cannot_be_read_is_refused_with_the_reason(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "campaign.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(CannotStart, match=words):
        await campaign_file.read(file)
