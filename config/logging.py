"""One JSON line per event on standard error, with its request, caller and hall; what is private is masked."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

_SHANGHAI = ZoneInfo("Asia/Shanghai")

request_id_var: ContextVar[str | None] = ContextVar("request_id", default=None)
caller_var: ContextVar[str | None] = ContextVar("caller", default=None)
hall_var: ContextVar[int | None] = ContextVar("hall", default=None)
cause_var: ContextVar[str | None] = ContextVar("cause", default=None)
"""The route or job that is being served; the call log of the exchange keeps it."""

# An identity number keeps its region and last two characters, a phone number three and four, as on screens.
_ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{2}[0-9Xx]{2})(?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)\d{4}(\d{4})(?!\d)")
_PRIVATE_NAMES = (
    r"access_token|refresh_token|secret|appsecret|session_key|password|passwd|authorization|api_key|aes_key|"
    r"secret_key|pii_key|js_code|encrypt_key"
)
# Covers query strings (name=value), JSON ("name": "value") and Python's own printing ('name': 'value').
_SECRET = re.compile(
    rf"""(?i)(\b[\w-]*(?:{_PRIVATE_NAMES})["']?\s*[=:]\s*["']?(?:bearer\s+)?)([^\s"'&,;}}\])]+)"""
)
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w\-.~+/]+=*")
_PASSWORD_IN_URL = re.compile(r"(://[^/\s:@]*:)[^@\s/]+@")

# What every record carries by itself; the rest was given with ``extra=``.
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def masked(text: str) -> str:
    """The text without secret values, identity numbers and phone numbers."""
    text = _SECRET.sub(r"\1***", text)
    text = _BEARER.sub(r"\1***", text)
    text = _PASSWORD_IN_URL.sub(r"\1***@", text)
    text = _ID_NUMBER.sub(lambda m: f"{m[1]}{'*' * 10}{m[2][-2:]}", text)
    return _PHONE.sub(r"\1****\2", text)


@contextmanager
def told_about(**values: Any) -> Iterator[None]:
    """Puts ``request_id``, ``caller`` or ``hall`` on every line logged inside."""
    variables: dict[str, ContextVar[Any]] = {
        "request_id": request_id_var,
        "caller": caller_var,
        "hall": hall_var,
    }
    tokens = [(variables[name], variables[name].set(value)) for name, value in values.items()]
    try:
        yield
    finally:
        for variable, token in reversed(tokens):
            variable.reset(token)


def _plain(value: Any) -> Any:
    """A value that JSON can hold, masked at every depth."""
    if value is None or isinstance(value, bool | int | float):
        # A phone number may well be passed as a number.
        return masked(str(value)) if isinstance(value, int) and masked(str(value)) != str(value) else value
    if isinstance(value, dict):
        return {
            str(name): "***" if _is_secret_name(str(name)) else _plain(inner) for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return masked(str(value))


def _is_secret_name(name: str) -> bool:
    return re.search(rf"(?i)(?:{_PRIVATE_NAMES})$", name) is not None


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    context = {"request_id": request_id_var.get(), "caller": caller_var.get(), "hall": hall_var.get()}
    given = {name: value for name, value in vars(record).items() if name not in _OWN}
    return {
        name: "***" if _is_secret_name(name) else _plain(value)
        for name, value in {**context, **given}.items()
        if value is not None
    }


class JsonLines(logging.Formatter):
    """One JSON object per line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, _SHANGHAI).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": masked(record.getMessage()),
            **_fields(record),
        }
        if record.exc_info:
            line["error"] = masked(self.formatException(record.exc_info))
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """The same for a person at a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record, and its traceback below it."""
        at = datetime.fromtimestamp(record.created, _SHANGHAI).strftime("%H:%M:%S")
        fields = " ".join(f"{name}={value}" for name, value in _fields(record).items())
        line = f"{at} {record.levelname:7} {record.name}: {masked(record.getMessage())} {fields}".rstrip()
        return f"{line}\n{masked(self.formatException(record.exc_info))}" if record.exc_info else line


def configure(level: str = "INFO", form: Literal["json", "text"] = "json") -> None:
    """Sends everything that is logged in this process to standard error in one form."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextLines() if form == "text" else JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These bring their own handlers and would print every line twice, unmasked.
    for name in ("sanic.root", "sanic.error", "sanic.access", "sanic.server", "sanic.websockets", "sanic"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(capture=True)
