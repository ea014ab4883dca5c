"""``weiban credit``: a release from the file to the campaign, and a refusal in words."""

import argparse
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from app.commands import credit
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import StaffMember
from app.domain.credit_appeals.models import AppealKind, CreditAppeal
from app.domain.credit_ratings.models import CreditRating
from app.domain.credit_ratings.rule_sets import Level
from app.kit import crypto
from app.kit.ids import uuid7
from tests.commands.test_notice import token_of
from tests.factories import credit as make
from tests.factories.audiences import at_work
from tests.processes import environment


@pytest.fixture(autouse=True)
async def _no_tables_left(db: None) -> AsyncIterator[None]:
    yield
    await make.forget_releases()


def weiban(token: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", "credit", *arguments],
        env=environment(WEIBAN_STAFF_TOKEN=token),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("score", ["NaN", "Infinity", "9_0", "90.123", "-1"])
def test_a_score_is_a_plain_number(score: str, capsys: pytest.CaptureFixture[str]) -> None:
    parser = argparse.ArgumentParser()
    credit.add_arguments(parser)
    with pytest.raises(SystemExit):
        parser.parse_args(["adjust", "XYFH1", "A", f"--score={score}"])
    assert "最多两位小数" in capsys.readouterr().err


async def test_staff_read_what_waits_with_its_grounds_and_words(
    db: None, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await CreditAppeal.create(
        enterprise_id=uuid7(), year=2025, kind=AppealKind.OVERALL, case_number="XYZT2026051800000001",
        reason_sealed=crypto.seal("申请整体修复"), codes=["010101"], level_before=Level.B, score_before=80,
        since_on=date(2025, 6, 16), points=11, evidence_at=make.NOON, applied_at=make.NOON,
    )  # fmt: skip

    async def clerk() -> StaffMember:
        return at_work("clerk", StaffRole.CLERK)

    monkeypatch.setattr(credit, "acting_member", clerk)
    await credit._list_appeals(argparse.Namespace())
    first, *about = capsys.readouterr().out.splitlines()
    assert first == "XYZT2026051800000001\t已申请，等待受理"
    assert about == [
        "\t纳税缴费信用整体修复：2025 年度 B 级 80.00 分，010101",
        "\t据税务机关 2026-05-18 的信息，2025-06-16 后没有新增失信行为，最多恢复 11.00 分",
        "\t申请整体修复",
    ]


async def test_a_release_is_imported_published_and_told(tmp_path: Path) -> None:
    importer = await token_of("importer", StaffRole.EXCHANGE_OPERATOR)
    path = make.release_file(tmp_path, [*(make.row(n) for n in range(1, 10)), make.row(11, "E")])
    report = tmp_path / "report.csv"
    done = weiban(importer, "import", str(path), "--year", "2025", "--report", str(report))
    assert done.returncode == 0, done.stderr
    assert "已校验，待发布" in done.stdout
    assert "A 级 9" in done.stdout
    assert "应为 A、B、M、C、D 之一" in report.read_text(encoding="utf-8")
    refused = weiban(importer, "publish", "1")
    assert (refused.returncode, "“审核”岗位" in refused.stderr) == (1, True)
    publisher = await token_of("releaser", StaffRole.REVIEWER)
    done = weiban(publisher, "publish", "1")
    assert "已发布" in done.stdout, done.stderr
    assert await CreditRating.all().count() == 9
    author = await token_of("author", StaffRole.PUBLISHER)
    done = weiban(author, "campaign", "--year", "2025")
    assert "群发任务 1（草稿）" in done.stdout, done.stderr
