"""The demonstration's cases: tens of thousands, in every state, and two that anybody may look up."""

import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from app.domain.cases import rows, service
from app.domain.cases.clock import TimeLimit
from app.domain.cases.history import NewCase, Special, Step, Told
from app.domain.cases.models import CaseState as S
from app.domain.cases.models import LimitUnit, SpecialKind
from app.domain.halls.calendar import WorkCalendar
from app.domain.halls.schedules import load_calendar
from app.domain.seed.copies import Copies
from app.kit import clock, db

COUNT = 20_000
ALIKE = 40
"""So many cases of one item and day take the same way, a minute after each other."""
_FIRST_SERIAL = 101
_DAYS_BACK = 500
_LEGAL = TimeLimit(20, LimitUnit.WORKING_DAY)


class Item(NamedTuple):
    """A matter of an office; ``code`` is its 实施编码, ``workdays`` what the office promises."""

    name: str
    code: str
    office: str
    workdays: int


_TIANHE, _CITY, _SHENZHEN, _FOSHAN = (
    "11440106MB2DEMA0293", "11440100MB2DEMA01F2", "11440300MB2DEMA0302", "11440600MB2DEMA04J2"
)  # fmt: skip
_TAX = "11440106MB2DEMA05A6"
ITEMS = (
    Item("个体工商户设立登记", f"{_TIANHE}440131004000", "天河区登记注册", 3),
    Item("食品经营许可（新办）", f"{_TIANHE}440131012001", "天河区食品经营许可", 10),
    Item("公共场所卫生许可（延续）", f"{_TIANHE}440123008002", "天河区卫生许可", 10),
    Item("公司变更登记（住所）", f"{_CITY}440131002003", "广州市登记注册", 3),
    Item("人力资源服务许可", f"{_CITY}440114003000", "广州市人力资源服务许可", 20),
    Item("建筑工程施工许可证核发", f"{_CITY}440117015000", "广州市建筑施工许可", 7),
    Item("道路货物运输经营许可", f"{_SHENZHEN}440118021000", "深圳市道路运输许可", 12),
    Item("增值税专用发票最高开票限额审批", f"{_SHENZHEN}440172001000", "深圳市税收许可", 10),
    Item("民办非企业单位成立登记", f"{_FOSHAN}440111006000", "佛山市社会组织登记", 20),
    Item("不动产转移登记", f"{_FOSHAN}440715002000", "佛山市不动产登记", 5),
    Item("个体工商户开业登记", f"{_TAX}440172002000", "天河区税务", 3),
    Item("登记为增值税一般纳税人", f"{_TAX}440172003000", "天河区税务", 3),
    Item("发票领用：数电发票额度的授予与调整", f"{_TAX}440172004000", "天河区税务", 5),
    Item("变更办税人员和授权", f"{_TAX}440172005000", "天河区税务", 3),
    Item("存款账户账号报告", f"{_TAX}440172006000", "天河区税务", 3),
)

# Number, code and path of what a demonstration shows: one under way, one complete.
_UNDER_WAY = (S.ACCEPTED, S.REVIEW)
_COMPLETE = (S.SUPPLEMENT, S.SUBMITTED, S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED, S.DELIVERED, S.CLOSED)
SHOWN = (
    (ITEMS[1], date(2026, 11, 16), "0001", "K7M2XQ", _UNDER_WAY),
    (ITEMS[3], date(2026, 10, 12), "0002", "W4T9HD", _COMPLETE),
)

_UNDER_WAY_PATHS: Sequence[tuple[S, ...]] = (
    (),
    (S.PRE_REVIEW,),
    (S.SUPPLEMENT,),
    (S.ACCEPTED,),
    _UNDER_WAY,
    _UNDER_WAY,
    (S.ACCEPTED, S.REVIEW, S.SUPPLEMENT),
    (S.ACCEPTED, S.REVIEW, S.SUSPENDED),
    (S.ACCEPTED, S.REVIEW, S.DENIED),
    (S.PRE_REVIEW, S.ACCEPTED, S.REVIEW, S.GRANTED),
    (S.PRE_REVIEW, S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED),
    (S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED, S.DELIVERED),
)
_DONE: tuple[S, ...] = (S.ACCEPTED, S.REVIEW, S.GRANTED, S.ISSUED, S.DELIVERED, S.CLOSED)
_OVER_PATHS: Sequence[tuple[S, ...]] = (
    *(_DONE,) * 12,
    *(_COMPLETE,) * 3,
    (S.PRE_REVIEW, *_DONE),
    (S.ACCEPTED, S.REVIEW, S.SUSPENDED, *_DONE[1:]),
    (S.ACCEPTED, S.REVIEW, S.DENIED, *_DONE[3:]),
    (S.NOT_ACCEPTED,),
    (S.TRANSFERRED,),
    (S.WITHDRAWN,),
    (S.SUPPLEMENT, S.TERMINATED),
)

_SUBMITTED_TEXT = "已收到您的申请材料，出具收件凭证"
_TEXTS = {
    S.SUBMITTED: "已收到补正材料，重新收件",
    S.PRE_REVIEW: "材料正在预审",
    S.SUPPLEMENT: "请在 15 个工作日内补正：经营场所使用证明缺少出租方签字页，身份证复印件不清晰",
    S.NOT_ACCEPTED: "申请事项依法不需要取得许可，不予受理",
    S.TRANSFERRED: "本事项由市级部门办理，请向市政务服务中心提出申请",
    S.ACCEPTED: "材料齐全，符合法定形式，出具受理通知书",
    S.REVIEW: "进入审核",
    S.SUSPENDED: "组织专家评审，所需时间不计入办理时限",
    S.GRANTED: "经审查符合条件，准予办理",
    S.DENIED: "经营场所不符合卫生要求。如不服，可在 60 日内申请行政复议，或在 6 个月内提起行政诉讼",
    S.ISSUED: "结果文书已制作，可到出件窗口领取或等待邮寄",
    S.DELIVERED: "申请人已签收",
    S.CLOSED: "办结归档",
    S.WITHDRAWN: "申请人主动撤回",
    S.TERMINATED: "逾期未补正，终止办理",
}
_POSTS = {
    S.REVIEW: "审核岗", S.SUSPENDED: "审核岗", S.GRANTED: "审批岗", S.DENIED: "审批岗",
    S.ISSUED: "出件窗口", S.DELIVERED: "出件窗口", S.CLOSED: "档案岗",
}  # fmt: skip
_EXPERTS = Special(SpecialKind.EXPERT_REVIEW, "分管负责人", TimeLimit(10, LimitUnit.WORKING_DAY))


async def write(count: int = COUNT) -> None:
    """Write them once; the two that are shown tell whether they are there."""
    calendar = await load_calendar()
    shown = [_told(*one, calendar=calendar) for one in SHOWN]
    known = [told.new.number for told in shown]
    if await db.fetch_one("SELECT 1 FROM case_file WHERE number = ANY ($1)", known):
        return
    await service.load(shown)
    copies = Copies(calendar)
    _fill(copies, count, calendar)
    await rows.copy_in(copies.cases, copies.events)
    await rows.begin_specials(copies.specials)
    await rows.keep_findings(copies.findings)


def _fill(copies: Copies, count: int, calendar: WorkCalendar) -> None:
    """Histories of all kinds: one in six under way, the others over for up to a year and a half."""
    draw = random.Random(2026)  # noqa: S311  Only for variety; the same on every machine.
    given: Counter[tuple[str, date]] = Counter()
    for place in range(0, count, ALIKE):
        turn = place // ALIKE
        is_open = turn % 6 == 0
        paths = _UNDER_WAY_PATHS if is_open else _OVER_PATHS
        path, item = paths[turn // 6 % len(paths)] if is_open else draw.choice(paths), draw.choice(ITEMS)
        ago = len(path) + 1 + draw.randint(0, 3) if is_open else draw.randint(20, _DAYS_BACK)
        day = _workday_until(clock.today() - timedelta(days=ago), calendar)
        many = min(ALIKE, count - place)
        first = _FIRST_SERIAL + given[item.code, day]
        given[item.code, day] += many
        told = _told(item, day, f"{first:04d}", "", path, calendar=calendar)
        copies.add(told, [f"{item.code}{day:%Y%m%d}{first + more:04d}" for more in range(many)])


def _told(
    item: Item, day: date, serial: str, code: str, path: Sequence[S], *, calendar: WorkCalendar
) -> Told:
    """A history along a path, a step each working day; what lies in the future has not happened yet."""
    submitted_at = _moment(day, int(serial))
    steps = []
    for place, state in enumerate(path, start=1):
        at = _moment(calendar.add_workdays(day, place), int(serial) + place)
        if at > clock.now() - timedelta(minutes=ALIKE):
            break
        office = f"{item.office}{_POSTS.get(state, '受理窗口')}"
        special = _EXPERTS if state is S.SUSPENDED else None
        until = calendar.add_workdays(at.date(), 15) if state is S.SUPPLEMENT else None
        steps.append(Step(state, at, office, _TEXTS[state], special=special, asked_until=until))
    new = NewCase(
        number=f"{item.code}{day:%Y%m%d}{serial}",
        item_name=item.name,
        office=f"{item.office}受理窗口",
        item_code=item.code,
        item_version=1,
        contact="020-12345",
        promised=TimeLimit(item.workdays, LimitUnit.WORKING_DAY),
        legal=_LEGAL,
    )
    return Told(new, code, submitted_at, steps, _SUBMITTED_TEXT)


def _workday_until(on: date, calendar: WorkCalendar) -> date:
    return on if calendar.is_workday(on) else _workday_until(on - timedelta(days=1), calendar)


def _moment(on: date, spread: int) -> datetime:
    """A moment within office hours, early enough for those alike to follow before noon."""
    return datetime.combine(on, time(9, 5), clock.SHANGHAI) + timedelta(minutes=spread * 7 % 130)
