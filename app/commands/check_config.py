"""Lists every setting with its default and its value now, secrets hidden; names every fault."""

import argparse
import os

from pydantic.fields import FieldInfo
from rich.console import Console
from rich.table import Table

from config import menus, messages, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Has no options."""
    del parser


def run(args: argparse.Namespace) -> int:
    """Prints the table and the faults; 1 when there are any."""
    del args
    given = settings.given_in(os.environ)
    is_local = given.get("env", "local") == "local"
    table = Table("环境变量", "默认值", "当前值", "说明", box=None, header_style="bold")
    for name, field in settings.Settings.model_fields.items():
        default = _default(name, field, is_local=is_local)
        value = given.get(name)
        shown = "（默认）" if value is None else _shown(value, field)
        table.add_row(settings.variable(name), default, shown, field.description)
    # Wider than a terminal, lines are cut by nobody who reads them through a pipe.
    console = Console(width=None if Console().is_terminal else 200, highlight=False, markup=False)
    console.print(table)
    for name in settings.unknown_in(os.environ):
        console.print(f"注意：{name} 不是已知的配置项，未被使用")
    try:
        _read_all()
    except (settings.BadSettings, menus.BadMenus, messages.BadMessages) as error:
        console.print(f"\n{error}")
        return 1
    console.print("\n配置有效")
    return 0


def _read_all() -> None:
    """Everything a server or worker reads before it starts. Raises what they would raise."""
    from app.gateways.wechat import api_security
    from notifications.messages import Messages

    chosen = settings.read()
    api_security.of_mini_program(chosen)
    menus.load(menus.FILE, public_url=chosen.public_url, mp_appid=chosen.mp_appid)
    Messages(messages.load(messages.FILE))


def _default(name: str, field: FieldInfo, *, is_local: bool) -> str:
    if is_local and name in settings.LOCAL_DEFAULTS:
        return "（沙箱）" if settings.is_secret(field) else settings.LOCAL_DEFAULTS[name]
    if field.is_required():
        return "必填"
    default = field.get_default()
    return "" if default is None or default == () else _shown(str(default), field)


def _shown(value: str, field: FieldInfo) -> str:
    return "******" if settings.is_secret(field) else settings.without_password(value)
