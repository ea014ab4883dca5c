"""The switch of API signing and encryption needs all its settings, and every fault is named at once."""

import base64

import pytest

from config.settings import BadSettings, current, read

_PEM = "-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----"
_WHOLE = {
    "WEIBAN_MP_API_SECURITY": "aes-rsa",
    "WEIBAN_MP_API_SYM_KEY": base64.b64encode(b"k" * 32).decode(),
    "WEIBAN_MP_API_SYM_SN": "fa05fe1e5bcc79b81ad5ad4b58acf787",
    "WEIBAN_MP_API_PRIVATE_KEY": _PEM,
    "WEIBAN_MP_API_KEY_SN": "97845f6ed842ea860df6fdf65941ff56",
    "WEIBAN_MP_API_PLATFORM_KEY": _PEM.replace("PRIVATE", "PUBLIC"),
    "WEIBAN_MP_API_PLATFORM_SN": "79ba700ea147819f640941bceb38b1d1",
}


def _given(monkeypatch: pytest.MonkeyPatch, **changes: str | None) -> None:
    for name, value in (_WHOLE | changes).items():
        if value is not None:
            monkeypatch.setenv(name, value)


def test_it_is_off_by_itself() -> None:
    assert current().mp_api_security == "off"


def test_line_ends_may_be_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    _given(monkeypatch)
    found = read()
    assert found.mp_api_private_key is not None
    assert found.mp_api_private_key.get_secret_value().count("\n") == 2
    assert list(found.mp_api_platform_keys) == ["79ba700ea147819f640941bceb38b1d1"]
    assert "AAAA" not in repr(found.mp_api_private_key)


def test_every_fault_is_named_and_no_value_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    _given(
        monkeypatch,
        WEIBAN_MP_API_SYM_KEY=base64.b64encode(b"secretsecretsecr").decode(),
        WEIBAN_MP_API_SYM_SN=None,
        WEIBAN_MP_API_PRIVATE_KEY="/etc/keys/secret.pem",
        WEIBAN_MP_API_KEY_SN="编号",
        WEIBAN_MP_API_PLATFORM_SN_PREVIOUS="2171af9cdf1d7404423852e7e183d852",
    )
    with pytest.raises(BadSettings) as refusal:
        read()
    assert refusal.value.faults == [
        "WEIBAN_MP_API_SYM_SN: 开启 API 签名加密需要设置对称密钥编号",
        "WEIBAN_MP_API_SYM_KEY: 应为 32 字节密钥的 base64",
        "WEIBAN_MP_API_PRIVATE_KEY: 应为 PEM 文本，换行可写作 \\n",
        "WEIBAN_MP_API_KEY_SN: 应为微信公众平台显示的编号",
        "WEIBAN_MP_API_PLATFORM_KEY_PREVIOUS、WEIBAN_MP_API_PLATFORM_SN_PREVIOUS: 须同时设置",
    ]


def test_the_national_suite_has_a_shorter_key(monkeypatch: pytest.MonkeyPatch) -> None:
    _given(monkeypatch, WEIBAN_MP_API_SECURITY="sm4-sm2")
    with pytest.raises(BadSettings, match="16 字节"):
        read()


def test_an_unknown_suite_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    _given(monkeypatch, WEIBAN_MP_API_SECURITY="on")
    with pytest.raises(BadSettings, match="WEIBAN_MP_API_SECURITY: 只能是"):
        read()
