"""Pure rules of campaigns: which state follows which, who approves, what goes how, and when to stop."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from notifications.campaigns.counts import TEMPLATE_REFUSED, Counts
from notifications.campaigns.errors import (
    IllegalDeed,
    MomentPassed,
    NotYourCampaign,
    OwnCampaign,
    WrongProduct,
)
from notifications.campaigns.models import CampaignState

_S = CampaignState

LEGAL: Final[Mapping[CampaignState, frozenset[CampaignState]]] = {
    _S.DRAFT: frozenset({_S.DRY_RUN, _S.CANCELLED}),
    _S.DRY_RUN: frozenset({_S.DRY_RUN, _S.DRAFT, _S.PENDING, _S.CANCELLED}),
    _S.PENDING: frozenset({_S.DRAFT, _S.APPROVED, _S.CANCELLED}),
    _S.APPROVED: frozenset({_S.SCHEDULED, _S.CANARY}),
    _S.SCHEDULED: frozenset({_S.CANARY, _S.CANCELLED, _S.EXPIRED}),
    _S.CANARY: frozenset({_S.RUNNING, _S.PAUSED, _S.CANCELLED, _S.EXPIRED}),
    _S.RUNNING: frozenset({_S.PAUSED, _S.FINISHED, _S.CANCELLED, _S.EXPIRED}),
    _S.PAUSED: frozenset({_S.CANARY, _S.RUNNING, _S.CANCELLED, _S.EXPIRED}),
    _S.FINISHED: frozenset(),
    _S.CANCELLED: frozenset(),
    _S.EXPIRED: frozenset(),
}
"""What may follow each state. A dry run may be repeated; approved stands for a moment only."""

AT_WORK: Final = (_S.SCHEDULED, _S.CANARY, _S.RUNNING, _S.PAUSED, _S.CANCELLED, _S.EXPIRED)
"""States in which the worker still has something to do, until the campaign is closed."""

CANARY_LEAST: Final = 20
CANARY_MOST: Final = 1000
CANARY_WAIT: Final = timedelta(minutes=10)
"""How long receipts of the canary are waited for, once all of it was handed over."""
UNKNOWN_WAIT: Final = timedelta(hours=1)
"""After that no receipt comes for a message nobody knows the fate of."""
SAMPLE: Final = 50
"""Fewer answers say nothing about the share of failures."""
MOST_CHANGED_PERCENT: Final = 10

# What makes a message somebody's own matter: a list that names them, a group by their duties, a tag
# that staff gave them, a hall they dealt with. Everybody, a region or visitors are the public.
_OWN_MATTER: Final = ("lists", "tags", "halls", "rated_years")
_THE_PUBLIC: Final = frozenset({"visitor", "natural_person"})
_MARKETING: Final = (
    "促销", "抽奖", "中奖", "红包", "秒杀", "特价", "返现", "代金券", "优惠券", "打折", "折扣", "限时抢",
    "免费领", "点击领取", "加微信", "扫码进群", "集赞", "转发有礼",
)  # fmt: skip


def check_move(now: CampaignState, to: CampaignState) -> None:
    """Raises IllegalDeed."""
    if to not in LEGAL[now]:
        raise IllegalDeed


def check_approver(author: UUID, approver: UUID, *, size: int, above: int, may_review: bool) -> None:
    """Above so many recipients a second person decides. Raises OwnCampaign or NotYourCampaign."""
    if approver == author and size > above:
        raise OwnCampaign(f"超过 {above} 人的群发须由另一位审核人员批准，不能由拟稿人自己批准")
    if approver != author and not may_review:
        raise NotYourCampaign("您没有审批群发任务的权限，请由“审核”岗位的人员审批")


def check_moment(at: datetime, now: datetime, expires_at: datetime | None) -> None:
    """A date must lie ahead, and before the campaign loses its worth. Raises MomentPassed."""
    if at <= now or (expires_at is not None and at >= expires_at):
        raise MomentPassed(fields={"scheduled_at": ["须晚于现在，且早于失效时间"]})


def check_is_personal(audience: Mapping[str, Any], *, without_facts: int, texts: str) -> None:
    """A template message is for personal matters alone. Raises WrongProduct with the reason and the way out.

    Personal is what brings each recipient facts of their own, or an audience bounded by what makes the
    matter theirs. ``without_facts`` counts recipients that have none; ``texts`` is all that will be read.
    WeChat blocks templates used for marketing or mass notices (errors 43116 and 40249).
    """
    found = next((word for word in _MARKETING if word in texts), None)
    if found is not None:
        raise WrongProduct(f"内容含营销用语“{found}”，用模板消息会被微信封禁模板，请改用群发或修改措辞")
    groups = set(audience.get("groups") or ())
    is_bounded = any(audience.get(key) for key in _OWN_MATTER) or (bool(groups) and not groups & _THE_PUBLIC)
    if without_facts and not is_bounded:
        raise WrongProduct(
            "受众是公众，且内容对每个人都一样，属于公告：请改用群发（每人每月 4 条）；"
            "模板消息只用于与本人有关的事项，须按纳税人分组、名单、标签或大厅选定受众，或为每人提供各自的内容"
        )


def canary_size(total: int, percent: int) -> int:
    """How many are told first."""
    return min(total, max(CANARY_LEAST, min(CANARY_MOST, ceil(total * percent / 100))))


def trouble(counts: Counts, baseline: Mapping[str, int], *, above_percent: int, sample: int) -> str | None:
    """Why the campaign must not go on, in words; ``None`` if it may.

    Judged is what came since ``baseline``, the counts at the last resumption.
    """
    refused = counts.template_refused - baseline.get("template_refused", 0)
    if refused > 0:
        codes = "、".join(reason for reason in counts.failures() if reason in TEMPLATE_REFUSED)
        return f"微信拒绝了这个模板（{codes}），已自动暂停；请到公众号后台处理后再继续"
    answered = counts.answered - baseline.get("answered", 0)
    failed = counts.refused - baseline.get("refused", 0)
    if answered < max(sample, 1) or failed * 100 <= above_percent * answered:
        return None
    percent = failed * 100 / answered
    return (
        f"已发 {answered} 人中失败 {failed} 人（{percent:.1f}%），超过 {above_percent}%，已自动暂停；"
        "请查看失败原因后再决定继续或取消"
    )


def baseline(counts: Counts) -> dict[str, int]:
    """The counts a person accepts by resuming."""
    return {
        "answered": counts.answered,
        "refused": counts.refused,
        "template_refused": counts.template_refused,
    }


def is_changed(size: int, added: int, gone: int) -> bool:
    """Whether an audience is no longer the one that was tried out."""
    return (added + gone) * 100 > MOST_CHANGED_PERCENT * size
