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


def test_what_the_parts_refuse_is_a_fault_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEIBAN_PUBLIC_URL", "https://hall.example/" + "x" * 1010)
    assert main(["check-config"]) == 1
    assert "“预约办税”的 url 超过 1024 字节" in capsys.readouterr().out
