"""`weiban check-config` shows every setting, no secret, and every fault."""

import pytest

from app.__main__ import main
from config import settings


def test_lists_every_setting_and_hides_secrets(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEIBAN_OA_SECRET", "never-shown")
    monkeypatch.setenv("WEIBAN_DATABASE_URL", "postgresql://u:never-shown@db/x")
    monkeypatch.setenv("WEIBAN_PROT", "8000")
    assert main(["check-config"]) == 0
    shown = capsys.readouterr().out
    assert [name for name in settings.Settings.model_fields if settings.variable(name) not in shown] == []
    assert "never-shown" not in shown
    assert "注意：WEIBAN_PROT" in shown


def test_faults_end_with_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("WEIBAN_PORT", "many")
    monkeypatch.delenv("WEIBAN_PII_KEY")
    assert main(["check-config"]) == 1
    shown = capsys.readouterr().out
    assert "WEIBAN_PORT: 应为整数" in shown
    assert "WEIBAN_PII_KEY: 必须设置" in shown
