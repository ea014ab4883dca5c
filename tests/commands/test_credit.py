"""``weiban credit``: a release from the file to the campaign, and a refusal in words."""

import argparse
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from app.commands import credit
from app.domain.accounts.models import StaffRole
from app.domain.credit_ratings.models import CreditRating
from tests.commands.test_notice import token_of
from tests.factories import credit as make
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
