"""``weiban connection`` and ``weiban duty``: the census, its classes and the list of duties at a terminal."""

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from app.__main__ import COMMANDS
from app.commands import connection, duty
from app.domain.accounts.models import StaffRole
from app.domain.connections.errors import NotNow
from app.kit import clock
from tests.commands.test_notice import token_of
from tests.factories.connections import admin
from tests.processes import environment


def weiban(token: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        env=environment(WEIBAN_STAFF_TOKEN=token),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("db")
async def test_a_census_is_imported_by_an_administrator(tmp_path: Path) -> None:
    token = await token_of("keeper", StaffRole.SYSTEM_ADMIN)
    path = tmp_path / "census.csv"
    path.write_text(
        "主管部门,系统名称,所在网络,事项数,对接类别,文号\n"
        "市公安局,户政系统,业务专网,3,①,甲号\n市司法局,公证系统,互联网,1,,\n",
        encoding="gb18030",
    )
    ended = weiban(token, "connection", "import", str(path))
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "共 2 个系统，新登记 2 个，定类 1 个" in ended.stdout
    path.write_text("主管部门,系统名称,所在网络\n市公安局,户政系统,天网\n", encoding="utf-8")
    ended = weiban(token, "connection", "import", str(path))
    assert ended.returncode == 1
    assert "第 2 行：所在网络：应为 政务外网" in ended.stderr
    assert COMMANDS["duty"] == "duty"


@pytest.mark.usefixtures("db")
async def test_a_connection_goes_its_way(capsys: pytest.CaptureFixture[str]) -> None:
    parser, member = argparse.ArgumentParser(), admin()
    connection.add_arguments(parser)

    async def told(*arguments: str) -> str:
        args = parser.parse_args(arguments)
        await connection._DEEDS[args.deed](member, args)
        return capsys.readouterr().out

    named = ("--department", "市公安局", "--name", "户政系统", "--network", "dedicated", "--items", "4")
    assert await told("add", *named) == "已登记，编号 1\n"
    assert "已定类”　③" in await told("classify", "1", "3", "--document", "甲", "--due", "2020-01-01")
    with pytest.raises(NotNow):
        await told("advance", "1", "integrating")
    overdue = await told("overdue")
    assert "户政系统" in overdue
    assert str((clock.today() - connection.a_day("2020-01-01")).days) in overdue
    assert "已报价" in await told("quote", "1", "128000.50", "--document", "乙")
    assert "费用已落实" in await told("fund", "1", "--document", "丙")
    assert "②" in await told("classify", "1", "2", "--document", "丁", "--due", "2099-01-01")
    for state in ("integrating", "testing"):
        await told("advance", "1", state)
    await told("tick", "1", "--network", "--data", "--business")
    assert "已上线" in await told("advance", "1", "live", "--note", "验收通过")
    shown = await told("show", "1")
    for words in ("128000.50", "丙", "验收通过", "三通  网络 数据 业务"):
        assert words in shown
    assert "已上线" in await told("list", "--department", "市公安局")
    assert "100.0%" in await told("ratio")
    await told("advance", "1", "degraded")
    await told("tick", "1", "--no-data")
    await told("advance", "1", "offline")
    assert "已普查" in await told("survey", "1")
    for category, arguments in (("4", ("--next", "2099-01-01")), ("5", ("--next", "2099-01-01"))):
        await told("classify", "1", category, "--document", "戊", *arguments)
    assert "已上报" in await told(
        "report", "1", "--document", "己", "--entry-path", "二次录入", "--next", "2099-02-01"
    )
    assert "定期复核" in await told("follow-up", "1", "未同意", "--next", "2099-03-01")


@pytest.mark.usefixtures("db")
async def test_a_duty_goes_its_way(capsys: pytest.CaptureFixture[str]) -> None:
    parser, member = argparse.ArgumentParser(), admin()
    duty.add_arguments(parser)

    async def told(*arguments: str) -> str:
        return await duty._change(member, parser.parse_args(arguments))

    named = ("--supplier", "市民政局", "--due", "2020-01-01", "--document", "甲")
    assert await told("add", "--data", "婚姻登记", *named) == "已登记，编号 1"
    assert await told("add", "--data", "低保", "--condition", "限审批", *named) == "已登记，编号 2"
    assert await told("open", "1") == "已开通"
    assert await told("serve", "1") == "共享中"
    refusal = ("--law", "《统计法》第九条", "--reason", "个人信息", "--to", "市大数据局")
    assert await told("refuse", "2", *refusal) == "已提交市大数据局裁定；裁定前责任不变"
    await duty._list(member, None)
    listed = capsys.readouterr().out
    for words in ("限审批", "逾期", "《统计法》第九条（待市大数据局裁定）"):
        assert words in listed
    assert await told("decide", "2", "upheld", "--document", "乙") == "不予共享成立"


@pytest.mark.parametrize(
    "arguments",
    [
        ("classify", "1", "6", "--document", "甲"),
        ("classify", "1", "1"),
        ("classify", "1", "2", "--document", "甲", "--due", "明天"),
        ("quote", "1", "很多", "--document", "甲"),
        ("advance", "1", "quoted"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    connection.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(arguments)
    assert "error" in capsys.readouterr().err
