"""The settings of WeChat's API signing and encryption: all of them or none, each of the right kind."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Final, Literal

ApiSuite = Literal["off", "aes-rsa", "sm4-sm2"]

PEMS: Final = (
    "mp_api_private_key",
    "mp_api_platform_key",
    "mp_api_platform_key_previous",
    "sandbox_api_private_key",
)
_KEY_BYTES: Final = {"aes-rsa": 32, "sm4-sm2": 16}
_NEEDED: Final = {
    "mp_api_sym_key": "对称密钥",
    "mp_api_sym_sn": "对称密钥编号",
    "mp_api_private_key": "应用私钥",
    "mp_api_key_sn": "非对称密钥编号",
    "mp_api_platform_key": "平台证书",
    "mp_api_platform_sn": "平台证书编号",
}
_PREVIOUS: Final = ("mp_api_platform_key_previous", "mp_api_platform_sn_previous")
_NUMBERS: Final = ("mp_api_sym_sn", "mp_api_key_sn", "mp_api_platform_sn", "mp_api_platform_sn_previous")
_NUMBER: Final = re.compile(r"[0-9A-Za-z_-]{1,64}")
_PEM: Final = re.compile(r"-----BEGIN [A-Z0-9 ]+-----\n.+\n-----END [A-Z0-9 ]+-----\s*", re.DOTALL)


def with_line_ends(pem: str) -> str:
    """The PEM with real line ends: an env file holds none, so they may be written ``\\n``."""
    return pem.replace("\\n", "\n")


def faults_of(given: Mapping[str, str], variable: Callable[[str], str]) -> list[str]:
    """Every fault of these settings, in words; ``given`` holds what the environment sets, by attribute."""
    key_bytes = _KEY_BYTES.get(given.get("mp_api_security", "off"))
    if key_bytes is None:
        return []
    faults = [
        f"{variable(name)}: 开启 API 签名加密需要设置{what}"
        for name, what in _NEEDED.items()
        if name not in given
    ]
    if "mp_api_sym_key" in given and _size(given["mp_api_sym_key"]) != key_bytes:
        faults.append(f"{variable('mp_api_sym_key')}: 应为 {key_bytes} 字节密钥的 base64")
    faults += [
        f"{variable(name)}: 应为 PEM 文本，换行可写作 \\n"
        for name in PEMS
        if name in given and not _PEM.fullmatch(with_line_ends(given[name]))
    ]
    faults += [
        f"{variable(name)}: 应为微信公众平台显示的编号"
        for name in _NUMBERS
        if name in given and not _NUMBER.fullmatch(given[name])
    ]
    if len([name for name in _PREVIOUS if name in given]) == 1:
        faults.append(f"{'、'.join(map(variable, _PREVIOUS))}: 须同时设置")
    return faults


def _size(text: str) -> int:
    try:
        return len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return -1
