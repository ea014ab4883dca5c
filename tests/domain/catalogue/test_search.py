"""Finding guides: by title, keyword, text and sound, with typos, and nothing for nonsense."""

import pytest

from app.domain.catalogue import queries
from app.domain.catalogue.models import Guide
from app.domain.seed import guides

pytestmark = pytest.mark.usefixtures("db")


async def found(text: str, limit: int = 3) -> list[str]:
    """Codes of what a question finds, best first."""
    hits = await queries.search(text, limit=limit)
    codes = dict(await Guide.all().values_list("id", "code"))
    return [codes[hit.id] for hit in hits]


QUESTIONS = {
    "发票领用": "invoice-quota",
    "怎么领发票": "invoice-quota",
    "代开发票": "invoice-agent",
    "个人怎么开发票给公司": "invoice-agent",
    "发票开错了怎么办": "invoice-red",
    "发票丢了": "invoice-lost",
    "查发票真假": "invoice-verify",
    "个体户怎么报税": "individual-business-tax",
    "我想注册个体户": "individual-business-register",
    "个税年度汇算什么时候": "iit-annual",
    "个税退税": "iit-annual",
    "赡养老人每月扣多少": "iit-special-deduction",
    "灵活就业社保怎么交": "social-flexible",
    "居民医保": "social-resident",
    "纳税信用修复": "credit-repair",
    "信用等级怎么查": "credit-query",
    "公司搬家到别的区": "move-cross-district",
    "公司注销需要什么": "deregister-tax",
    "预约办税": "hall-booking",
    "二手房过户要交什么税": "second-hand-house",
    "忘记报税了会罚款吗": "late-declare-penalty",
    "公章丢了": "seal-lost",
    "办居住证": "residence-permit",
    "补正通知": "supplement-notice",
    "怎么投诉": "complaint",
    # A sign wrong, left out or swapped.
    "增值说申报": "vat-return",
    "个人所得稅年度汇算": "iit-annual",
    "纳税信用修付": "credit-repair",
    "车购置税": "vehicle-purchase-tax",
    # Pinyin and initials.
    "liudituishui": "vat-refund-credit",
    "juzhuzheng": "residence-permit",
    "nsxyxf": "credit-repair",
    "shebao": "social-flexible",
}


@pytest.fixture
async def shelf(db: None) -> None:
    await guides.write()


@pytest.mark.usefixtures("shelf")
async def test_people_find_what_they_ask_for() -> None:
    missed = {asked: hits for asked, code in QUESTIONS.items() if code not in (hits := await found(asked))}
    assert missed == {}


@pytest.mark.usefixtures("shelf")
async def test_most_find_it_at_the_top() -> None:
    first = [asked for asked, code in QUESTIONS.items() if (await found(asked, 1)) == [code]]
    assert len(first) >= len(QUESTIONS) * 0.8, sorted(set(QUESTIONS) - set(first))


NONSENSE = [
    "今天天气怎么样",
    "我要吃火锅",
    "哈哈哈哈",
    "你好",
    "asdfghjkl",
    "qwerty",
    "讲个笑话",
    "周杰伦的新歌好听吗",
    "明天股票会涨吗",
    "附近有什么好吃的",
    "1234567890",
    "帮我写一首诗",
    "好的",
    "在吗",
    "嗯嗯收到",
    "早上好",
    "你是谁",
    "我爱你",
    "什么时候",
    "111",
    "13800138000",
    "🙂🙂",
    "",
    "'; DROP TABLE guide; --",
    "& | ! ( ) : * <->",
    "\x00",
    "\\",
]


@pytest.mark.usefixtures("shelf")
async def test_nonsense_finds_nothing() -> None:
    assert {text: hits for text in NONSENSE if (hits := await found(text))} == {}
