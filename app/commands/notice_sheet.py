"""A notice as a reviewer reads it at a terminal, and its files saved for looking at."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from app.domain.accounts.staff import StaffMember
from app.domain.notices import desk
from app.domain.notices.desk import DeskView
from app.kit.clock import SHANGHAI

_SCANS = {"clean": "已查毒", "not_scanned": "未查毒"}
_DEEDS = {
    "drafted": "起草",
    "edited": "修改",
    "attached": "上传附件",
    "detached": "移除附件",
    "submitted": "送审",
    "approved": "审校通过",
    "refused": "退回",
    "scheduled": "定时",
    "unscheduled": "取消定时",
    "published": "发布",
    "withdrawn": "撤回",
}


def sheet(view: DeskView) -> str:
    """Everything of one version, then what happened so far."""
    return "\n".join((*_head(view), "", view.text.body, "", *_files(view), *_way(view)))


async def to_files(member: StaffMember, view: DeskView, folder: Path) -> str:
    """Save the files of this version into a folder; one that is there already is not overwritten."""
    version = view.text.version
    found = [await desk.file(member, view.notice.id, one.id, version=version) for one in view.attachments]
    _save({one.name: one.content for one in found}, folder)
    return f"已存 {len(found)} 个附件到 {folder}"


def _save(contents: Mapping[str, bytes], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        with (folder / name).open("xb") as file:
            file.write(content)


def _head(view: DeskView) -> Iterator[str]:
    notice, text = view.notice, view.text
    now = f"当前第 {notice.version} 版，{notice.state.words}"
    yield f"{notice.kind.words} {notice.id} 第 {text.version} 版（{now}）"
    yield f"标题  {text.title}"
    yield f"机关  {text.source}　文号 {text.document_number or '无'}　辖区 {notice.region_code or '不限'}"
    yield f"对象  {'、'.join(text.groups) or '所有人'}"
    yield f"摘要  {text.summary}"
    for name, moment in (
        ("定时", notice.publish_at),
        ("发布", notice.published_at),
        ("失效", text.expires_at),
        ("撤回", notice.withdrawn_at),
    ):
        if moment:
            yield f"{name}  {_minute(moment)}"
    if notice.published_at:
        yield f"阅读  {view.readers} 人次"


def _files(view: DeskView) -> Iterator[str]:
    for one in view.attachments:
        yield f"附件 {one.id}  {one.name}  {one.size} 字节  {_SCANS[one.scan]}"


def _way(view: DeskView) -> Iterator[str]:
    for one in view.events:
        because = f"：{one.reason}" if one.reason else ""
        yield f"{_minute(one.at)}  第 {one.version} 版  {_DEEDS[one.kind]}{because}  {one.actor}"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
