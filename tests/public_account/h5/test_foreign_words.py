"""Words of others on citizens' pages: whatever they hold, they are read, and never run."""

import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import pytest

from app.domain.accounts import sessions
from app.domain.accounts.models import AgentRole, EnterpriseBinding, IdentityLevel
from app.domain.cases import materials
from app.domain.cases.models import CaseState
from app.gateways import exchange
from app.gateways.exchange import InvoiceDetail, InvoiceLine, InvoiceParty
from app.kit import clock
from app.kit.ids import uuid7
from app.public_account.h5.entry.sign_in import SESSION_COOKIE
from config import settings
from tests.domain.invoices.conftest import Platform
from tests.factories import credit
from tests.factories.cases import make_case
from tests.factories.messages import tell
from tests.factories.notices import PDF, desk, notice_text
from tests.factories.papers import asked_case, citizen
from tests.factories.sharing import make_enterprise
from tests.public_account.h5.conftest import Browser, Page

PROBES = {
    "markup": '"><script>run()</script>',
    "attribute": "' onmouseover='run()' x=\"",
    "template": "{{99991*99991}}run()",
    "address": "javascript:run()//",
}
USCC = "91440101MA5DEMQ01M"
NUMBER = "26427000000316294884"


class Alive(HTMLParser):
    """What of a page would run, or lead to what runs; and everything a reader reads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.read = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag in ("iframe", "object", "embed", "style") or (tag == "script" and "src" not in said):
            self.found.append(tag)
        self.found += [name for name in said if name.startswith("on") or name == "style"]
        self.found += [
            f"{name}={said[name]}"
            for name in ("href", "src", "action", "formaction")
            if not said.get(name, "/").startswith(("/", "data:", "tel:", "#"))
        ]
        self.read += "".join(said.get(name, "") for name in ("value", "href"))

    def handle_data(self, data: str) -> None:
        self.read += data


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path)})
    monkeypatch.setattr(settings, "current", lambda: chosen)


@pytest.fixture(autouse=True)
def platform() -> Iterator[Platform]:
    """A checking platform whose answers a test writes."""
    made = Platform()
    exchange.use_invoices(made)
    yield made
    exchange.use_invoices(None)


def file_named(words: str) -> str:
    """A file's name with as much of these words as the house takes in a name."""
    return re.sub(r'[<>:/\\"|?*]', "", words) + ".pdf"


Place = Callable[[Browser, UUID, str, Platform], Awaitable[list[Page]]]


async def in_the_name_of_an_enterprise(
    browser: Browser, person_id: UUID, words: str, _: Platform
) -> list[Page]:
    enterprise_id = await make_enterprise(USCC, words)
    await EnterpriseBinding.create(
        id=uuid7(), person_id=person_id, enterprise_id=enterprise_id, role=AgentRole.TAX_AGENT,
        expires_on=clock.today().replace(year=2099, day=1),
    )  # fmt: skip
    begun = await sessions.begin(person_id, IdentityLevel.REALNAME_L1)
    await sessions.act_as(await sessions.citizen_of(begun.token), enterprise_id)
    browser.plant(SESSION_COOKIE, begun.token)
    told = replace(
        credit.facts(2025, "B", "88", replace(credit.deduction(), name=words, code=words[:20])),
        authority=words,
    )
    with credit.asked(told, credit.facts(2024, "A", "96")):
        paths = ("/h5/", "/h5/me", "/h5/me/enterprises", "/h5/me/identity", "/h5/invoices/folder")
        ratings = ("/h5/credit", "/h5/credit/what-if", "/h5/credit/apply")
        return [await browser.get(path) for path in (*paths, *ratings)]


async def on_an_invoice(browser: Browser, _: UUID, words: str, platform: Platform) -> list[Page]:
    party = InvoiceParty(words, words, words, words)
    line = InvoiceLine(words, words, words, tax_rate=words)
    platform.details[NUMBER] = InvoiceDetail(
        party, party, (line,), total_in_words=words, remark=words, further=((words, words),)
    )
    csrf = (await browser.get("/h5/invoices")).field("csrf")
    text = f"01,32,,{NUMBER},100.76,20260330,,5F98"
    checked = (await browser.post("/h5/invoices/scan", csrf=csrf, text=text)).location.partition("?")[0]
    tagged = words.replace(" ", "")[:20]
    saved = await browser.post(f"{checked}/save", csrf=csrf, tags=tagged, note=words)
    assert saved.status == 303
    return [
        await browser.get(checked),
        await browser.get(f"/h5/invoices/folder?{urlencode({'tag': tagged})}"),
    ]


async def in_a_batch(browser: Browser, _: UUID, words: str, __: Platform) -> list[Page]:
    csrf = (await browser.get("/h5/invoices/batches")).field("csrf")
    made = await browser.post("/h5/invoices/batches", csrf=csrf, text=f"{words}\n{words}")
    return [await browser.get(made.location)]


async def in_a_case(browser: Browser, person_id: UUID, words: str, _: Platform) -> list[Page]:
    case = await make_case(
        CaseState.ACCEPTED, person_id=person_id, item_name=words, office=words, contact=words
    )
    paper = await asked_case(person_id, item_name=words)
    await materials.add(paper.number, citizen(person_id), file_named(words), PDF)
    paths = ("/h5/cases", f"/h5/cases/{case.number}", f"/h5/cases/{paper.number}/papers", "/h5/")
    return [await browser.get(path) for path in paths]


async def in_a_message(browser: Browser, person_id: UUID, words: str, _: Platform) -> list[Page]:
    await tell("notice_published", person_id, params={"title": words, "notice_id": words})
    listed = await browser.get("/h5/inbox")
    item = listed.text.partition('href="/h5/inbox/')[2].partition('"')[0]
    return [listed, await browser.get(f"/h5/inbox/{item}")]


async def in_a_notice(browser: Browser, _: UUID, words: str, __: Platform) -> list[Page]:
    text = notice_text(
        words, source=words, document_number=words, body=f'<p>{words}<a href="{words}">看</a></p>'
    )
    notice_id = await desk().published(text, {file_named(words): PDF})
    return [await browser.get("/h5/notices"), await browser.get(f"/h5/notices/{notice_id}")]


async def in_what_is_typed(browser: Browser, _: UUID, words: str, __: Platform) -> list[Page]:
    asked = urlencode({"q": words, "tag": words[:20], "number": words, "back": words})
    paths = ("/h5/notices", "/h5/credit/a-list", "/h5/invoices/folder", "/h5/me/identity", "/h5/halls")
    csrf = (await browser.get("/h5/invoices")).field("csrf")
    typed = {"code": words[:20], "number": words, "proof": words, "issued_on": words, "text": words}
    posted = [await browser.post(f"/h5/invoices/{one}", csrf=csrf, **typed) for one in ("check", "scan")]
    return [*posted, *[await browser.get(f"{path}?{asked}") for path in paths]]


PLACES: tuple[Place, ...] = (
    in_the_name_of_an_enterprise, on_an_invoice, in_a_batch, in_a_case, in_a_message, in_a_notice,
    in_what_is_typed,
)  # fmt: skip


@pytest.mark.parametrize("words", PROBES.values(), ids=list(PROBES))
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.__name__)
async def test_words_of_others_are_read_and_never_run(
    signed_in: Browser, person_id: UUID, platform: Platform, place: Place, words: str
) -> None:
    pages = await place(signed_in, person_id, words, platform)
    read = ""
    for page in pages:
        assert page.status < 500, page.text
        alive = Alive()
        alive.feed(page.text)
        assert alive.found == []
        read += alive.read
    assert "run()" in read, "the words are shown"
    assert str(99991 * 99991) not in read, "no template was made of them"
