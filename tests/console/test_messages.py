"""The messages' desk: how a message reads, changed by one, approved by another, tried on one's own WeChat."""

import re

import pytest

from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.kit import db as raw
from app.sandbox.running import Running
from config import messages as message_list
from notifications import library
from notifications.wording import queries, readers, versions
from notifications.wording.models import VersionState
from tests.console.conftest import AtWork
from tests.factories.appointments import make_person
from tests.public_account.h5.conftest import Browser, Page

NAME = "tax_reminder"
AT = f"/console/messages/{NAME}"


@pytest.fixture
async def author(at_work: AtWork, wechat_sandbox: Running) -> Browser:
    await versions.register(message_list.current())
    await library.sync()
    return await at_work("xie-zhe", Post(StaffRole.PUBLISHER))


async def press(browser: Browser, path: str, deed: str, **form: str) -> Page:
    page = await browser.get(path)
    return await browser.post(f"{AT}/{deed}", csrf=page.field("csrf"), **form)


async def form_of(browser: Browser, path: str = f"{AT}/edit") -> dict[str, str]:
    """Everything that stands in the form, as a browser would send it back."""
    text = (await browser.get(path)).text
    said = dict(re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', text))
    return said | dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)<', text))


async def test_one_writes_another_approves_and_it_takes_effect(author: Browser, at_work: AtWork) -> None:
    said = {**await form_of(author), "summary": "{tax}请于{due_at}前申报"}
    drafted = await author.post(f"{AT}/edit", **said)
    assert drafted.location == f"{AT}?version=2&done=drafted"
    page = await author.get(drafted.location)
    assert "增值税请于2026年9月15日 18:00前申报" in page.text
    assert (await press(author, f"{AT}?version=2", "submit", version="2", revision="1")).status == 303
    reviewer = await at_work("shen-zhe", Post(StaffRole.REVIEWER))
    assert (await press(reviewer, f"{AT}?version=2", "approve", version="2")).status == 303
    assert (await queries.version(NAME)).version == 2
    retired = await press(reviewer, f"{AT}?version=2", "retire", version="2", note="写错了")
    assert retired.status == 303
    assert (await queries.version(NAME)).version == 1
    assert "写错了" in (await author.get(f"{AT}?version=2")).text


async def test_a_form_sent_back_as_it_came_changes_no_word(author: Browser) -> None:
    await author.post(f"{AT}/edit", **await form_of(author))
    first, second = await queries.version(NAME, 1), await queries.version(NAME, 2)
    told = [message_list.written(one.kind) | {"version": 0} for one in (first, second)]
    assert told[0] == told[1]


async def test_every_fault_of_the_wording_is_told_and_what_was_typed_stays(author: Browser) -> None:
    said = {**await form_of(author), "summary": "请带身份证 {id_number}", "text.0": ""}
    refused = await author.post(f"{AT}/edit", **said)
    assert refused.status == 422
    assert "请带身份证 {id_number}" in refused.text
    assert "缺少 label 或 text" in refused.text
    assert await queries.open_version(NAME) is None


async def test_whoever_was_slower_is_told(author: Browser, at_work: AtWork) -> None:
    said = await form_of(author)
    other = await at_work("bie-ren", Post(StaffRole.PUBLISHER))
    await other.post(f"{AT}/edit", **await form_of(other))
    late = await author.post(f"{AT}/edit", **said)
    assert (late.status, "刚被别人改过" in late.text) == (409, True)


async def test_nobody_approves_what_they_wrote_and_a_refusal_needs_its_reason(
    author: Browser, at_work: AtWork
) -> None:
    both = await at_work("liang-zhe", Post(StaffRole.PUBLISHER), Post(StaffRole.REVIEWER))
    await both.post(f"{AT}/edit", **await form_of(both))
    await press(both, f"{AT}?version=2", "submit", version="2", revision="1")
    own = await press(both, f"{AT}?version=2", "approve", version="2")
    assert (own.status, "另一位审核人员" in own.text) == (403, True)
    reviewer = await at_work("shen-zhe", Post(StaffRole.REVIEWER))
    assert (await press(reviewer, f"{AT}?version=2", "refuse", version="2", note="")).status == 422
    assert (await press(reviewer, f"{AT}?version=2", "refuse", version="2", note="语气生硬")).status == 303
    assert (await queries.version(NAME, 2)).state is VersionState.REFUSED


async def test_other_facts_are_seen_on_the_card_and_never_as_markup(author: Browser) -> None:
    shown = await author.get(f"{AT}?fact.tax=<b>印花税</b>")
    assert "<dd>&lt;b&gt;印花税" in shown.text
    strange = await author.get(f"{AT}?fact.salary=1")
    assert (strange.status, "没有 salary" in strange.text) == (422, True)


async def test_a_try_goes_to_whoever_linked_their_own_wechat(author: Browser) -> None:
    refused = await press(author, AT, "try", version="1", channel="template")
    assert (refused.status, "还没有绑定" in refused.text) == (409, True)
    page = await author.get("/console/messages/link")
    told = await author.post("/console/messages/link", csrf=page.field("csrf"))
    code = re.search(r"绑定工号 (\d{6})", told.text)
    assert code is not None
    await readers.link(code[1], await make_person(), asked_by="somebody")
    assert (await press(author, AT, "try", version="1", channel="template")).location.endswith("done=tried")
    assert await raw.fetch_value("SELECT count(*) FROM outbox_event WHERE kind = 'message_tried'") == 1


async def test_each_fault_of_a_wording_is_marked_at_its_field(author: Browser) -> None:
    said = {**await form_of(author), "title": "", "text.1": "{period", "summary": "{nobody}"}
    shown = await author.post(f"{AT}/edit", **said)
    assert shown.status == 422
    for field in ("title", "text.1"):
        assert f'id="{field}-said" class="why"' in shown.text, field
    assert 'value="{period"' in shown.text, "what was typed stays"


async def test_what_staff_type_never_becomes_markup(author: Browser, at_work: AtWork) -> None:
    probe = "<script>alert(1)</script>"
    said = {**await form_of(author), "summary": f"{{tax}}{probe}", "label.0": f"税{probe}"}
    shown = await author.post(f"{AT}/edit", **said)
    if shown.status == 303:
        shown = await author.get(shown.location)
    said["label.0"] = "税费种"
    await author.post(f"{AT}/edit", **said)
    await press(author, f"{AT}?version=2", "submit", version="2", revision="1")
    reviewer = await at_work("shen-zhe", Post(StaffRole.REVIEWER))
    await press(reviewer, f"{AT}?version=2", "refuse", version="2", note=f"不妥{probe}")
    pages = [shown, await author.get(f"{AT}?version=2"), await author.get("/console/messages/versions")]
    for page in (*pages, await author.get(f"{AT}?fact.tax={probe}")):
        assert probe not in page.text
        assert "alert(1)" in page.text, "the probe is shown"


async def test_the_versions_are_listed_by_message_and_state(author: Browser) -> None:
    await author.post(f"{AT}/edit", **await form_of(author))
    page = await author.get(f"/console/messages/versions?name={NAME}&state=draft")
    assert page.text.count(f'href="{AT}?version=') == 1
    assert f'href="{AT}?version=2"' in page.text
