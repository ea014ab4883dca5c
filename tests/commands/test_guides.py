"""``weiban guides``: a file is published, a second time changes nothing, and a wrong one is told in words."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.domain.catalogue.models import Guide
from app.domain.seed import guides
from tests.processes import environment

SHIPPED = Path(guides.__file__).with_name("guides.toml")


NOWHERE = {"WEIBAN_DATABASE_URL": "postgresql://weiban@127.0.0.1:1/weiban"}


def weiban(*arguments: str, **told: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "app", "guides", *arguments],
        env=environment(**told),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.usefixtures("db")
async def test_a_file_is_published_and_one_guide_taken_off() -> None:
    first, again = weiban("load", str(SHIPPED)), weiban("load", str(SHIPPED))
    assert (first.returncode, again.returncode) == (0, 0), first.stderr
    count = await Guide.all().count()
    assert f"更新 {count} 篇" in first.stdout
    assert "更新 0 篇" in again.stdout
    assert weiban("withdraw", "complaint").returncode == 0
    assert (await Guide.get(code="complaint")).withdrawn_at is not None
    assert "没有这篇办事指南" in weiban("withdraw", "complaint").stderr


@pytest.mark.usefixtures("db")
async def test_a_wrong_file_is_told_in_words_and_nothing_is_written(tmp_path: Path) -> None:
    wrong = tmp_path / "guides.toml"
    wrong.write_text(SHIPPED.read_text(encoding="utf-8").replace('topic = "发票"', "topic = 1"))
    told = weiban("load", str(wrong))
    assert told.returncode == 1
    assert "topic 应为" in told.stderr
    assert "Traceback" not in told.stderr
    assert await Guide.all().count() == 0


@pytest.mark.parametrize("arguments", [("withdraw", "complaint"), ("load", str(SHIPPED))])
def test_a_database_out_of_reach_is_told_in_words(arguments: tuple[str, ...]) -> None:
    told = weiban(*arguments, **NOWHERE)
    assert told.returncode == 1
    assert "连不上数据库，请检查 WEIBAN_DATABASE_URL" in told.stderr
    assert "Traceback" not in told.stderr
