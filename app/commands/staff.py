"""Takes on staff and signs them in to commands; what is secret is printed once."""

import argparse
import asyncio
import sys

from app.commands import CannotStart, acting
from app.commands.database import opened, words_of
from app.domain.accounts.models import StaffRole
from config import database, logging, settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares ``create`` with its role and scope, and ``sign-in``."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    create = deeds.add_parser("create", help="新建工作人员账号")
    create.add_argument("username", metavar="USERNAME", help="用户名：小写字母开头，3 到 40 位")
    create.add_argument("--role", required=True, choices=[role.value for role in StaffRole], help="岗位角色")
    scope = create.add_mutually_exclusive_group()
    scope.add_argument("--hall", metavar="CODE", help="只限这个大厅（大厅编码）")
    scope.add_argument("--region", metavar="CODE", help="只限这个地区及其下级（区划代码）")
    create.add_argument("--display", metavar="NAME", help="显示的姓名（默认同用户名）")
    sign_in = deeds.add_parser("sign-in", help="登录，输出供其他命令使用的登录凭证；首次登录时设置新密码")
    sign_in.add_argument("username", metavar="USERNAME", help="用户名")


def run(args: argparse.Namespace) -> int:
    """Creates the account and prints what its owner gets in hand, or signs somebody in."""
    chosen = settings.current()
    logging.configure("WARNING", chosen.log_format)
    asyncio.run(_create(args) if args.deed == "create" else _sign_in(args.username))
    return 0


async def _create(args: argparse.Namespace) -> None:
    from tortoise import Tortoise

    from app.domain.accounts import staffing
    from app.domain.accounts.staff import Post
    from app.kit.errors import Fault, InvalidInput

    await Tortoise.init(config=database.tortoise_config(settings.current().database_url, pool_max=2))
    try:
        post = Post(StaffRole(args.role), await _hall_id(args.hall), await _region_code(args.region))
        given = await staffing.hire(args.username, args.display or args.username, post)
    except InvalidInput as wrong:
        reasons = [reason for several in wrong.fields.values() for reason in several]
        raise CannotStart("；".join(reasons) or wrong.message) from None
    except Fault as refused:
        raise CannotStart(refused.message) from None
    finally:
        await Tortoise.close_connections()
    # Straight to the terminal and nowhere else: these words must never reach a log.
    sys.stdout.write(
        f"用户名    {given.username}\n一次性密码 {given.password}\n动态码设置 {given.totp_uri}\n"
        "以上内容只显示这一次；首次登录后须修改密码。\n"
    )


async def _sign_in(username: str) -> None:
    """Prints the token alone, so that a shell can take it: ``export WEIBAN_STAFF_TOKEN=$(…)``."""
    from app.domain.accounts import staff
    from app.kit.errors import Fault, InvalidInput

    password, code = acting.ask("密码：", is_secret=True), acting.ask("动态码：")
    async with opened():
        try:
            signed = await staff.sign_in(username, password, code, address="terminal")
            if signed.member.must_change_password:
                chosen = acting.ask("首次登录，请设置新密码（至少 12 位，含三类字符）：", is_secret=True)
                if chosen != acting.ask("再输入一次新密码：", is_secret=True):
                    raise CannotStart("两次输入的新密码不一致，请重新登录")
                await staff.change_password(signed.member, password, chosen)
        except InvalidInput as wrong:
            raise CannotStart(words_of(wrong)) from None
        except Fault as refused:
            raise CannotStart(refused.message) from None
    sys.stdout.write(f"{signed.token}\n")


async def _hall_id(code: str | None) -> int | None:
    if code is None:
        return None
    from app.domain.halls.models import Hall

    hall = await Hall.get_or_none(code=code)
    if hall is None:
        raise CannotStart(f"没有编码为 {code} 的大厅")
    return int(hall.id)


async def _region_code(code: str | None) -> str | None:
    if code is None:
        return None
    from app.domain.halls.models import Region

    if not await Region.filter(code=code).exists():
        raise CannotStart(f"没有代码为 {code} 的地区")
    return code
