"""What an English reader meets: refusals in English, and the words of states and kinds."""

from collections.abc import Iterator
from uuid import UUID

import pytest

from app.domain.accounts import consents
from app.domain.accounts.models import AgentRole, IdentityLevel
from app.domain.notices.models import NoticeKind
from app.kit import errors
from app.kit.errors import Fault, Refused
from app.kit.web import Route
from app.main import all_routes
from app.public_account.h5.pages import site
from config import messages
from notifications.inbox import reading
from notifications.inbox.models import Step
from notifications.models import Channel
from tests.architecture.test_errors import inline_codes
from tests.public_account.h5.conftest import Browser

# Any page may be told these, whatever it declares.
ANYWHERE = (
    errors.Fault, errors.InvalidInput, errors.NotSignedIn, errors.NotAllowed, errors.NotFound, errors.Refused,
    errors.TooOften, errors.UpstreamDown,
)  # fmt: skip
ROUTES = [route for route in all_routes() if route.path.startswith("/h5/")]


def below(kind: type[Fault]) -> Iterator[type[Fault]]:
    """A kind of refusal and every special case of it; the general ones stand for themselves.

    A case that the console makes for itself is met by no citizen.
    """
    yield kind
    if kind not in ANYWHERE:
        for one in kind.__subclasses__():
            if not one.__module__.startswith("app.console."):
                yield from below(one)


def is_said(code: str) -> bool:
    return site.texts.says("en", f"fault.{code}")


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_whatever_a_page_refuses_has_english_words(route: Route) -> None:
    codes = {one.code for declared in route.errors for one in below(declared)}
    assert [code for code in sorted(codes) if not is_said(code)] == []


def test_what_any_page_may_refuse_has_english_words() -> None:
    codes = {one.code for one in ANYWHERE} | inline_codes() | {"foreign_form", "session_ended"}
    codes |= {"has_active_appointments", "has_open_cases"}  # What keeps one from leaving.
    assert [code for code in sorted(codes) if not is_said(code)] == []


def test_no_refusal_has_words_that_it_does_not_know() -> None:
    """The Chinese of a refusal is its own: words of a catalogue in its place would lose the way out."""
    zh = site.texts.entries("zh")
    codes = {one.code for kind in Fault.__subclasses__() for one in _all(kind)}
    said = {str(one.id) for one in zh if one.id}
    assert sorted(f"fault.{code}" for code in codes if f"fault.{code}" in said) == []


def _all(kind: type[Fault]) -> Iterator[type[Fault]]:
    yield kind
    for one in kind.__subclasses__():
        yield from _all(one)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_words_of_the_house_are_said_in_every_language(language: str) -> None:
    keys = {
        *(f"level.{one.value}" for one in IdentityLevel),
        *(f"role.{one.value}" for one in AgentRole),
        *(f"consent.{purpose}" for purpose in consents.texts()),
        *(f"way.{one.value}" for one in Channel),
        *(f"step.{one.value}" for one in Step),
        *(f"notice_kind.{one.value}" for one in NoticeKind),
    }
    assert [key for key in sorted(keys) if not site.texts.says(language, key)] == []


def test_every_kind_of_message_has_english_words() -> None:
    names = [kind.name for kind in messages.current().values()]
    assert [name for name in names if not site.texts.says("en", f"message_kind.{name}")] == []


async def test_kinds_of_messages_are_chosen_in_english(signed_in: Browser) -> None:
    await signed_in.get("/h5/language?to=en&back=/h5/")
    page = (await signed_in.get("/h5/me/messages")).text
    assert ("Appointment booked" in page, "预约成功通知" in page) == (True, False)


async def test_a_refusal_nobody_put_into_english_is_marked_as_chinese(
    signed_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise Refused("请到 <大厅> 办理", code="said_by_nobody")

    monkeypatch.setattr(reading, "read", refuse)
    path = "/h5/inbox/0198a0a0-0000-7000-8000-000000000000"
    assert "<p>请到 &lt;大厅&gt; 办理</p>" in (await signed_in.get(path)).text
    await signed_in.get("/h5/language?to=en&back=/h5/")
    page = (await signed_in.get(path)).text
    assert '<p><span lang="zh-CN">请到 &lt;大厅&gt; 办理</span></p>' in page


async def test_a_refusal_is_told_in_the_readers_language(signed_in: Browser, person_id: UUID) -> None:
    path = "/h5/inbox/0198a0a0-0000-7000-8000-000000000000"
    assert "没有找到这条消息" in (await signed_in.get(path)).text
    await signed_in.get("/h5/language?to=en&back=/h5/")
    assert "This message was not found" in (await signed_in.get(path)).text
    assert "We did not find what you asked for" in (await signed_in.get("/h5/nothing-here")).text
