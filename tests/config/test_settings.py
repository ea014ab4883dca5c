"""Settings name every fault at once and show no secret."""

import pytest

from config import settings

KEYS = {"WEIBAN_SECRET_KEY": "s" * 40, "WEIBAN_PII_KEY": "p" * 40}
PRODUCTION = {
    **KEYS,
    "WEIBAN_ENV": "production",
    "WEIBAN_PUBLIC_URL": "https://weiban.example.gov.cn",
    "WEIBAN_DATABASE_URL": "postgresql://weiban:hidden-password@db/weiban",
    "WEIBAN_REDIS_URL": "redis://cache:6379/0",
    "WEIBAN_OA_APPID": "wx1234567890abcdef",
    "WEIBAN_OA_SECRET": "hidden-oa-secret",
    "WEIBAN_OA_TOKEN": "hidden-oa-token",
    "WEIBAN_OA_AES_KEY": "a" * 42 + "A",
    "WEIBAN_MP_APPID": "wx1234567890abcdee",
    "WEIBAN_MP_SECRET": "hidden-mp-secret",
    "WEIBAN_MP_TOKEN": "hidden-mp-token",
    "WEIBAN_MP_AES_KEY": "b" * 42 + "A",
    "WEIBAN_IDV_URL": "https://idv.example.gov.cn",
    "WEIBAN_IDV_KEY": "us",
    "WEIBAN_IDV_SECRET": "hidden-idv-secret",
}


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in settings.Settings.model_fields:
        monkeypatch.delenv(settings.variable(name), raising=False)


def read(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> settings.Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return settings.read()


def faults(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> list[str]:
    with pytest.raises(settings.BadSettings) as caught:
        read(monkeypatch, environment)
    assert all(fault in str(caught.value) for fault in caught.value.faults)
    return caught.value.faults


def test_local_needs_only_the_two_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, KEYS)
    assert found.oa_appid == settings.LOCAL_DEFAULTS["oa_appid"]
    assert found.model_dump()["idv_connector"] == "demo"
    assert found.callback_window_s == 300


def test_no_key_has_a_default(monkeypatch: pytest.MonkeyPatch) -> None:
    found = faults(monkeypatch, {})
    assert found == ["WEIBAN_SECRET_KEY: 必须设置", "WEIBAN_PII_KEY: 必须设置"]


def test_complete_production_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch, PRODUCTION).oa_mode == "safe"


def test_production_without_anything_names_every_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    found = "\n".join(faults(monkeypatch, {"WEIBAN_ENV": "production"}))
    needed = [name for name in PRODUCTION if name != "WEIBAN_ENV"]
    assert [name for name in needed if name not in found] == []


_LIMITS = {name for name in settings.LOCAL_DEFAULTS if name.endswith("_per_minute")}


def test_production_may_be_as_generous_as_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {settings.variable(name): settings.LOCAL_DEFAULTS[name] for name in _LIMITS}
    assert read(monkeypatch, {**PRODUCTION, **given}).booking_per_minute == 120


@pytest.mark.parametrize("name", sorted(set(settings.LOCAL_DEFAULTS) - _LIMITS))
def test_production_refuses_each_sandbox_value(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    found = faults(monkeypatch, {**PRODUCTION, settings.variable(name): settings.LOCAL_DEFAULTS[name]})
    assert [settings.variable(name) in fault for fault in found] == [True]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEIBAN_OA_MODE", "plain"),
        ("WEIBAN_OA_MODE", "compat"),
        ("WEIBAN_MP_MODE", "plain"),
        ("WEIBAN_ENGINES", "embedded"),
        ("WEIBAN_SANDBOX_CALLBACK", "http://127.0.0.1:8000"),
        ("WEIBAN_SANDBOX_STATE", "state.json"),
        ("WEIBAN_PUBLIC_URL", "http://weiban.example.gov.cn"),
        ("WEIBAN_WECHAT_API_BASE", "http://10.0.0.1"),
    ],
)
def test_production_refuses_what_suits_one_machine(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    found = faults(monkeypatch, {**PRODUCTION, name: value})
    assert [name in fault for fault in found] == [True]


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {
        "WEIBAN_PORT": "eighty",
        "WEIBAN_WORKERS": "0",
        "WEIBAN_OA_AES_KEY": "short",
        "WEIBAN_TRUSTED_PROXIES": "10.0.0.0/8, everyone",
        "WEIBAN_DATABASE_URL": "mysql://db/x",
        "WEIBAN_PUBLIC_URL": "weiban",
        "WEIBAN_OA_APPID": "oa",
    }
    found = faults(monkeypatch, {**KEYS, **wrong})
    assert sorted(fault.partition(":")[0] for fault in found) == sorted(wrong)


def test_pool_bounds_fit_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    pools = {"WEIBAN_DATABASE_POOL_MIN": "9", "WEIBAN_DATABASE_POOL_MAX": "3"}
    assert faults(monkeypatch, {**KEYS, **pools}) == [
        "WEIBAN_DATABASE_POOL_MIN: 不能大于 WEIBAN_DATABASE_POOL_MAX"
    ]


def test_empty_variable_means_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(monkeypatch, {**KEYS, "WEIBAN_PII_KEY_PREVIOUS": "", "WEIBAN_PORT": ""})
    assert (found.pii_key_previous, found.port) == (None, 8000)


def test_no_secret_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(read(monkeypatch, PRODUCTION)) + str(settings.read())
    assert [secret for secret in (*KEYS.values(), "a" * 42, "hidden") if secret in shown] == []


def test_no_secret_is_shown_in_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"WEIBAN_SECRET_KEY": "tooshortsecret", "WEIBAN_OA_AES_KEY": "notakeyatall"}
    with pytest.raises(settings.BadSettings) as caught:
        read(monkeypatch, {**KEYS, **wrong})
    assert "tooshortsecret" not in str(caught.value)
    assert "notakeyatall" not in str(caught.value)


def test_slip_of_the_pen_is_found() -> None:
    assert settings.unknown_in({"WEIBAN_OA_SECRT": "x", "WEIBAN_PORT": "1", "PATH": ""}) == [
        "WEIBAN_OA_SECRT"
    ]


def test_password_of_a_url_is_starred() -> None:
    assert settings.without_password("redis://:pw@cache:6379/0") == "redis://:***@cache:6379/0"


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ("9-12", "应形如 09:00-12:00"),
        ("09:00", "应形如 09:00-12:00"),
        ("09:00+08:00-12:00", "应形如 09:00-12:00"),
        ("09:00-10:00-11:00", "应形如 09:00-12:00"),
        ("13:00-12:00", "时间应从早到晚"),
        ("09:00-12:00,11:00-17:00", "各段不重叠"),
    ],
)
def test_service_hours_are_told_apart_from_nonsense(
    monkeypatch: pytest.MonkeyPatch, hours: str, words: str
) -> None:
    [fault] = faults(monkeypatch, {**KEYS, "WEIBAN_SERVICE_HOURS": hours})
    assert fault.startswith("WEIBAN_SERVICE_HOURS: ")
    assert words in fault
