"""Bare Sanic handlers that answer documents like ours from memory: no database, no checks, no limits."""

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sanic import HTTPResponse, Request, Sanic, json

app: Sanic[Any, Any] = Sanic("bare", configure_logging=False)

_FIRST = date(2026, 11, 23)


def _slots(day: date, count: int) -> list[dict[str, Any]]:
    hours = [f"{day}T{9 + n // 2:02d}:{n % 2 * 30:02d}:00+08:00" for n in range(count + 1)]
    return [
        {"id": 100 + n, "starts_at": hours[n], "ends_at": hours[n + 1], "capacity": 30000, "remaining": 29995}
        for n in range(count)
    ]


_DAYS = [_FIRST + timedelta(days=offset) for offset in range(7)]
_ANSWER = {
    "days": [
        {"date": day.isoformat(), "open": n < 5, "slots": _slots(day, 10 if n < 5 else 0)}
        for n, day in enumerate(_DAYS)
    ]
}


_OFFICE = "天河区市场监督管理局审核岗"
_CASE = {
    "number": "11440106MB2DEMA0293440131012002202611160001",
    "item_name": "食品经营许可（新办）",
    "state": "review",
    "state_text": "审核中",
    "next_text": "等待作出决定，您暂时不用做什么",
    "due_on": "2026-12-01",
    "updated_at": "2026-11-18T09:00:00+08:00",
    "is_over": False,
    "office": _OFFICE,
    "contact": "020-12345678",
    "due": {
        "of": "decision", "on": "2026-12-01", "original_on": "2026-12-01", "remaining_working_days": 6,
        "remaining_hours": 3, "is_overdue": False, "is_provisional": False, "paused_since": None,
        "text": "还剩 6 个工作日 3 小时",
    },
    "asked": None,
    "result": None,
    "can_withdraw": True,
    "can_confirm_receipt": False,
    "steps": [
        {"at": f"2026-11-1{n}T09:00:00+08:00", "kind": kind, "name": name, "told": told, "office": _OFFICE}
        for n, kind, name, told in (
            (6, "submitted", "已收件", "已收到您提交的材料"),
            (7, "accepted", "已受理", "材料齐全、符合法定形式，予以受理"),
            (8, "review", "审核中", "正在审核，必要时将安排现场核查"),
        )
    ],
    "documents": "/api/v1/cases/11440106MB2DEMA0293440131012002202611160001/documents",
}  # fmt: skip


_PAGE = Path(sys.argv[2]).read_bytes() if len(sys.argv) > 2 else b""


@app.get("/json")
async def answer(_: Request) -> HTTPResponse:
    """Free seats of seven days."""
    return json(_ANSWER)


@app.get("/case")
async def answer_case(_: Request) -> HTTPResponse:
    """A case with three steps."""
    return json(_CASE)


@app.get("/page")
async def answer_page(_: Request) -> HTTPResponse:
    """A page of ours, byte for byte."""
    return HTTPResponse(_PAGE, content_type="text/html; charset=utf-8", headers={"content-encoding": "gzip"})


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), workers=2, access_log=False, motd=False)
