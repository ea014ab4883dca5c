"""Settings of sending: something of the quota is left for bulk, and no digest falls into quiet hours."""

import pytest

from config import settings


@pytest.mark.parametrize(("urgent", "normal"), [("60", "31"), ("80", None), ("45", "46")])
def test_reserves_leave_something_for_bulk(
    monkeypatch: pytest.MonkeyPatch, urgent: str, normal: str | None
) -> None:
    monkeypatch.setenv("WEIBAN_URGENT_RESERVE_PERCENT", urgent)
    if normal is not None:
        monkeypatch.setenv("WEIBAN_NORMAL_RESERVE_PERCENT", normal)
    with pytest.raises(settings.BadSettings, match="WEIBAN_NORMAL_RESERVE_PERCENT: 与紧急消息的预留之和"):
        settings.read()


def test_the_largest_reserves_are_nine_tenths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEIBAN_URGENT_RESERVE_PERCENT", "60")
    monkeypatch.setenv("WEIBAN_NORMAL_RESERVE_PERCENT", "30")
    assert settings.read().normal_reserve_percent == 30


@pytest.mark.parametrize(
    ("quiet", "digest", "words"),
    [
        ("21:00-08:00", "21:00", "不能在免打扰时段内"),
        ("21:00-08:00", "07:59", "不能在免打扰时段内"),
        ("17:00-18:00", "17:30", "不能在免打扰时段内"),
        ("off", "17:30+08:00", "应形如 17:30"),
    ],
)
def test_the_digest_is_due_when_people_may_be_told(
    monkeypatch: pytest.MonkeyPatch, quiet: str, digest: str, words: str
) -> None:
    monkeypatch.setenv("WEIBAN_QUIET_HOURS", quiet)
    monkeypatch.setenv("WEIBAN_DIGEST_AT", digest)
    with pytest.raises(settings.BadSettings, match=f"WEIBAN_DIGEST_AT: {words}"):
        settings.read()


@pytest.mark.parametrize(("quiet", "digest"), [("21:00-08:00", "08:00"), ("off", "23:00")])
def test_the_digest_may_be_due_at_any_other_time(
    monkeypatch: pytest.MonkeyPatch, quiet: str, digest: str
) -> None:
    monkeypatch.setenv("WEIBAN_QUIET_HOURS", quiet)
    monkeypatch.setenv("WEIBAN_DIGEST_AT", digest)
    assert f"{settings.read().digest_at:%H:%M}" == digest
