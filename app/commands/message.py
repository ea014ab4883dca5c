"""The wording of messages: list, show, draft, preview, submit, approve, refuse, retire, and try one out."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from app.commands import CannotStart, database
from app.commands.acting import acting_member
from config import logging, settings
from config.messages import BadMessages

if TYPE_CHECKING:
    from notifications.wording.queries import Version

Deed = Callable[[argparse.Namespace], Awaitable[Iterable[str]]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares the deeds."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    deeds.add_parser("list", help="每种消息的当前版本和正在修改的版本")
    show = _of_version(
        deeds.add_parser("show", help="显示一个版本，格式与 messages.toml 相同，可改后用于 draft")
    )
    show.add_argument("--history", action="store_true", help="改为列出全部版本")
    draft = deeds.add_parser("draft", help="起草或继续修改：按 show 的格式给出要改的内容")
    draft.add_argument("file", type=Path, metavar="FILE", help="TOML（UTF-8），一节 [messages.名称]")
    draft.add_argument("--like", type=int, metavar="N", help="以旧版本 N 的文字为底稿，即改回旧版本")
    preview = _of_version(deeds.add_parser("preview", help="预览填好内容后的样子"))
    _with_facts(preview)
    submit = _of_version(deeds.add_parser("submit", help="提交审核"), is_required=True)
    submit.add_argument("--revision", type=int, required=True, metavar="N", help="看到的修改次数（revision）")
    _of_version(deeds.add_parser("approve", help="审核通过，一两秒内对新消息生效"), is_required=True)
    for name, words in (("refuse", "审核不通过"), ("retire", "停用一个版本，恢复使用前一个通过的版本")):
        deed = _of_version(deeds.add_parser(name, help=words), is_required=True)
        deed.add_argument("--note", required=True, metavar="TEXT", help="原因")
    test = _of_version(deeds.add_parser("test", help="发一条到自己绑定的微信，每天最多 20 条"))
    test.add_argument("--channel", default="template", choices=("template", "subscribe", "sms"), help="渠道")
    _with_facts(test)
    deeds.add_parser("link", help="获取绑定码，在公众号里发送“绑定工号 绑定码”绑定自己的微信")


def _of_version(parser: argparse.ArgumentParser, *, is_required: bool = False) -> argparse.ArgumentParser:
    parser.add_argument("name", metavar="NAME", help="消息名称，如 appointment_booked")
    parser.add_argument("--version", type=int, required=is_required, metavar="N", help="版本（默认当前版本）")
    return parser


def _with_facts(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--fact", action="append", default=[], metavar="NAME=TEXT", help="代入的内容，可重复；未给出的用样例"
    )


def run(args: argparse.Namespace) -> int:
    """Does one of them; a refusal is told in its own words."""
    from app.kit.errors import Fault, InvalidInput

    chosen = settings.current()
    logging.configure("WARNING", chosen.log_format)
    try:
        lines = asyncio.run(_connected(args))
    except InvalidInput as wrong:
        reasons = (f"  - {reason}" for several in wrong.fields.values() for reason in several)
        raise CannotStart("\n".join((wrong.message, *reasons))) from None
    except Fault as refused:
        raise CannotStart(refused.message) from None
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


async def _connected(args: argparse.Namespace) -> Iterable[str]:
    async with database.opened():
        return await do(args)


async def do(args: argparse.Namespace) -> Iterable[str]:
    """Does what was asked for on the open database; answers what there is to say."""
    return await _DEEDS[args.deed](args)


async def _list(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import queries

    del args
    await acting_member()
    return [_told(one) for one in await queries.overview()]


async def _show(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import queries, toml

    await acting_member()
    if args.history:
        return [_told(one) for one in await queries.history(args.name)]
    found = await queries.version(args.name, args.version)
    return [f"# {_told(found)}", toml.written(found)]


async def _draft(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import editing, toml

    member = await acting_member()
    try:
        name, seen, changes = toml.read(args.file)
    except BadMessages as wrong:
        raise CannotStart(f"{args.file} 有误：{'；'.join(wrong.faults)}") from None
    written = await editing.draft(member, name, changes, seen=seen, like=args.like)
    return [
        _told(written),
        f"预览：weiban message preview {name} --version {written.version}",
        f"提交：weiban message submit {name} --version {written.version} --revision {written.revision}",
    ]


async def _preview(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import preview, queries

    await acting_member()
    found = await queries.version(args.name, args.version)
    shown = await preview.preview(found.kind, _facts(args.fact))
    lines: list[str] = [_told(found)]
    for card in shown.cards:
        lines += ["", f"【{card.channel.label}】{card.title}"]
        lines += [
            f"  {one.label}：{one.value}{'（已缩短）' if one.is_shortened else ''}" for one in card.lines
        ]
    lines += ["", f"【站内消息、客服消息】{shown.summary}", f"【点击打开】{shown.page}"]
    lines += [f"【短信】{shown.sms}"] if shown.sms else []
    return [*lines, *(f"注意：{objection}" for objection in shown.objections)]


async def _submit(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import editing

    seen = editing.Seen(args.version, args.revision)
    return [_told(await editing.submit(await acting_member(), args.name, seen))]


async def _approve(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import editing

    return [_told(await editing.approve(await acting_member(), args.name, args.version))]


async def _refuse(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import editing

    return [_told(await editing.refuse(await acting_member(), args.name, args.version, args.note))]


async def _retire(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import editing

    return [_told(await editing.retire(await acting_member(), args.name, args.version, args.note))]


async def _test(args: argparse.Namespace) -> Iterable[str]:
    from notifications.models import Channel
    from notifications.wording import trying

    member = await acting_member()
    await trying.try_out(member, args.name, args.version, _facts(args.fact), Channel(args.channel))
    return ["已发出，几秒内到达您绑定的微信"]


async def _link(args: argparse.Namespace) -> Iterable[str]:
    from notifications.wording import readers

    del args
    code, expires_at = await readers.new_code(await acting_member())
    return [f"请在 {expires_at:%H:%M} 前，用自己的微信在公众号里发送：绑定工号 {code}"]


def _facts(given: list[str]) -> dict[str, str]:
    facts = dict[str, Any]()
    for one in given:
        name, sign, text = one.partition("=")
        if not sign:
            raise CannotStart(f"--fact 应形如 hall=天河区办税服务厅，收到的是 {one}")
        facts[name.strip()] = text
    return facts


def _told(found: "Version") -> str:
    marks = ["当前" if found.is_current else "", f"第 {found.revision} 稿" if found.state == "draft" else ""]
    words = "，".join(mark for mark in (found.state.label, *marks) if mark)
    return f"{found.name} 版本 {found.version}（{words}）{found.kind.title}" + (
        f"：{found.note}" if found.note else ""
    )


_DEEDS: Final[dict[str, Deed]] = {
    "list": _list,
    "show": _show,
    "draft": _draft,
    "preview": _preview,
    "submit": _submit,
    "approve": _approve,
    "refuse": _refuse,
    "retire": _retire,
    "test": _test,
    "link": _link,
}
