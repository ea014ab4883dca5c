"""Who acts: commands that a member of staff answers for take them from the environment."""

import sys
from getpass import getpass
from typing import TYPE_CHECKING, Final

from app.commands import CannotStart
from config import settings

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember

_HOW: Final = f"export {settings.variable('staff_token')}=$(weiban staff sign-in 用户名)"


async def acting_member() -> "StaffMember":
    """The member of staff whose token the environment holds; the database must be open.

    Raises CannotStart, with what to do, if there is no token, its session has ended, or the member has
    not yet chosen a password of their own.
    """
    from app.domain.accounts import staff
    from app.domain.accounts.errors import SessionEnded

    token = settings.current().staff_token
    if token is None:
        raise CannotStart(f"请先登录：{_HOW}")
    try:
        member = await staff.staff_of(token.get_secret_value().strip())
    except SessionEnded:
        raise CannotStart(f"登录已失效，请重新登录：{_HOW}") from None
    if member.must_change_password:
        raise CannotStart("请先修改初始密码：重新运行 weiban staff sign-in，按提示设置新密码")
    return member


def ask(prompt: str, *, is_secret: bool = False) -> str:
    """What the person at the terminal answers; without one, the next line of the input.

    Prompts go to the terminal or to standard error: standard output carries the token alone.
    """
    if sys.stdin.isatty() and is_secret:
        return getpass(prompt, stream=sys.stderr)
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()
