"""More WeChat accounts than the two of the environment: a TOML file with one ``[[account]]`` each.

``WEIBAN_WECHAT_ACCOUNTS_FILE`` names it. Every account has ``kind`` (``oa`` or ``mp``), ``appid``,
``secret``, ``token`` and ``aes_key``, and may have ``aes_key_previous`` and ``mode`` (``safe`` by default).
"""

import base64
import binascii
import tomllib
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

Mode = Literal["safe", "compat", "plain"]


class BadAccounts(Exception):
    """The file cannot be used; ``faults`` says in words what is wrong with it, and shows no secret."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("；".join(faults))


class WeChatAccount(BaseModel):
    """One account of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    kind: Literal["oa", "mp"]
    appid: str = Field(pattern=r"^wx[0-9a-z]{16}$")
    secret: SecretStr = Field(min_length=1)
    token: SecretStr = Field(min_length=1)
    aes_key: SecretStr
    aes_key_previous: SecretStr | None = None
    mode: Mode = "safe"

    @field_validator("aes_key", "aes_key_previous")
    @classmethod
    def _aes_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not is_aes_key(value.get_secret_value()):
            raise ValueError("应为 43 位字母或数字")
        return value


def is_aes_key(text: str) -> bool:
    """Whether this is an EncodingAESKey: base64 of 32 bytes with the one "=" cut off."""
    try:
        return len(text) == 43 and text.isalnum() and len(base64.b64decode(text + "=")) == 32
    except (binascii.Error, ValueError):
        return False


def read(file: str | None) -> tuple[WeChatAccount, ...]:
    """The accounts of a file; none without a file. Raises BadAccounts."""
    if file is None:
        return ()
    entries = _entries(file)
    accounts, faults = [], []
    for number, entry in enumerate(entries, 1):
        try:
            accounts.append(WeChatAccount.model_validate(entry))
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False, include_context=False)
            faults += [f"第 {number} 个账号的 {_place(one)}：{_words(one)}" for one in found]
    if faults:
        raise BadAccounts(faults)
    return tuple(accounts)


def faults_of(
    file: str | None, taken: Collection[str], *, in_production: bool, sandbox: Collection[str]
) -> list[str]:
    """Everything wrong with the file, in words.

    ``taken`` are the appids of the environment, ``sandbox`` the values production refuses.
    """
    try:
        accounts = read(file)
    except BadAccounts as bad:
        return bad.faults
    counts = Counter([*taken, *(account.appid for account in accounts)])
    faults = [f"AppID {appid} 重复配置，每个账号只写一次" for appid, times in counts.items() if times > 1]
    if in_production:
        known = set(sandbox)
        faults += [f"账号 {one.appid}：生产环境只允许安全模式 safe" for one in accounts if one.mode != "safe"]
        faults += [
            f"账号 {one.appid}：生产环境不能使用沙箱的默认值" for one in accounts if _values(one) & known
        ]
    return faults


def _entries(file: str) -> list[dict[str, Any]]:
    try:
        found = tomllib.loads(Path(file).read_text(encoding="utf-8"))
    except OSError:
        raise BadAccounts(["文件不存在或无法读取"]) from None
    except ValueError:
        # The parser's own words may quote a line that holds a secret.
        raise BadAccounts(["文件不是有效的 TOML"]) from None
    entries = found.get("account")
    if set(found) - {"account"} or not isinstance(entries, list) or not entries:
        raise BadAccounts(["文件应由若干 [[account]] 组成，不含其他内容"])
    return entries


def _values(account: WeChatAccount) -> set[str]:
    secrets = (account.secret, account.token, account.aes_key, account.aes_key_previous)
    return {account.appid, *(secret.get_secret_value() for secret in secrets if secret is not None)}


_WORDS = {
    "missing": "必须设置",
    "extra_forbidden": "不认识此项，请核对名称",
    "string_type": "应为文字",
    "too_short": "不能为空",
    "string_too_short": "不能为空",
    "string_pattern_mismatch": "应为 wx 开头的 18 位小写字母或数字",
}


def _place(error: Any) -> str:
    return ".".join(str(part) for part in error["loc"]) or "内容"


def _words(error: Any) -> str:
    if error["type"] == "literal_error":
        return "只能是 oa 或 mp" if error["loc"] == ("kind",) else "只能是 safe、compat 或 plain"
    return _WORDS.get(error["type"], str(error["msg"]).removeprefix("Value error, "))
