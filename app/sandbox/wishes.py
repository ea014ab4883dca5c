"""Reading the JSON of the control API; whatever is wrong is a ValueError with a Chinese text."""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from sanic import HTTPResponse, Request

from app.sandbox.answers import answered

Handler = Callable[..., Coroutine[Any, Any, HTTPResponse]]


def understood(handler: Handler) -> Handler:
    """Turn a ValueError into 400 with its text."""

    async def answer(request: Request, **parts: str) -> HTTPResponse:
        try:
            return await handler(request, **parts)
        except ValueError as wrong:
            refusal = answered({"detail": str(wrong)})
            refusal.status = 400
            return refusal

    answer.__name__ = getattr(handler, "__name__", "control")
    return answer


def wish_of(request: Request) -> dict[str, Any]:
    try:
        wish = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        raise ValueError("请求体要是 JSON") from None
    if not isinstance(wish, dict):
        raise ValueError("请求体要是 JSON 对象")
    return wish


def text_in(wish: dict[str, Any], name: str) -> str:
    value = wish.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"请写明 {name}")
    return value


def number_in(wish: dict[str, Any], name: str, most: float) -> float:
    """A number between minus and plus ``most``."""
    value = wish.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= most:
        raise ValueError(f"{name} 要是 {-most:g} 到 {most:g} 之间的数")
    return float(value)


def flag_in(wish: dict[str, Any], name: str, *, default: bool) -> bool:
    value = wish.get(name, default)
    if not isinstance(value, bool):
        raise ValueError(f"{name} 要是 true 或 false")
    return value


def texts_in(wish: dict[str, Any], name: str) -> list[str]:
    """Any number of texts, also none."""
    value = wish.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError(f"{name} 要是文字的列表")
    return value
