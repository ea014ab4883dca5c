"""Groups, audiences and uploaded lists: who is meant, how many they are, and why somebody is in."""

import argparse
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.commands import CannotStart, database
from app.commands.ids import a_version, an_id
from app.domain.accounts.models import AgentRole

if TYPE_CHECKING:
    from app.domain.audiences.reports import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declares a deed for each thing one may do."""
    deeds = parser.add_subparsers(required=True, metavar="DEED", dest="deed")
    _declare_lists(deeds)
    _declare_questions(deeds)
    _declare_rules(deeds)


def _declare_lists(deeds: Any) -> None:
    upload = deeds.add_parser("upload", help="上传名单（CSV 或 XLSX）；有误则全部不写入")
    upload.add_argument("file", type=Path, metavar="FILE")
    upload.add_argument("--name", required=True, help="名单名称")
    upload.add_argument("--for", dest="kind", metavar="MESSAGE", help="用于哪种消息，决定需要哪些列")
    upload.add_argument(
        "--common", action="append", default=[], metavar="FACT", help="各行相同、不在文件中的内容"
    )
    upload.add_argument(
        "--role", action="append", choices=[one.value for one in AgentRole], help="企业名单通知哪些办税人员"
    )
    facts = deeds.add_parser("facts", help="导入部门提供的企业信息（CSV 或 XLSX）")
    facts.add_argument("file", type=Path, metavar="FILE")
    facts.add_argument("--as-of", type=date.fromisoformat, required=True, metavar="DATE", help="信息截至哪天")
    facts.add_argument("--source", required=True, help="信息来源")
    for one in (upload, facts):
        one.add_argument("--report", type=Path, metavar="FILE", help="逐行问题写到这个 CSV")
    for name, words in (("show", "查看名单"), ("remove", "删除名单及其中的人")):
        deeds.add_parser(name, help=words).add_argument("list", type=an_id, metavar="LIST")
    for name, words in (("tag", "给人员打标签"), ("untag", "取下标签")):
        tag = deeds.add_parser(name, help=words)
        tag.add_argument("tag", metavar="TAG")
        tag.add_argument("people", type=UUID, nargs="+", metavar="PERSON")


def _declare_questions(deeds: Any) -> None:
    count = deeds.add_parser("count", help="数一数受众有多少人")
    explain = deeds.add_parser("explain", help="说明某人为什么在（或不在）受众里")
    for one in (count, explain):
        one.add_argument("definition", metavar="JSON", help='如 {"groups": ["general"], "regions": ["4401"]}')
        one.add_argument("--statutory", action="store_true", help="按法定通知，不受个性化消息开关影响")
    groups = deeds.add_parser("groups", help="某人在哪些分组，依据哪些信息")
    for one in (explain, groups):
        one.add_argument("person", type=UUID, metavar="PERSON")


def _declare_rules(deeds: Any) -> None:
    deeds.add_parser("rules", help="正在使用的分组规则")
    draft = deeds.add_parser("draft-rule", help="拟一个分组规则的新版本")
    draft.add_argument("group", metavar="GROUP")
    draft.add_argument("--title", required=True)
    draft.add_argument("--because", required=True, help="为什么在组里，一句话")
    draft.add_argument("condition", metavar="JSON")
    activate = deeds.add_parser("activate-rule", help="启用草稿（须由另一人审核）")
    activate.add_argument("group", metavar="GROUP")
    activate.add_argument("version", type=a_version, metavar="VERSION")
    deeds.add_parser("retire-rule", help="停用分组").add_argument("group", metavar="GROUP")
    deeds.add_parser("renew", help="现在就重新判断每个人的分组").add_argument(
        "group", nargs="?", metavar="GROUP"
    )


def run(args: argparse.Namespace) -> int:
    """Does one of them."""
    database.done(_with_database, args)
    return 0


async def _with_database(args: argparse.Namespace) -> None:
    from app.domain.audiences.errors import ListRefused

    async with database.opened():
        try:
            await _DEEDS[args.deed](args)
        except ListRefused as refused:
            _write_report(refused.report, args.report)
            raise


async def _upload(args: argparse.Namespace) -> None:
    from app.commands.acting import acting_member
    from app.domain.audiences import lists

    facts = _facts_of(args.kind, args.common) if args.kind else {}
    roles = [AgentRole(one) for one in args.role] if args.role else lists.AGENTS
    report = await lists.take_in(
        await acting_member(), args.name, args.file, facts=facts, roles=roles, progress=_tell
    )
    _say(f"名单 {report.list_id}：{report.people} 人", _counted(report))
    _write_report(report, args.report)


async def _take_facts(args: argparse.Namespace) -> None:
    from app.commands.acting import acting_member
    from app.domain.audiences import fact_files

    report = await fact_files.take_in(
        await acting_member(), args.file, as_of=args.as_of, source=args.source, progress=_tell
    )
    _say(f"已更新 {report.people} 户企业的信息，分组随后更新", _counted(report))
    _write_report(report, args.report)


async def _show(args: argparse.Namespace) -> None:
    from app.domain.audiences import lists

    one = await lists.find(args.list)
    _say(
        f"名单 {one.id}：{one.name}",
        f"上传于 {one.created_at:%Y-%m-%d %H:%M}，由 {one.created_by}",
        f"按 {one.identity.value} 识别，附带 {'、'.join(one.facts) or '无'}",
        "，".join(f"{name} {count}" for name, count in one.counts.items()),
    )


async def _remove(args: argparse.Namespace) -> None:
    from app.commands.acting import acting_member
    from app.domain.audiences import lists

    await lists.remove(await acting_member(), args.list)
    _say(f"已删除名单 {args.list}")


async def _tag(args: argparse.Namespace) -> None:
    from app.commands.acting import acting_member
    from app.domain.audiences import tags

    change = tags.give if args.deed == "tag" else tags.take_off
    _say(f"{await change(await acting_member(), args.tag, args.people)} 人有变化")


async def _count(args: argparse.Namespace) -> None:
    from app.domain import audiences

    definition = audiences.Definition.read(_json(args.definition))
    await audiences.check(definition)
    _say(f"{await audiences.count(definition, is_statutory=args.statutory)} 人")


async def _explain(args: argparse.Namespace) -> None:
    from app.domain import audiences

    definition = audiences.Definition.read(_json(args.definition))
    told = await audiences.explain(definition, args.person, is_statutory=args.statutory)
    _say("在受众里" if told.is_in else "不在受众里")
    if told.because:
        _say(f"符合：{'、'.join(told.because)}")
    if told.missing:
        _say(f"不符合：{'、'.join(told.missing)}")
    if told.excluded_by:
        _say(f"被排除：{'、'.join(told.excluded_by)}")
    if told.has_refused:
        _say("本人关闭了个性化消息")
    if not told.is_active:
        _say("账号不存在、已注销或已冻结")


async def _groups(args: argparse.Namespace) -> None:
    from app.domain.audiences import memberships

    verdicts = {True: "在", False: "不在", None: "不明"}
    for one in await memberships.explain(args.person):
        facts = "，".join(f"{title}：{value}" for title, value in one.facts.items())
        since = f"，自 {one.since:%Y-%m-%d}" if one.since else ""
        _say(f"{verdicts[one.is_member]}\t{one.title}（{one.group_code}@{one.rule_version}{since}）\t{facts}")


async def _rules(_: argparse.Namespace) -> None:
    from app.domain.audiences import rule_book

    for one in await rule_book.in_force():
        _say(f"{one.group_code}@{one.version}\t{one.title}\t{one.because}")


async def _change_rule(args: argparse.Namespace) -> None:
    from app.commands.acting import acting_member
    from app.domain.audiences import rule_book

    member = await acting_member()
    if args.deed == "draft-rule":
        condition = _json(args.condition)
        version = await rule_book.draft(member, args.group, args.title, condition, args.because)
        named = f"{args.group} {version}"
        _say(f"已拟 {named}，须由另一人启用：weiban audience activate-rule {named}")
    elif args.deed == "activate-rule":
        await rule_book.activate(member, args.group, args.version)
        _say(f"已启用 {args.group}@{args.version}，成员随后更新")
    else:
        await rule_book.retire(member, args.group)
        _say(f"已停用 {args.group}")


async def _renew(args: argparse.Namespace) -> None:
    from app.domain.audiences import memberships

    _say(f"{await memberships.renew_all(args.group)} 处变化")


_DEEDS: Mapping[str, Callable[[argparse.Namespace], Awaitable[None]]] = {
    "upload": _upload, "facts": _take_facts, "show": _show, "remove": _remove, "tag": _tag, "untag": _tag,
    "count": _count, "explain": _explain, "groups": _groups, "rules": _rules, "draft-rule": _change_rule,
    "activate-rule": _change_rule, "retire-rule": _change_rule, "renew": _renew,
}  # fmt: skip


def _facts_of(kind_name: str, common: list[str]) -> dict[str, str]:
    """The columns a kind of message needs: its placeholders, titled as its lines label them."""
    from config import messages

    kind = messages.current().get(kind_name)
    if kind is None:
        raise CannotStart(f"没有消息 {kind_name}，可用：{'、'.join(messages.current())}")
    labels = {line.text: line.label for line in kind.lines}
    wanted = sorted(kind.placeholders - set(common))
    return {labels.get(f"{{{name}}}", name): name for name in wanted}


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as broken:
        raise CannotStart(f"不是 JSON：{broken}") from None


def _write_report(report: "Report | None", path: Path | None) -> None:
    if report is None or not report.faults:
        return
    if path is None:
        _say(*(f"第 {one.row} 行 {one.column}：{one.reason}" for one in report.faults[:10]))
        return
    try:
        path.write_text(report.as_csv(), encoding="utf-8")
    except OSError as unwritable:
        raise CannotStart(f"问题清单写不到 {path}：{unwritable.strerror}；导入的结果不受影响") from None
    _say(f"问题清单已写到 {path}")


def _counted(report: "Report") -> str:
    return (
        f"共 {report.rows} 行，有误 {report.broken}，重复 {report.doubled}，未识别 {report.unknown}，"
        f"同一人多行 {report.shared}，空行 {report.empty}"
    )


def _tell(rows: int) -> None:
    sys.stderr.write(f"\r已读 {rows} 行")
    sys.stderr.flush()


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
