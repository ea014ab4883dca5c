"""Nobody reads or changes what is another's: every route of the mini-program API, by all who may ask."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF

from app.gateways import exchange
from app.kit import clock
from app.kit.ids import uuid7
from app.main import all_routes
from config import settings
from tests.client import Answer, Client
from tests.factories.cases import CODE, case_number
from tests.privacy.matrix import LOCKED_OUT, MATRIX, NOTHING, PREFIX, REACH, REMEMBERED, Ids, Of, Row
from tests.privacy.town import OWNERS, Ratings, Town, marks_in, readable

NOON = datetime(2026, 11, 23, 12, tzinfo=clock.SHANGHAI)

ROWS = {route: row for route, row in MATRIX.items() if row.of not in (Of.NOBODY, Of.WHO_KNOWS)}
SHOWING = {route: row for route, row in ROWS.items() if route[0] == "GET"}
DOING = {route: row for route, row in ROWS.items() if route[0] != "GET" and row.thing}


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = settings.current().model_copy(update={"files_dir": str(tmp_path / "files")})
    monkeypatch.setattr(settings, "current", lambda: chosen)


@pytest.fixture(autouse=True)
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The words that were set for the newest PDF."""
    words: list[str] = []
    begin, set_words = FPDF.__init__, FPDF.normalize_text

    def new(sheet: FPDF, *args: Any, **options: Any) -> None:
        words.clear()
        begin(sheet, *args, **options)

    def put(sheet: FPDF, text: str) -> str:
        words.append(text)
        return set_words(sheet, text)

    monkeypatch.setattr(FPDF, "__init__", new)
    monkeypatch.setattr(FPDF, "normalize_text", put)
    return words


@pytest.fixture(autouse=True)
def _upstream() -> Iterator[None]:
    exchange.use_invoices(None)
    exchange.use_credit(Ratings())
    yield
    exchange.use_invoices(None)
    exchange.use_credit(None)


@pytest.fixture
async def town(client: Client) -> AsyncIterator[Town]:
    with clock.frozen(NOON):
        made = Town(client)
        await made.settle()
        yield made


async def ask(town: Town, who: str, route: tuple[str, str], ids: Ids) -> Answer:
    method, path = route
    row = MATRIX[route]

    def named(found: re.Match[str]) -> str:
        name = {"number": "case", "hold_id": "hold", "binding_id": "binding"}.get(found[1], row.thing)
        return str(ids[name or "nothing"])

    where = PREFIX + re.sub(r"<(\w+):\w+>", named, path)
    return await town.client(method, where, token=town.tokens.get(who), **row.said(ids))


class Unknown(dict[str, Any]):
    """Ids of things there are not."""

    def __missing__(self, name: str) -> Any:
        return case_number() if name == "case" else 10**9 if name == "slot" else uuid7()


def refusal(answer: Answer) -> tuple[int, Any]:
    """What a refusal says, but for the number of the request."""
    body = {**answer.body, "request_id": ""} if isinstance(answer.body, dict) else answer.body
    return answer.status, body


def test_every_route_has_its_row() -> None:
    served = {
        (route.method, route.path.removeprefix(PREFIX))
        for route in all_routes()
        if route.path.startswith(PREFIX)
    }
    assert served == set(MATRIX)


def listed(faults: list[object]) -> str:
    return "\n".join(map(str, faults))


async def test_everybody_sees_their_own_and_nothing_else(town: Town, printed: list[str]) -> None:
    faults: list[object] = []
    for route, row in SHOWING.items():
        for who in REACH:
            if row.thing:
                faults += await _look_at_each(town, who, route, row, printed)
            else:
                faults += await _look_at_all(town, who, route, row, printed)
    assert not faults, listed(faults)


async def _look_at_each(
    town: Town, who: str, route: tuple[str, str], row: Row, printed: list[str]
) -> list[object]:
    """Ask for the thing of each owner there is, and for one there is not."""
    faults: list[object] = []
    unknown = refusal(await ask(town, who, route, Unknown()))
    for owner, has in town.of.items():
        if row.thing not in has.ids:
            continue
        answer = await ask(town, who, route, has.ids)
        if owner not in REACH[who][row.of]:
            if unknown[0] != 404 or refusal(answer) != unknown:
                faults.append((who, route, owner, refusal(answer), "is not told apart from", unknown))
            continue
        told = marks_in(readable(answer, printed), town.of)
        if answer.status != 200 or set(told) - {owner} or (row.tells and not told):
            faults.append((who, route, owner, answer.status, told))
    return faults


async def _look_at_all(
    town: Town, who: str, route: tuple[str, str], row: Row, printed: list[str]
) -> list[object]:
    """Ask for whatever there is: all of one's own stands in it, and nothing of others."""
    answer = await ask(town, who, route, {})
    reach, told = REACH[who][row.of], marks_in(readable(answer, printed), town.of)
    remembered = REMEMBERED.get(who, {}) if row.of is Of.PERSON else {}
    strange = {
        owner: names - remembered.get(owner, NOTHING) for owner, names in told.items() if owner not in reach
    }
    is_shown = answer.status == 200 and (not row.tells or set(told) >= reach)
    is_empty = not reach and answer.status in (200, 409)
    return [] if (is_shown or is_empty) and not any(strange.values()) else [(who, route, answer.status, told)]


async def test_nobody_does_anything_to_what_is_anothers(town: Town, printed: list[str]) -> None:
    faults: list[object] = []
    before = await _everything(town, printed)
    for route, row in DOING.items():
        for who, reach in REACH.items():
            unknown = refusal(await ask(town, who, route, Unknown()))
            for owner in _owners(town, row) - reach[row.of]:
                answer = await ask(town, who, route, town.of[owner].ids)
                if answer.status != 404 or (refusal(answer) != unknown and "check-in" not in route[1]):
                    faults.append((who, route, owner, refusal(answer), unknown))
    assert not faults, listed(faults)
    assert await _everything(town, printed) == before
    for route, row in DOING.items():
        for owner in sorted(_owners(town, row) & OWNERS.keys()):
            who = OWNERS[owner]
            answer = await ask(town, who, route, town.of[owner].ids)
            if answer.status in (401, 403, 404, 422):
                faults.append((who, route, owner, refusal(answer)))
    assert not faults, f"refused though they may:\n{listed(faults)}"


def _owners(town: Town, row: Row) -> frozenset[str]:
    return frozenset(owner for owner, has in town.of.items() if row.thing in has.ids)


async def _everything(town: Town, printed: list[str]) -> list[tuple[object, ...]]:
    """What the owners see of their things."""
    return [
        (who, route, (await ask(town, who, route, town.of[owner].ids)).body)
        for owner, who in OWNERS.items()
        for route, row in SHOWING.items()
        if (row.thing is None or row.thing in town.of[owner].ids)
        and not route[1].endswith(("/export", "/pass", "/pass.svg", ".pdf", ".xlsx"))
    ]


async def test_who_is_frozen_or_nobody_is_sent_to_the_sign_in(town: Town) -> None:
    answers = {
        (who, route): (await ask(town, who, route, {**town.of["ann"].ids, **town.of["A"].ids})).status
        for route, row in MATRIX.items()
        if row.of is not Of.NOBODY and route != ("POST", "/cases/lookup")
        for who in LOCKED_OUT
    }
    assert {asked: status for asked, status in answers.items() if status != 401} == {}
    again = await town.client.post("/api/v1/session", json={"code": "sandbox-frozen-agent-of-A"})
    assert (again.status, again.code) == (403, "person_frozen")


async def test_who_knows_the_code_sees_how_far_a_case_is_and_nothing_else(town: Town) -> None:
    agreed = {"purpose": "case_following", "granted": True, "text_version": "1"}
    await town.client.post("/api/v1/me/consents", token=town.tokens["ben"], json=agreed)
    for owner in ("ann", "A"):
        number = town.of[owner].ids["case"]
        asked = {"number": number, "query_code": CODE}
        follow, code = f"/api/v1/cases/{number}/follow", {"query_code": CODE}
        answers = [
            await town.client.post("/api/v1/cases/lookup", json=asked),
            await town.client.post(follow, token=town.tokens["ben"], json=code),
            await town.client.get("/api/v1/cases/followed", token=town.tokens["ben"]),
        ]
        for answer in answers:
            assert answer.status < 300, answer.body
            told = marks_in(str(answer.body), town.of)
            assert told[owner] == {"case", "item"}, told
        strangers = await town.client.get("/api/v1/cases/followed", token=town.tokens["agent of B"])
        assert marks_in(str(strangers.body), town.of) == {}
        wrong = await town.client.post("/api/v1/cases/lookup", json={**asked, "query_code": "ZZZZZZ"})
        assert (wrong.status, marks_in(str(wrong.body), town.of)) == (404, {})
        left = await town.client.delete(follow, token=town.tokens["agent of B"])
        assert (left.status, left.code) == (404, "case_not_followed")
