"""What production refuses: everything that only suits a developer's machine."""

from collections.abc import Callable, Mapping


def faults_of(
    given: Mapping[str, str], local_defaults: Mapping[str, str], variable: Callable[[str], str]
) -> list[str]:
    """Every setting given that production refuses, in words (GB/T 22239-2019: no default credentials).

    ``given`` holds what the environment sets, by attribute; ``variable`` names an attribute's variable.
    """

    def refuse(names: list[str], words: str) -> list[str]:
        return [f"{variable(name)}: {words}" for name in names]

    sandbox = [
        name
        for name, value in local_defaults.items()
        if name != "public_url"
        and not name.endswith("_connector")
        and not name.endswith("_per_minute")
        and given.get(name) == value
    ]
    plain_http = [
        name
        for name in ("public_url", "wechat_api_base", "wechat_api_backup", "wechat_open_base")
        if name in given and name not in sandbox and not given[name].startswith("https://")
    ]
    return [
        *refuse(sandbox, "生产环境不能使用沙箱的默认值"),
        *refuse(
            [n for n in ("oa_mode", "mp_mode") if given.get(n, "safe") != "safe"],
            "生产环境只允许安全模式 safe",
        ),
        *_connector_faults(given, variable),
        *refuse(plain_http, "生产环境必须使用 https://"),
        *refuse([n for n in ("engines",) if given.get(n) == "embedded"], "生产环境不能使用内置数据库与缓存"),
        *refuse([n for n in ("database_url", "redis_url") if n not in given], "生产环境必须设置"),
        *refuse(
            [n for n in ("sandbox_callback", "sandbox_state", "sandbox_api_private_key") if n in given],
            "生产环境没有微信沙箱，请勿设置",
        ),
    ]


def _connector_faults(given: Mapping[str, str], variable: Callable[[str], str]) -> list[str]:
    """Every outside system is real or, where we can do without, not connected at all."""
    faults: list[str] = []
    for prefix, (what, can_be_off) in _CONNECTORS.items():
        chosen = given.get(f"{prefix}_connector", "off" if can_be_off else "http")
        if chosen == "demo":
            way_out = "请设为 http 或 off" if can_be_off else "请设为 http"
            faults.append(f"{variable(f'{prefix}_connector')}: 生产环境不能使用演示对接，{way_out}")
        signing = given.get(f"{prefix}_signing", "hmac")
        if chosen == "http" and signing in _NEEDED:
            needed = [name.format(prefix) for name in _NEEDED[signing]]
            faults += [f"{variable(name)}: {what}对接需要设置" for name in needed if not given.get(name)]
    return faults


_CONNECTORS = {
    "idv": ("实名核验", False),
    "invoice": ("发票查验", True),
    "credit": ("纳税信用查询", True),
    "library": ("基础库查询", True),
    "sms": ("短信", True),
}

_NEEDED = {
    "hmac": ("{}_url", "{}_key", "{}_secret"),
    "sm": ("{}_url", "{}_key", "exchange_sm2_key", "{}_sm2_public"),
}
