"""Prefills on the pages: consent first, the source and its age, the person's word."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from app.domain.accounts import consents
from app.domain.sharing import offers
from app.domain.sharing.asking import CONSENT
from app.domain.sharing.models import ShareObjection, ShareRequest, ShareState
from app.gateways import exchange
from app.public_account.h5.pages import site
from tests.factories.accounts import id_number
from tests.factories.sharing import Libraries
from tests.public_account.h5.conftest import Browser, Page
from tests.public_account.h5.test_certificates import prove

LIST = "/h5/prefills"
WHAT = "population-application"


@pytest.fixture(autouse=True)
def libraries() -> Iterator[Libraries]:
    """They know everybody as 张三."""
    made = Libraries()
    exchange.use_libraries(made)
    yield made
    exchange.use_libraries(None)


@pytest.fixture
async def proved(person_id: UUID) -> None:
    await prove(person_id, id_number())


async def found(browser: Browser, what: str = WHAT) -> Page:
    """Agree if asked to, fetch, and open what came of it."""
    page = await browser.get(LIST)
    form = {"csrf": page.field("csrf"), "what": what}
    if "text_version" in page.text:
        form |= {"text_version": page.field("text_version"), "agrees": "yes"}
    made = await browser.post(LIST, **form)
    assert made.status == 303, made.text
    return await browser.get(made.location)


def id_on(page: Page) -> str:
    """The prefill a page shows."""
    return page.text.split(f'action="{LIST}/')[1].split("/")[0]


def test_the_words_of_the_pages_are_those_of_the_api() -> None:
    said = site.texts.of("zh").gettext
    families = (
        ("library", offers.LIBRARY_NAMES),
        ("field", offers.FIELD_NAMES),
        ("state", offers.STATE_TEXTS),
    )
    for family, words in families:
        for key, text in words.items():
            assert said(f"prefill.{family}.{key}") == text
    for state in (ShareState.MISS, ShareState.ERROR):
        for library in offers.LIBRARY_NAMES:
            whole = said(f"prefill.advice.{state}") + said(f"prefill.bring.{library}")
            assert whole == f"{offers.advice(state, library)}。"


@pytest.mark.usefixtures("proved")
async def test_one_agrees_reads_the_source_and_confirms(signed_in: Browser, person_id: UUID) -> None:
    page = await signed_in.get(LIST)
    assert "性别、出生日期" in page.text, "one sees beforehand what is fetched"
    assert "legal_persons" not in page.text, "an enterprise's register is for enterprises"
    refused = await signed_in.post(LIST, csrf=page.field("csrf"), what=WHAT)
    assert (refused.status, "请先阅读并同意" in refused.text) == (403, True)
    assert 'value="population-application" required checked' in refused.text
    page = await found(signed_in)
    for told in ("天河区某街 1 号", "公安机关", "数据时间", "保留到"):
        assert told in page.text
    path = id_on(page)
    done = await signed_in.post(f"{LIST}/{path}/confirm", csrf=page.field("csrf"))
    after = await signed_in.get(done.location)
    assert "已确认" in after.text
    assert f"{path}/confirm" not in after.text
    assert (await ShareRequest.get(id=path)).state == "confirmed"
    assert await consents.is_granted(person_id, CONSENT)
    assert "text_version" not in (await signed_in.get(LIST)).text, "who agreed is not asked again"


@pytest.mark.usefixtures("proved")
async def test_one_objects_and_sees_who_answers_by_when(signed_in: Browser) -> None:
    page = await found(signed_in)
    path = f"{LIST}/{id_on(page)}"
    csrf = page.field("csrf")
    wrong = f"{path}/correct"
    halves = await signed_in.post(wrong, csrf=csrf, wrong_1="1-residence", reason="已搬家")
    assert (halves.status, "请填写应为什么" in halves.text) == (422, True)
    assert "已搬家</textarea>" in halves.text
    assert '<option value="1-residence" selected>' in halves.text
    for form, why in (
        ({"reason": "不对"}, "请指出哪一项有误"),
        ({"wrong_1": "1-residence", "value_1": "新街"}, "必填"),
        ({"wrong_1": "9-residence", "value_1": "新街", "reason": "不对"}, "没有第 9 条记录"),
        ({"wrong_1": "1-name", "value_1": "张三", "reason": "不对"}, "不需要更正"),
    ):
        refused = await signed_in.post(wrong, csrf=csrf, **form)
        assert (refused.status, why in refused.text) == (422, True), form
    done = await signed_in.post(wrong, csrf=csrf, wrong_2="1-residence", value_2="新街 2 号", reason="已搬家")
    shown = await signed_in.get(done.location)
    assert "异议已提交" in shown.text
    assert "答复期限" in shown.text
    assert (await ShareObjection.get()).department == "公安机关"
    again = await signed_in.post(wrong, csrf=csrf, wrong_1="1-name", value_1="李四", reason="不对")
    assert again.status == 409


@pytest.mark.usefixtures("proved")
async def test_where_nothing_is_found_one_learns_what_to_bring(
    signed_in: Browser, libraries: Libraries
) -> None:
    libraries.told = ()
    assert "居民身份证" in (await found(signed_in)).text
    libraries.down = exchange.ExchangeDown()
    assert "稍后重新发起" in (await found(signed_in, "population-supplement")).text


async def test_who_is_not_proved_is_told_how(signed_in: Browser) -> None:
    page = await signed_in.get(LIST)
    form = {"text_version": page.field("text_version"), "agrees": "yes", "what": WHAT}
    refused = await signed_in.post(LIST, csrf=page.field("csrf"), **form)
    assert (refused.status, "实名核验" in refused.text) == (403, True)


@pytest.mark.usefixtures("proved")
async def test_anothers_prefill_is_not_found(signed_in: Browser, person_id: UUID) -> None:
    page = await found(signed_in)
    request_id = id_on(page)
    await ShareRequest.filter(id=request_id).update(person_id="0198a0a0-0000-7000-8000-000000000000")
    assert (await signed_in.get(f"{LIST}/{request_id}")).status == 404
    refused = await signed_in.post(f"{LIST}/{request_id}/confirm", csrf=page.field("csrf"))
    assert refused.status == 404
