"""Campaigns on paper: a line in the list, what a dry run found, and what happened so far."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from notifications.campaigns.models import Campaign, CampaignEvent
    from notifications.campaigns.queries import Progress

STATES: Final = {
    "draft": "草稿",
    "dry_run": "已试算",
    "pending": "待审批",
    "approved": "已批准",
    "scheduled": "已定时",
    "canary": "小批试发",
    "running": "发送中",
    "paused": "已暂停",
    "finished": "已完成",
    "cancelled": "已取消",
    "expired": "已过期",
}
_MOST_FAULTS: Final = 10


def line(campaign: "Campaign") -> str:
    """A campaign in one line."""
    size = "" if campaign.audience_size is None else f"  {campaign.audience_size} 人"
    when = "" if campaign.scheduled_at is None else f"  定于 {_local(campaign.scheduled_at)}"
    why = f"  {campaign.state_reason}" if campaign.state_reason else ""
    return f"{campaign.id}  {STATES[campaign.state]}  {campaign.name}{size}{when}{why}"


def of_one(campaign: "Campaign", progress: "Progress", history: Sequence["CampaignEvent"]) -> Iterator[str]:
    """Everything about one."""
    yield from of_dry_run(campaign)
    if campaign.launched_at is not None:
        yield from _of_progress(progress)
    yield "经过"
    for event in history:
        why = f"：{event.why}" if event.why else ""
        yield f"  {_local(event.at)}  {STATES[event.to_state]}{why}"


def of_dry_run(campaign: "Campaign") -> Iterator[str]:
    """What the last dry run found; nothing if there was none."""
    from notifications.campaigns import reasons
    from notifications.models import Channel

    found = campaign.dry_run
    if not found:
        return
    yield f"试算（{found['at']}）：共 {found['recipients']} 人，约需 {found['days']} 天"
    for name, count in found.get("channels", {}).items():
        forecast = found["forecast"][name]
        yield (
            f"  {Channel(name).label} {count} 人，每天最多 {forecast['per_day']} 条，"
            f"需 {forecast['days']} 天，预计 {forecast['ends_at']} 发完"
        )
    if "reachable" in found:
        yield f"  群发可达 {found['reachable']} 人，需调用 {found['calls']} 次"
    for reason, count in found["unreachable"].items():
        if count:
            yield f"  不能推送 {count} 人：{reasons.words_of(reason)}"
    yield from _of_faults(found)
    for number, sample in enumerate(found.get("samples", ()), 1):
        yield from _of_sample(number, sample)


def _of_faults(found: dict[str, Any]) -> Iterator[str]:
    if not found.get("faulty"):
        return
    yield f"  内容有误 {found['faulty']} 人，将发送失败："
    for fault in found["faults"][:_MOST_FAULTS]:
        yield f"    {fault['person_id']}  {fault['reason']}"


def _of_sample(number: int, sample: dict[str, Any]) -> Iterator[str]:
    yield f"  样例 {number}：{sample['title']}"
    if "fault" in sample:
        yield f"    填不进模板：{sample['fault']}"
        return
    for one in sample["lines"]:
        yield f"    {one['label']}：{one['value']}"


def _of_progress(progress: "Progress") -> Iterator[str]:
    from notifications.campaigns import reasons

    yield "进度"
    for state, count in progress.counts.by_state().items():
        if count:
            yield f"  {reasons.STATES[state]} {count}"
    for reason, count in progress.counts.failures().items():
        yield f"    失败 {count}：{reasons.words_of(reason)}"


def _local(at: Any) -> str:
    from app.kit.clock import SHANGHAI

    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
