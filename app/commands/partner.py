"""Department systems that push: registering them, their keys, and the messages people have to look at."""

import argparse
import sys
import tomllib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands import CannotStart, acting, database

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember
    from app.domain.partners.models import PartnerKey

_PRESETS = ("guangdong", "step_codes")
_KEY_DAYS = 180


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the deeds."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    create = deeds.add_parser("create", help="登记对接系统")
    create.add_argument("code", metavar="CODE", help="系统代码")
    create.add_argument("--name", required=True, help="系统名称")
    create.add_argument("--department", required=True, help="部门")
    create.add_argument("--kind", action="append", metavar="KIND", help="可推送的消息类别；默认全部办件消息")
    create.add_argument(
        "--authority",
        action="append",
        default=[],
        metavar="USCC",
        help="可代表的实施主体或其开头，可多次",
    )
    create.add_argument("--any-authority", action="store_true", help="可代表任何实施主体")
    create.add_argument(
        "--region", action="append", default=[], metavar="CODE", help="可代表的区划或其开头，可多次"
    )
    create.add_argument("--any-region", action="store_true", help="可代表任何区划")
    create.add_argument(
        "--relay", action="append", default=[], metavar="PURPOSE", help="可经我方逐级转查基础库的用途"
    )
    create.add_argument("--map", metavar="NAME|FILE", help=f"字段映射：{'、'.join(_PRESETS)}，或 TOML 文件")
    key = deeds.add_parser("key", help="密钥").add_subparsers(required=True, metavar="DEED", dest="key_deed")
    add = key.add_parser("add", help="发一个新密钥；新旧两个可同时有效")
    add.add_argument("code", metavar="CODE", help="系统代码")
    add.add_argument("--days", type=int, default=_KEY_DAYS, help="有效天数")
    add.add_argument("--public-key", type=Path, metavar="FILE", help="改用对方的 SM2 公钥或证书（PEM）")
    key.add_parser("revoke", help="立即停用密钥").add_argument("key", metavar="KEY", help="密钥编号")
    deeds.add_parser("list", help="列出对接系统、密钥和推送情况")
    for name, words in (("suspend", "暂停接收"), ("resume", "恢复接收"), ("dead", "列出转人工的消息")):
        deeds.add_parser(name, help=words).add_argument("code", metavar="CODE", help="系统代码")
    replay = deeds.add_parser("replay", help="重新处理转人工的消息")
    replay.add_argument("code", metavar="CODE", help="系统代码")
    replay.add_argument("sequences", type=int, nargs="*", metavar="SEQUENCE", help="序号；不写为全部")


def run(args: argparse.Namespace) -> int:
    """Does one of them; a refusal is told in its own words."""
    database.done(_run, args)
    return 0


async def _run(args: argparse.Namespace) -> None:
    async with database.opened():
        told = await _DEEDS[args.deed](await acting.acting_member(), args)
    sys.stdout.write(f"{told}\n")


async def _create(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.partners import systems
    from app.domain.partners.kinds import CASE_KINDS

    new = systems.NewSystem(
        code=args.code,
        name=args.name,
        department=args.department,
        kinds=args.kind or [kind.value for kind in CASE_KINDS],
        authorities=args.authority,
        regions=args.region,
        field_map=_field_map(args.map),
        any_authority=args.any_authority,
        any_region=args.any_region,
        relays=args.relay,
    )
    await systems.create(member, new)
    return f"已登记 {args.code}；发密钥：weiban partner key add {args.code}"


async def _key(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.partners import systems

    if args.key_deed == "revoke":
        await systems.revoke_key(member, args.key)
        return f"已停用密钥 {args.key}"
    public_key = args.public_key.read_text(encoding="ascii") if args.public_key else None
    issued = await systems.add_key(member, args.code, days=args.days, public_key=public_key)
    told = f"密钥编号 {issued.id}\n有效至 {issued.expires_at:%Y-%m-%d %H:%M}"
    return f"{told}\n密钥 {issued.secret}\n密钥只显示这一次，请用安全方式交给对方" if issued.secret else told


async def _list(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.partners import queries, systems

    del args
    lines = []
    for system, keys in await systems.listed(member):
        status = await queries.status(system.id)
        off = "" if system.is_active else "  已暂停"
        lines.append(f"{system.code}  {system.name}（{system.department}）{off}")
        missing = "、".join(f"{gap.first}–{gap.last}" for gap in status.gaps[:5])
        lines.append(
            f"  收到 {status.last_sequence}，齐至 {status.whole_to}，缺 {missing or '无'}，"
            f"等待 {status.parked}，转人工 {status.dead}"
        )
        lines += [f"  {_told(key)}" for key in keys]
    return "\n".join(lines) or "还没有对接系统"


async def _switch(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.partners import systems

    await systems.switch(member, args.code, is_active=args.deed == "resume")
    return f"{args.code} 已{'恢复' if args.deed == 'resume' else '暂停'}"


async def _dead(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.partners import dead_letters

    rows = await dead_letters.listed(member, args.code)
    return "\n".join(
        f"{one.sequence:>10}  {one.kind}  {one.case_number or '-'}  第 {one.step or '-'} 条  {one.error_text}"
        for one in rows
    ) or "没有转人工的消息"  # fmt: skip


async def _replay(member: "StaffMember", args: argparse.Namespace) -> str:
    from app.domain.partners import dead_letters

    return f"已重新处理 {await dead_letters.replay(member, args.code, args.sequences or None)} 条"


_DEEDS: Mapping[str, Callable[["StaffMember", argparse.Namespace], Awaitable[str]]] = {
    "create": _create, "key": _key, "list": _list, "suspend": _switch, "resume": _switch, "dead": _dead,
    "replay": _replay,
}  # fmt: skip


def _field_map(given: str | None) -> Mapping[str, Any] | None:
    from app.domain.partners.mapping import PRESETS

    if given is None:
        return None
    if given in PRESETS:
        return PRESETS[given]
    try:
        return tomllib.loads(Path(given).read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise CannotStart(f"{given} 不是 UTF-8 的 TOML：{broken}") from None


def _told(key: "PartnerKey") -> str:
    from app.kit import clock

    if key.revoked_at is not None:
        state = f"{key.revoked_at:%Y-%m-%d} 停用"
    else:
        state = "已过期" if key.expires_at <= clock.now() else f"有效至 {key.expires_at:%Y-%m-%d}"
    used = f"{key.last_used_at:%Y-%m-%d %H} 时用过" if key.last_used_at else "没有用过"
    return f"密钥 {key.id}  {key.algorithm}  {state}  {used}"
