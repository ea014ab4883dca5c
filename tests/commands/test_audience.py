"""``weiban audience``: a list goes in, is counted and explained; what is wrong is told in words."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.accounts import staff
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.audiences.models import AudienceList
from tests.factories import accounts
from tests.factories import audiences as make
from tests.processes import environment

pytestmark = pytest.mark.usefixtures("db")


def weiban(*arguments: str, **told: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", "audience", *arguments],
        env=environment(**told),
        capture_output=True,
        text=True,
        check=False,
    )


async def token() -> str:
    member = await accounts.staff_at_work("editor", Post(StaffRole.PUBLISHER))
    uri = await accounts.totp_uri_of(member.username)
    code = accounts.code_of(uri, steps_ahead=1)
    signed = await staff.sign_in(member.username, accounts.CHOSEN_PASSWORD, code, address="127.0.0.1")
    return signed.token


async def test_a_list_goes_in_and_is_counted_and_explained(tmp_path: Path) -> None:
    code = accounts.uscc_number()
    person_id = await make.agent(uscc=code)
    path = make.csv_file(
        tmp_path, ["统一社会信用代码,税费种,所属期", f"{code},增值税,2026-10", "x,增值税,2026-10"] + [""] * 3
    )
    lines = path.read_text() + "".join(f"{one},增值税,10月\n" for one in make.uscc_numbers(5)[1:])
    path.write_text(lines)
    report = tmp_path / "report.csv"
    arguments = ("upload", str(path), "--name", "催报", "--for", "tax_reminder", "--common", "due_at")
    uploaded = weiban(*arguments, "--report", str(report), WEIBAN_STAFF_TOKEN=await token())
    assert uploaded.returncode == 0, uploaded.stderr
    assert "名单 1：1 人" in uploaded.stdout
    assert "共 6 行，有误 1，重复 0，未识别 4" in uploaded.stdout
    assert report.read_text(encoding="utf-8").count("\n") == 6
    assert (await AudienceList.all().get()).facts == ["tax", "period"]
    definition = json.dumps({"lists": [1]})
    assert weiban("count", definition).stdout == "1 人\n"
    assert "符合：list:1" in weiban("explain", definition, str(person_id)).stdout


async def test_a_list_that_went_in_is_told_even_if_its_report_cannot_be_written(tmp_path: Path) -> None:
    code = accounts.uscc_number()
    await make.agent(uscc=code)
    path = make.csv_file(tmp_path, ["统一社会信用代码", code, *make.uscc_numbers(5)[1:]])
    arguments = ("upload", str(path), "--name", "名单", "--report", str(tmp_path / "nowhere" / "report.csv"))
    uploaded = weiban(*arguments, WEIBAN_STAFF_TOKEN=await token())
    assert "名单 1：1 人" in uploaded.stdout
    assert (uploaded.returncode, "问题清单写不到" in uploaded.stderr) == (1, True)


async def test_what_is_wrong_is_told_in_words(tmp_path: Path) -> None:
    path = make.csv_file(tmp_path, ["手机号", "x"])
    wrong = weiban("upload", str(path), "--name", "名单", WEIBAN_STAFF_TOKEN=await token())
    assert wrong.returncode == 1
    assert "1 行有误，超过 20%" in wrong.stderr
    assert "第 2 行 手机号" in wrong.stdout
    unknown = weiban("count", '{"groups": ["rich"]}')
    assert (unknown.returncode, "不存在：rich" in unknown.stderr) == (1, True)


async def test_groups_are_renewed_and_explained() -> None:
    person_id = await make.agent(is_exporter=True)
    assert weiban("renew").stdout == "3 处变化\n"
    told = weiban("groups", str(person_id)).stdout.splitlines()
    assert len(told) == 10
    assert any(line.startswith("在\t出口企业（exporter@1，自 ") and "出口企业：是" in line for line in told)
