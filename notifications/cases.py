"""What people are told of cases: each step to whom it concerns, and less of it to who follows the case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from app.domain.accounts import consents
from app.domain.accounts.consents import ELECTRONIC_SERVICE
from app.domain.cases import followers, news
from app.domain.cases.models import EXTENDED, SPECIAL_OVERDUE
from app.domain.cases.models import CaseState as S
from app.domain.cases.news import CaseNews
from app.kit.clock import SHANGHAI
from app.kit.outbox import Event, Handler
from notifications import routing
from notifications.messages import Messages, moment_text
from notifications.routing import Telling

MOVED: Final = "case_moved"
DUE_MOVED: Final = "case_due_moved"

RESUMED: Final = "resumed"
"""特别程序结束: a review after a special procedure."""

OLD_NEWS: Final = timedelta(days=7)
"""A step that happened so long before it was recorded is history brought in, and no news to anybody."""


@dataclass(frozen=True, slots=True)
class Saying:
    """How a step is told: the message, the state in a phrase, what to do in at most twenty signs.

    ``document`` is the name of the written notice the law asks for with this step (行政许可法 32, 38, 42,
    45); it is served on who agreed to that.
    """

    message: str
    state: str
    hint: str
    document: str | None = None


SAYINGS: Final[Mapping[str, Saying]] = {
    S.ACCEPTED: Saying("case_accepted", "已受理", "您暂时不用做什么"),
    S.SUPPLEMENT: Saying("case_correction", "待补正", "请按通知一次补齐材料", "一次性补正告知书"),
    S.NOT_ACCEPTED: Saying("case_progress", "不予受理", "点击查看理由和救济途径", "不予受理通知书"),
    S.TRANSFERRED: Saying("case_progress", "告知转送", "请按告知向有权机关申请", "不予受理通知书"),
    S.SUSPENDED: Saying("case_progress", "特别程序", "所需时间不计入办理时限", "特别程序告知书"),
    RESUMED: Saying("case_progress", "恢复审核", "特别程序结束，继续计算时限"),
    SPECIAL_OVERDUE: Saying("case_progress", "恢复计时", "特别程序超时，继续计算时限"),
    EXTENDED: Saying("case_progress", "延长期限", "点击查看理由和新的期限", "延期告知书"),
    S.GRANTED: Saying("case_decided", "准予办理", "制证后会通知您领取", "准予决定书"),
    S.DENIED: Saying("case_decided", "不予办理", "点击查看理由和救济途径", "不予决定书"),
    S.ISSUED: Saying("case_ready", "已出件", "请领取结果或等待邮寄"),
    S.DELIVERED: Saying("case_progress", "已送达", "请确认收到办理结果"),
    S.TERMINATED: Saying("case_progress", "已终止", "点击查看终止的原因"),
    S.WITHDRAWN: Saying("case_progress", "已撤回", "需要时可以重新申请"),
}
"""The steps people are told, by the kind of the event; of all others they learn when they ask."""


def handlers(messages: Messages) -> dict[str, Handler]:
    """The relay's handlers of case events."""

    async def tell_steps(events: Sequence[Event]) -> None:
        await messages.refresh()
        await routing.tell(await _of_steps(messages, events))

    async def tell_due_dates(events: Sequence[Event]) -> None:
        await messages.refresh()
        await routing.tell(await _of_due_dates(messages, events))

    return {MOVED: tell_steps, DUE_MOVED: tell_due_dates}


def saying_of(kind: str, before: str | None) -> Saying | None:
    """How a step is told after the one before it, if it is."""
    if kind == S.REVIEW and before in (S.SUSPENDED, SPECIAL_OVERDUE):
        return SAYINGS[RESUMED]
    return SAYINGS.get(kind)


async def _of_steps(messages: Messages, events: Sequence[Event]) -> list[Telling]:
    known = await _news(events)
    told = [
        (event, one, saying)
        for event in events
        if (one := known.get(_key(event))) is not None
        and (saying := saying_of(one.kind, one.before)) is not None
        and event.created_at - one.at <= OLD_NEWS
    ]
    followed = await followers.of_cases([one.number for _, one, _ in told])
    agreed = await _served({person for _, one, saying in told if saying.document for person in one.concerned})
    tellings: list[Telling] = []
    for event, one, saying in told:
        for person_id in one.concerned:
            is_served = saying.document is not None and _may_serve(one) and person_id in agreed
            message = "case_document" if is_served else saying.message
            tellings.append(_telling(messages, message, person_id, event, _params(one, saying)))
        others = [person for person in followed.get(one.number, ()) if person not in one.concerned]
        tellings += [_telling(messages, "case_followed", who, event, _neutral(one, saying)) for who in others]
    return tellings


async def _of_due_dates(messages: Messages, events: Sequence[Event]) -> list[Telling]:
    """Only to whom the case concerns: nobody else has to be ready by then."""
    known = await _news(events)
    tellings: list[Telling] = []
    for event in events:
        one = known.get(_key(event))
        if one is None:
            continue
        params = {
            **_of_case(one),
            "was_due_on": _day(date.fromisoformat(event.payload["was_due_on"])),
            "due_on": _day(date.fromisoformat(event.payload["due_on"])),
        }
        tellings += [_telling(messages, "case_due_moved", person, event, params) for person in one.concerned]
    return tellings


async def _news(events: Sequence[Event]) -> Mapping[tuple[str, int], CaseNews]:
    return await news.of_events([_key(event) for event in events])


async def _served(people: set[UUID]) -> set[UUID]:
    return await consents.agreed_among(list(people), ELECTRONIC_SERVICE) if people else set()


def _may_serve(one: CaseNews) -> bool:
    """What people agreed to is electronic service by tax authorities; other offices only notify them."""
    return "税" in one.office


def _telling(
    messages: Messages, name: str, person_id: UUID, event: Event, params: Mapping[str, str]
) -> Telling:
    return Telling(
        kind=messages.kind(name),
        person_id=person_id,
        params=params,
        event_id=event.id,
        committed_at=event.created_at,
    )


def _key(event: Event) -> tuple[str, int]:
    return event.payload["number"], event.payload["seq"]


def _of_case(one: CaseNews) -> dict[str, str]:
    return {"case_number": one.number, "item": one.item_name, "office": one.office}


def _params(one: CaseNews, saying: Saying) -> dict[str, str]:
    """What the messages to whom it concerns may be filled with.

    The words of the office are not among them: nobody knows what personal data stand there. They are in
    the case itself.
    """
    return {
        **_of_case(one),
        "state": saying.state,
        "hint": saying.hint,
        "changed_at": moment_text(one.at),
        **({"due_on": _day(one.due_at.astimezone(SHANGHAI).date())} if one.due_at else {}),
        **({"document": saying.document, "issuer": one.office} if saying.document else {}),
    }


def _neutral(one: CaseNews, saying: Saying) -> dict[str, str]:
    """What who follows a case is told: that it moved, and where to."""
    return {
        "case_number": one.number,
        "item": one.item_name,
        "state": saying.state,
        "changed_at": moment_text(one.at),
    }


def _day(on: date) -> str:
    """A day as WeChat's ``date`` fields want it: 2026年9月18日."""
    return f"{on.year}年{on.month}月{on.day}日"
