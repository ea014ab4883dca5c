"""``weiban connection``: what one may ask, as tables on the terminal."""

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from app.commands import tabular

if TYPE_CHECKING:
    from app.domain.accounts.staff import StaffMember
    from app.domain.connections.desk import SystemEntry, SystemView
    from app.domain.connections.models import Connection, ConnectionCategory

_PAGE: Final = 500


async def show_list(member: "StaffMember", args: argparse.Namespace) -> None:
    """Every system, or those of one department."""
    from app.domain.connections import desk

    rows, after = [], 0
    while page := await desk.systems(member, department=args.department, after=after, limit=_PAGE):
        rows += page
        after = page[-1].id
    tabular.show(
        ("编号", "主管部门", "系统", "事项", "类别", "状态", "期限", "三通", ""),
        (
            (
                one.id, one.department, one.name, one.items, class_of(one.category), one.state.words,
                one.due_on, _ticks(one), "逾期" if one.is_overdue else "",
            )
            for one in rows
        ),
        none="还没有普查过的系统",
    )  # fmt: skip


async def show_one(member: "StaffMember", args: argparse.Namespace) -> None:
    """A system with the history of its connection."""
    from app.domain.connections import desk

    view = await desk.whole(member, args.id)
    sys.stdout.write(f"{view.system.id} {view.system.name}\n")
    sys.stdout.writelines(f"{name}  {value}\n" for name, value in _facts(view).items() if value)
    tabular.show(
        ("时间", "状态", "类别", "文号", "说明", "经办"),
        (
            (
                f"{one.at:%Y-%m-%d %H:%M}", one.state.words, class_of(one.category), one.document_number,
                "逾期" if one.kind == "overdue" else one.note, one.actor,
            )
            for one in view.events
        ),
        none="",
    )  # fmt: skip


async def show_overdue(member: "StaffMember", args: argparse.Namespace) -> None:
    """Connections and duties that are overdue today."""
    from app.domain.connections import overdue

    del args
    tabular.show(
        ("", "编号", "部门", "系统或数据", "类别", "状态", "期限", "逾期天数"),
        (
            (
                "共享" if one.is_duty else "对接", one.id, one.department, one.name, class_of(one.category),
                one.state.words, one.due_on, one.days,
            )
            for one in await overdue.listed(member)
        ),
        none="没有逾期的对接和共享责任",
    )  # fmt: skip


async def show_ratio(member: "StaffMember", args: argparse.Namespace) -> None:
    """The ratio of items and the reach of the three ticks, by department and in all."""
    from app.domain.connections import ratios

    del args
    tabular.show(
        ("部门", "事项", "①②", "对接率", "含③", "网络通", "数据通", "业务通", "三通"),
        (
            (
                one.department or "合计", one.items, one.agreed, f"{one.ratio}%",
                f"{one.ratio_with_cost_open}%",
                *(f"{one.percent(part)}%" for part in (one.network, one.data, one.business, one.through)),
            )
            for one in await ratios.by_department(member)
        ),
        none="还没有普查过的事项",
    )  # fmt: skip


def class_of(category: "ConnectionCategory | None") -> str:
    """A class in words; nothing for none."""
    return category.words if category else ""


def _facts(view: "SystemView") -> Mapping[str, object]:
    system, connection = view.system, view.connection
    return {
        "主管部门": system.department,
        "所在网络": system.network.words,
        "承建厂商": system.vendor,
        "数据库": system.database,
        "接口": system.interface,
        "事项编码": " ".join(view.item_codes),
        "其他事项": system.uncoded_items,
        "类别": class_of(connection.category),
        "状态": connection.state.words,
        "期限": connection.due_on,
        "下次跟进": connection.next_check_on,
        "报价": connection.cost,
        "报价文号": connection.quotation,
        "批复文号": connection.approval,
        "上报文号": connection.report,
        "等待期间": connection.entry_path,
        "三通": _ticks(connection),
    }


def _ticks(one: "SystemEntry | Connection") -> str:
    words = zip(("网络", "数据", "业务"), (one.has_network, one.has_data, one.has_business), strict=True)
    return " ".join(name for name, is_through in words if is_through)
