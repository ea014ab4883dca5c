"""The one connection to WeChat of this process: opened at start, found here by whoever needs it."""

from app.gateways.wechat.facade import WeChat

_current: WeChat | None = None


def use(wechat: WeChat | None) -> None:
    """Make this the process's connection, or take it away with ``None``."""
    global _current
    _current = wechat


def current() -> WeChat:
    """The process's connection to WeChat."""
    if _current is None:
        raise RuntimeError("WeChat is not connected: call app.gateways.wechat.use(...) at start")
    return _current
