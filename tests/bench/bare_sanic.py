"""A bare Sanic handler that answers a document like ours from memory: no database, no checks, no limits."""

import sys
from datetime import date, timedelta
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


@app.get("/json")
async def answer(_: Request) -> HTTPResponse:
    """The whole application."""
    return json(_ANSWER)


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), workers=2, access_log=False, motd=False)
