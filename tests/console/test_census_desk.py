"""A census at its desk: seen with all it would change, and written only as it was seen."""

from io import BytesIO

import pytest
from aiohttp import FormData

from app.console.exchange.census import LARGEST
from app.domain.accounts.models import StaffRole
from app.domain.accounts.staff import Post
from app.domain.connections import census as census_of_domain
from app.domain.connections.models import CensusSystem, ConnectionCategory, ConnectionState
from app.kit.models import AuditEntry
from tests.console.conftest import AtWork
from tests.factories import connections
from tests.public_account.h5.conftest import Browser, Page

DESK = "/console/connections/census"
HEADING = "主管部门,系统名称,所在网络,承建厂商,事项数,对接类别,文号,期限"
OLD = "市自然资源局,不动产登记系统,政务外网,新厂商,,②,汴政办〔2016〕7号,2026-12-31"
NEW = "市公安局,户政系统,业务专网,东软,12,,,"


@pytest.fixture
async def admin(at_work: AtWork) -> Browser:
    return await at_work("guan-li", Post(StaffRole.SYSTEM_ADMIN))


async def send(browser: Browser, path: str, **form: str | bytes) -> Page:
    """Fill in a form that carries files; the bytes among its fields are files."""
    sent = FormData(default_to_multipart=True)
    sent.add_field("csrf", (await browser.get(DESK)).field("csrf"))
    for name, value in form.items():
        if isinstance(value, bytes):
            sent.add_field(name, BytesIO(value), filename="census.html", content_type="text/html")
        else:
            sent.add_field(name, value)
    async with browser.session.post(path, data=sent, allow_redirects=False) as answer:
        return Page(
            answer.status,
            await answer.text(),
            {name.lower(): value for name, value in answer.headers.items()},
            {},
        )


async def upload(browser: Browser, *rows: str) -> Page:
    """The page that answers a file of these rows."""
    return await send(browser, DESK, file="\n".join((HEADING, *rows)).encode())


async def confirm(browser: Browser, preview: Page) -> Page:
    """The button below a preview."""
    return await send(browser, f"{DESK}/apply", kept=preview.field("kept"), seen=preview.field("seen"))


async def vendors() -> set[str | None]:
    return {one.vendor for one in await CensusSystem.all()}


async def test_what_a_file_would_change_is_seen_before_anything_is_written(admin: Browser) -> None:
    await connections.system(vendor="旧厂商")
    preview = await upload(admin, OLD, NEW)
    assert preview.status == 200
    assert all(words in preview.text for words in ("旧厂商 → 新厂商", "市公安局 · 户政系统", "②限时接入"))
    assert await vendors() == {"旧厂商"}
    assert not await AuditEntry.filter(action="census.taken_in").exists()
    assert (await confirm(admin, preview)).location == f"{DESK}?done=taken"
    assert await vendors() == {"新厂商", "东软"}
    assert (await AuditEntry.get(action="census.taken_in")).detail["classified"] == 1


async def test_a_file_that_says_what_is_known_has_nothing_to_confirm(admin: Browser) -> None:
    await confirm(admin, await upload(admin, OLD, NEW))
    again = await upload(admin, OLD, NEW)
    assert (again.status, "没有需要导入的变动" in again.text, f"{DESK}/apply" in again.text) == (
        200,
        True,
        False,
    )


async def test_what_changed_meanwhile_is_shown_anew_and_not_written(admin: Browser) -> None:
    preview = await upload(admin, NEW)
    await census_of_domain.register(
        connections.admin(), connections.facts("户政系统", "市公安局", vendor="别的厂商")
    )
    moved = await confirm(admin, preview)
    assert (moved.status, "别的厂商 → 东软" in moved.text) == (409, True)
    assert (await CensusSystem.get()).vendor == "别的厂商"
    assert (await confirm(admin, moved)).status == 303
    assert (await CensusSystem.get()).vendor == "东软"


async def test_refused_rows_are_named_and_nothing_of_the_file_is_written(admin: Browser) -> None:
    page = await upload(admin, NEW, "市环保局,审批系统,天网,,x,,,")
    assert page.status == 422
    assert "第 3 行：所在网络：应为 政务外网" in page.text
    assert "事项数：应为整数" in page.text
    assert not await CensusSystem.exists()


async def test_a_class_the_connection_is_past_is_refused_in_the_preview(admin: Browser) -> None:
    one = await connections.system(ConnectionCategory.AGREED)
    await connections.walk(one, [ConnectionState.INTEGRATING])
    page = await upload(admin, OLD.replace("②", "①").replace("7号", "8号"))
    assert (page.status, "第 2 行" in page.text, "对接中" in page.text) == (422, True, True)


@pytest.mark.parametrize(
    "content",
    [b"", b"<svg onload=alert(1)>", b"PK\x03\x04 no workbook", b"\xd0\xcf\x11\xe0", b"x" * (LARGEST + 1)],
)
async def test_what_is_no_such_table_is_refused_with_the_way_out(admin: Browser, content: bytes) -> None:
    page = await send(admin, DESK, file=content)
    assert (page.status, 'role="alert"' in page.text) == (422, True)
    assert "text/html" in page.headers["content-type"]
    assert "<svg onload" not in page.text


@pytest.mark.parametrize("kept", ["", "not packed", "eJwDAAAAAAE="])
async def test_a_confirmation_without_its_file_writes_nothing(admin: Browser, kept: str) -> None:
    page = await send(admin, f"{DESK}/apply", kept=kept, seen="0" * 32)
    assert (page.status, 'role="alert"' in page.text) == (422, True)
    assert not await CensusSystem.exists()
