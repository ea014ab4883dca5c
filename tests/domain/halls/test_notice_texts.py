"""The State Council's notices as they were published, read to the day; what does not add up is refused."""

from datetime import date

import pytest

from app.domain.halls import holidays, notice_texts
from app.domain.halls.errors import BadNotice
from app.domain.halls.models import DayKind

NOTICE_2025 = """
国务院办公厅关于2025年部分节假日安排的通知
国办发明电〔2024〕12号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2025年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周三）放假1天，不调休。
二、春节：1月28日（农历除夕、周二）至2月4日（农历正月初七、周二）放假调休，共8天。1月26日（周日）、2月8日（周六）上班。
三、清明节：4月4日（周五）至6日（周日）放假，共3天。
四、劳动节：5月1日（周四）至5日（周一）放假调休，共5天。4月27日（周日）上班。
五、端午节：5月31日（周六）至6月2日（周一）放假，共3天。
六、国庆节、中秋节：10月1日（周三）至8日（周三）放假调休，共8天。9月28日（周日）、10月11日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，祥和平安度过节日假期。
国务院办公厅
2024年11月12日
"""
NOTICE_2026 = """
国务院办公厅关于2026年部分节假日安排的通知
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫等工作。
国务院办公厅
2025年11月4日
"""


@pytest.mark.parametrize(("year", "text"), [(2025, NOTICE_2025), (2026, NOTICE_2026)])
def test_a_published_notice_gives_the_year_as_everybody_knows_it(year: int, text: str) -> None:
    settled, days = holidays.settled_days(text)
    assert settled == year
    assert {day.on: day.kind for day in days} == {day.on: day.kind for day in holidays.published_year(year)}


def test_names_and_line_breaks_of_the_paper_do_not_matter() -> None:
    broken = NOTICE_2025.replace("（周日）、", "（周\n日）、 ").replace("10月1日", " 10 月 1 日")
    days = notice_texts.read(broken)
    assert days == notice_texts.read(NOTICE_2025)
    assert days[date(2025, 10, 6)].name == "国庆节、中秋节"
    assert days[date(2025, 9, 28)].kind is DayKind.WORKDAY


def test_what_is_only_recommended_moves_no_day() -> None:
    advice = "鼓励各单位安排职工在除夕（2月13日）休息。"
    text = NOTICE_2026.replace("2月14日（周六）、", f"{advice}2月14日（周六）、")
    assert notice_texts.read(text) == notice_texts.read(NOTICE_2026)


@pytest.mark.parametrize(
    ("known", "wrong", "place", "why"),
    [
        ("4月4日（周六）", "4月4日（周五）", "清明节", "2026-04-04 不是周五"),
        ("放假调休，共7天", "放假调休，共8天", "国庆节", "天数与日期对不上"),
        ("5月9日（周六）上班", "5月9日（周六）照常", "劳动节", "没有读懂"),
        ("9月27日", "9月31日", "中秋节", "没有这一天"),
        ("10月10日（周六）上班", "10月7日（周三）上班", "国庆节", "说了两次"),
        ("三、清明节：", "三、寒食节：", "name", "清明"),
    ],
)
def test_what_does_not_add_up_is_refused_by_its_holiday(known: str, wrong: str, place: str, why: str) -> None:
    text = NOTICE_2026.replace("至27日（周日）", "至9月27日（周日）").replace(known, wrong)
    with pytest.raises(BadNotice) as refused:
        holidays.settled_days(text)
    assert why in "".join(refused.value.fields[place])
